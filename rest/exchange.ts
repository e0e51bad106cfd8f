import { type Clock, onAbort } from "../async/mod.ts";
import type { Answer } from "./answer.ts";
import { isConfigError } from "./config_error.ts";
import { failures } from "./loaded_later.ts";
import { chain, type Middleware, type OutgoingRequest } from "./middleware.ts";
import { NetworkError, type NetworkPhase } from "./network_error.ts";
import { checkHeaderValue, type Timeouts } from "./rest_config.ts";
import type { Transport, TransportRequest } from "./transport.ts";

/** Options of {@linkcode exchange}. */
export interface ExchangeOptions {
  /** What is asked, for errors: `GET https://host/path`. */
  what: string;
  /** When to give up. */
  timeouts: Required<Timeouts>;
  /** What stands between here and the transport. */
  middleware: readonly Middleware[];
  /** The clock of the time-outs. */
  clock: Clock;
  /** Ends the exchange with its reason. */
  signal: AbortSignal;
}

/**
 * Sends one request and waits for the headers of its answer, whatever they say.
 *
 * @throws {NetworkError} If there is no answer, or none in time.
 * @throws The signal's reason.
 */
export async function exchange(
  transport: Transport,
  url: string,
  request: Pick<TransportRequest, "method" | "headers" | "body">,
  { what, middleware, timeouts, clock, signal }: ExchangeOptions,
): Promise<Answer> {
  signal.throwIfAborted();
  // Until the headers have come, the connection is bound to a signal that also time-outs can abort.
  const controller = new AbortController();
  const ended = Promise.withResolvers<never>();
  ended.promise.catch(() => {}); // nobody listens once there is an answer
  const end = (reason: unknown) => {
    ended.reject(reason);
    controller.abort(reason);
  };
  const forget = onAbort(signal, end);

  let phase: NetworkPhase = "connect";
  let disarm = () => {};
  const arm = (delay: number) => {
    disarm();
    const missing = phase === "connect" && transport.reportsConnect ? "connection" : "answer";
    const message = `${what} failed: no ${missing} within ${delay / 1000} s`;
    const timeOut = () => end(new NetworkError(message, { reason: "timeout", phase }));
    disarm = delay > 0 ? clock.schedule(timeOut, delay) : () => {};
  };
  const { connect, headers } = timeouts;
  arm(transport.reportsConnect ? connect : connect && headers && connect + headers);
  const onConnected = () => {
    phase = "headers";
    arm(headers);
  };
  try {
    const carry = async <T extends Answer>(
      send: (url: string, request: TransportRequest) => Promise<T>,
      { url, ...request }: OutgoingRequest,
    ): Promise<T> => {
      // What middleware has added too: Deno repeats a value that it refuses.
      for (const [name, value] of request.headers) checkHeaderValue(`header ${name}`, value);
      try {
        return await send(url, { ...request, onConnected });
      } catch (cause) {
        if (controller.signal.aborted) throw controller.signal.reason;
        if (isConfigError(cause)) throw cause;
        if ((cause as Error)?.name === "NotCapable") {
          throw (await failures()).notPermitted(url, cause as Error);
        }
        const failed = phase; // nothing that happens while the rest is loaded is its cause
        throw (await failures()).toNetworkError(cause, what, failed);
      }
    };
    const outgoing = { ...request, url, signal: controller.signal };
    const answer: Promise<Answer> = middleware.length === 0 && transport.ask !== undefined
      ? carry((...request) => transport.ask!(...request), outgoing)
      : chain(middleware, (request) => carry((...request) => transport.fetch(...request), request))(outgoing);
    // Raced, since a transport that forgets its signal must not hold the caller; what it still brings is let go.
    ended.promise.catch(() => answer.then((late) => late.body?.cancel()).catch(() => {}));
    return await Promise.race([answer, ended.promise]);
  } finally {
    disarm();
    forget();
  }
}
