import type { Transport } from "./transport.ts";

/** A `fetch` that the user brings, or the platform's own where there is nothing better. */
export function customTransport(fetch: typeof globalThis.fetch): Transport {
  return {
    reportsConnect: false,
    fetch: (url, { method, headers, body, signal }) =>
      // Without "half", a fetch refuses a body that is a stream.
      fetch(url, { method, headers, body, signal, redirect: "manual", duplex: "half" } as RequestInit),
    close() {},
  };
}
