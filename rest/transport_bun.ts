import { bunConnect, type BunNetwork } from "./bun_connect.ts";
import { byOrigin } from "./by_origin.ts";
import { endMemory } from "./end_memory.ts";
import { HttpSockets, isSocketRequest } from "./http_sockets.ts";
import type { ProxyChoice } from "./proxy_settings.ts";
import { ReadBlocks } from "./read_blocks.ts";
import { streamSource } from "./stream_source.ts";
import { tappedBody } from "./tapped_body.ts";
import { sharedTimer } from "./shared_timer.ts";
import type { TlsMaterial } from "./tls_material.ts";
import type { Transport, TransportRequest } from "./transport.ts";
import { lengthOf, wholeBody } from "./whole_body.ts";

/**
 * Bun carries at most 256 fetches at a time in one process, to all hosts together; further ones wait for
 * ever, silently. From here on requests take the other road.
 */
const MOST_FETCHES = 200;

/** Statuses whose answer has no body. */
const WITHOUT_BODY = new Set([204, 205, 304]);

/** Open fetches of this process: module state, since the limit is the process's. */
let openFetches = 0;

/**
 * Bun: its sockets; its `fetch` for bodies that are streams, and for whatever these could not connect to; and `node:https` for
 * what that cannot carry.
 */
export function bunTransport(tls: TlsMaterial, proxies: Pick<ProxyChoice, "proxyFor">): Transport {
  const { ca, cert, key, serverName, insecure } = tls;
  const fixed = {
    tls: { ca, cert, key, serverName, rejectUnauthorized: !insecure },
    timeout: false, // it would end a silent watch after six minutes; ours is the only watchdog
    redirect: "manual",
    proxy: false, // what goes by a proxy takes the other road; this one would ask the environment itself
  };
  const { Bun } = globalThis as unknown as { Bun: BunNetwork };
  const sockets = new HttpSockets({
    blocks: new ReadBlocks(),
    clock: sharedTimer,
    connect: (target, signal) => bunConnect(Bun, tls, target, signal),
  });
  let second: Promise<Transport> | undefined;
  const isDirect = byOrigin((url) => proxies.proxyFor(url) === undefined);
  const other = (url: string, headers: [string, string][]) => {
    if (openFetches < MOST_FETCHES && !repeatsName(headers) && isDirect(url)) return undefined;
    return second ??= import("./transport_node.ts").then(({ nodeTransport }) => nodeTransport(tls, proxies));
  };
  /** @param onEnd Is to be called when the body has ended. */
  const send = async (
    url: string,
    { method, headers, body }: TransportRequest,
    signal: AbortSignal,
    onEnd: () => void,
  ): Promise<Response> => {
    openFetches++;
    try {
      return await fetch(url, { ...fixed, method, headers, body, signal } as RequestInit);
    } catch (error) {
      onEnd();
      throw error;
    }
  };
  return {
    reportsConnect: false,
    clock: sharedTimer,
    async fetch(url, request) {
      request.signal.throwIfAborted();
      const answer = isSocketRequest(request) && isDirect(url) ? await sockets.ask(url, request) : undefined;
      if (answer !== undefined) return answer.toResponse();
      const transport = other(url, request.headers);
      if (transport !== undefined) return await (await transport).fetch(url, request);
      const onEnd = once(() => openFetches--);
      const response = await send(url, request, request.signal, onEnd);
      if (response.body !== null) return new Response(tappedBody(response.body, { onEnd }), response);
      onEnd();
      return response;
    },
    async ask(url, request) {
      const answer = isSocketRequest(request) && isDirect(url) ? await sockets.ask(url, request) : undefined;
      if (answer !== undefined) return answer;
      const transport = other(url, request.headers);
      if (transport !== undefined) return await (await transport).ask!(url, request);
      const onEnd = once(() => openFetches--);
      const controller = new AbortController();
      const abort = (reason: unknown) => controller.abort(reason);
      request.onEnd = abort;
      const response = await send(url, request, controller.signal, onEnd);
      const { status, headers } = response;
      const length = lengthOf(headers);
      // Its stream is not looked at before it is wanted: to have been seen is what costs.
      if (request.method !== "HEAD" && !WITHOUT_BODY.has(status) && length > 0) {
        const open = () => streamSource(response.body ?? new Blob().stream(), onEnd, endMemory);
        return { status, headers, body: wholeBody(response, { length, open, abort, onEnd }) };
      }
      onEnd();
      return { status, headers, body: null };
    },
    close() {
      sockets.close();
      second?.then((transport) => transport.close());
    },
  };
}

function once(act: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) act();
    isDone = true;
  };
}

/** Whether a header has several values, which this `fetch` would join by a comma. */
function repeatsName(headers: [string, string][]): boolean {
  const isRepeated = ([name]: [string, string], index: number) =>
    headers.findIndex(([other]) =>
      other.length === name.length && other.toLowerCase() === name.toLowerCase()
    ) < index;
  return headers.some(isRepeated);
}
