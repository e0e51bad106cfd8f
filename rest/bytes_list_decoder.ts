import type { ListDecoder } from "./codec.ts";
import { asciiBytes, CUT, INVALID, isString, JsonScanner } from "./json_scanner.ts";
import { parseJson } from "./json_text.ts";
import { type ListHead, ListParser, LONGEST_HEAD } from "./list_parser.ts";
import type { ObjectBytes } from "./object_bytes.ts";
import { ObjectScanner } from "./object_scanner.ts";
import { textOf } from "./utf8.ts";

const [COMMA, OPEN_LIST, OPEN_OBJECT] = [44, 91, 123];
const ITEMS = asciiBytes("items");
/** So many bytes are looked at together at least: servers send lists in pieces that are smaller than their items. */
const AT_ONCE = 64 * 1024;
const BEHIND = Uint8Array.of(10);
const NOTHING = new Uint8Array();

/**
 * What is made of the bytes of the items of a list in JSON; what is unusual about them is parsed as ever. What stands
 * before and after the items is text, and so is all that is no JSON.
 */
export class BytesListDecoder<T> implements ListDecoder<object | T> {
  readonly #parser = new ListParser<T>();
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });
  readonly #json = new JsonScanner();
  readonly #objects = new ObjectScanner(this.#json);
  readonly #make: (object: ObjectBytes) => object;
  #at: "head" | "items" | "text" = "head";
  /** Bytes of which nothing has been made yet. */
  #waiting: Uint8Array[] = [];
  #waitingLength = 0;
  #release: (chunk: Uint8Array) => void = () => {};
  /** How many there must be before they are looked at again, or something large would take for ever. */
  #enough = 0;
  /** What the list says of all its items. */
  #apiVersion = "";
  #kind = "";
  #prefix = NOTHING;

  constructor(make: (object: ObjectBytes) => object) {
    this.#make = make;
  }

  get head(): ListHead {
    return this.#parser.head;
  }

  get isList(): boolean {
    return this.#parser.isList;
  }

  push(chunk: Uint8Array, release: (chunk: Uint8Array) => void = () => {}): (object | T)[] {
    this.#release = release;
    if (this.#at === "text") return this.#pushText(chunk);
    this.#waiting.push(chunk);
    this.#waitingLength += chunk.length;
    if (this.#waitingLength < Math.max(this.#enough, AT_ONCE)) return [];
    return this.#readWaiting();
  }

  finish(): (object | T)[] {
    const items = this.#waitingLength > 0 ? this.#readWaiting() : [];
    if (this.#waitingLength > 0) items.push(...this.#pushText(this.#takeWaiting().subarray(0, -1)));
    textOf(this.#decoder); // throws if the bytes end within a character
    return [...items, ...this.#parser.finish()];
  }

  #readWaiting(): (object | T)[] {
    const bytes = this.#takeWaiting();
    const end = bytes.length - 1;
    this.#enough = 0;
    let from = 0;
    if (this.#at === "head") {
      from = this.#readHead(bytes, end);
      if (from === CUT && end < LONGEST_HEAD) return this.#wait(bytes.slice(0, end));
      if (from < 0) return this.#pushText(bytes.subarray(0, end));
    }
    return this.#readItems(bytes, from, end);
  }

  /** Keeps what is not complete until twice as much is there. */
  #wait(bytes: Uint8Array, isLarge: boolean = true): [] {
    if (bytes.length > 0) this.#waiting.push(bytes);
    this.#waitingLength = bytes.length;
    if (isLarge) this.#enough = 2 * bytes.length;
    return [];
  }

  /** All that waits, with a byte behind it, so that the scanner need not look where it ends. */
  #takeWaiting(): Uint8Array {
    const bytes = this.#json.load([...this.#waiting, BEHIND]);
    for (const chunk of this.#waiting) this.#release(chunk); // two pieces or more have been copied
    this.#waiting = [];
    this.#waitingLength = 0;
    return bytes;
  }

  /** Reads this and all that comes as text. */
  #pushText(bytes: Uint8Array): T[] {
    this.#at = "text";
    return this.#parser.push(textOf(this.#decoder, bytes, { stream: true }));
  }

  /** @returns Position after the bracket of the items; `CUT` or `INVALID`. */
  #readHead(bytes: Uint8Array, end: number): number {
    const json = this.#json;
    let items = CUT;
    const at = json.skipSpace(bytes, 0, end);
    if (at === end) return CUT;
    const after = json.endOfObject(bytes, at, end, (key, value) => {
      if (isString(bytes, key, ITEMS) && bytes[value] === OPEN_LIST) {
        items = value + 1;
        return CUT; // the rest is read otherwise
      }
      return json.endOfValue(bytes, value, end);
    });
    if (items === CUT) return after === CUT ? CUT : INVALID;
    this.#parser.push(textOf(this.#decoder, bytes.subarray(0, items)));
    const { apiVersion, kind } = this.head;
    if (typeof apiVersion === "string" && typeof kind === "string" && /.List$/.test(kind)) {
      this.#apiVersion = apiVersion;
      this.#kind = kind.slice(0, -"List".length);
      const [first, second] = [apiVersion, this.#kind].map((text) => JSON.stringify(text));
      this.#prefix = new TextEncoder().encode(`"apiVersion":${first},"kind":${second},`);
    }
    this.#at = "items";
    return items;
  }

  #readItems(bytes: Uint8Array, from: number, end: number): (object | T)[] {
    const json = this.#json;
    const items: (object | T)[] = [];
    for (;;) {
      let at = json.skipSpace(bytes, from, end);
      if (at < end && bytes[at] === COMMA) at = json.skipSpace(bytes, at + 1, end);
      if (at < end && bytes[at] !== OPEN_OBJECT) return this.#endItems(items, bytes.subarray(at, end));
      const after = at < end ? this.#objects.scan(bytes, at, end) : CUT;
      if (after === CUT) {
        // An item that takes more than one look is waited for, or each of many small pieces would be a look.
        this.#wait(bytes.slice(from, end), from === 0);
        return items;
      }
      if (after < 0) return this.#endItems(items, bytes.subarray(from, end));
      items.push(this.#itemOf(this.#objects.object, bytes, at, after));
      from = after;
    }
  }

  /** The rest is the end of the list, or no JSON. */
  #endItems(items: (object | T)[], rest: Uint8Array): (object | T)[] {
    for (const item of this.#pushText(rest)) items.push(item);
    return items;
  }

  #itemOf(object: ObjectBytes | undefined, bytes: Uint8Array, at: number, after: number): object | T {
    const saysNothing = object !== undefined && object.kind === "" && object.apiVersion === "";
    if (object !== undefined && (this.#kind === "" || (object.kind !== "" && object.apiVersion !== ""))) {
      return this.#make(object);
    }
    if (saysNothing) {
      object.prefix = this.#prefix;
      object.apiVersion = this.#apiVersion;
      object.kind = this.#kind;
      return this.#make(object);
    }
    const item = parseJson(textOf(this.#decoder, bytes.subarray(at, after))) as T & Partial<ObjectBytes>;
    if (this.#kind !== "") {
      item.apiVersion ??= this.#apiVersion;
      item.kind ??= this.#kind;
    }
    return item;
  }
}
