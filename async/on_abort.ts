/**
 * Calls `listener` when `signal` aborts: at once when it has already.
 *
 * @returns A function that takes the listener off again. A signal often outlives the work that
 * listens to it, so call this when the work ends.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { onAbort } from "@coxswain/kube/async";
 * const controller = new AbortController();
 * const reasons: unknown[] = [];
 * const forget = onAbort(controller.signal, (reason) => reasons.push(reason));
 * controller.abort("enough");
 * forget();
 * assert.deepEqual(reasons, ["enough"]);
 * ```
 */
export function onAbort(
  signal: AbortSignal | undefined,
  listener: (reason: unknown) => void,
): () => void {
  if (signal === undefined) return () => {};
  if (signal.aborted) {
    listener(signal.reason);
    return () => {};
  }
  const onEvent = () => listener(signal.reason);
  signal.addEventListener("abort", onEvent, { once: true });
  return () => signal.removeEventListener("abort", onEvent);
}
