/**
 * Queues of work for controllers: what is to be done, each thing once, by one worker at a time, later if it failed.
 * Client-go's `util/workqueue`.
 *
 * - {@linkcode Queue}: an item that is added many times is handed out once; one that is added while it is processed
 *   is handed out again afterwards.
 * - {@linkcode DelayingQueue}: a queue that also takes items for later.
 * - {@linkcode RateLimitingQueue}: a delaying queue that knows how long an item that failed has to wait.
 * - {@linkcode PriorityQueue}: all of that, and what matters most comes first.
 *
 * @example Handlers on one side, workers on the other
 * ```ts
 * import assert from "node:assert/strict";
 * import { RateLimitingQueue } from "@coxswain/kube/workqueue";
 * const queue = new RateLimitingQueue<string>({ name: "pods" });
 * const reconciled: string[] = [];
 * async function work(): Promise<void> {
 *   for await (const key of queue) {
 *     try {
 *       reconciled.push(key); // look the object up, and bring the world to where it should be
 *       queue.forget(key);
 *     } catch {
 *       queue.addRateLimited(key);
 *     }
 *   }
 * }
 * const workers = [work(), work()];
 * for (const key of ["shop/web-0", "shop/web-0", "shop/web-1"]) queue.add(key); // as an informer's handlers would
 * await queue.shutDownWithDrain();
 * await Promise.all(workers);
 * assert.deepEqual(reconciled, ["shop/web-0", "shop/web-1"]);
 * ```
 *
 * @module
 */
export { BucketRateLimiter } from "./bucket_rate_limiter.ts";
export { maxOf, withMaxWait } from "./combined_rate_limiters.ts";
export { defaultControllerRateLimiter, defaultItemRateLimiter } from "./default_rate_limiters.ts";
export { DelayingQueue, type DelayingQueueOptions } from "./delaying_queue.ts";
export { ExponentialRateLimiter, type ExponentialRateLimiterOptions } from "./exponential_rate_limiter.ts";
export { FairStorage, type FairStorageOptions } from "./fair_storage.ts";
export { FastSlowRateLimiter, type FastSlowRateLimiterOptions } from "./fast_slow_rate_limiter.ts";
export type { ItemRateLimiter } from "./item_rate_limiter.ts";
export { parallelize, type ParallelizeOptions } from "./parallelize.ts";
export {
  LOW_PRIORITY,
  type PriorityAddOptions,
  PriorityQueue,
  type PriorityQueueOptions,
} from "./priority_queue.ts";
export { Queue, type QueueOptions } from "./queue.ts";
export type { QueueStorage } from "./queue_storage.ts";
export { RateLimitingQueue, type RateLimitingQueueOptions } from "./rate_limiting_queue.ts";
export type { WorkQueue } from "./work_queue.ts";
