import type { Clock } from "../async/mod.ts";
import type { Answer } from "./answer.ts";

/** One request, ready to be sent. */
export interface TransportRequest {
  /** The HTTP method. */
  method: string;
  /** Names and values; a name may come several times and is then never joined by a comma. */
  headers: [string, string][];
  /** The body; a stream is sent as it comes. */
  body?: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
  /** Ends the request until its headers have come. After that the body's reader is cancelled. */
  signal: AbortSignal;
  /** Called once a connection stands, by transports that can tell. */
  onConnected?: () => void;
}

/** A request of which a transport may say how it is ended, in place of listening to its signal: that costs less. */
export interface AskedRequest extends TransportRequest {
  /** Is called with the reason if the request is to end before its headers have come, as well as the signal. */
  onEnd?: (reason: unknown) => void;
}

/**
 * Carries requests to servers: the only place that knows a runtime. It translates, settings in and failures
 * out; what to send and what an answer means is decided above.
 */
export interface Transport {
  /** Whether it calls `onConnected`, so that connecting can have a time-out of its own. */
  readonly reportsConnect: boolean;
  /** Takes the place of the runtime's clock for time-outs, where that is cheaper. */
  readonly clock?: Clock;
  /**
   * Sends a request. Resolves when the headers have come, whatever the status; redirects are not followed. When
   * the server closes an idle connection that is just being used, it may be sent again, but POST and PATCH never are.
   *
   * @throws What the runtime says when there is no answer; the signal's reason after an abort.
   */
  fetch(url: string, request: TransportRequest): Promise<Response>;
  /** The same for who reads the answer itself, where that costs less than a `Response`. */
  ask?(url: string, request: AskedRequest): Promise<Answer>;
  /** Lets go of idle connections. Bodies that are still being read are their readers' to cancel. */
  close(): void;
}
