import { type Clock, systemClock } from "../async/mod.ts";
import { BucketRateLimiter } from "./bucket_rate_limiter.ts";
import { maxOf } from "./combined_rate_limiters.ts";
import { ExponentialRateLimiter } from "./exponential_rate_limiter.ts";
import type { ItemRateLimiter } from "./item_rate_limiter.ts";

/**
 * What controllers retry with: 5 ms doubled with each failure of an item up to 1,000 s, and 10 a second of all items
 * after the first 100.
 *
 * @see client-go `DefaultControllerRateLimiter`, spec informers 19.4
 */
export function defaultControllerRateLimiter(
  { clock = systemClock }: { clock?: Clock } = {},
): ItemRateLimiter {
  return maxOf(new ExponentialRateLimiter(), new BucketRateLimiter({ clock }));
}

/**
 * For items alone, without a limit of all: 1 ms doubled with each failure of an item up to 1,000 s.
 *
 * @see client-go `DefaultItemBasedRateLimiter`, spec informers 19.4
 */
export function defaultItemRateLimiter(): ItemRateLimiter {
  return new ExponentialRateLimiter({ baseDelay: 1 });
}
