/** Options of {@linkcode Clock.sleep}. */
export interface SleepOptions {
  /** Ends the sleep early: it rejects with `signal.reason`. */
  signal?: AbortSignal;
}

/**
 * Where code that waits gets its time from. Everything in this package that sleeps, times out or
 * stamps takes a `clock` option, so that a test moves time by hand instead of waiting for it.
 *
 * @example A clock that is given, not assumed
 * ```ts
 * import assert from "node:assert/strict";
 * import { type Clock, systemClock } from "@coxswain/kube/async";
 * async function twice(clock: Clock = systemClock): Promise<number> {
 *   const start = clock.now();
 *   await clock.sleep(1);
 *   await clock.sleep(1);
 *   return clock.now() - start;
 * }
 * assert.ok(await twice() >= 0);
 * ```
 */
export interface Clock {
  /** Milliseconds since a moment that never changes. Only grows; not related to any date. */
  now(): number;
  /** The date as this machine believes it, for timestamps that others read. May jump. */
  date(): Date;
  /**
   * Calls `callback` once, `delay` milliseconds from now.
   *
   * @returns A function that cancels the call; harmless when it is too late or done twice.
   */
  schedule(callback: () => void, delay: number): () => void;
  /**
   * Resolves after `delay` milliseconds. The timer and the abort listener are gone either way.
   *
   * @throws The signal's `reason`, when it aborts first or was aborted already.
   */
  sleep(delay: number, options?: SleepOptions): Promise<void>;
}

/** The longest delay that `setTimeout` can hold; beyond it, runtimes fire at once. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;

/** The runtime's own clock: `performance.now()`, `Date` and `setTimeout`. */
export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => new Date(),
  schedule(callback, delay) {
    const due = performance.now() + delay;
    const wait = (left: number) =>
      setTimeout(
        () => left > LONGEST_TIMEOUT ? timer = wait(due - performance.now()) : callback(),
        Math.min(left, LONGEST_TIMEOUT),
      );
    let timer = wait(delay);
    return () => clearTimeout(timer);
  },
  sleep(delay, options) {
    return sleepOn(systemClock, delay, options);
  },
};

/**
 * {@linkcode Clock.sleep} in terms of {@linkcode Clock.schedule}, for those who write a clock.
 *
 * @param clock The clock whose time passes.
 * @param delay Milliseconds; 0 or less still lets other work run first.
 * @throws The signal's `reason`, when it aborts first or was aborted already.
 */
export function sleepOn(
  clock: Pick<Clock, "schedule">,
  delay: number,
  { signal }: SleepOptions = {},
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      cancel();
      reject(signal!.reason);
    };
    const cancel = clock.schedule(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, delay);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
