import type { ByteSource } from "./answer.ts";
import { BlockChunks, type ReadBlocks } from "./read_blocks.ts";

/**
 * The body of an answer of Deno's `fetch`. What comes is in a block that is used again, or copied out of it: left to
 * itself, Deno takes a new one of 64 kB, full of zeros, for each piece, which is four times the work for pieces of 3 kB as
 * API servers send them.
 *
 * @param length How long the body is, if that is known: it ends there, without another read to be told so.
 */
export function denoBody(
  stream: ReadableStream<Uint8Array>,
  length: number,
  blocks: ReadBlocks,
): ByteSource {
  const reader = stream.getReader({ mode: "byob" });
  const chunks = new BlockChunks(blocks);
  let left = length;
  let waiting: Uint8Array[] | undefined = length > 0 ? [] : undefined;
  let failure: { error: unknown } | undefined;
  return {
    take() {
      if (failure !== undefined) throw failure.error;
      const taken = waiting;
      if (taken !== undefined) waiting = left > 0 ? [] : undefined;
      return taken;
    },
    wait(ready) {
      reader.read(blocks.take(left)).then(({ done, value }) => {
        if (done) {
          waiting = undefined;
          if (value !== undefined) blocks.release(value);
        } else {
          left -= value.length;
          waiting = [chunks.chunkOf(value)];
        }
      }, (error) => {
        failure = { error };
      }).then(ready);
    },
    release: (chunk) => chunks.release(chunk),
    cancel(reason) {
      reader.cancel(reason).catch(() => {}); // it has failed already, which is as good an end as any
    },
  };
}
