/** A request on its way to the server, credentials included. */
export interface OutgoingRequest {
  /** Where it goes. */
  url: string;
  /** The HTTP method. */
  method: string;
  /** Names and values; a name may come several times. */
  headers: [string, string][];
  /** The body; a stream can be sent once. */
  body?: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
  /** Ends the request. */
  signal: AbortSignal;
}

/**
 * Stands between a client and its transport. It may change a request (as a copy: the same may be sent again), answer
 * itself, or look at the answer, whose body it must leave to the caller. It sees each attempt, credentials and all.
 *
 * @example Counting attempts
 * ```ts
 * import assert from "node:assert/strict";
 * import { type Middleware, RestClient } from "@coxswain/kube/rest";
 * let attempts = 0;
 * const counted: Middleware = (request, next) => {
 *   attempts++;
 *   return next(request);
 * };
 * const fetch = () => Promise.resolve(new Response("ok"));
 * const rest = new RestClient({ server: "http://coxswain.test", middleware: [counted], fetch });
 * await (await rest.get().absolutePath("/healthz").send()).text();
 * assert.equal(attempts, 1);
 * ```
 */
export type Middleware = (
  request: OutgoingRequest,
  next: (request: OutgoingRequest) => Promise<Response>,
) => Promise<Response>;

type Send = (request: OutgoingRequest) => Promise<Response>;

/** One function of several: the first is the outermost, and the last one's `next` is `send`. */
export function chain(middleware: readonly Middleware[], send: Send): Send {
  return middleware.reduceRight<Send>((next, layer) => (request) => layer(request, next), send);
}
