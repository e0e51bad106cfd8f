import { type Clock, type SleepOptions, systemClock } from "./clock.ts";

/** Says when the next of many may go. */
export interface RateLimiter {
  /**
   * Waits until one more may go. Those who wait go in the order in which they came.
   *
   * @returns How long it waited, in milliseconds.
   * @throws The signal's reason; the place in the queue is then given back.
   */
  wait(options?: SleepOptions): Promise<number>;
}

/** Options of {@linkcode TokenBucket}. */
export interface TokenBucketOptions {
  /** How many may go each second in the long run. */
  qps: number;
  /** How many may go at once after a pause. */
  burst: number;
  /** The clock of the rate. Default the runtime's. */
  clock?: Clock;
}

/**
 * Lets a number of requests go at once, and further ones at a steady rate.
 *
 * @see client-go `util/flowcontrol`, spec rest 10.1
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { TokenBucket } from "@coxswain/kube/async";
 * const bucket = new TokenBucket({ qps: 1_000, burst: 2 });
 * assert.equal(await bucket.wait() + await bucket.wait(), 0);
 * assert.ok(await bucket.wait() > 0);
 * ```
 */
export class TokenBucket implements RateLimiter {
  readonly #qps: number;
  readonly #burst: number;
  readonly #clock: Clock;
  /** Below zero when some are waiting already. */
  #tokens: number;
  #filledAt: number;

  /**
   * Begins full.
   *
   * @throws {RangeError} If the rate is not above 0 or the burst not at least 1.
   */
  constructor({ qps, burst, clock = systemClock }: TokenBucketOptions) {
    if (!(qps > 0)) throw new RangeError(`Cannot limit the rate: qps must be above 0, got ${qps}`);
    if (!(burst >= 1)) throw new RangeError(`Cannot limit the rate: burst must be at least 1, got ${burst}`);
    this.#qps = qps;
    this.#burst = burst;
    this.#clock = clock;
    this.#tokens = burst;
    this.#filledAt = clock.now();
  }

  /** Takes a token if there is one, without waiting. */
  tryAccept(): boolean {
    this.#fill();
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  /** Waits for a token: see {@linkcode RateLimiter.wait}. */
  async wait({ signal }: SleepOptions = {}): Promise<number> {
    signal?.throwIfAborted();
    const delay = this.reserve();
    if (delay === 0) return 0;
    try {
      await this.#clock.sleep(delay, { signal });
    } catch (reason) {
      this.#tokens++;
      throw reason;
    }
    return delay;
  }

  /**
   * Takes a token now, even if it comes only later. It is not given back.
   *
   * @returns How long until it comes, in milliseconds.
   */
  reserve(): number {
    this.#fill();
    const delay = Math.max(0, (1 - this.#tokens) / this.#qps * 1_000);
    this.#tokens--;
    return delay;
  }

  #fill(): void {
    const now = this.#clock.now();
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#filledAt) / 1_000 * this.#qps);
    this.#filledAt = now;
  }
}
