import { endMemory } from "./end_memory.ts";

/** How much is read at a time, in bytes. */
const READ = 64 * 1024;
/** How many blocks are kept for later reads. */
const MOST_SPARE = 16;

/** Memory that connections are read into, again and again. */
export class ReadBlocks {
  readonly #spare: ArrayBuffer[] = [];

  /** Memory for the next read: a block, or for what is shorter as much as that, in bytes. */
  take(most: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(most <= READ ? new ArrayBuffer(most) : this.#spare.pop() ?? new ArrayBuffer(READ));
  }

  /** Takes back what nobody reads any more. */
  release(chunk: Uint8Array): void {
    if (chunk.buffer.byteLength !== READ) endMemory(chunk);
    else if (this.#spare.length < MOST_SPARE) this.#spare.push(chunk.buffer as ArrayBuffer);
  }
}

/**
 * The chunks of one body that is read into blocks. Who gives chunks back gets the block itself, one at a time; others a
 * copy, so that they do not hold 64 kB for each 3.
 */
export class BlockChunks {
  readonly #blocks: ReadBlocks;
  /** Whether the last chunk has been given back. */
  #isReleased = false;

  constructor(blocks: ReadBlocks) {
    this.#blocks = blocks;
  }

  /** What is handed out of a block that begins with so much text. */
  chunkOf(text: Uint8Array): Uint8Array {
    // What is as large as its text has been made for it.
    if (text.length === text.buffer.byteLength) return text;
    if (!this.#isReleased) {
      const copy = text.slice();
      this.#blocks.release(text);
      return copy;
    }
    this.#isReleased = false;
    return text;
  }

  /** Takes a chunk back. */
  release(chunk: Uint8Array): void {
    this.#isReleased = true;
    this.#blocks.release(chunk);
  }
}
