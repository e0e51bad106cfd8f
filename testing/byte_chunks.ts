import { joinBytes } from "../rest/mod.ts";

/** About how many bytes a stream hands out at once, as etcd pages and sockets do. */
export const CHUNK_SIZE = 64 * 1_024;

/**
 * A body that takes its pieces from `pieces` as the reader asks for them, about {@linkcode CHUNK_SIZE} at once.
 * It fails with the signal's reason once that aborts.
 */
export function streamPieces(
  pieces: Iterator<Uint8Array>,
  signal?: AbortSignal,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    pull(controller) {
      if (signal?.aborted) return controller.error(signal.reason);
      const chunk: Uint8Array[] = [];
      let size = 0;
      let next = pieces.next();
      while (!next.done) {
        chunk.push(next.value);
        size += next.value.length;
        if (size >= CHUNK_SIZE) break;
        next = pieces.next();
      }
      if (size > 0) controller.enqueue(joinBytes(chunk));
      if (next.done) controller.close();
    },
  }, { highWaterMark: 0 });
}
