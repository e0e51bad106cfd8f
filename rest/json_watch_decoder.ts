import type { WatchDecoder } from "./codec.ts";
import { endOfString, parseJson, skipSpace } from "./json_text.ts";
import { LineCutter, LONGEST_LINE } from "./lines.ts";
import { textOf } from "./utf8.ts";

/** The documents of a watch in JSON. Servers write one a line; proxies may not. */
export class JsonWatchDecoder implements WatchDecoder {
  readonly #lines = new LineCutter();
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });
  /** Lines that have not made up a whole document. */
  #unfinished: string[] = [];
  #unfinishedLength = 0;
  /** How many brackets are open after them. */
  #depth = 0;

  /** Whether nothing has been begun that is not finished. */
  get isIdle(): boolean {
    return this.#depth === 0 && this.#lines.isIdle;
  }

  push(chunk: Uint8Array, take: (document: unknown) => void, release?: (chunk: Uint8Array) => void): void {
    const lines = this.#lines.push(chunk, release !== undefined);
    for (const line of lines) this.#readLine(textOf(this.#decoder, line), take);
    release?.(chunk);
  }

  finish(take: (document: unknown) => void): boolean {
    const line = this.#lines.takeRest();
    // A line that was cut may end within a character, so this decoder forgives.
    if (line.length > 0) this.#readLine(new TextDecoder().decode(line), take);
    return this.#depth === 0;
  }

  #readLine(line: string, take: (document: unknown) => void): void {
    if (this.#depth > 0) return this.#readDocuments(line, take);
    let document: unknown;
    try {
      document = JSON.parse(line);
    } catch {
      return this.#readDocuments(line, take); // a part of one, or several: rare, so tried second
    }
    take(document);
  }

  /**
   * Reads what whole documents there are up to the end of this line, and keeps the rest for the next one. Each
   * character is looked at once, or the lines of a large document would take for ever.
   */
  #readDocuments(line: string, take: (document: unknown) => void): void {
    if (this.#depth === IN_STRING) throw new SyntaxError("a string goes beyond the end of its line");
    for (let from = skipSpace(line, 0); from < line.length;) {
      if (this.#depth === 0 && line[from] !== "{") throw new SyntaxError("an event is not a JSON object");
      const { end, depth } = follow(line, from, this.#depth);
      this.#depth = depth;
      this.#unfinished.push(line.slice(from, end));
      this.#unfinishedLength += end - from;
      if (this.#unfinishedLength > LONGEST_LINE) {
        throw new RangeError(`an event is longer than ${LONGEST_LINE} characters`);
      }
      if (depth > 0) return;
      const text = this.#unfinished.join("\n");
      this.#unfinished = [];
      this.#unfinishedLength = 0;
      take(parseJson(text));
      from = skipSpace(line, end);
    }
  }
}

/** A depth: within a string, which JSON does not let go on in another line. */
const IN_STRING = Infinity;

/**
 * Follows a document through one line.
 *
 * @param depth How many brackets are open at `at`.
 * @returns Where the document ends in the line, and then a depth of 0; or the line's end, and the depth there.
 */
function follow(line: string, at: number, depth: number): { end: number; depth: number } {
  for (let i = at; i < line.length; i++) {
    switch (line.charCodeAt(i)) {
      case 34: { // "
        const end = endOfString(line, i);
        if (end === -1) return { end: line.length, depth: IN_STRING };
        i = end - 1;
        break;
      }
      case 123: // {
      case 91: // [
        depth++;
        break;
      case 125: // }
      case 93: // ]
        if (--depth === 0) return { end: i + 1, depth };
        break;
    }
  }
  return { end: line.length, depth };
}
