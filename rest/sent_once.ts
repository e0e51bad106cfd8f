import type { TransportRequest } from "./transport.ts";

/**
 * The same body as a stream. When a server closes an idle connection that is just being used again, Deno's `fetch`
 * sends any request a second time, Bun's does so for `PUT` and `DELETE`: but not with a body that cannot be had again.
 * What was done already must not be done again. The price is that the body's length is not announced.
 */
export function sentOnce(body: TransportRequest["body"]): ReadableStream<Uint8Array> {
  if (body instanceof ReadableStream) return body;
  return new ReadableStream({
    start(controller) {
      if (body) controller.enqueue(typeof body === "string" ? new TextEncoder().encode(body) : body);
      controller.close();
    },
  });
}
