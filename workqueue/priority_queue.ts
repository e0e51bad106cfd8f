import { systemClock } from "../async/mod.ts";
import { noMeter } from "../observe/mod.ts";
import { defaultControllerRateLimiter } from "./default_rate_limiters.ts";
import { DelayedItems } from "./delayed_items.ts";
import type { ItemRateLimiter } from "./item_rate_limiter.ts";
import { items } from "./items.ts";
import { PriorityStorage } from "./priority_storage.ts";
import { Queue, type QueueOptions } from "./queue.ts";
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

/** What the queue knows of an item that has been added and not handed out. */
interface Pending {
  priority: number;
  isDelayed: boolean;
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
  readonly #queue: Queue<T>;
  readonly #keyOf: (item: T) => unknown;
  readonly #rateLimiter: ItemRateLimiter;
  readonly #delayed: DelayedItems<T>;
  readonly #countRetry: (() => void) | undefined;
  readonly #pending = new Map<unknown, Pending>();
  /** Priorities with which items were handed out that are processed. */
  readonly #running = new Map<unknown, number>();

  /** Begins empty, and opens nothing. */
  constructor(options: PriorityQueueOptions<T> = {}) {
    const { name = "", key = (item) => item, meter = noMeter, clock = systemClock, group } = options;
    const { rateLimiter = defaultControllerRateLimiter({ clock }) } = options;
    const priorityOf = (item: T) => this.#pending.get(key(item))!.priority; // what is queued is pending
    const storage = new PriorityStorage<T>({ keyOf: key, priorityOf, group });
    const pop = (): T | undefined => {
      const item = storage.pop();
      if (item !== undefined) this.#handOut(key(item));
      return item;
    };
    const queue = new Queue<T>({
      ...options,
      storage: {
        push: (item) => storage.push(item),
        touch: (item) => storage.touch(item),
        pop,
        get length() {
          return storage.length;
        },
      },
    });
    this.#queue = queue;
    this.#keyOf = key;
    this.#rateLimiter = rateLimiter;
    this.#delayed = new DelayedItems(clock, (item, key) => {
      this.#pending.get(key)!.isDelayed = false; // what is delayed is pending
      queue.add(item);
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

    const known = this.#pending.get(key);
    const wasReady = known !== undefined && !known.isDelayed;
    if (known === undefined) this.#pending.set(key, { priority, isDelayed: delay > 0 });
    else known.priority = Math.max(known.priority, priority);
    if (delay > 0 && !wasReady) return this.#delayed.add(key, item, delay);
    if (known?.isDelayed) {
      known.isDelayed = false;
      this.#delayed.delete(key);
    }
    this.#queue.add(item);
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
    return this.#running.get(this.#keyOf(item)) ?? 0;
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
    this.#running.delete(this.#keyOf(item));
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

  /** {@linkcode PriorityQueue.shutDown}. It does not wait for workers. */
  [Symbol.asyncDispose](): Promise<void> {
    this.shutDown();
    return Promise.resolve();
  }

  #handOut(key: unknown): void {
    this.#running.set(key, this.#pending.get(key)!.priority); // what was queued is pending
    this.#pending.delete(key);
  }
}
