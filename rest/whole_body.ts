import type { ByteSource } from "./answer.ts";

/**
 * How long a body may be that is awaited as a whole whatever it holds, in bytes. Who does so cannot tell a slow server from a
 * silent one, but this much within a minute is slow.
 */
const LONGEST = 64 * 1024;

/** How long a body is; infinite if it is not known. */
export function lengthOf(headers: Headers): number {
  const said = headers.get("content-length");
  if (said === null || !/^\d+$/.test(said)) return Infinity;
  return headers.has("transfer-encoding") || headers.has("content-encoding") ? Infinity : Number(said);
}

/** Options of {@linkcode wholeBody}. */
export interface WholeBodyOptions {
  /** How long the body is, in bytes, if that is known. */
  length: number;
  /** Has the body piece by piece. */
  open: () => ByteSource;
  /** Ends the request: nothing else ends a body that is being read as a whole. */
  abort: (reason: unknown) => void;
  /** Called when it has ended, if it was read as a whole. */
  onEnd?: () => void;
}

/**
 * A body that the runtime reads in one call if all of it is wanted at once, and piece by piece otherwise: as a stream, it
 * costs half as much as all that comes before it.
 */
export function wholeBody(
  response: Pick<Response, "arrayBuffer">,
  { length, open, abort, onEnd }: WholeBodyOptions,
): ByteSource {
  let pieces: ByteSource | undefined;
  let isGathered = false;
  let isOver = false;
  let waiting: Uint8Array[] | undefined = [];
  let failure: { error: unknown } | undefined;
  return {
    gather(isObject) {
      isGathered = pieces === undefined && (isObject || length <= LONGEST);
    },
    take() {
      if (pieces !== undefined) return pieces.take();
      if (failure !== undefined) throw failure.error;
      const taken = waiting;
      if (isOver) waiting = undefined;
      return taken;
    },
    wait(ready) {
      if (!isGathered) return (pieces ??= open()).wait(ready);
      response.arrayBuffer().then((buffer) => {
        waiting = [new Uint8Array(buffer)];
      }, (error) => {
        failure = { error };
      }).then(() => {
        isOver = true;
        onEnd?.();
        ready();
      });
    },
    release(chunk) {
      pieces?.release?.(chunk);
    },
    cancel(reason) {
      if (!isGathered) (pieces ??= open()).cancel(reason);
      else if (!isOver) abort(reason);
    },
  };
}
