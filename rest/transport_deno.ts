import type { TlsConfig } from "./rest_config.ts";
import { sentOnce } from "./sent_once.ts";
import type { Transport } from "./transport.ts";

/** The part of Deno's API that is used here, so that other runtimes can load and check this file. */
interface DenoRuntime {
  createHttpClient(options: {
    caCerts?: string[];
    cert?: string;
    key?: string;
    http2: boolean;
  }): { close(): void };
}

/** Deno: its `fetch` through an HTTP client of our own. */
export function denoTransport({ ca, cert, key }: TlsConfig): Transport {
  const { Deno } = globalThis as unknown as { Deno: DenoRuntime };
  const client = Deno.createHttpClient({
    caCerts: ca === undefined ? undefined : [ca],
    cert,
    key,
    // One HTTP/2 connection carries everything: three watches that nobody reads block all other requests.
    http2: false,
  });
  return {
    reportsConnect: false,
    fetch: (url, { method, headers, body, signal }) =>
      fetch(url, {
        method,
        headers,
        body: method === "GET" || method === "HEAD" ? body : sentOnce(body),
        signal,
        redirect: "manual",
        client,
      } as RequestInit),
    close: () => client.close(),
  };
}
