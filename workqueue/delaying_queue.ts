import { systemClock } from "../async/mod.ts";
import { noMeter } from "../observe/mod.ts";
import { DelayedItems } from "./delayed_items.ts";
import { Queue, type QueueOptions } from "./queue.ts";
import { retryCounter } from "./queue_metrics.ts";
import type { WorkQueue } from "./work_queue.ts";

/** Options of {@linkcode DelayingQueue}. Read once: changing the object later has no effect. */
export type DelayingQueueOptions<T> = QueueOptions<T>;

/**
 * A {@linkcode Queue} that also takes items for later. A delay that runs keeps the process alive: shut the queue down
 * when it is not needed any more.
 *
 * @see client-go `util/workqueue.DelayingInterface`, spec informers 19.2
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { DelayingQueue } from "@coxswain/kube/workqueue";
 * const queue = new DelayingQueue<string>();
 * queue.addAfter("shop/web-0", 10);
 * assert.equal(queue.length, 0);
 * assert.equal(await queue.get(), "shop/web-0");
 * queue.shutDown();
 * ```
 */
export class DelayingQueue<T> implements WorkQueue<T> {
  readonly #queue: Queue<T>;
  readonly #delayed: DelayedItems<T>;
  readonly #countRetry: (() => void) | undefined;

  /** Begins empty, and opens nothing. */
  constructor(options: DelayingQueueOptions<T> = {}) {
    const { name = "", key, meter = noMeter, clock = systemClock } = options;
    const queue = new Queue(options);
    this.#queue = queue;
    this.#delayed = new DelayedItems({ key, clock, onDue: (item) => queue.add(item) });
    if (name !== "") this.#countRetry = retryCounter(name, meter);
  }

  /**
   * Hands `item` out once `delay` has passed; of several pending delays for one item the earliest wins. Adding the
   * item meanwhile does not end the delay: it is handed out now, and again then. Ignored once the queue is shutting
   * down, which also forgets what is pending.
   *
   * @param delay Milliseconds on the queue's clock; 0 or less adds at once.
   * @throws {RangeError} If `delay` is not a number.
   */
  addAfter(item: T, delay: number): void {
    if (Number.isNaN(delay)) throw new RangeError("Cannot add to a queue: the delay is not a number");
    if (this.#queue.isShuttingDown) return;
    this.#countRetry?.();
    if (delay <= 0) this.#queue.add(item);
    else this.#delayed.add(item, delay);
  }

  /** See {@linkcode Queue.add}. */
  add(item: T): void {
    this.#queue.add(item);
  }

  /** See {@linkcode Queue.get}. */
  get(options?: { signal?: AbortSignal }): Promise<T | undefined> {
    return this.#queue.get(options);
  }

  /** See {@linkcode Queue.take}. */
  take(): T | undefined {
    return this.#queue.take();
  }

  /** See {@linkcode Queue.items}. */
  items(options?: { signal?: AbortSignal }): AsyncGenerator<T, void, undefined> {
    return this.#queue.items(options);
  }

  /** See {@linkcode Queue.items}. */
  [Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    return this.#queue.items();
  }

  /** See {@linkcode Queue.done}. */
  done(item: T): void {
    this.#queue.done(item);
  }

  /** How many items could be handed out now, those with a delay not among them. */
  get length(): number {
    return this.#queue.length;
  }

  /** Whether the queue takes no more items. */
  get isShuttingDown(): boolean {
    return this.#queue.isShuttingDown;
  }

  /** See {@linkcode Queue.shutDown}. Delays that are pending are forgotten. */
  shutDown(): void {
    this.#delayed.clear();
    this.#queue.shutDown();
  }

  /** See {@linkcode Queue.shutDownWithDrain}. Delays that are pending are forgotten. */
  shutDownWithDrain(options?: { signal?: AbortSignal }): Promise<void> {
    this.#delayed.clear();
    return this.#queue.shutDownWithDrain(options);
  }

  /** {@linkcode DelayingQueue.shutDown}. It does not wait for workers. */
  [Symbol.asyncDispose](): Promise<void> {
    this.shutDown();
    return Promise.resolve();
  }
}
