/** Options of {@linkcode Backoff}. Read once: changing the object later has no effect. */
export interface BackoffOptions {
  /** The first delay, in milliseconds. Default 800, as client-go's reflectors use. */
  initial?: number;
  /** What each delay is multiplied with to get the next. Default 2. */
  factor?: number;
  /** The longest delay before jitter, in milliseconds. Default 30,000. */
  cap?: number;
  /** Up to this share of a delay is added to it at random, so that clients spread out. Default 1. */
  jitter?: number;
  /** Where chance comes from: a number from 0 up to 1. Default `Math.random`. */
  random?: () => number;
}

/**
 * Growing delays between attempts that keep failing. It counts, it does not wait: sleep on a clock
 * for what {@linkcode Backoff.next} returns.
 *
 * @see client-go `util/wait.Backoff`, spec rest 10.3
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Backoff } from "@coxswain/kube/async";
 * const backoff = new Backoff({ initial: 100, cap: 300, jitter: 0 });
 * assert.deepEqual([backoff.next(), backoff.next(), backoff.next()], [100, 200, 300]);
 * backoff.reset();
 * assert.equal(backoff.next(), 100);
 * ```
 */
export class Backoff {
  readonly #initial: number;
  readonly #factor: number;
  readonly #cap: number;
  readonly #jitter: number;
  readonly #random: () => number;
  #delay: number;

  /**
   * Starts with the first delay.
   *
   * @throws {RangeError} If a number could not give growing, positive delays.
   */
  constructor(options: BackoffOptions = {}) {
    const { initial = 800, factor = 2, cap = 30_000, jitter = 1, random = Math.random } = options;
    if (!(initial > 0)) throw new RangeError(`Cannot back off: initial must be above 0 ms, got ${initial}`);
    if (!(factor >= 1)) throw new RangeError(`Cannot back off: factor must be at least 1, got ${factor}`);
    if (!(cap >= initial)) {
      throw new RangeError(`Cannot back off: cap must be at least ${initial} ms, got ${cap}`);
    }
    if (!(jitter >= 0)) throw new RangeError(`Cannot back off: jitter must be at least 0, got ${jitter}`);
    this.#initial = initial;
    this.#factor = factor;
    this.#cap = cap;
    this.#jitter = jitter;
    this.#random = random;
    this.#delay = initial;
  }

  /** The delay before the next attempt, in milliseconds; the one after it is longer. */
  next(): number {
    const delay = this.#delay;
    this.#delay = Math.min(delay * this.#factor, this.#cap);
    return delay * (1 + this.#random() * this.#jitter);
  }

  /** Starts again with the first delay: an attempt has succeeded. */
  reset(): void {
    this.#delay = this.#initial;
  }
}
