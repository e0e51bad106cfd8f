import { type Clock, systemClock } from "../async/mod.ts";
import { type LogFields, type Logger, maskAuthorization } from "../observe/mod.ts";
import { joinBytes } from "./join_bytes.ts";
import type { Middleware, OutgoingRequest } from "./middleware.ts";
import { tappedBody } from "./tapped_body.ts";

/** Options of {@linkcode requestLog}. Read once: changing the object later has no effect. */
export interface RequestLogOptions {
  /** Takes the lines, all of them at its level `debug`. */
  logger: Logger;
  /**
   * How much is told, by client-go's numbers (`kubectl -v`). Below 6 nothing; 6: method, URL, status, duration; 7: and
   * the headers of the request; 8: and those of the answer, and bodies up to 1,024 characters; 9: bodies up to 10,240;
   * 10: whole bodies.
   */
  verbosity: number;
  /** The clock of the durations. Default the runtime's. */
  clock?: Clock;
}

/** How much of a body is shown by verbosity, in characters (spec rest 3.7). */
const SHOWN: Readonly<Record<number, number>> = { 8: 1_024, 9: 10_240 };

const MASKED = "<masked>";
/** Headers and parameters that may hold what proves who somebody is, or, as a command does, anything. */
const SECRET_HEADERS = /authorization|token|cookie|secret|password|credential|api-?key/i;
const SECRET_PARAMETERS = /^command$|token|secret|password|credential|api-?key/i;
/** Resources whose bodies are credentials, and applications behind the server, whose bodies may be anything. */
const SECRET_PATHS = /\/(secrets|token|tokenreviews|proxy)(\/|$)/;

/**
 * A middleware that logs each attempt: for finding out what a program really sends, and gets. Credentials are left
 * out whatever the verbosity, and so are the bodies of Secrets, tokens, and of what is behind the server's proxy,
 * which client-go shows. Bodies are shown once they have been read; those of watches and followed logs are not.
 *
 * @throws {RangeError} If the verbosity is no number.
 * @see client-go `transport.DebugWrappers`, spec rest 3.7 and 7.9
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { consoleLogger } from "@coxswain/kube/observe";
 * import { requestLog, RestClient } from "@coxswain/kube/rest";
 * const lines: string[] = [];
 * const logger = consoleLogger({ level: "debug", write: (line) => lines.push(line) });
 * const rest = new RestClient({
 *   server: "http://coxswain.test",
 *   bearerToken: "abc123",
 *   middleware: [requestLog({ logger, verbosity: 7 })],
 *   fetch: () => Promise.resolve(new Response("ok")),
 * });
 * (await rest.get().absolutePath("/healthz").send()).close();
 * assert.match(lines[0], /^DEBUG GET http:\/\/coxswain.test\/healthz status=200 milliseconds=\d+ .*Bearer <masked>/);
 * await rest[Symbol.asyncDispose]();
 * ```
 */
export function requestLog(options: RequestLogOptions): Middleware {
  const { logger, verbosity, clock = systemClock } = options;
  if (!(verbosity >= 0)) throw new RangeError(`Cannot log requests: ${verbosity} is not a verbosity`);
  if (verbosity < 6) return (request, next) => next(request);
  const most = verbosity < 8 ? 0 : SHOWN[Math.floor(verbosity)] ?? Infinity;

  return async (request, next) => {
    const url = new URL(request.url);
    const line = `${request.method} ${shownUrl(url)}`;
    const isSecret = SECRET_PATHS.test(url.pathname);
    const fields: Record<string, unknown> = {};
    if (verbosity >= 7) fields.requestHeaders = shownHeaders(request.headers);
    if (most > 0 && request.body !== undefined) fields.requestBody = isSecret ? MASKED : sent(request, most);
    const began = clock.now();
    const took = () => Math.round(clock.now() - began);
    let response: Response;
    try {
      response = await next(request);
    } catch (error) {
      logger.debug(line, { ...fields, milliseconds: took(), error: String(error) });
      throw error;
    }
    const { status, statusText, headers, body } = response;
    const outcome = { status, milliseconds: took() };
    const answerHeaders = verbosity >= 8 ? { responseHeaders: shownHeaders([...headers]) } : {};
    logger.debug(line, { ...outcome, ...fields, ...answerHeaders });
    if (most === 0 || body === null || isEndless(url)) return response;
    if (isSecret) {
      logger.debug(`${line}: body`, { body: MASKED });
      return response;
    }
    return new Response(logged(body, most, (fields) => logger.debug(`${line}: body`, fields)), {
      status,
      statusText,
      headers,
    });
  };
}

const isEndless = ({ searchParams }: URL) =>
  ["watch", "follow"].some((name) => /^(true|1)$/.test(searchParams.get(name) ?? ""));

function shownUrl({ origin, pathname, searchParams }: URL): string {
  const query = [...searchParams].map(([name, value]) =>
    SECRET_PARAMETERS.test(name) ? `${name}=${MASKED}` : `${name}=${encodeURIComponent(value)}`
  );
  return `${origin}${pathname}${query.length > 0 ? "?" : ""}${query.join("&")}`;
}

function shownHeaders(headers: readonly (readonly [string, string])[]): Record<string, string | string[]> {
  const shown: Record<string, string | string[]> = Object.create(null);
  for (const [name, value] of headers) {
    const text = /^authorization$/i.test(name)
      ? maskAuthorization(value)
      : SECRET_HEADERS.test(name)
      ? MASKED
      : value;
    shown[name] = name in shown ? [shown[name], text].flat() : text;
  }
  return { ...shown };
}

function sent({ body }: OutgoingRequest, most: number): string {
  if (body instanceof ReadableStream) return "<stream>";
  return shownBody(typeof body === "string" ? new TextEncoder().encode(body) : body!, most);
}

/** The same body; once it has been read, what may be shown of it is. */
function logged(
  body: ReadableStream<Uint8Array>,
  most: number,
  log: (fields: LogFields) => void,
): ReadableStream<Uint8Array> {
  const kept: Uint8Array[] = [];
  let length = 0;
  return tappedBody(body, {
    onChunk(chunk) {
      // A character has up to four bytes. What is read may be used again by who reads it.
      if (length < 4 * most) kept.push(chunk.slice(0, 4 * most - length));
      length += chunk.length;
    },
    onEnd() {
      log({ bytes: length, body: shownBody(joinBytes(kept), most, length) });
    },
  });
}

/**
 * Text as it is, anything else as hexadecimal digits, and how much of it is left out.
 *
 * @param bytes Its beginning at least.
 * @param length How many bytes there are in all.
 */
function shownBody(bytes: Uint8Array, most: number, length: number = bytes.length): string {
  const isBinary = bytes.some((byte) => byte < 10);
  const whole = isBinary
    ? Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ")
    : new TextDecoder().decode(bytes);
  if (/"kind":\s*"(Secret|SecretList|TokenRequest|TokenReview)"/.test(whole)) return MASKED;
  const unread = length - bytes.length;
  if (whole.length <= most && unread === 0) return whole;
  return `${whole.slice(0, most)} [truncated ${Math.max(0, whole.length - most) + unread} chars]`;
}
