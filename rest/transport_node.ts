import type { ClientRequest, IncomingMessage } from "node:http";
import type { RequestOptions } from "node:https";
import type { Readable } from "node:stream";
import type { Gunzip } from "node:zlib";
import type { ProxyChoice } from "./proxy_settings.ts";
import { proxyAuthorization, unknownToProxy } from "./proxy_tunnel.ts";
import type { TlsMaterial } from "./tls_material.ts";
import { transportAgents } from "./transport_agents.ts";
import type { Transport, TransportRequest } from "./transport.ts";
import { TransportFailure } from "./transport_failure.ts";

/** How much of an answer may wait unread before the socket is paused, in bytes. */
const MOST_UNREAD = 256 * 1024;
/** Statuses whose answer has no body; a `Response` with one would be refused. */
const WITHOUT_BODY = new Set([204, 205, 304]);
/** Headers that tell of a compressed body, and not of what it is made into. */
const OF_PACKED = /^content-(encoding|length)$/i;

const INCOMPLETE = "the connection closed before the answer was complete";

/**
 * `node:http` and `node:https`: what Node uses, and what Deno and Bun use for settings that their `fetch`
 * lacks. On Deno it has no back-pressure over TLS, which is why it is second choice there.
 */
export async function nodeTransport(
  tls: TlsMaterial,
  proxies: Pick<ProxyChoice, "proxyFor">,
): Promise<Transport> {
  const http = await import("node:http");
  const https = await import("node:https");
  const { createGunzip } = await import("node:zlib");
  const agents = await transportAgents(tls, proxies);

  function send(url: URL, request: TransportRequest): Promise<Response> {
    const { method, headers, body, signal, onConnected } = request;
    const secure = url.protocol === "https:";
    return new Promise((resolve, reject) => {
      const { options: route, forwardedBy } = agents.routeTo(url, signal);
      const options: RequestOptions = { ...route, method, headers: joined(headers, body) };
      const lines = options.headers as Record<string, string | string[]>;
      if (method !== "HEAD" && !headers.some(([name]) => /^accept-encoding$/i.test(name))) {
        lines["accept-encoding"] = "gzip"; // as fetch does, and Go
      }
      if (forwardedBy !== undefined) {
        options.path = url.href;
        const authorization = proxyAuthorization(forwardedBy);
        if (authorization !== undefined) lines["proxy-authorization"] = authorization;
      }
      const outgoing = secure ? https.request(url, options) : http.request(url, options);
      let reused = false;
      let answered = false;
      const onAbort = () => {
        reject(signal.reason);
        outgoing.destroy();
      };
      signal.addEventListener("abort", onAbort, { once: true });
      outgoing.on("socket", (socket) => {
        // The agent's time-out is for idle connections; a silent watch is not idle.
        socket.setTimeout(0);
        reused = outgoing.reusedSocket;
        // Or Deno sends the request again when the connection ends, whatever its method, even after an abort.
        outgoing.reusedSocket = false;
        if (reused || !socket.connecting) onConnected?.();
        else if (onConnected !== undefined) socket.once(secure ? "secureConnect" : "connect", onConnected);
      });
      outgoing.on("error", (error: Error & { code?: string }) => {
        if (answered || signal.aborted) return; // the body's reader hears of it, or the caller knows
        signal.removeEventListener("abort", onAbort);
        // The server may close an idle connection just when it is used again. What asks for nothing to be changed can
        // simply be asked again; it ends at the latest when all idle connections are used up.
        if (
          reused && method === "GET" && body === undefined && /^(ECONNRESET|EPIPE)$/.test(error.code ?? "")
        ) resolve(send(url, request));
        else reject(error);
      });
      outgoing.on("response", (incoming) => {
        answered = true;
        signal.removeEventListener("abort", onAbort);
        const { statusCode: status = 0, statusMessage: statusText, rawHeaders } = incoming;
        if (status === 407 && forwardedBy !== undefined) {
          reject(unknownToProxy(forwardedBy));
          return incoming.destroy();
        }
        const isPacked = method !== "HEAD" && /^(x-)?gzip$/i.test(incoming.headers["content-encoding"] ?? "");
        const answer = (body: ReadableStream<Uint8Array> | null) => {
          try {
            const headers = pairs(rawHeaders).filter(([name]) => !isPacked || !OF_PACKED.test(name));
            resolve(new Response(body, { status, statusText, headers }));
          } catch (error) {
            reject(error); // a status that no `Response` may have, such as 999
            incoming.destroy();
          }
        };
        if (!WITHOUT_BODY.has(status)) {
          return answer(isPacked ? unpackedBodyOf(incoming, createGunzip()) : bodyOf(incoming));
        }
        // Once it has ended, and not before, the connection can be used again.
        incoming.on("error", () => {}).on("close", () => answer(null)).resume();
      });
      // As after a status 101, which nobody asked for.
      outgoing.on("close", () => {
        if (!answered) reject(new Error("the connection closed before an answer came"));
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
    async fetch(url, request) {
      request.signal.throwIfAborted();
      return await send(new URL(url), request);
    },
    close: () => agents.close(),
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

/** What `gunzip` makes of an answer: no faster than it is read, and with an error where the answer breaks off. */
function unpackedBodyOf(incoming: IncomingMessage, gunzip: Gunzip): ReadableStream<Uint8Array> {
  let isEmpty = true;
  const cut = (error?: Error) => {
    if (!incoming.readableEnded) gunzip.destroy(error ?? new Error(INCOMPLETE));
  };
  incoming.on("error", cut).on("close", () => cut()).once("data", () => isEmpty = false);
  gunzip.on("close", () => {
    if (!incoming.readableEnded) incoming.destroy();
  });
  return bodyOf(incoming.pipe(gunzip), (error: Error & { code?: string }) => {
    if (!error.code?.startsWith("Z_")) return error;
    if (isEmpty) return undefined;
    return error.code === "Z_BUF_ERROR"
      ? new TransportFailure("cut", "the answer broke off within its compressed text", { cause: error })
      : new TransportFailure("other", "the answer is not the compressed text that it says it is", {
        cause: error,
      });
  });
}

/**
 * A body as a web stream that pauses what it comes from while nobody reads.
 *
 * @param failureOf What an error means to the reader; `undefined` when it is none.
 */
function bodyOf(
  incoming: Readable,
  failureOf: (error: Error) => Error | undefined = (error) => error,
): ReadableStream<Uint8Array> {
  let open = true; // a closed stream takes nothing more, while the socket may still deliver
  return new ReadableStream<Uint8Array>({
    start(controller) {
      incoming.on("data", (chunk: Uint8Array) => {
        if (!open) return;
        // A plain array over the same bytes: a Buffer's `slice` and `toString` are not those of the web.
        controller.enqueue(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
        if (controller.desiredSize! <= 0) incoming.pause();
      });
      const end = (error?: Error) => {
        if (!open) return;
        open = false;
        const failure = error && failureOf(error);
        if (failure === undefined) controller.close();
        else controller.error(failure);
      };
      incoming.on("end", () => end());
      incoming.on("error", end);
      incoming.on("close", () => end(new Error(INCOMPLETE)));
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

/** Sends a body that is a stream, no faster than the socket takes it. Cancels it when the request ends first. */
async function pipe(body: ReadableStream<Uint8Array>, outgoing: ClientRequest): Promise<void> {
  const reader = body.getReader();
  const stop = () => reader.cancel().catch(() => {}); // it may have failed itself
  outgoing.once("close", stop);
  for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
    if (outgoing.destroyed || outgoing.write(value)) continue;
    await new Promise<void>((resolve) => {
      const go = () => {
        outgoing.off("drain", go).off("close", go);
        resolve();
      };
      outgoing.on("drain", go).on("close", go);
    });
  }
  outgoing.off("close", stop);
  if (!outgoing.destroyed) outgoing.end();
}
