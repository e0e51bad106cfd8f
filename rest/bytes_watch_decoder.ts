import type { WatchDecoder } from "./codec.ts";
import { asciiBytes, isString, JsonScanner } from "./json_scanner.ts";
import { parseJson } from "./json_text.ts";
import { JsonWatchDecoder } from "./json_watch_decoder.ts";
import { LONGEST_LINE } from "./lines.ts";
import type { ObjectBytes } from "./object_bytes.ts";
import { ObjectScanner } from "./object_scanner.ts";
import { textOf } from "./utf8.ts";

const NEWLINE = 10;
/** Few lines are longer, in bytes. */
const LEAST_REST = 16 * 1024;

const TYPE = asciiBytes("type");
const OBJECT = asciiBytes("object");
const CHANGES = (["ADDED", "MODIFIED", "DELETED"] as const).map((type) => ({ type, text: asciiBytes(type) }));

/**
 * The documents of a watch in JSON, with what is made of the bytes of objects in place of these. What is no change of an
 * object, or an unusual one, is parsed as ever.
 */
export class BytesWatchDecoder implements WatchDecoder {
  readonly #json = new JsonScanner();
  readonly #objects = new ObjectScanner(this.#json);
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });
  readonly #make: (object: ObjectBytes) => object;
  /** Reads what is not one document a line, or no JSON at all, until lines are usual again. */
  readonly #other = new JsonWatchDecoder();
  /** The beginning of a line, at the beginning of memory that is used again. */
  #rest: Uint8Array = new Uint8Array(LEAST_REST);
  #restLength = 0;
  #bytes: Uint8Array = new Uint8Array();
  #end = 0;
  #type: (typeof CHANGES)[number]["type"] | undefined;
  #object: ObjectBytes | undefined;
  #isUsual = true;

  constructor(make: (object: ObjectBytes) => object) {
    this.#make = make;
  }

  push(chunk: Uint8Array, take: (document: unknown) => void, release?: (chunk: Uint8Array) => void): void {
    if (!this.#other.isIdle) return this.#other.push(chunk, take);
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end > 0) {
      const lines = end === chunk.length ? chunk : chunk.subarray(0, end);
      const pieces = this.#restLength === 0 ? [lines] : [this.#rest.subarray(0, this.#restLength), lines];
      this.#restLength = 0;
      this.#read(pieces, take);
    }
    if (end < chunk.length) {
      const rest = end === 0 ? chunk : chunk.subarray(end);
      if (!this.#other.isIdle) return this.#other.push(rest, take);
      this.#keep(rest);
    }
    release?.(chunk);
  }

  finish(take: (document: unknown) => void): boolean {
    if (this.#restLength > 0) this.#other.push(this.#rest.subarray(0, this.#restLength), take);
    this.#restLength = 0;
    return this.#other.finish(take);
  }

  /** Copies the beginning of a line. */
  #keep(rest: Uint8Array): void {
    const length = this.#restLength + rest.length;
    if (length > LONGEST_LINE) throw new RangeError(`a line is longer than ${LONGEST_LINE} bytes`);
    if (length > this.#rest.length) {
      const more = new Uint8Array(2 * length);
      more.set(this.#rest.subarray(0, this.#restLength));
      this.#rest = more;
    }
    this.#rest.set(rest, this.#restLength);
    this.#restLength = length;
  }

  /** Reads whole lines. */
  #read(pieces: readonly Uint8Array[], take: (document: unknown) => void): void {
    const bytes = this.#bytes = this.#json.load(pieces);
    const end = this.#end = bytes.length;
    for (let at = this.#json.skipSpace(bytes, 0, end); at < end;) {
      this.#type = undefined;
      this.#object = undefined;
      this.#isUsual = true;
      const after = this.#json.endOfObject(bytes, at, end, this.#takeMember);
      if (after < 0) return this.#other.push(bytes.slice(at), take);
      if (this.#isUsual && this.#type !== undefined && this.#object !== undefined) {
        take({ type: this.#type, object: this.#make(this.#object) });
      } else {
        take(parseJson(textOf(this.#decoder, bytes.subarray(at, after))));
      }
      at = this.#json.skipSpace(bytes, after, end);
    }
  }

  readonly #takeMember = (key: number, value: number): number => {
    const bytes = this.#bytes;
    if (!this.#json.isPlain) this.#isUsual = false;
    if (isString(bytes, key, OBJECT)) {
      if (this.#object !== undefined) this.#isUsual = false;
      const after = this.#objects.scan(bytes, value, this.#end);
      this.#object = this.#objects.object;
      if (this.#object === undefined) this.#isUsual = false;
      return after;
    }
    if (this.#type === undefined && isString(bytes, key, TYPE)) {
      this.#type = CHANGES.find(({ text }) => isString(bytes, value, text))?.type;
    } else this.#isUsual = false;
    return this.#json.endOfValue(bytes, value, this.#end);
  };
}
