import { endMemory } from "./end_memory.ts";
import type { ProxyChoice } from "./proxy_settings.ts";
import { streamSource } from "./stream_source.ts";
import { tappedBody } from "./tapped_body.ts";
import { sharedTimer } from "./shared_timer.ts";
import type { TlsMaterial } from "./tls_material.ts";
import type { Transport, TransportRequest } from "./transport.ts";

/**
 * Bun carries at most 256 fetches at a time in one process, to all hosts together; further ones wait for
 * ever, silently. From here on requests take the other road.
 */
const MOST_FETCHES = 200;

/** Open fetches of this process: module state, since the limit is the process's. */
let openFetches = 0;

/** Bun: its `fetch`, which takes everything as an option, and `node:https` for what it cannot carry. */
export function bunTransport(tls: TlsMaterial, proxies: Pick<ProxyChoice, "proxyFor">): Transport {
  const { ca, cert, key, serverName, insecure } = tls;
  const fixed = {
    tls: { ca, cert, key, serverName, rejectUnauthorized: !insecure },
    timeout: false, // it would end a silent watch after six minutes; ours is the only watchdog
    redirect: "manual",
    proxy: false, // what goes by a proxy takes the other road; this one would ask the environment itself
  };
  let second: Promise<Transport> | undefined;
  const other = (url: string, headers: [string, string][]) => {
    const isOwn = openFetches < MOST_FETCHES && !repeatsName(headers) &&
      proxies.proxyFor(new URL(url)) === undefined;
    if (isOwn) return undefined;
    return second ??= import("./transport_node.ts").then(({ nodeTransport }) => nodeTransport(tls, proxies));
  };
  /** @param onEnd Is to be called when the body has ended. */
  const send = async (url: string, request: TransportRequest, onEnd: () => void): Promise<Response> => {
    openFetches++;
    try {
      const { method, headers, body, signal } = request;
      const response = await fetch(url, { method, headers, body, signal, ...fixed } as RequestInit);
      if (response.body === null) onEnd();
      return response;
    } catch (error) {
      onEnd();
      throw error;
    }
  };
  return {
    reportsConnect: false,
    clock: sharedTimer,
    async fetch(url, request) {
      const transport = other(url, request.headers);
      if (transport !== undefined) return await (await transport).fetch(url, request);
      const onEnd = once(() => openFetches--);
      const response = await send(url, request, onEnd);
      return response.body === null ? response : new Response(tappedBody(response.body, { onEnd }), response);
    },
    async ask(url, request) {
      const transport = other(url, request.headers);
      if (transport !== undefined) return await (await transport).ask!(url, request);
      const onEnd = once(() => openFetches--);
      const { status, headers, body } = await send(url, request, onEnd);
      return { status, headers, body: body && streamSource(body, onEnd, endMemory) };
    },
    close() {
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
