import { joinBytes } from "./join_bytes.ts";

/** Bytes in a block. */
const BLOCK = 256 * 1024;

/** Joins pieces of bytes in large blocks: thousands of small buffers are a burden to the collectors of all engines. */
export class ByteBlocks {
  #block: Uint8Array = new Uint8Array();
  #used = 0;

  /** The pieces as one, of which nothing changes later. */
  join(pieces: readonly Uint8Array[]): Uint8Array {
    if (pieces.length === 1) return pieces[0];
    let length = 0;
    for (const piece of pieces) length += piece.length;
    if (length > BLOCK / 2) return joinBytes(pieces);
    if (this.#used + length > this.#block.length) {
      this.#block = new Uint8Array(BLOCK);
      this.#used = 0;
    }
    const from = this.#used;
    for (const piece of pieces) {
      this.#block.set(piece, this.#used);
      this.#used += piece.length;
    }
    return this.#block.subarray(from, this.#used);
  }
}
