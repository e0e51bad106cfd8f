import type { ByteSource } from "./answer.ts";
import { endMemory } from "./end_memory.ts";

/** How much is read at a time, in bytes. */
const READ = 64 * 1024;
/** How many blocks are kept for later reads. */
const MOST_SPARE = 16;

/**
 * The body of an answer of Deno's `fetch`. What comes is in a block that is used again, or copied out of it: left to
 * itself, Deno takes a new one of 64 kB, full of zeros, for each piece, which is four times the work for pieces of 3 kB as
 * API servers send them.
 *
 * @param length How long the body is, if that is known: it ends there, without another read to be told so.
 * @param spare Blocks that nobody uses, of all bodies of a transport.
 */
export function denoBody(
  stream: ReadableStream<Uint8Array>,
  length: number,
  spare: ArrayBuffer[],
): ByteSource {
  const reader = stream.getReader({ mode: "byob" });
  let left = length;
  let waiting: Uint8Array[] | undefined = length > 0 ? [] : undefined;
  let failure: { error: unknown } | undefined;
  /** Whether the last chunk has been given back: then the next may be the block itself. One is out at a time. */
  let isReleased = false;
  const keep = (chunk: Uint8Array<ArrayBuffer>) => {
    if (chunk.buffer.byteLength !== READ) endMemory(chunk);
    else if (spare.length < MOST_SPARE) spare.push(chunk.buffer);
  };
  return {
    take() {
      if (failure !== undefined) throw failure.error;
      const taken = waiting;
      if (taken !== undefined) waiting = left > 0 ? [] : undefined;
      return taken;
    },
    wait(ready) {
      const isShort = left <= READ;
      const block = isShort ? new ArrayBuffer(left) : spare.pop() ?? new ArrayBuffer(READ);
      reader.read(new Uint8Array(block)).then(({ done, value }) => {
        const isBlock = isShort || isReleased;
        waiting = done ? undefined : [isBlock ? value : value.slice()];
        if (!done) left -= value.length;
        if ((done || !isBlock) && value !== undefined) keep(value);
        if (!done) isReleased = false;
      }, (error) => {
        failure = { error };
      }).then(ready);
    },
    release(chunk) {
      isReleased = true;
      keep(chunk as Uint8Array<ArrayBuffer>);
    },
    cancel(reason) {
      reader.cancel(reason).catch(() => {}); // it has failed already, which is as good an end as any
    },
  };
}
