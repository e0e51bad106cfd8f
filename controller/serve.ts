import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo, Server, Socket } from "node:net";
import type { Server as SecureServer } from "node:tls";
import { type Clock, systemClock } from "../async/mod.ts";
import type { CertificatePair } from "../certificates/mod.ts";
import { type Logger, noLogger } from "../observe/mod.ts";
import { checkCertificates, ConfigError } from "../rest/mod.ts";

/** Answers a web request, as `manager.fetch`, {@linkcode admissionWebhook} and {@linkcode conversionWebhook} do. */
export type RequestHandler = (request: Request) => Response | Promise<Response>;

/** Options of {@linkcode serve}. Read once: changing the object later has no effect. */
export interface ServeOptions {
  /** The port; 0 takes a free one. Default 0. */
  port?: number;
  /** The address to listen on. Default `0.0.0.0`: all of IPv4; `::` is all there is. */
  hostname?: string;
  /**
   * Serves HTTPS with this certificate and key. A function is asked again and again, and new connections get what it
   * gave last; those that are open go on. `certificateFiles()` of `…/certificates` reads files that are renewed,
   * `() => rotation.current` takes what a `CertificateRotation` has; nothing means what there was. Default: HTTP.
   */
  tls?: CertificatePair | (() => CertificatePair | undefined | Promise<CertificatePair | undefined>);
  /** How often `tls` is asked, in milliseconds. Default 10,000. */
  reloadInterval?: number;
  /** How long requests may go on when the server is closed, in milliseconds. Default 10,000. */
  gracePeriod?: number;
  /** Hears of handlers that throw, and of certificates that are new or of no use. Default: nobody. */
  logger?: Logger;
  /** The clock. Default the runtime's. */
  clock?: Clock;
}

/** A server that listens. */
export interface Serving extends AsyncDisposable {
  /** Where it listens. */
  readonly port: number;
  /** Asks for the certificate now. Without a function for `tls` it does nothing. */
  reload(): Promise<void>;
  /** Takes no new connection, lets requests end for `gracePeriod`, and cuts the rest off. Closing twice is fine. */
  close(): Promise<void>;
}

/** The longest body, in bytes: an object has 1.5 MB, and a review may have two, as JSON within JSON. */
const LONGEST_BODY = 16 * 1024 * 1024;

/**
 * Answers web requests on Deno, Bun and Node, for probes, scrapes and webhooks: bodies are read and written in one
 * piece, of at most 16 MiB. HTTP/1.1, TLS 1.2 and above.
 *
 * @param handle Answers all requests, or a function for each path: others get 404.
 * @throws {ConfigError} If the certificate or its key cannot be used, or is not there yet. What the runtime throws if it cannot listen.
 * @see controller-runtime `pkg/webhook.Server`, `pkg/certwatcher`
 * @example A webhook and probes
 * ```ts
 * import assert from "node:assert/strict";
 * import { admissionWebhook, allow, healthHandler, serve } from "@coxswain/kube/controller";
 * import { issueServingCertificate } from "@coxswain/kube/certificates";
 * const tls = await issueServingCertificate("shop-webhook.shop.svc"); // or: certificateFiles("tls.crt", "tls.key")
 * const webhooks = await serve({ "/validate": admissionWebhook(() => allow()) }, { tls });
 * const probes = await serve(healthHandler({}), { hostname: "127.0.0.1" });
 * assert.equal(await (await fetch(`http://127.0.0.1:${probes.port}/healthz`)).text(), "ok");
 * await Promise.all([webhooks.close(), probes.close()]);
 * ```
 */
