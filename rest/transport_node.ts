import type { ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import type { TlsConfig } from "./rest_config.ts";
import type { Transport, TransportRequest } from "./transport.ts";

/** How much of an answer may wait unread before the socket is paused, in bytes. */
const MOST_UNREAD = 256 * 1024;
/** Idle connections kept for a host, as client-go's transport keeps. */
const MOST_IDLE = 25;
/** An idle connection is dropped after this long, in milliseconds, before a load balancer does. */
const LONGEST_IDLE = 90_000;
/** Statuses whose answer has no body; a `Response` with one would be refused. */
const WITHOUT_BODY = new Set([101, 204, 205, 304]);

/**
 * `node:http` and `node:https`: what Node uses, and what Deno and Bun use for settings that their `fetch`
 * lacks. On Deno it has no back-pressure over TLS, which is why it is second choice there.
 */
export async function nodeTransport(
  { ca, cert, key, serverName, insecure }: TlsConfig,
): Promise<Transport> {
  const http = await import("node:http");
  const https = await import("node:https");
  const pool = {
    keepAlive: true,
    maxFreeSockets: MOST_IDLE,
    timeout: LONGEST_IDLE,
    scheduling: "lifo" as const,
  };
  const agents = {
    "http:": new http.Agent(pool),
    "https:": new https.Agent({
      ...pool,
      // Deno asks for a permission that cannot be given unless there is some CA, even when none is checked.
      ca: ca ?? (insecure ? (await import("node:tls")).rootCertificates.slice(0, 1) : undefined),
      cert,
      key,
      servername: serverName,
      rejectUnauthorized: !insecure,
    }),
  };

  function send(url: URL, request: TransportRequest, onStale: (() => void) | undefined): Promise<Response> {
    const { method, headers, body, signal, onConnected } = request;
    const secure = url.protocol === "https:";
    const options: RequestOptions = {
      method,
      agent: secure ? agents["https:"] : agents["http:"],
      headers: joined(headers, body),
    };
    return new Promise((resolve, reject) => {
      const outgoing = secure ? https.request(url, options) : http.request(url, options);
      const onAbort = () => outgoing.destroy();
      signal.addEventListener("abort", onAbort, { once: true });
      outgoing.on("socket", (socket) => {
        // The agent's time-out is for idle connections; a silent watch is not idle.
        socket.setTimeout(0);
        if (outgoing.reusedSocket || !socket.connecting) onConnected?.();
        else if (onConnected !== undefined) socket.once(secure ? "secureConnect" : "connect", onConnected);
      });
      outgoing.on("error", (error: Error & { code?: string }) => {
        signal.removeEventListener("abort", onAbort);
        if (signal.aborted) reject(signal.reason);
        else if (outgoing.reusedSocket && error.code === "ECONNRESET" && onStale !== undefined) onStale();
        else reject(error);
      });
      outgoing.on("response", (incoming) => {
        signal.removeEventListener("abort", onAbort);
        const status = incoming.statusCode ?? 0;
        const init = { status, statusText: incoming.statusMessage, headers: pairs(incoming.rawHeaders) };
        if (!WITHOUT_BODY.has(status)) return resolve(new Response(bodyOf(incoming), init));
        incoming.resume();
        resolve(new Response(null, init));
      });
      if (body instanceof ReadableStream) {
        pipe(body, outgoing).catch((error) => outgoing.destroy(error));
      } else {
        outgoing.end(body);
      }
    });
  }

  return {
    reportsConnect: true,
    fetch(url, request) {
      request.signal.throwIfAborted();
      const parsed = new URL(url);
      // The server may close an idle connection just when it is used again. What asks for nothing to be
      // changed can simply be asked again, on a new connection.
      return new Promise((resolve, reject) => {
        const again = () => send(parsed, request, undefined).then(resolve, reject);
        const repeatable = request.method === "GET" && request.body === undefined;
        send(parsed, request, repeatable ? again : undefined).then(resolve, reject);
      });
    },
    close() {
      agents["http:"].destroy();
      agents["https:"].destroy();
    },
  };
}

/** Header pairs as `node:http` takes them: a name that comes several times has a list. */
function joined(
  headers: [string, string][],
  body: TransportRequest["body"],
): Record<string, string | string[]> {
  const result: Record<string, string | string[]> = {};
  for (const [name, value] of headers) {
    const before = result[name];
    result[name] = before === undefined ? value : [before, value].flat();
  }
  if (typeof body === "string") result["content-length"] = String(new TextEncoder().encode(body).length);
  else if (body instanceof Uint8Array) result["content-length"] = String(body.length);
  return result;
}

function pairs(raw: string[]): [string, string][] {
  return Array.from({ length: raw.length / 2 }, (_, index) => [raw[2 * index], raw[2 * index + 1]]);
}

/** The answer's body as a web stream that pauses the socket while nobody reads. */
function bodyOf(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  let open = true; // a closed stream takes nothing more, while the socket may still deliver
  return new ReadableStream<Uint8Array>({
    start(controller) {
      incoming.on("data", (chunk: Uint8Array) => {
        if (!open) return;
        controller.enqueue(chunk);
        if (controller.desiredSize! <= 0) incoming.pause();
      });
      const end = (error?: Error) => {
        if (!open) return;
        open = false;
        if (error === undefined) controller.close();
        else controller.error(error);
      };
      incoming.on("end", () => end());
      incoming.on("error", end);
      incoming.on("close", () => end(new Error("the connection closed before the answer was complete")));
      incoming.pause();
    },
    pull() {
      incoming.resume();
    },
    cancel() {
      open = false;
      incoming.destroy();
    },
  }, { highWaterMark: MOST_UNREAD, size: (chunk) => chunk.byteLength });
}

/** Sends a body that is a stream, no faster than the socket takes it. */
async function pipe(body: ReadableStream<Uint8Array>, outgoing: ClientRequest): Promise<void> {
  for await (const chunk of body) {
    if (outgoing.destroyed) return; // leaving the loop cancels the stream
    if (outgoing.write(chunk)) continue;
    await new Promise<void>((resolve) => {
      const go = () => {
        outgoing.off("drain", go).off("close", go);
        resolve();
      };
      outgoing.on("drain", go).on("close", go);
    });
  }
  outgoing.end();
}
