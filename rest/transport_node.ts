import type { ClientRequest } from "node:http";
import type { RequestOptions } from "node:https";
import type { SecureContext } from "node:tls";
import { endedBy } from "./ended_by.ts";
import type { ByteSource } from "./answer.ts";
import { byOrigin } from "./by_origin.ts";
import { gunzipped } from "./gunzipped.ts";
import { HttpSockets, isSocketRequest } from "./http_sockets.ts";
import { httpWatchers } from "./http_watchers.ts";
import { NodeBody } from "./node_body.ts";
import { nodeConnect } from "./node_connect.ts";
import { nodeIdentity, nodeTrust } from "./node_trust.ts";
import type { ProxyChoice } from "./proxy_settings.ts";
import { proxyAuthorization, unknownToProxy } from "./proxy_tunnel.ts";
import { isGzip, RawAnswer, withoutPacking } from "./raw_answer.ts";
import { ReadBlocks } from "./read_blocks.ts";
import { originOf, targetOf } from "./request_target.ts";
import { sharedTimer } from "./shared_timer.ts";
import type { TlsMaterial } from "./tls_material.ts";
import { transportAgents } from "./transport_agents.ts";
import { builtinModule } from "./transport_builtins.ts";
import type { AskedRequest, Transport, TransportRequest } from "./transport.ts";

/** Statuses whose answer has no body; a `Response` with one would be refused. */
const WITHOUT_BODY = new Set([204, 205, 304]);

/**
 * Node: its sockets, and `node:http` and `node:https` for what goes by a proxy, for bodies that are streams, and where
 * somebody looks at what these do. They are also what Deno and Bun use for settings that their `fetch` lacks. On Deno they
 * have no back-pressure over TLS, which is why they are second choice there.
 */
