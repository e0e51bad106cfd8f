import type { Middleware } from "./middleware.ts";

/** Which trace a request belongs to, as W3C Trace Context writes it. */
export interface TraceContext {
  /** Version, trace, span and flags: `00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01`. */
  traceparent: string;
  /** What tracing systems add of their own. */
  tracestate?: string;
}

/** Version `ff` is forbidden, and so are a trace and a span of zeros. */
const TRACEPARENT =
  /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-[\x21-\x7e]*)?$/;
const TRACESTATE = /^[\x20-\x7e]+$/;

/**
 * A middleware that tells the server which trace a request belongs to, so that the server's own spans join it.
 * A request that says so itself is left alone. Without a context, and with one that is not well-formed or cannot be
 * had, nothing is sent: a mistake in tracing fails no request.
 *
 * @param current Called for each attempt. With OpenTelemetry: `() => { const carrier = {};
 * propagation.inject(context.active(), carrier); return carrier; }`.
 * @see https://www.w3.org/TR/trace-context/
 * @see https://kubernetes.io/docs/concepts/cluster-administration/system-traces/
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { RestClient, traceContext } from "@coxswain/kube/rest";
 *
 * const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
 * let seen: string | null = null;
 * const rest = new RestClient({
 *   server: "http://coxswain.test",
 *   middleware: [traceContext(() => ({ traceparent }))],
 *   fetch: (_, init) => {
 *     seen = new Headers(init?.headers).get("traceparent");
 *     return Promise.resolve(new Response("ok"));
 *   },
 * });
 * await (await rest.get().absolutePath("/healthz").send()).text();
 * assert.equal(seen, traceparent);
 * ```
 */
export function traceContext(current: () => Partial<TraceContext> | undefined): Middleware {
  return (request, next) => {
    const headers = request.headers.some(([name]) => /^traceparent$/i.test(name)) ? [] : headersOf(current);
    return next(headers.length === 0 ? request : { ...request, headers: [...request.headers, ...headers] });
  };
}

function headersOf(current: () => Partial<TraceContext> | undefined): [string, string][] {
  let context: Partial<TraceContext> | undefined;
  try {
    context = current();
  } catch {
    return [];
  }
  const { traceparent, tracestate } = context ?? {};
  if (traceparent === undefined || !TRACEPARENT.test(traceparent)) return [];
  const hasState = tracestate !== undefined && TRACESTATE.test(tracestate);
  return [
    ["traceparent", traceparent],
    ...(hasState ? [["tracestate", tracestate] as [string, string]] : []),
  ];
}
