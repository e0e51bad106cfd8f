import { onAbort } from "./on_abort.ts";

interface Flight<T> {
  readonly result: Promise<T>;
  readonly controller: AbortController;
  waiting: number;
}

/**
 * Lets `work` run once at a time: those who ask meanwhile share its result. One that gives up leaves the work
 * alone; when the last has given up, the work's own signal aborts, and the next to ask starts anew.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { singleFlight } from "@coxswain/kube/async";
 * let runs = 0;
 * const read = singleFlight(() => Promise.resolve(++runs));
 * assert.deepEqual(await Promise.all([read(), read()]), [1, 1]);
 * assert.equal(await read(), 2);
 * ```
 */
export function singleFlight<T>(
  work: (signal: AbortSignal) => Promise<T>,
): (signal?: AbortSignal) => Promise<T> {
  let current: Flight<T> | undefined;

  function start(): Flight<T> {
    const controller = new AbortController();
    const result = work(controller.signal).finally(() => {
      if (current === flight) current = undefined;
    });
    const flight: Flight<T> = { result, controller, waiting: 0 };
    return flight;
  }

  return (signal) => {
    if (signal?.aborted) return Promise.reject(signal.reason);
    const flight = current ??= start();
    flight.waiting++;
    return new Promise((resolve, reject) => {
      const forget = onAbort(signal, (reason) => {
        reject(reason);
        if (--flight.waiting > 0) return;
        if (current === flight) current = undefined;
        flight.controller.abort(reason);
      });
      flight.result.then(resolve, reject).finally(forget);
    });
  };
}
