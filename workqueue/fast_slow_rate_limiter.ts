import type { ItemRateLimiter } from "./item_rate_limiter.ts";

/** Options of {@linkcode FastSlowRateLimiter}. Read once: changing the object later has no effect. */
export interface FastSlowRateLimiterOptions {
  /** Delay after each of the first failures, in milliseconds. */
  fastDelay: number;
  /** Delay after each further failure, in milliseconds. */
  slowDelay: number;
  /** How many failures get the fast delay. */
  maxFastAttempts: number;
}

/**
 * Tries an item quickly some times, and slowly from then on.
 *
 * @see client-go `ItemFastSlowRateLimiter`, spec informers 19.4
 */
export class FastSlowRateLimiter implements ItemRateLimiter {
  readonly #fastDelay: number;
  readonly #slowDelay: number;
  readonly #maxFastAttempts: number;
  readonly #failures = new Map<unknown, number>();

  /**
   * Begins without failures.
   *
   * @throws {RangeError} If a number is below 0.
   */
  constructor({ fastDelay, slowDelay, maxFastAttempts }: FastSlowRateLimiterOptions) {
    for (const [name, value] of Object.entries({ fastDelay, slowDelay, maxFastAttempts })) {
      if (!(value >= 0)) {
        throw new RangeError(`Cannot limit retries: ${name} must be at least 0, got ${value}`);
      }
    }
    this.#fastDelay = fastDelay;
    this.#slowDelay = slowDelay;
    this.#maxFastAttempts = maxFastAttempts;
  }

  /** The fast or the slow delay. */
  when(key: unknown): number {
    const failures = this.numRequeues(key) + 1;
    this.#failures.set(key, failures);
    return failures <= this.#maxFastAttempts ? this.#fastDelay : this.#slowDelay;
  }

  /** The item gets the fast delay again. */
  forget(key: unknown): void {
    this.#failures.delete(key);
  }

  /** How many times the item has failed, fast and slow. */
  numRequeues(key: unknown): number {
    return this.#failures.get(key) ?? 0;
  }
}
