/**
 * Waiting: a clock that can be replaced, growing delays, and listening to an `AbortSignal` without
 * leaving a listener behind. Client-go's `util/wait` and `util/flowcontrol`.
 *
 * @example Trying until it works
 * ```ts
 * import { Backoff, systemClock } from "@coxswain/kube/async";
 * const backoff = new Backoff({ initial: 1, cap: 8 });
 * for (let attempt = 1; attempt < 3; attempt++) await systemClock.sleep(backoff.next());
 * ```
 *
 * @module
 */
export { Backoff, type BackoffOptions } from "./backoff.ts";
export { type Clock, sleepOn, type SleepOptions, systemClock } from "./clock.ts";
export { onAbort } from "./on_abort.ts";
export { onDemand, pendingLoads } from "./on_demand.ts";
export { singleFlight } from "./single_flight.ts";
export { type RateLimiter, TokenBucket, type TokenBucketOptions } from "./token_bucket.ts";
