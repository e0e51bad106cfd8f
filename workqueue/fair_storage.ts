import { Fifo } from "./fifo.ts";
import type { QueueStorage } from "./queue_storage.ts";

/** Options of {@linkcode FairStorage}. */
export interface FairStorageOptions<T> {
  /** The group that an item belongs to, such as its namespace. Compared as the keys of a `Map` are. */
  group: (item: T) => unknown;
}

/**
 * Hands items out group by group in turns, and first in, first out within a group: a namespace with ten thousand
 * changes does not make the others wait for all of them. An order for {@linkcode QueueOptions.storage}.
 *
 * @example Turns between namespaces
 * ```ts
 * import assert from "node:assert/strict";
 * import { FairStorage, Queue } from "@coxswain/kube/workqueue";
 * const queue = new Queue<string>({ storage: new FairStorage({ group: (key) => key.split("/")[0] }) });
 * for (const key of ["big/a", "big/b", "big/c", "small/a"]) queue.add(key);
 * queue.shutDown();
 * const order: string[] = [];
 * for await (const key of queue) order.push(key);
 * assert.deepEqual(order, ["big/a", "small/a", "big/b", "big/c"]);
 * ```
 */
export class FairStorage<T> implements QueueStorage<T> {
  readonly #group: (item: T) => unknown;
  readonly #items = new Map<unknown, Fifo<T>>();
  /** The groups that have items, the next one first. */
  readonly #turns = new Fifo<unknown>();
  #length = 0;

  /** Begins empty. A storage belongs to one queue. */
  constructor({ group }: FairStorageOptions<T>) {
    this.#group = group;
  }

  /** How many items it holds, of all groups. */
  get length(): number {
    return this.#length;
  }

  /** Puts an item behind the others of its group. */
  push(item: T): void {
    const group = this.#group(item);
    let items = this.#items.get(group);
    if (items === undefined) {
      items = new Fifo();
      this.#items.set(group, items);
      this.#turns.push(group);
    }
    items.push(item);
    this.#length++;
  }

  /** Changes nothing: an item that waits keeps its place. */
  touch(): void {}

  /** Gives away the oldest item of the group whose turn it is. */
  pop(): T | undefined {
    if (this.#length === 0) return undefined;
    const group = this.#turns.pop();
    const items = this.#items.get(group)!; // a group has a turn if and only if it has items
    const item = items.pop();
    if (items.length > 0) this.#turns.push(group);
    else this.#items.delete(group);
    this.#length--;
    return item;
  }
}
