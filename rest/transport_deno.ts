import { byOrigin } from "./by_origin.ts";
import { denoBody } from "./deno_body.ts";
import { denoConnect, type DenoNetwork } from "./deno_connect.ts";
import { HttpSockets, isSocketRequest } from "./http_sockets.ts";
import type { ProxyChoice } from "./proxy_settings.ts";
import { ReadBlocks } from "./read_blocks.ts";
import { sharedTimer } from "./shared_timer.ts";
import type { TlsMaterial } from "./tls_material.ts";
import type { Transport, TransportRequest } from "./transport.ts";
import { lengthOf, wholeBody } from "./whole_body.ts";

/** The part of Deno's API that is used here, so that other runtimes can load and check this file. */
interface DenoRuntime extends DenoNetwork {
  createHttpClient(options: {
    caCerts?: string[];
    cert?: string;
    key?: string;
    http2: boolean;
  }): { close(): void };
}

/**
 * Deno: its sockets, and its `fetch` through an HTTP client of our own for what they cannot carry: bodies that are streams,
 * client certificates, which its sockets take only where nothing can end the attempt to connect, and whatever they could not
 * connect to. What goes by a proxy takes `node:https` instead, and so does what may go by none while the environment names
 * one: this `fetch` asks the environment itself, and has no way of being told not to.
 */
export function denoTransport(
  tls: TlsMaterial,
  { proxyFor, fetchMayStray, isForFetch }: Omit<ProxyChoice, "key">,
): Transport {
  const { ca, cert, key } = tls;
  const { Deno } = globalThis as unknown as { Deno: DenoRuntime };
  let client: { close(): void } | undefined;
  const openClient = () =>
    Deno.createHttpClient({
      caCerts: ca === undefined ? undefined : [ca],
      cert,
      key,
      // One HTTP/2 connection carries everything: three watches that nobody reads block all other requests.
      http2: false,
    });
  let second: Promise<Transport> | undefined;
  const blocks = new ReadBlocks();
  const sockets = cert === undefined && !isForFetch
    ? new HttpSockets({
      blocks,
      clock: sharedTimer,
      connect: (target, signal) => denoConnect(Deno, ca, target, signal),
    })
    : undefined;
  const isOwn = byOrigin((url) => proxyFor(url) === undefined && !fetchMayStray(url));
  const other = (url: string) => {
    if (isOwn(url)) return undefined;
    return second ??= import("./transport_node.ts").then(({ nodeTransport }) =>
      nodeTransport(tls, { proxyFor })
    );
  };
  const send = (url: string, { method, headers, body }: TransportRequest, signal: AbortSignal) =>
    fetch(url, {
      method,
      headers,
      body: method === "POST" || method === "PATCH" ? sentOnce(body) : body,
      signal,
      redirect: "manual",
      client: client ??= openClient(),
    } as RequestInit);
  return {
    reportsConnect: false,
    clock: sharedTimer,
    async fetch(url, request) {
      const transport = other(url);
      if (transport !== undefined) return await (await transport).fetch(url, request);
      request.signal.throwIfAborted();
      const answer = isSocketRequest(request) ? await sockets?.ask(url, request) : undefined;
      return answer?.toResponse() ?? await send(url, request, request.signal);
    },
    async ask(url, request) {
      const transport = other(url);
      if (transport !== undefined) return await (await transport).ask!(url, request);
      const answer = isSocketRequest(request) ? await sockets?.ask(url, request) : undefined;
      if (answer !== undefined) return answer;
      const controller = new AbortController();
      const abort = (reason: unknown) => controller.abort(reason);
      request.onEnd = abort;
      const response = await send(url, request, controller.signal);
      const { status, headers, body } = response;
      if (body === null) return { status, headers, body };
      const length = lengthOf(headers);
      const open = () => denoBody(body, length, blocks);
      return { status, headers, body: length === 0 ? open() : wholeBody(response, { length, open, abort }) };
    },
    close() {
      client?.close();
      sockets?.close();
      second?.then((transport) => transport.close());
    },
  };
}

/**
 * The same body as a stream. Deno sends a request again when the server closes an idle connection that is just being
 * used, but not with a body that it cannot have twice. The price is that its length is not announced.
 */
function sentOnce(body: TransportRequest["body"]): ReadableStream<Uint8Array> {
  if (body instanceof ReadableStream) return body;
  return new ReadableStream({
    start(controller) {
      if (body) controller.enqueue(typeof body === "string" ? new TextEncoder().encode(body) : body);
      controller.close();
    },
  });
}
