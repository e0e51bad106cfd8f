import { systemClock } from "../async/mod.ts";
import { noMeter } from "../observe/mod.ts";
import { defaultControllerRateLimiter } from "./default_rate_limiters.ts";
import { DelayedItems } from "./delayed_items.ts";
import { type Entry, EntryQueue } from "./entry_queue.ts";
import type { ItemRateLimiter } from "./item_rate_limiter.ts";
import { items } from "./items.ts";
import { type Prioritized, PriorityStorage } from "./priority_storage.ts";
import type { QueueOptions } from "./queue.ts";
import { retryCounter } from "./queue_metrics.ts";
import type { WorkQueue } from "./work_queue.ts";

/** The priority of what nobody waits for: objects of an initial list, and those a resync shows again. */
export const LOW_PRIORITY: number = -100;

/** Options of {@linkcode PriorityQueue}. Read once: changing the object later has no effect. */
export interface PriorityQueueOptions<T> extends Omit<QueueOptions<T>, "storage"> {
  /** How long an item that failed waits. Default {@linkcode defaultControllerRateLimiter}. */
  rateLimiter?: ItemRateLimiter;
  /** Groups of items that take turns within one priority, such as namespaces. Default: first in, first out. */
  group?: (item: T) => unknown;
}

/** How {@linkcode PriorityQueue.add} adds an item. */
export interface PriorityAddOptions {
  /** What has a higher one is handed out first. Default 0. */
  priority?: number;
  /** Milliseconds until it is handed out. Default 0: as soon as a worker is free. */
  after?: number;
  /** The item has failed: it waits as long as the rate limiter says, or `after` if that is shorter. */
  rateLimited?: boolean;
}

/** What the queue knows of a key, from when it is added until it is done and has not been added again. */
interface Known<T> extends Entry<T>, Prioritized {
  readonly key: unknown;
  /** Whether it waits for its time. */
  isDelayed: boolean;
  /** The priority with which it was handed out the last time. */
  running: number;
}

/**
 * A queue that hands out the most important items first, with delays and retries. An item is in it once: added again,
 * it keeps the higher priority and the shorter delay of the two. Unlike in a {@linkcode DelayingQueue}, an item that
 * is added at once no longer waits for its delay.
 *
 * @see controller-runtime `pkg/controller/priorityqueue`, spec informers 19.1
 * @example What changed goes before what is merely listed
 * ```ts
 * import assert from "node:assert/strict";
 * import { LOW_PRIORITY, PriorityQueue } from "@coxswain/kube/workqueue";
 * const queue = new PriorityQueue<string>();
 * for (const key of ["shop/a", "shop/b", "shop/c"]) queue.add(key, { priority: LOW_PRIORITY });
 * queue.add("shop/c");
 * assert.equal(await queue.get(), "shop/c");
 * queue.shutDown();
 * ```
 */
export class PriorityQueue<T> implements WorkQueue<T> {
  readonly #queue: EntryQueue<T, Known<T>>;
  readonly #keyOf: (item: T) => unknown;
  readonly #rateLimiter: ItemRateLimiter;
  readonly #delayed: DelayedItems<Known<T>>;
  readonly #countRetry: (() => void) | undefined;
  readonly #known = new Map<unknown, Known<T>>();

  /** Begins empty, and opens nothing. */
  constructor(options: PriorityQueueOptions<T> = {}) {
    const { name = "", key = (item) => item, meter = noMeter, clock = systemClock, group } = options;
    const { rateLimiter = defaultControllerRateLimiter({ clock }) } = options;
    const storage = new PriorityStorage<Known<T>>({
      group: group && (({ item }) => group(item)),
      onPop(known) {
        known.running = known.priority;
      },
    });
    const queue = new EntryQueue<T, Known<T>>({ name, meter, clock, storage, entries: this.#known });
    this.#queue = queue;
    this.#keyOf = key;
    this.#rateLimiter = rateLimiter;
    this.#delayed = new DelayedItems({
      clock,
      key: ({ key }) => key,
      onDue(known) {
        known.isDelayed = false;
        queue.add(known);
      },
    });
    if (name !== "") this.#countRetry = retryCounter(name, meter);
  }

  /**
   * Adds an item, or changes how it waits. Ignored once the queue is shutting down.
   *
   * @throws {RangeError} If the priority or the delay is not a number.
   */
  add(item: T, { priority = 0, after = 0, rateLimited = false }: PriorityAddOptions = {}): void {
    if (Number.isNaN(priority)) throw new RangeError("Cannot add to a queue: the priority is not a number");
    if (Number.isNaN(after)) throw new RangeError("Cannot add to a queue: the delay is not a number");
    if (item === undefined) throw new TypeError("Cannot add to a queue: the item is undefined");
    if (this.#queue.isShuttingDown) return;
    const key = this.#keyOf(item);
    const limit = rateLimited ? this.#rateLimiter.when(key) : after;
    const delay = after > 0 ? Math.min(after, limit) : limit;
    if (rateLimited || after > 0) this.#countRetry?.();

    const known = this.#known.get(key) ?? this.#know(key, item);
    const wasReady = known.isDirty;
    if (wasReady || known.isDelayed) known.priority = Math.max(known.priority, priority);
    else {
      known.item = item;
      known.priority = priority;
      known.isDelayed = delay > 0;
    }
    if (delay > 0 && !wasReady) return this.#delayed.add(known, delay);
    if (known.isDelayed) {
      known.isDelayed = false;
      this.#delayed.delete(known);
    }
    this.#queue.add(known);
  }

  /** {@linkcode PriorityQueue.add} with a delay in milliseconds. */
  addAfter(item: T, delay: number, options: Pick<PriorityAddOptions, "priority"> = {}): void {
    this.add(item, { ...options, after: delay });
  }

  /** {@linkcode PriorityQueue.add} for an item that has failed. */
  addRateLimited(item: T, options: Pick<PriorityAddOptions, "priority"> = {}): void {
    this.add(item, { ...options, rateLimited: true });
  }

  /** Lets the item's failures no longer count. It still has to be {@linkcode PriorityQueue.done}. */
  forget(item: T): void {
    this.#rateLimiter.forget(this.#keyOf(item));
  }

  /** How many times the item has failed since it was last forgotten. */
  numRequeues(item: T): number {
    return this.#rateLimiter.numRequeues(this.#keyOf(item));
  }

  /** The priority with which an item was handed out that is not done yet: that to try again with. 0 for others. */
  priorityOf(item: T): number {
    const known = this.#known.get(this.#keyOf(item));
    return known?.isProcessing ? known.running : 0;
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
    return items(this, options);
  }

  /** See {@linkcode Queue.items}. */
  [Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    return this.items();
  }

  /** See {@linkcode Queue.done}. */
  done(item: T): void {
    const known = this.#known.get(this.#keyOf(item));
    if (known !== undefined && this.#queue.done(known) && !known.isDelayed) this.#known.delete(known.key);
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

  /** {@linkcode PriorityQueue.shutDown}. It does not wait for workers. */
  [Symbol.asyncDispose](): Promise<void> {
    this.shutDown();
    return Promise.resolve();
  }

  #know(key: unknown, item: T): Known<T> {
    const known: Known<T> = {
      key,
      item,
      isDirty: false,
      isProcessing: false,
      isDelayed: false,
      addedAt: 0,
      startedAt: 0,
      priority: 0,
      running: 0,
      place: undefined,
    };
    this.#known.set(key, known);
    return known;
  }
}
