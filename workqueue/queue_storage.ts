/**
 * The order in which a queue hands items out: what client-go's queues call the underlying queue. The queue itself
 * sees to it that no item is in it twice.
 *
 * @see client-go `util/workqueue.Queue`, spec informers 19.1
 * @example The newest first
 * ```ts
 * import assert from "node:assert/strict";
 * import { Queue, type QueueStorage } from "@coxswain/kube/workqueue";
 * const items: string[] = [];
 * const newestFirst: QueueStorage<string> = {
 *   push: (item) => void items.push(item),
 *   touch: () => {},
 *   pop: () => items.pop(),
 *   get length() {
 *     return items.length;
 *   },
 * };
 * const queue = new Queue<string>({ storage: newestFirst });
 * for (const key of ["a", "b"]) queue.add(key);
 * assert.equal(await queue.get(), "b");
 * ```
 */
export interface QueueStorage<T> {
  /** How many items it holds. */
  readonly length: number;
  /** Takes an item that it does not hold. */
  push(item: T): void;
  /** Hears that an item that it holds was added once more: a chance to move it forward. */
  touch(item: T): void;
  /** Gives the next item away and forgets it; `undefined` when it is empty. */
  pop(): T | undefined;
}