export function nodeTransport(tls: TlsMaterial, proxies: Pick<ProxyChoice, "proxyFor">): Transport {
  const http = builtinModule("node:http");
  const https = builtinModule("node:https");
  const agents = transportAgents(tls, proxies);

  /** The lines of the last request: one after another has the same. */
  let usual: { headers: [string, string][]; method: string; lines: HeaderLines } | undefined;

  /** The last server: one after another goes to the same. */
  let server: Server | undefined;

  function send(url: string, request: AskedRequest): Promise<RawAnswer> {
    const { method, headers, body, onConnected } = request;
    return new Promise((resolve, reject) => {
      const origin = originOf(url);
      if (server?.origin !== origin) server = serverAt(origin);
      const { base, hostname, port } = server;
      const secure = base.protocol === "https:";
      const { options: route, forwardedBy } = agents.routeTo(base, request);
      const lines =
        "onEnd" in request && usual?.headers === headers && usual.method === method && body === undefined
          ? usual.lines
          : linesOf(method, headers, body);
      // Who asks in this way changes no headers afterwards; a middleware may.
      if ("onEnd" in request && body === undefined) usual = { headers, method, lines };
      // What `node:https` would make of the URL, but for what no request needs.
      const options: RequestOptions = {
        ...route,
        method,
        headers: lines,
        protocol: base.protocol,
        hostname,
        port,
        path: targetOf(url, origin),
        timeout: 0, // the agent's is for idle connections; a silent watch is not idle
      };
      if (forwardedBy !== undefined) {
        options.path = new URL(url).href;
        const authorization = proxyAuthorization(forwardedBy);
        if (authorization !== undefined) {
          options.headers = { ...lines, "proxy-authorization": authorization };
        }
      }
      const outgoing = secure ? https.request(options) : http.request(options);
      let reused = false;
      let answered = false;
      let isEnded = false;
      const forget = endedBy(request, (reason) => {
        isEnded = true;
        reject(reason);
        outgoing.destroy();
      });
      outgoing.on("socket", (socket) => {
        if (socket.timeout) socket.setTimeout(0); // not every runtime has heard
        reused = outgoing.reusedSocket;
        // Or Deno sends the request again when the connection ends, whatever its method, even after an abort.
        outgoing.reusedSocket = false;
        if (reused || !socket.connecting) onConnected?.();
        else if (onConnected !== undefined) socket.once(secure ? "secureConnect" : "connect", onConnected);
      });
      outgoing.on("error", (error: Error & { code?: string }) => {
        if (answered || isEnded) return; // the body's reader hears of it, or the caller knows
        forget();
        // The server may close an idle connection just when it is used again. What asks for nothing to be changed can
        // simply be asked again; it ends at the latest when all idle connections are used up.
        if (
          reused && method === "GET" && body === undefined && /^(ECONNRESET|EPIPE)$/.test(error.code ?? "")
        ) resolve(send(url, request));
        else reject(error);
      });
      outgoing.on("response", (incoming) => {
        answered = true;
        forget();
        const { statusCode: status = 0, statusMessage: statusText = "" } = incoming;
        let { rawHeaders } = incoming;
        if (status === 407 && forwardedBy !== undefined) {
          reject(unknownToProxy(forwardedBy));
          return incoming.destroy();
        }
        // A `Response` can be made of no other.
        if (status < 200 || status > 599) {
          reject(new RangeError(`the answer has the status ${status}`));
          return incoming.destroy();
        }
        const isPacked = method !== "HEAD" && isGzip(rawHeaders);
        if (isPacked) rawHeaders = withoutPacking(rawHeaders);
        const answer = (body: ByteSource | null) =>
          resolve(new RawAnswer({ status, statusText, raw: rawHeaders, body }));
        if (!WITHOUT_BODY.has(status)) {
          // Other runtimes have these modules too, and read otherwise.
          const body = new NodeBody(incoming, { isCopied: isNode() });
          return answer(isPacked ? gunzipped(body) : body);
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

  const sockets = isNode() ? nodeSockets(tls) : undefined;
  const isWatched = sockets && httpWatchers();
  const isDirect = byOrigin((url) => proxies.proxyFor(url) === undefined);
  const ask = async (url: string, request: AskedRequest): Promise<RawAnswer> => {
    const takesSockets = isSocketRequest(request) && isDirect(url) && isWatched?.() === false;
    const answer = takesSockets ? await sockets?.ask(url, request) : undefined;
    return answer ?? await send(url, request);
  };
  return {
    reportsConnect: true,
    clock: sharedTimer,
    async fetch(url, request) {
      request.signal.throwIfAborted();
      return (await ask(url, request)).toResponse();
    },
    ask,
    close() {
      sockets?.close();
      agents.close();
    },
  };
}

function nodeSockets(tls: TlsMaterial): HttpSockets {
  const trust = nodeTrust(tls);
  /** Made with the first connection that needs it: it takes longer than the rest of a connection. */
  let secureContext: SecureContext | undefined;
  return new HttpSockets({
    blocks: new ReadBlocks(),
    clock: sharedTimer,
    async connect(target, signal) {
      if (!target.isSecure) return await nodeConnect(undefined, target, signal);
      secureContext ??= builtinModule("node:tls").createSecureContext(trust);
      const options = { secureContext, rejectUnauthorized: !tls.insecure };
      return await nodeConnect({ ...options, ...nodeIdentity(tls, target.hostname) }, target, signal);
    },
  });
}

/** Where requests go, as far as it is the same for all that go there. */
interface Server {
  /** What the URLs of its requests begin with. */
  readonly origin: string;
  readonly base: URL;
  readonly hostname: string;
  readonly port: string;
}

function serverAt(origin: string): Server {
  const base = new URL(origin);
  return { origin, base, hostname: base.hostname.replace(/^\[|\]$/g, ""), port: base.port };
}

/** Headers as `node:http` takes them: a name that comes several times has a list. */
type HeaderLines = Record<string, string | string[]>;

function linesOf(
  method: string,
  headers: [string, string][],
  body: TransportRequest["body"],
): HeaderLines {
  const lines: HeaderLines = {};
  for (const [name, value] of headers) {
    const before = lines[name];
    lines[name] = before === undefined ? value : [before, value].flat();
  }
  if (typeof body === "string") lines["content-length"] = String(new TextEncoder().encode(body).length);
  else if (body instanceof Uint8Array) lines["content-length"] = String(body.length);
  if (method !== "HEAD" && !headers.some(([name]) => /^accept-encoding$/i.test(name))) {
    lines["accept-encoding"] = "gzip"; // as fetch does, and Go
  }
  return lines;
}

/** Whether this is Node itself. */
function isNode(): boolean {
  return !("Deno" in globalThis) && !("Bun" in globalThis);
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
