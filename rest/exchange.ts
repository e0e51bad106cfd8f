import type { Clock } from "../async/mod.ts";
import type { Answer } from "./answer.ts";
import { isConfigError } from "./config_error.ts";
import { Deadline } from "./deadline.ts";
import { failures } from "./loaded_rarely.ts";
import { chain, type Middleware, type OutgoingRequest } from "./middleware.ts";
import { NetworkError, type NetworkPhase } from "./network_error.ts";
import { nobody, RequestLife } from "./request_life.ts";
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
  life: RequestLife;
}

/** One attempt: until the headers have come, it can be ended by time-outs too. */
class Attempt extends RequestLife implements TransportRequest {
  readonly method: string;
  readonly headers: [string, string][];
  readonly body: TransportRequest["body"];
  onConnected: (() => void) | undefined;

  constructor({ method, headers, body }: Pick<TransportRequest, "method" | "headers" | "body">) {
    super(undefined, nobody);
    this.method = method;
    this.headers = headers;
    this.body = body;
  }
}

/**
 * Sends one request and waits for the headers of its answer, whatever they say.
 *
 * @throws {NetworkError} If there is no answer, or none in time.
 * @throws The reason for which the request is to end.
 */
export async function exchange(
  transport: Transport,
  url: string,
  request: Pick<TransportRequest, "method" | "headers" | "body">,
  { what, middleware, timeouts, clock, life }: ExchangeOptions,
): Promise<Answer> {
  life.throwIfEnded();
  const attempt = new Attempt(request);
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const deadline = new Deadline(clock);
  let phase: NetworkPhase = "connect";
  let isOver = false;
  const finish = (): boolean => {
    if (isOver) return false;
    deadline.clear();
    life.onEnd = nobody;
    return isOver = true;
  };
  const end = (reason: unknown) => {
    if (!finish()) return;
    reject(reason);
    attempt.end(reason);
  };
  life.onEnd = end;

  const wait = (delay: number) => {
    if (!(delay > 0)) return deadline.lift();
    deadline.set(delay, () => {
      const missing = phase === "connect" && transport.reportsConnect ? "connection" : "answer";
      const message = `${what} failed: no ${missing} within ${delay / 1000} s`;
      end(new NetworkError(message, { reason: "timeout", phase }));
    });
  };
  const { connect, headers } = timeouts;
  wait(transport.reportsConnect ? connect : connect && headers && connect + headers);
  const onConnected = () => {
    phase = "headers";
    if (!isOver) wait(headers);
  };
  attempt.onConnected = onConnected;

  const explained = async (cause: unknown): Promise<unknown> => {
    attempt.throwIfEnded();
    if (isConfigError(cause)) return cause;
    const failed = phase; // nothing that happens while the rest is loaded is its cause
    const { notPermitted, toNetworkError } = await failures();
    return (cause as Error)?.name === "NotCapable"
      ? notPermitted(url, cause as Error)
      : toNetworkError(cause, what, failed);
  };
  const carry = async ({ url, ...request }: OutgoingRequest) => {
    // What middleware has added too: Deno repeats a value that it refuses.
    for (const [name, value] of request.headers) checkHeaderValue(`header ${name}`, value);
    try {
      return await transport.fetch(url, { ...request, onConnected });
    } catch (cause) {
      throw await explained(cause);
    }
  };
  const fail = (error: unknown) => {
    if (finish()) reject(error);
  };
  // A transport that forgets its signal must not hold the caller; what it still brings is let go.
  const take = (answer: Answer) => {
    if (finish()) resolve(answer);
    else Promise.resolve(answer.body?.cancel()).catch(() => {});
  };
  try {
    if (middleware.length === 0 && transport.ask !== undefined) {
      transport.ask(url, attempt).then(take, (cause) => explained(cause).then(fail, fail));
    } else {
      const headers = request.headers.map(([name, value]): [string, string] => [name, value]);
      chain(middleware, carry)({ ...request, headers, url, signal: attempt.signal }).then(take, fail);
    }
  } catch (error) {
    fail(error);
  }
  return await promise;
}
