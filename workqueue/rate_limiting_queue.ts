import { defaultControllerRateLimiter } from "./default_rate_limiters.ts";
import { DelayingQueue, type DelayingQueueOptions } from "./delaying_queue.ts";
import type { ItemRateLimiter } from "./item_rate_limiter.ts";
import type { WorkQueue } from "./work_queue.ts";

/** Options of {@linkcode RateLimitingQueue}. Read once: changing the object later has no effect. */
export interface RateLimitingQueueOptions<T> extends DelayingQueueOptions<T> {
  /** How long an item that failed waits. Default {@linkcode defaultControllerRateLimiter}. */
  rateLimiter?: ItemRateLimiter;
}

/**
 * A {@linkcode DelayingQueue} that knows how long an item that failed has to wait. The loop of a controller is a
 * worker of it: forget what succeeded, add again what failed, and in any case say that it is done.
 *
 * @see client-go `util/workqueue.RateLimitingInterface`, spec informers 19.3
 * @example A worker that tries again
 * ```ts
 * import assert from "node:assert/strict";
 * import { RateLimitingQueue } from "@coxswain/kube/workqueue";
 * const queue = new RateLimitingQueue<string>({ name: "pods" });
 * queue.add("shop/web-0");
 * let attempts = 0;
 * for await (const key of queue) { // each is done when the next is asked for
 *   attempts++;
 *   if (attempts < 3) queue.addRateLimited(key); // after 5 ms, then 10 ms
 *   else {
 *     queue.forget(key);
 *     queue.shutDown();
 *   }
 * }
 * assert.equal(attempts, 3);
 * ```
 */
export class RateLimitingQueue<T> implements WorkQueue<T> {
  readonly #queue: DelayingQueue<T>;
  readonly #key: ((item: T) => unknown) | undefined;
  readonly #rateLimiter: ItemRateLimiter;

  /** Begins empty, and opens nothing. */
  constructor(options: RateLimitingQueueOptions<T> = {}) {
    const { key, rateLimiter = defaultControllerRateLimiter(options) } = options;
    this.#queue = new DelayingQueue(options);
    this.#key = key;
    this.#rateLimiter = rateLimiter;
  }

  /** Adds an item once the rate limiter lets it: it has failed. */
  addRateLimited(item: T): void {
    this.#queue.addAfter(item, this.#rateLimiter.when(this.#keyOf(item)));
  }

  /** Lets the item's failures no longer count. It still has to be {@linkcode RateLimitingQueue.done}. */
  forget(item: T): void {
    this.#rateLimiter.forget(this.#keyOf(item));
  }

  /** How many times the item was added by {@linkcode RateLimitingQueue.addRateLimited} since it was last forgotten. */
  numRequeues(item: T): number {
    return this.#rateLimiter.numRequeues(this.#keyOf(item));
  }

  /** See {@linkcode DelayingQueue.addAfter}. */
  addAfter(item: T, delay: number): void {
    this.#queue.addAfter(item, delay);
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

  /** See {@linkcode DelayingQueue.shutDown}. */
  shutDown(): void {
    this.#queue.shutDown();
  }

  /** See {@linkcode DelayingQueue.shutDownWithDrain}. */
  shutDownWithDrain(options?: { signal?: AbortSignal }): Promise<void> {
    return this.#queue.shutDownWithDrain(options);
  }

  /** {@linkcode RateLimitingQueue.shutDown}. It does not wait for workers. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#queue[Symbol.asyncDispose]();
  }

  #keyOf(item: T): unknown {
    return this.#key === undefined ? item : this.#key(item);
  }
}
