import type { ItemRateLimiter } from "./item_rate_limiter.ts";

/**
 * The longest delay that any of several limiters asks for. Each of them counts each failure.
 *
 * @throws {RangeError} If there is no limiter.
 * @see client-go `MaxOfRateLimiter`, spec informers 19.4
 * @example What client-go's controllers use
 * ```ts
 * import assert from "node:assert/strict";
 * import { BucketRateLimiter, ExponentialRateLimiter, maxOf } from "@coxswain/kube/workqueue";
 * const limiter = maxOf(new ExponentialRateLimiter(), new BucketRateLimiter());
 * assert.equal(limiter.when("shop/web-0"), 5);
 * ```
 */
export function maxOf(...limiters: readonly ItemRateLimiter[]): ItemRateLimiter {
  if (limiters.length === 0) throw new RangeError("Cannot limit retries: maxOf() needs at least one limiter");
  return {
    when: (key) => Math.max(...limiters.map((limiter) => limiter.when(key))),
    forget: (key) => limiters.forEach((limiter) => limiter.forget(key)),
    numRequeues: (key) => Math.max(...limiters.map((limiter) => limiter.numRequeues(key))),
  };
}

/**
 * A limiter whose delays are cut at `maxWait`.
 *
 * @param maxWait Milliseconds.
 * @throws {RangeError} If `maxWait` is below 0.
 * @see client-go `WithMaxWaitRateLimiter`, spec informers 19.4
 */
export function withMaxWait(limiter: ItemRateLimiter, maxWait: number): ItemRateLimiter {
  if (!(maxWait >= 0)) {
    throw new RangeError(`Cannot limit retries: maxWait must be at least 0 ms, got ${maxWait}`);
  }
  return {
    when: (key) => Math.min(limiter.when(key), maxWait),
    forget: (key) => limiter.forget(key),
    numRequeues: (key) => limiter.numRequeues(key),
  };
}
