import { onAbort } from "../async/mod.ts";
import { nobody } from "./request_life.ts";
import type { AskedRequest } from "./transport.ts";

/** Calls `listener` when a request is to end. Returns a function that takes it off again. */
export function endedBy(request: AskedRequest, listener: (reason: unknown) => void): () => void {
  if (!("onEnd" in request)) return onAbort(request.signal, listener);
  request.onEnd = listener;
  return () => {
    request.onEnd = nobody;
  };
}
