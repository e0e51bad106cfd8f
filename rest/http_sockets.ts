import type { Clock } from "../async/mod.ts";
import { endedBy } from "./ended_by.ts";
import { gunzipped } from "./gunzipped.ts";
import { type Connection, HttpConnection } from "./http_connection.ts";
import { joinBytes } from "./join_bytes.ts";
import { isGzip, RawAnswer, withoutPacking } from "./raw_answer.ts";
import type { ReadBlocks } from "./read_blocks.ts";
import { originOf, targetOf } from "./request_target.ts";
import type { AskedRequest } from "./transport.ts";

/** A connection is not used again that has been idle for so long, in milliseconds: a load balancer may have forgotten it. */
const LONGEST_IDLE = 90_000;
/** How many idle connections are kept to one server: as many as Go keeps in all. Where many ask at once, all are idle between two. */
const MOST_IDLE = 100;
/** Where no connection could be had, none is tried for so long, in milliseconds. */
const PAUSE = 10_000;

const encoder = new TextEncoder();

/** Where a connection goes. */
export interface ConnectionTarget {
  /** A name or an address, without brackets. */
  hostname: string;
  port: number;
  /** Whether TLS is spoken on it. */
  isSecure: boolean;
}

/** Statuses whose answer has no body; a `Response` with one would be refused. */
const WITHOUT_BODY = new Set([204, 205, 304]);

/** A request whose body is at hand. */
export type SocketRequest = AskedRequest & { body?: string | Uint8Array<ArrayBuffer> };

/** Whether it is sent as it is: a stream is left to the runtime. */
export function isSocketRequest(request: AskedRequest): request is SocketRequest {
  return !(request.body instanceof ReadableStream);
}

interface IdleConnection {
  connection: HttpConnection;
  /** When it became idle. */
  since: number;
}

/** Options of {@linkcode HttpSockets}. */
export interface HttpSocketsOptions {
  /** Memory for what comes. */
  blocks: ReadBlocks;
  /** Tells for how long connections are idle. */
  clock: Pick<Clock, "now">;
  /**
   * Makes connections that are ready to be written to. It leaves nothing open if it cannot, or once the signal ends it.
   *
   * @returns Nothing if the runtime's own client is to be asked instead, which may know the way or how to say why there is none.
   * @throws Why there is no connection.
   */
  connect(target: ConnectionTarget, signal: AbortSignal): Promise<Connection | undefined>;
}

/**
 * Requests over connections of our own, past the runtime's HTTP client. Deno's `fetch` has four times the processor time for
 * a small object, and twice the time for the bytes of a long one, which come to script through several streams in pieces of
 * 5 kB; `node:https` has twice the time for a small object, and Bun's `fetch` half as much again.
 */
export class HttpSockets {
  readonly #blocks: ReadBlocks;
  readonly #clock: Pick<Clock, "now">;
  readonly #connect: HttpSocketsOptions["connect"];
  /** Those that are idle, by origin. */
  readonly #idle = new Map<string, IdleConnection[]>();
  /** Until when the runtime's own client alone is asked, by origin. */
  readonly #pauses = new Map<string, number>();
  /** What one request after another has in common. */
  #usual: { headers: [string, string][]; origin: string; text: string } | undefined;
  #isClosed = false;

  constructor({ blocks, clock, connect }: HttpSocketsOptions) {
    this.#blocks = blocks;
    this.#clock = clock;
    this.#connect = connect;
  }

