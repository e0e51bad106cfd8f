import { TokenBucket, type TokenBucketOptions } from "../async/mod.ts";
import type { ItemRateLimiter } from "./item_rate_limiter.ts";

/**
 * Limits how often items are retried in all, whichever they are: each failure takes the next free token.
 *
 * @see client-go `BucketRateLimiter`, spec informers 19.4
 */
export class BucketRateLimiter implements ItemRateLimiter {
  readonly #bucket: TokenBucket;

  /**
   * Begins with all tokens.
   *
   * @param options Default 10 a second and 100 at once, as client-go's controllers use.
   * @throws {RangeError} If the rate is not above 0 or the burst not at least 1.
   */
  constructor(options: Partial<TokenBucketOptions> = {}) {
    this.#bucket = new TokenBucket({ qps: 10, burst: 100, ...options });
  }

  /** How long until the token is there that it takes. It is not given back. */
  when(): number {
    return this.#bucket.reserve();
  }

  /** Does nothing: it knows no items. */
  forget(): void {}

  /** Always 0: it knows no items. */
  numRequeues(): number {
    return 0;
  }
}
