import type { Agent, ClientRequest, IncomingMessage } from "node:http";
import type { RequestOptions } from "node:https";
import type { Socket } from "node:net";
import type { PeerCertificate } from "node:tls";
import type { TlsConfig } from "./rest_config.ts";
import type { Transport, TransportRequest } from "./transport.ts";

/** How much of an answer may wait unread before the socket is paused, in bytes. */
const MOST_UNREAD = 256 * 1024;
/** Idle connections kept for a host, as client-go's transport keeps. */
const MOST_IDLE = 25;
/** An idle connection is dropped after this long, in milliseconds, before a load balancer does. */
const LONGEST_IDLE = 90_000;
/** Statuses whose answer has no body; a `Response` with one would be refused. */
const WITHOUT_BODY = new Set([204, 205, 304]);

/**
 * `node:http` and `node:https`: what Node uses, and what Deno and Bun use for settings that their `fetch`
 * lacks. On Deno it has no back-pressure over TLS, which is why it is second choice there.
 */
export async function nodeTransport(
  { ca, cert, key, serverName, insecure }: TlsConfig,
): Promise<Transport> {
  const http = await import("node:http");
  const https = await import("node:https");
  const { checkServerIdentity } = await import("node:tls");
  const { X509Certificate } = await import("node:crypto");
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
      // Without one, Deno loads its own authorities and asks for a permission, even when nothing is checked.
      ca: ca ?? (insecure ? [] : undefined),
      cert,
      key,
      servername: serverName,
      rejectUnauthorized: !insecure,
    }),
  };

  /** The runtime's own check, and for IPv6 a second: some versions of Node 22 find such an address in no certificate. */
  function checkIdentity(host: string, certificate: PeerCertificate): Error | undefined {
    const error = checkServerIdentity(host, certificate);
    if (error === undefined || !host.includes(":")) return error;
    return new X509Certificate(certificate.raw).checkIP(host) === undefined ? error : undefined;
  }

  function send(url: URL, request: TransportRequest): Promise<Response> {
    const { method, headers, body, signal, onConnected } = request;
    const secure = url.protocol === "https:";
    const options: RequestOptions = {
      ...(secure && url.hostname.startsWith("[") && { checkServerIdentity: checkIdentity }),
      method,
      agent: secure ? agents["https:"] : agents["http:"],
      headers: joined(headers, body),
    };
    return new Promise((resolve, reject) => {
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
        const answer = (body: ReadableStream<Uint8Array> | null) => {
          try {
            resolve(new Response(body, { status, statusText, headers: pairs(rawHeaders) }));
          } catch (error) {
            reject(error); // a status that no `Response` may have, such as 999
            incoming.destroy();
          }
        };
        if (!WITHOUT_BODY.has(status)) return answer(bodyOf(incoming));
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
    close() {
      for (const agent of Object.values<Agent>(agents)) {
        const idle = Object.values<Socket[] | undefined>(agent.freeSockets).flat();
        for (const socket of idle) socket?.destroy();
        agent.maxFreeSockets = 0; // connections in use end when they are done
      }
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
        // A plain array over the same bytes: a Buffer's `slice` and `toString` are not those of the web.
        controller.enqueue(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
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