  /**
   * Sends a request. What the server has closed the connection on is sent again if it is a GET.
   *
   * @returns Nothing if the runtime's own client is to be asked: nothing has been sent then.
   */
  async ask(url: string, request: SocketRequest): Promise<RawAnswer | undefined> {
    const { method, body, onConnected } = request;
    const origin = originOf(url);
    let ended: { reason: unknown } | undefined;
    const throwIfEnded = () => {
      if (ended !== undefined) throw ended.reason;
    };
    let connection: HttpConnection | undefined;
    let connecting: AbortController | undefined;
    const end = (reason: unknown) => {
      ended = { reason };
      connecting?.abort(reason);
      connection?.close();
    };
    const forget = endedBy(request, end);
    try {
      const bytes = this.#bytesOf(url, origin, request);
      for (;;) {
        throwIfEnded();
        connection = this.#takeIdle(origin);
        const isReused = connection !== undefined;
        if (connection === undefined) {
          if (this.#clock.now() < (this.#pauses.get(origin) ?? 0)) return undefined;
          connecting = new AbortController();
          connection = await this.#open(origin, connecting.signal);
          throwIfEnded();
          if (connection === undefined) {
            this.#pauses.set(origin, this.#clock.now() + PAUSE);
            return undefined;
          }
        }
        onConnected?.();
        const answer = await this.#askOn(connection, origin, { method, bytes, isReused });
        if (answer !== undefined) return answer;
        // The server may close an idle connection just when it is used again: what asks for nothing to be changed can
        // simply be asked again. It ends at the latest when all idle connections are used up.
        connection.close();
        throwIfEnded();
        if (!isReused || method !== "GET" || body !== undefined) {
          throw new Error("the connection closed before an answer came");
        }
      }
    } catch (error) {
      connection?.close();
      throwIfEnded();
      throw error;
    } finally {
      forget();
    }
  }

  /** Lets go of idle connections. */
  close(): void {
    this.#isClosed = true;
    for (const { connection } of [...this.#idle.values()].flat()) connection.close();
    this.#idle.clear();
  }

  /** @returns Nothing if the connection has ended before any of the answer came. */
  async #askOn(
    connection: HttpConnection,
    origin: string,
    { method, bytes, isReused }: { method: string; bytes: Uint8Array; isReused: boolean },
  ): Promise<RawAnswer | undefined> {
    let head;
    try {
      head = await connection.ask(method, bytes);
    } catch (error) {
      if (isReused && !connection.hasAnswered) return undefined;
      throw error;
    }
    if (head === undefined) return undefined;
    const { status, statusText, raw } = head;
    // A `Response` can be made of no other.
    if (status > 599) throw new RangeError(`the answer has the status ${status}`);
    const body = connection.body(head, (isUsable) => {
      if (isUsable) this.#keep(origin, connection);
    });
    const isBodiless = method === "HEAD" || WITHOUT_BODY.has(status);
    if (isBodiless) body.cancel(); // one that has none has ended
    if (isBodiless || head.length === 0) return new RawAnswer({ status, statusText, raw, body: null });
    if (!isGzip(raw)) return new RawAnswer({ status, statusText, raw, body });
    return new RawAnswer({ status, statusText, raw: withoutPacking(raw), body: gunzipped(body) });
  }

  #bytesOf(url: string, origin: string, request: SocketRequest): Uint8Array {
    const { method, headers, body } = request;
    let usual = this.#usual;
    if (usual?.headers !== headers || usual.origin !== origin) {
      usual = { headers, origin, text: linesOf(origin, headers) };
      // Who asks in this way changes no headers afterwards; a middleware may.
      if ("onEnd" in request) this.#usual = usual;
    }
    const start = `${method} ${targetOf(url, origin)} HTTP/1.1\r\n${usual.text}`;
    if (body === undefined && !/^P/.test(method)) return encoder.encode(`${start}\r\n`);
    const sent = typeof body === "string" ? encoder.encode(body) : body ?? new Uint8Array();
    return joinBytes([encoder.encode(`${start}content-length: ${sent.length}\r\n\r\n`), sent]);
  }

  async #open(origin: string, signal: AbortSignal): Promise<HttpConnection | undefined> {
    const { protocol, hostname, port } = new URL(origin);
    const isSecure = protocol === "https:";
    const target = {
      hostname: hostname.replace(/^\[|\]$/g, ""),
      port: Number(port) || (isSecure ? 443 : 80),
      isSecure,
    };
    const connection = await this.#connect(target, signal);
    return connection && new HttpConnection(connection, this.#blocks);
  }

  #takeIdle(origin: string): HttpConnection | undefined {
    const connection = this.#idleOf(origin).pop()?.connection;
    connection?.wake();
    return connection;
  }

  #keep(origin: string, connection: HttpConnection): void {
    if (this.#isClosed) return connection.close();
    const idle = this.#idleOf(origin);
    const kept = { connection, since: this.#clock.now() };
    idle.push(kept);
    if (idle.length > MOST_IDLE) idle.shift()!.connection.close();
    connection.rest(() => {
      const at = idle.indexOf(kept);
      if (at >= 0) idle.splice(at, 1);
    });
  }

  /** Those that may be used again, the last one last. */
  #idleOf(origin: string): IdleConnection[] {
    let idle = this.#idle.get(origin);
    if (idle === undefined) this.#idle.set(origin, idle = []);
    const oldest = this.#clock.now() - LONGEST_IDLE;
    while (idle.length > 0 && idle[0].since <= oldest) idle.shift()!.connection.close();
    return idle;
  }
}

/** Headers as they are sent, with those that every request has. */
function linesOf(origin: string, headers: [string, string][]): string {
  const has = (wanted: string) => headers.some(([name]) => name.toLowerCase() === wanted);
  let text = has("host") ? "" : `host: ${new URL(origin).host}\r\n`;
  for (const [name, value] of headers) text += `${name}: ${value}\r\n`;
  return has("accept-encoding") ? text : `${text}accept-encoding: gzip\r\n`; // as fetch does, and Go
}
