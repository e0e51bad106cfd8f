import type { TlsConfig } from "./rest_config.ts";
import type { Transport, TransportRequest } from "./transport.ts";

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
        body: method === "POST" || method === "PATCH" ? sentOnce(body) : body,
        signal,
        redirect: "manual",
        client,
      } as RequestInit),
    close: () => client.close(),
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
