import { type Clock, systemClock } from "../async/mod.ts";
import { type Meter, noMeter } from "../observe/mod.ts";
import { type Entry, EntryQueue } from "./entry_queue.ts";
import { Fifo } from "./fifo.ts";
import { items } from "./items.ts";
import type { QueueStorage } from "./queue_storage.ts";
import type { WorkQueue } from "./work_queue.ts";

/** Options of {@linkcode Queue}. Read once: changing the object later has no effect. */
export interface QueueOptions<T> {
  /** What metrics call the queue. Without a name nothing is measured. */
  name?: string;
  /**
   * What tells items apart; compared as the keys of a `Map` are. Default: the item itself, which suits strings.
   * Objects need it, or two that look the same are two items.
   */
  key?: (item: T) => unknown;
  /** The order in which items are handed out. Default: first in, first out. */
  storage?: QueueStorage<T>;
  /** Where metrics go. Default: nowhere. */
  meter?: Meter;
  /** The clock of delays and metrics. Default the runtime's. */
  clock?: Clock;
}

/**
 * Hands out items to workers, each item to one worker at a time, and each only once however often it was added
 * meanwhile. An item that is added while it is processed is handed out again once it is done.
 *
 * @see client-go `util/workqueue`, spec informers 19.1
 * @example Two workers
 * ```ts
 * import assert from "node:assert/strict";
 * import { Queue } from "@coxswain/kube/workqueue";
 * const queue = new Queue<string>();
 * for (const key of ["shop/web-0", "shop/web-1", "shop/web-0"]) queue.add(key);
 * queue.shutDown(); // what has been added is still handed out
 * const seen: string[] = [];
 * const work = async () => {
 *   for await (const key of queue) seen.push(key);
 * };
 * await Promise.all([work(), work()]);
 * assert.deepEqual(seen, ["shop/web-0", "shop/web-1"]);
 * ```
 */
export class Queue<T> implements WorkQueue<T> {
  readonly #key: ((item: T) => unknown) | undefined;
  readonly #entries = new Map<unknown, Entry<T>>();
  readonly #queue: EntryQueue<T, Entry<T>>;

  /** Begins empty, and opens nothing. */
  constructor(options: QueueOptions<T> = {}) {
    const { name = "", key, storage, meter = noMeter, clock = systemClock } = options;
    this.#key = key;
    const entries = this.#entries;
    this.#queue = new EntryQueue({
      ...{ name, meter, clock, entries },
      storage: storage === undefined
        ? new Fifo<Entry<T>>()
        : entriesIn(storage, (item) => entries.get(this.#keyOf(item))!), // what is queued is known
    });
  }

  /**
   * Adds an item, unless it waits already. Ignored once the queue is shutting down.
   *
   * @throws {TypeError} If the item is `undefined`, which is how workers are told the end.
   */
  add(item: T): void {
    if (item === undefined) throw new TypeError("Cannot add to a queue: the item is undefined");
    if (this.#queue.isShuttingDown) return;
    const key = this.#keyOf(item);
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { item, isDirty: false, isProcessing: false, addedAt: 0, startedAt: 0 };
      this.#entries.set(key, entry);
    } else if (!entry.isDirty) entry.item = item; // it is handed out once the other with its key is done
    this.#queue.add(entry);
  }

  /**
   * Waits for the next item. Call {@linkcode Queue.done} when it has been dealt with, or it is never handed out again.
   *
   * @returns `undefined` when the queue has been shut down and is empty.
   * @throws The signal's `reason`, when it aborts first or was aborted already.
   */
  get(options?: { signal?: AbortSignal }): Promise<T | undefined> {
    return this.#queue.get(options);
  }

  /**
   * The next item if there is one, without waiting: for workers that take several at once.
   *
   * @returns `undefined` when no item waits.
   */
  take(): T | undefined {
    return this.#queue.take();
  }

  /**
   * Hands out items until the queue has been shut down and is empty. An item is done when the next one is asked for,
   * or the loop is left.
   *
   * @throws The signal's `reason`, when it aborts.
   */
  items(options?: { signal?: AbortSignal }): AsyncGenerator<T, void, undefined> {
    return items(this, options);
  }

  /** {@linkcode Queue.items} without a signal. */
  [Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    return this.items();
  }

  /** The item has been dealt with; if it was added meanwhile, it waits again. Harmless for one that was not handed out. */
  done(item: T): void {
    const key = this.#keyOf(item);
    const entry = this.#entries.get(key);
    if (entry !== undefined && this.#queue.done(entry)) this.#entries.delete(key);
  }

  /** How many items could be handed out now: neither those that are processed, nor those added meanwhile. */
  get length(): number {
    return this.#queue.length;
  }

  /** Whether {@linkcode Queue.shutDown} or {@linkcode Queue.shutDownWithDrain} was called. */
  get isShuttingDown(): boolean {
    return this.#queue.isShuttingDown;
  }

  /**
   * Takes no more items. Those that wait, and those added again while they are processed, are still handed out; then
   * workers are told the end. Ends a {@linkcode Queue.shutDownWithDrain} that waits. Calling it twice is fine.
   */
  shutDown(): void {
    this.#queue.shutDown();
  }

  /**
   * Takes no more items, and waits until workers have finished what they are at and what is queued behind it. Without
   * any worker that is at something it does not wait. A worker that never calls `done()` makes it wait for ever, until
   * `signal` aborts or somebody calls {@linkcode Queue.shutDown}.
   *
   * @throws The signal's `reason`, when it aborts first.
   */
  shutDownWithDrain(options?: { signal?: AbortSignal }): Promise<void> {
    return this.#queue.shutDownWithDrain(options);
  }

  /** {@linkcode Queue.shutDown}. It does not wait for workers. */
  [Symbol.asyncDispose](): Promise<void> {
    this.shutDown();
    return Promise.resolve();
  }

  #keyOf(item: T): unknown {
    return this.#key === undefined ? item : this.#key(item);
  }
}

/** A storage of items as one of their entries. */
function entriesIn<T>(storage: QueueStorage<T>, entryOf: (item: T) => Entry<T>): QueueStorage<Entry<T>> {
  return {
    push: ({ item }) => storage.push(item),
    touch: ({ item }) => storage.touch(item),
    pop() {
      const item = storage.pop() as T; // it is asked when it has one
      const entry = entryOf(item);
      entry.item = item;
      return entry;
    },
    get length() {
      return storage.length;
    },
  };
}