export async function serve(
  handle: RequestHandler | Readonly<Record<string, RequestHandler>>,
  options: ServeOptions = {},
): Promise<Serving> {
  const { port = 0, hostname = "0.0.0.0", tls, logger = noLogger } = options;
  const { reloadInterval = 10_000, gracePeriod = 10_000, clock = systemClock } = options;
  if (!(reloadInterval > 0)) {
    throw new RangeError(`Cannot serve: reloadInterval must be above 0 ms, got ${reloadInterval}`);
  }
  const handler = typeof handle === "function" ? handle : byPath(handle);
  const settings = { scheme: tls === undefined ? "http" : "https", logger };
  const connections = new Connections();
  const onRequest = (message: IncomingMessage, reply: ServerResponse) => {
    connections.began(message.socket, reply);
    void answer(handler, message, reply, settings);
  };
  let pair = typeof tls === "function" ? await tls() : tls;
  if (tls !== undefined && pair === undefined) {
    throw new ConfigError("tls", "there is no certificate yet", "Wait until there is one, and then serve");
  }
  await checkCertificates(pair ?? {});
  const listener = await createListener(pair, onRequest);
  const [lower, upper] = pair === undefined ? [undefined, "connection"] : ["connection", "secureConnection"];
  if (lower !== undefined) listener.on(lower, (socket) => connections.openedBelow(socket));
  listener.on(upper, (socket) => connections.opened(socket));
  listener.on("tlsClientError", () => {}); // who does not trust the certificate says so himself

  let failure: string | undefined;
  async function reload(): Promise<void> {
    if (typeof tls !== "function") return;
    try {
      const next = await tls();
      if (next !== undefined && (next.cert !== pair?.cert || next.key !== pair.key)) {
        await checkCertificates(next);
        listener.setSecureContext?.(picked(next)); // it is there: it listens to TLS
        pair = next;
        logger.info("serving a new certificate");
      }
      failure = undefined;
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      if (said !== failure) {
        logger.error("cannot serve a new certificate: going on with the old one", { error });
      }
      failure = said;
    }
  }
  let isOpen = true;
  let cancel = () => {};
  const reloadLater = () => {
    if (typeof tls !== "function" || !isOpen) return;
    cancel = clock.schedule(() => void reload().then(reloadLater), reloadInterval);
  };

  await new Promise<void>((resolve, reject) => {
    listener.once("error", reject);
    listener.listen(port, hostname, () => {
      listener.off("error", reject);
      resolve();
    });
  });
  reloadLater();

  let closed: Promise<void> | undefined;
  const close = () =>
    closed ??= (async () => {
      isOpen = false;
      cancel();
      const stopped = new Promise<void>((resolve) => listener.close(() => resolve()));
      const giveUp = clock.schedule(() => connections.cut(), gracePeriod);
      await connections.end();
      giveUp();
      await stopped;
    })();
  return {
    port: (listener.address() as AddressInfo).port,
    reload,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/**
 * A server of HTTP, or of HTTPS that takes another certificate while it listens. Bun's own cannot do that, nor end
 * connections that have never asked for anything; but it has listeners below, and HTTP can be put on top of them. On
 * Deno, in turn, HTTP that is put on top of a socket ends after the first request.
 */
async function createListener(
  pair: CertificatePair | undefined,
  onRequest: (message: IncomingMessage, reply: ServerResponse) => void,
): Promise<Server & Partial<Pick<SecureServer, "setSecureContext">>> {
  const settings = { ...pair && picked(pair), minVersion: "TLSv1.2" } as const;
  const [http, https] = [await import("node:http"), await import("node:https")];
  if ("setSecureContext" in https.Server.prototype) {
    return quiet(pair === undefined ? http.createServer(onRequest) : https.createServer(settings, onRequest));
  }
  const protocol = quiet(http.createServer(onRequest));
  const accept = (socket: Socket) => void protocol.emit("connection", socket);
  if (pair === undefined) return (await import("node:net")).createServer(accept);
  return (await import("node:tls")).createServer(settings, accept);
}

/** An idle connection that closes by itself may cost a client its next request. */
function quiet<S extends { keepAliveTimeout?: number }>(server: S): S {
  server.keepAliveTimeout = 0;
  return server;
}

/** A source may give more than what a listener is to see. */
function picked({ cert, key }: CertificatePair): CertificatePair {
  return { cert, key };
}

function byPath(handlers: Readonly<Record<string, RequestHandler>>): RequestHandler {
  return (request) => {
    const { pathname } = new URL(request.url);
    if (Object.hasOwn(handlers, pathname)) return handlers[pathname](request);
    return new Response("not found\n", { status: 404 });
  };
}

/** Which connections there are, and what goes on on them. */
class Connections {
  /** What is not answered yet on each that speaks HTTP. */
  readonly #replies = new Map<Socket, Set<ServerResponse>>();
  /** Those below TLS: some do not get as far as HTTP. */
  readonly #lower = new Set<Socket>();
  #ended: PromiseWithResolvers<void> | undefined;

  /** One that will speak HTTP. */
  opened(socket: Socket): void {
    this.#replies.set(socket, new Set());
    socket.on("error", () => {}); // it closes then, and who asked knows
    socket.once("close", () => {
      this.#replies.delete(socket);
      this.#settle();
    });
    if (this.#ended !== undefined) socket.destroy();
  }

  /** One that will speak TLS. */
  openedBelow(socket: Socket): void {
    this.#lower.add(socket);
    socket.once("close", () => void this.#lower.delete(socket));
    if (this.#ended !== undefined) socket.destroy();
  }

  began(socket: Socket, reply: ServerResponse): void {
    this.#replies.get(socket)?.add(reply);
    if (this.#ended !== undefined) reply.shouldKeepAlive = false;
    reply.once("close", () => {
      const replies = this.#replies.get(socket);
      replies?.delete(reply);
      if (this.#ended !== undefined && replies?.size === 0) socket.end(() => socket.destroy());
    });
  }

  /** Closes what is idle, and the others when they are; resolves when there is none. */
  end(): Promise<void> {
    this.#ended = Promise.withResolvers<void>();
    for (const [socket, replies] of this.#replies) {
      for (const reply of replies) reply.shouldKeepAlive = false;
      if (replies.size > 0) continue;
      socket.destroy();
    }
    this.#settle();
    return this.#ended.promise;
  }

  cut(): void {
    for (const socket of this.#replies.keys()) socket.destroy();
  }

  #settle(): void {
    if (this.#ended === undefined || this.#replies.size > 0) return;
    for (const socket of this.#lower) socket.destroy();
    this.#ended.resolve();
  }
}

/** Answers one request. Never rejects. */
async function answer(
  handle: RequestHandler,
  message: IncomingMessage,
  reply: ServerResponse,
  { scheme, logger }: { scheme: string; logger: Logger },
): Promise<void> {
  const gone = new AbortController();
  reply.once("close", () => gone.abort(new TypeError("The client has gone away")));
  let response: Response;
  try {
    const request = await readRequest(message, scheme, gone.signal);
    response = request instanceof Response ? request : await handle(request);
  } catch (error) {
    if (!gone.signal.aborted) logger.error("answering a request failed", { error, method: message.method });
    response = new Response("internal error\n", { status: 500 });
  }
  try {
    const body = new Uint8Array(await response.arrayBuffer());
    if (gone.signal.aborted) return;
    reply.writeHead(response.status, {
      ...Object.fromEntries(response.headers),
      "content-length": String(body.byteLength),
    });
    reply.end(message.method === "HEAD" ? undefined : body);
  } catch {
    reply.destroy(); // the client is to believe that the network failed, not that this was all
  }
}

/** @returns An answer if it is none that can be handled. */
async function readRequest(
  message: IncomingMessage,
  scheme: string,
  signal: AbortSignal,
): Promise<Request | Response> {
  const refuse = (status: number, why: string) =>
    new Response(`${why}\n`, { status, headers: { connection: "close" } });
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of message as AsyncIterable<Uint8Array>) {
    length += chunk.byteLength;
    if (length > LONGEST_BODY) return refuse(413, "the body is too large");
    chunks.push(chunk);
  }
  const { method = "GET", url = "/", headers: received } = message;
  const headers = new Headers();
  for (const [name, value] of Object.entries(received)) {
    if (value !== undefined) headers.set(name, String(value));
  }
  const hasBody = method !== "GET" && method !== "HEAD";
  try {
    // Not resolved against the host: a path that begins with two slashes is one.
    const address = `${scheme}://${
      URL.canParse(`http://${received.host}`) ? received.host : "localhost"
    }${url}`;
    return new Request(address, {
      ...{ method, headers, signal },
      body: hasBody ? new Blob(chunks as BlobPart[]) : undefined,
    });
  } catch {
    return refuse(400, "this is no request that can be handled"); // such as CONNECT
  }
}
