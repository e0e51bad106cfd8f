import type { WatchDecoder } from "./codec.ts";
import { asciiBytes, isString, JsonScanner } from "./json_scanner.ts";
import { parseJson } from "./json_text.ts";
import { JsonWatchDecoder } from "./json_watch_decoder.ts";
import { LONGEST_LINE } from "./lines.ts";
import type { ObjectBytes } from "./object_bytes.ts";
import { ObjectScanner } from "./object_scanner.ts";
import { textOf } from "./utf8.ts";

const NEWLINE = 10;

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
  /** The beginning of a line. */
  #rest: Uint8Array[] = [];
  #restLength = 0;
  #bytes: Uint8Array = new Uint8Array();
  #end = 0;
  #type: (typeof CHANGES)[number]["type"] | undefined;
  #object: ObjectBytes | undefined;
  #isUsual = true;

  constructor(make: (object: ObjectBytes) => object) {
    this.#make = make;
  }

  push(chunk: Uint8Array, take: (document: unknown) => void): void {
    if (!this.#other.isIdle) return this.#other.push(chunk, take);
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end > 0) this.#read(this.#takeRest(chunk.subarray(0, end)), take);
    if (end === chunk.length) return;
    const rest = chunk.subarray(end);
    if (!this.#other.isIdle) return this.#other.push(rest, take);
    this.#rest.push(rest);
    this.#restLength += rest.length;
    if (this.#restLength > LONGEST_LINE) throw new RangeError(`a line is longer than ${LONGEST_LINE} bytes`);
  }

  finish(take: (document: unknown) => void): boolean {
    for (const piece of this.#takeRest(new Uint8Array())) this.#other.push(piece, take);
    return this.#other.finish(take);
  }

  /** What has come and not been read, with more of it. */
  #takeRest(more: Uint8Array): Uint8Array[] {
    const pieces = [...this.#rest, more];
    this.#rest = [];
    this.#restLength = 0;
    return pieces;
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
