/** A line that tells a chunk's length may be this long with its extensions, which nobody reads. In bytes. */
const MOST_LINE = 16 * 1024;
/** Digits of a length that a number can hold exactly. */
const MOST_DIGITS = 13;

const CR = 13;
const LF = 10;
/** What may follow a length: the end of its line, an extension, and white space before one. */
const LENGTH_ENDS = new Set([CR, 59, 32, 9]);

/** Where one is: in a chunk's length, in what comes after it up to the end of the line, in a chunk, behind one. */
type Place = "length" | "extension" | "line end" | "data" | "data end" | "data line end";

/** Tells what of a body in chunks is its text, as the bytes come: RFC 9112, section 7.1. */
export class ChunkFraming {
  #place: Place = "length";
  /** The length that is being read; in a chunk, what is left of it. */
  #left = 0;
  #digits = 0;
  #line = 0;

  /**
   * Reads on.
   *
   * @param take Is called with each range of text, without copying it.
   * @returns Where the line of the last chunk has ended; -1 if it has not come.
   * @throws {RangeError} If these are no chunks. Nothing can be read after that.
   */
  read(bytes: Uint8Array, from: number, to: number, take: (from: number, to: number) => void): number {
    let at = from;
    while (at < to) {
      if (this.#place === "data") {
        const end = Math.min(to, at + this.#left);
        take(at, end);
        this.#left -= end - at;
        at = end;
        if (this.#left === 0) this.#place = "data end";
        continue;
      }
      if (this.#readOn(bytes[at++])) return at;
    }
    return -1;
  }

  /** @returns Whether this was the end of the last chunk's line. */
  #readOn(byte: number): boolean {
    switch (this.#place) {
      case "length": {
        const digit = hexDigit(byte);
        if (digit >= 0 && ++this.#digits <= MOST_DIGITS) {
          this.#left = this.#left * 16 + digit;
          return false;
        }
        if (this.#digits === 0 || !LENGTH_ENDS.has(byte)) throw misframed("the length of a chunk");
        this.#place = "extension";
        return this.#readOn(byte);
      }
      case "extension":
        if (byte === CR) this.#place = "line end";
        else if (byte === LF || ++this.#line > MOST_LINE) throw misframed("the line of a chunk's length");
        return false;
      case "line end": {
        if (byte !== LF) throw misframed("the end of a chunk's line");
        this.#place = "data";
        this.#digits = this.#line = 0;
        return this.#left === 0;
      }
      default:
        // A chunk ends with an empty line, which is in no length.
        if (byte !== (this.#place === "data end" ? CR : LF)) throw misframed("the end of a chunk");
        this.#place = this.#place === "data end" ? "data line end" : "length";
        return false;
    }
  }
}

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const lower = byte | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

function misframed(what: string): RangeError {
  return new RangeError(
    `the answer is not in the chunks that it says it is in: ${what} is not as it must be`,
  );
}
