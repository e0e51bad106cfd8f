import { type Clock, onAbort, systemClock } from "../async/mod.ts";
import { type Meter, noMeter } from "../observe/mod.ts";
import { Fifo } from "./fifo.ts";
import { items } from "./items.ts";
import { QueueMetrics } from "./queue_metrics.ts";
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

/** What the queue knows of a key that waits, is processed, or both. */
interface Entry<T> {
  /** The item that is waiting, or that was added while another with its key is processed. */
  item: T;
  /** Whether it is to be handed out: added, and not handed out since. */
  dirty: boolean;
  processing: boolean;
  /** When it became dirty, and when it was handed out; 0 when nothing is measured. */
  addedAt: number;
  startedAt: number;
}

interface Getter<T> {
  resolve(item: T | undefined): void;
  forget(): void;
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
  readonly #storage: QueueStorage<T>;
  readonly #clock: Clock;
  readonly #metrics: QueueMetrics | undefined;
  /** Every key that waits or is processed. What is queued is dirty and not processed. */
  readonly #entries = new Map<unknown, Entry<T>>();
  readonly #getters = new Set<Getter<T>>();
  readonly #drainers = new Set<() => void>();
  #dirty = 0;
  #processing = 0;
  #isShuttingDown = false;
  /** Whether getters that wait are about to be served. */
  #isServing = false;

  /** Begins empty, and opens nothing. */
  constructor(options: QueueOptions<T> = {}) {
    const { name = "", key, storage = new Fifo<T>(), meter = noMeter, clock = systemClock } = options;
    this.#key = key;
    this.#storage = storage;
    this.#clock = clock;
    const isMeasured = name !== "" && meter !== noMeter;
    this.#metrics = isMeasured ? new QueueMetrics(name, meter, clock, () => this.#started()) : undefined;
  }

  /**
   * Adds an item, unless it waits already. Ignored once the queue is shutting down.
   *
   * @throws {TypeError} If the item is `undefined`, which is how workers are told the end.
   */
  add(item: T): void {
    if (item === undefined) throw new TypeError("Cannot add to a queue: the item is undefined");
    if (this.#isShuttingDown) return;
    const key = this.#keyOf(item);
    const entry = this.#entries.get(key);
    if (entry?.dirty) {
      if (!entry.processing) this.#storage.touch(entry.item);
      return;
    }
    this.#dirty++;
    const addedAt = this.#metrics === undefined ? 0 : this.#clock.now();
    this.#metrics?.added(this.#dirty);
    if (entry !== undefined) { // it is processed: done() puts it into the queue
      entry.item = item;
      entry.dirty = true;
      entry.addedAt = addedAt;
      return;
    }
    this.#entries.set(key, { item, dirty: true, processing: false, addedAt, startedAt: 0 });
    this.#push(item);
  }

  /**
   * Waits for the next item. Call {@linkcode Queue.done} when it has been dealt with, or it is never handed out again.
   *
   * @returns `undefined` when the queue has been shut down and is empty.
   * @throws The signal's `reason`, when it aborts first or was aborted already.
   */
  get({ signal }: { signal?: AbortSignal } = {}): Promise<T | undefined> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#getters.size === 0 && this.#storage.length > 0) return Promise.resolve(this.#pop());
    if (this.#isShuttingDown) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => {
      const getter: Getter<T> = {
        resolve,
        forget: onAbort(signal, (reason) => {
          this.#getters.delete(getter);
          reject(reason);
        }),
      };
      this.#getters.add(getter);
    });
  }

  /**
   * The next item if there is one, without waiting: for workers that take several at once.
   *
   * @returns `undefined` when no item waits.
   */
  take(): T | undefined {
    return this.#storage.length > 0 ? this.#pop() : undefined;
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
    if (entry === undefined || !entry.processing) return;
    entry.processing = false;
    this.#processing--;
    this.#metrics?.done(this.#clock.now() - entry.startedAt);
    if (entry.dirty) this.#push(entry.item);
    else this.#entries.delete(key);
    if (this.#drainers.size > 0 && this.#processing + this.#storage.length === 0) this.#endDrain();
  }

  /** How many items could be handed out now: neither those that are processed, nor those added meanwhile. */
  get length(): number {
    return this.#storage.length;
  }

  /** Whether {@linkcode Queue.shutDown} or {@linkcode Queue.shutDownWithDrain} was called. */
  get isShuttingDown(): boolean {
    return this.#isShuttingDown;
  }

  /**
   * Takes no more items. Those that wait, and those added again while they are processed, are still handed out; then
   * workers are told the end. Ends a {@linkcode Queue.shutDownWithDrain} that waits. Calling it twice is fine.
   */
  shutDown(): void {
    this.#close();
    this.#endDrain();
  }

  /**
   * Takes no more items, and waits until workers have finished what they are at and what is queued behind it. Without
   * any worker that is at something it does not wait. A worker that never calls `done()` makes it wait for ever, until
   * `signal` aborts or somebody calls {@linkcode Queue.shutDown}.
   *
   * @throws The signal's `reason`, when it aborts first.
   */
  shutDownWithDrain({ signal }: { signal?: AbortSignal } = {}): Promise<void> {
    this.#close();
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#processing === 0) {
      this.#endDrain();
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const forget = onAbort(signal, (reason) => {
        this.#drainers.delete(drained);
        reject(reason);
      });
      const drained = () => {
        forget();
        resolve();
      };
      this.#drainers.add(drained);
    });
  }

  /** {@linkcode Queue.shutDown}. It does not wait for workers. */
  [Symbol.asyncDispose](): Promise<void> {
    this.shutDown();
    return Promise.resolve();
  }

  #keyOf(item: T): unknown {
    return this.#key === undefined ? item : this.#key(item);
  }

  #push(item: T): void {
    this.#storage.push(item);
    if (this.#getters.size === 0 || this.#isServing) return;
    // Not at once: of what is added in one go, workers that wait get each item once, and the most important first.
    this.#isServing = true;
    queueMicrotask(() => {
      this.#isServing = false;
      this.#serve();
    });
  }

  /** Gives what is queued to those who wait, who has waited the longest first. */
  #serve(): void {
    for (const getter of this.#getters) {
      if (this.#storage.length === 0) return;
      this.#getters.delete(getter);
      getter.forget();
      getter.resolve(this.#pop());
    }
  }

  #pop(): T | undefined {
    const item = this.#storage.pop() as T; // it is asked when it has one
    const entry = this.#entries.get(this.#keyOf(item))!; // what is queued is known
    entry.dirty = false;
    entry.processing = true;
    this.#dirty--;
    this.#processing++;
    if (this.#metrics !== undefined) {
      entry.startedAt = this.#clock.now();
      this.#metrics.handedOut(this.#dirty, entry.startedAt - entry.addedAt);
    }
    return item;
  }

  #close(): void {
    this.#isShuttingDown = true;
    this.#serve();
    for (const getter of this.#getters) { // there is nothing more for them
      getter.forget();
      getter.resolve(undefined);
    }
    this.#getters.clear();
  }

  #endDrain(): void {
    this.#metrics?.end();
    for (const drained of this.#drainers) drained();
    this.#drainers.clear();
  }

  *#started(): Iterable<number> {
    for (const entry of this.#entries.values()) if (entry.processing) yield entry.startedAt;
  }
}
