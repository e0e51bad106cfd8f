import { type Clock, systemClock } from "../async/mod.ts";
import { isConflict } from "../rest/mod.ts";

/** Options of {@linkcode retryOnConflict}. Default: client-go's `DefaultRetry`. */
export interface RetryOptions {
  /** Ends the wait between two attempts: it then rejects with the signal's reason. */
  signal?: AbortSignal;
  /** How often it is tried, the first time included. Default 5. */
  attempts?: number;
  /** Milliseconds between the first two attempts. Default 10. */
  delay?: number;
  /** What each delay is multiplied with to get the next. Default 1; client-go's `DefaultBackoff` has 5, and 4 attempts. */
  factor?: number;
  /** Up to this share of a delay is added to it at random. Default 0.1. */
  jitter?: number;
  /** Which errors are worth another attempt. Default {@linkcode isConflict}. */
  retriable?: (error: unknown) => boolean;
  /** The clock of the delays. Default the runtime's. */
  clock?: Clock;
  /** Where chance comes from: a number from 0 up to 1. Default `Math.random`. */
  random?: () => number;
}

/**
 * Calls a function again as long as it fails with a conflict: somebody else has changed the object since it was read.
 * The function has to read the object anew each time.
 *
 * @returns What the function returned in the end.
 * @throws The last conflict when all attempts have failed; any other error at once.
 * @see client-go `util/retry`, spec rest 10.4. There an abort of the function after a conflict is told as that conflict;
 * here it stays an abort.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Client, retryOnConflict } from "@coxswain/kube/client";
 * import { ApiServer } from "@coxswain/kube/testing";
 * import { ConfigMap } from "@coxswain/kube/types/core/v1";
 * const client = new Client(new ApiServer().restConfig());
 * const settings = client.resource(ConfigMap).namespace("default");
 * await settings.create({ metadata: { name: "shop" }, data: { visits: "1" } });
 * const updated = await retryOnConflict(async () => {
 *   const map = await settings.get("shop");
 *   return await settings.update({ ...map, data: { visits: String(Number(map.data?.visits) + 1) } });
 * });
 * assert.equal(updated.data?.visits, "2");
 * await client[Symbol.asyncDispose]();
 * ```
 */
export async function retryOnConflict<R>(
  attempt: () => Promise<R>,
  { signal, attempts = 5, delay = 10, factor = 1, jitter = 0.1, retriable = isConflict, ...chance }:
    RetryOptions = {},
): Promise<R> {
  const { clock = systemClock, random = Math.random } = chance;
  if (!(attempts >= 1)) throw new RangeError(`Cannot retry: attempts must be at least 1, got ${attempts}`);
  for (let left = attempts - 1, pause = delay;; left--, pause *= factor) {
    signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      if (left <= 0 || !retriable(error)) throw error;
    }
    await clock.sleep(pause * (1 + random() * jitter), { signal });
  }
}
