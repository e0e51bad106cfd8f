import type { ItemRateLimiter } from "./item_rate_limiter.ts";

/** Options of {@linkcode ExponentialRateLimiter}. Read once: changing the object later has no effect. */
export interface ExponentialRateLimiterOptions {
  /** Delay after the first failure, in milliseconds; each further one doubles it. Default 5, as client-go's controllers use. */
  baseDelay?: number;
  /** The longest delay, in milliseconds. Default 1,000,000. */
  maxDelay?: number;
}

/**
 * Doubles the delay with each failure of an item.
 *
 * @see client-go `ItemExponentialFailureRateLimiter`, spec informers 19.4
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { ExponentialRateLimiter } from "@coxswain/kube/workqueue";
 * const limiter = new ExponentialRateLimiter({ baseDelay: 1, maxDelay: 5 });
 * assert.deepEqual([1, 2, 3, 4].map(() => limiter.when("shop/web-0")), [1, 2, 4, 5]);
 * ```
 */
export class ExponentialRateLimiter implements ItemRateLimiter {
  readonly #baseDelay: number;
  readonly #maxDelay: number;
  readonly #failures = new Map<unknown, number>();

  /**
   * Begins without failures.
   *
   * @throws {RangeError} If a delay is not above 0.
   */
  constructor(options: ExponentialRateLimiterOptions = {}) {
    const { baseDelay = 5, maxDelay = 1_000_000 } = options;
    if (!(baseDelay > 0)) {
      throw new RangeError(`Cannot limit retries: baseDelay must be above 0 ms, got ${baseDelay}`);
    }
    if (!(maxDelay > 0)) {
      throw new RangeError(`Cannot limit retries: maxDelay must be above 0 ms, got ${maxDelay}`);
    }
    this.#baseDelay = baseDelay;
    this.#maxDelay = maxDelay;
  }

  /** `baseDelay · 2ⁿ` after `n` failures, `maxDelay` at most. */
  when(key: unknown): number {
    const failures = this.numRequeues(key);
    this.#failures.set(key, failures + 1);
    return Math.min(this.#baseDelay * 2 ** failures, this.#maxDelay);
  }

  /** The item begins again with `baseDelay`. */
  forget(key: unknown): void {
    this.#failures.delete(key);
  }

  /** How many times the item has failed. */
  numRequeues(key: unknown): number {
    return this.#failures.get(key) ?? 0;
  }
}
