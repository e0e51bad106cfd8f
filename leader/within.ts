import { type Clock, onAbort } from "../async/mod.ts";

/**
 * What `call` comes to, if it does so before `limit` has passed and `signal` has aborted. It does not depend on `call`
 * heeding the signal that it is given.
 *
 * @param limit Milliseconds on the clock.
 * @throws What `call` throws; the signal's reason; a `TimeoutError`.
 */
export function within<T>(
  clock: Clock,
  limit: number,
  signal: AbortSignal | undefined,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const controller = new AbortController();
    const forget = onAbort(signal, (reason) => end(reason));
    const cancel = clock.schedule(
      () => end(new DOMException(`It took more than ${limit} ms`, "TimeoutError")),
      limit,
    );
    const end = (reason: unknown) => {
      forget();
      cancel();
      reject(reason);
      controller.abort(reason);
    };
    call(controller.signal).then(resolve, reject).finally(() => {
      forget();
      cancel();
    });
  });
}
