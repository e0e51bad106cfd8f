import type { ProxyChoice } from "./proxy_settings.ts";
import { tappedBody } from "./tapped_body.ts";
import type { TlsMaterial } from "./tls_material.ts";
import type { Transport } from "./transport.ts";

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
  return {
    reportsConnect: false,
    async fetch(url, request) {
      if (
        openFetches >= MOST_FETCHES || repeatsName(request.headers) ||
        proxies.proxyFor(new URL(url)) !== undefined
      ) {
        second ??= import("./transport_node.ts").then(({ nodeTransport }) => nodeTransport(tls, proxies));
        return await (await second).fetch(url, request);
      }
      openFetches++;
      let counted = true;
      const done = () => {
        if (counted) openFetches--;
        counted = false;
      };
      try {
        const { method, headers, body, signal } = request;
        const response = await fetch(url, { method, headers, body, signal, ...fixed } as RequestInit);
        if (response.body === null) {
          done();
          return response;
        }
        return new Response(tappedBody(response.body, { onEnd: done }), response);
      } catch (error) {
        done();
        throw error;
      }
    },
    close() {
      second?.then((transport) => transport.close());
    },
  };
}

/** Whether a header has several values, which this `fetch` would join by a comma. */
function repeatsName(headers: [string, string][]): boolean {
  return new Set(headers.map(([name]) => name.toLowerCase())).size < headers.length;
}
