import { joinBytes } from "./join_bytes.ts";

/** The longest line that is put together, in bytes, as client-go's frame reader allows. */
export const LONGEST_LINE = 16 * 1024 * 1024;

const NEWLINE = 10;

/**
 * Cuts bytes into lines: newlines are found natively, nothing is copied but a line that spans chunks, once. Empty
 * lines are left out.
 */
export class LineCutter {
  #rest: Uint8Array[] = [];
  #restLength = 0;

  /** Whether there are no bytes after the last newline. */
  get isIdle(): boolean {
    return this.#restLength === 0;
  }

  /** Takes the bytes after the last newline: at the end of a body, a line that was left unfinished. */
  takeRest(): Uint8Array {
    return this.#takeRest(new Uint8Array());
  }

  /**
   * The lines that the next bytes complete.
   *
   * @param copies Whether what is left of the chunk is copied, since its memory will be used again.
   * @throws {RangeError} If a line is longer than {@linkcode LONGEST_LINE}.
   */
  push(chunk: Uint8Array, copies: boolean = false): Uint8Array[] {
    const lines: Uint8Array[] = [];
    let from = 0;
    for (let to = chunk.indexOf(NEWLINE); to !== -1; to = chunk.indexOf(NEWLINE, from)) {
      const piece = chunk.subarray(from, to);
      const line = this.#restLength === 0 ? piece : this.#takeRest(piece);
      if (line.length > 0 && !(line.length === 1 && line[0] === 13)) lines.push(line);
      from = to + 1;
    }
    if (from < chunk.length) {
      this.#rest.push(copies ? chunk.slice(from) : from === 0 ? chunk : chunk.subarray(from));
      this.#restLength += chunk.length - from;
      if (this.#restLength > LONGEST_LINE) {
        throw new RangeError(`a line is longer than ${LONGEST_LINE} bytes`);
      }
    }
    return lines;
  }

  #takeRest(end: Uint8Array): Uint8Array {
    const line = joinBytes([...this.#rest, end]);
    this.#rest = [];
    this.#restLength = 0;
    return line;
  }
}
