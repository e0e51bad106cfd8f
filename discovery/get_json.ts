import { onAbort } from "../async/mod.ts";
import { NetworkError, type RestClient } from "../rest/mod.ts";

/** How long one request of discovery may take, in milliseconds, as client-go allows (spec rest 16.1). */
export const TIMEOUT = 32_000;

/** What {@linkcode getWithin} asks for. */
export interface GetOptions {
  /** Value of the `Accept` header. */
  accept: string;
  /** Milliseconds for the request and its answer as a whole; 0 for no limit. */
  timeout: number;
  /** Ends the request. */
  signal?: AbortSignal;
}

/** What was answered. */
export interface Answer {
  /** What the server says that it is; what it is in fact is JSON. */
  contentType: string | null;
  /** The body. */
  value: unknown;
}

/**
 * One request with a limit as a whole, unlike others: its answer is short, and a person waits for it. The answer is read
 * as JSON whatever type it claims to be, as the root of OpenAPI claims to be plain text.
 */
export async function getJson(
  rest: RestClient,
  path: string,
  { accept, timeout, signal }: GetOptions,
): Promise<Answer> {
  const life = new AbortController();
  const forget = onAbort(signal, (reason) => life.abort(reason));
  const { clock, server } = rest.config;
  const what = `GET ${server}${path.slice(1).replace(/\?.*/s, "")}`;
  const giveUp = () => {
    const message = `${what} failed: no answer within ${
      timeout / 1000
    } s. Raise the timeout if the server is slow`;
    life.abort(new NetworkError(message, { reason: "timeout", phase: "body" }));
  };
  const cancel = timeout === 0 ? () => {} : clock.schedule(giveUp, timeout);
  try {
    // The server is told too; and only URLs that are kubectl's to the letter share its HTTP cache.
    const limit = timeout === 0 ? {} : { timeout: `${timeout / 1000}s` };
    const request = rest.get().absolutePath(path).query(limit).header("Accept", accept);
    const answer = await request.send({ signal: life.signal });
    const contentType = answer.headers.get("content-type");
    return { contentType, value: parse(await answer.text(), what) };
  } finally {
    cancel();
    forget();
  }
}

/** A time-out as it was given. */
export function checkTimeout(timeout: number): number {
  if (!(timeout >= 0)) throw new RangeError(`Cannot discover: timeout must be 0 ms or more, got ${timeout}`);
  return timeout;
}

/** Without the engine's own message, which repeats the text around a mistake. */
function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SyntaxError(`${what} failed: the answer is ${text.trim() === "" ? "empty" : "not JSON"}`);
  }
}
