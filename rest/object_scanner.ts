import { asciiBytes, INVALID, isString, JsonScanner } from "./json_scanner.ts";
import { ObjectBytes } from "./object_bytes.ts";

const [QUOTE, COMMA, OPEN_OBJECT] = [34, 44, 123];

const API_VERSION = asciiBytes("apiVersion");
const KIND = asciiBytes("kind");
const METADATA = asciiBytes("metadata");
const NAME = asciiBytes("name");
const NAMESPACE = asciiBytes("namespace");
const UID = asciiBytes("uid");
const RESOURCE_VERSION = asciiBytes("resourceVersion");
const MANAGED_FIELDS = asciiBytes("managedFields");

/**
 * Reads from the bytes of objects what tells them apart, and checks that all of it is JSON. An object with something
 * unusual about it, such as a key that comes twice or is written with escapes, is left to `JSON.parse`.
 */
export class ObjectScanner {
  /** What has been read of the object whose end was returned last, until the next one; absent if it has to be parsed. */
  object: ObjectBytes | undefined;
  readonly #json: JsonScanner;
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #strictDecoder = new TextDecoder("utf-8", { fatal: true });
  readonly #apiVersions = new LastText();
  readonly #kinds = new LastText();
  readonly #namespaces = new LastText();
  readonly #found = new ObjectBytes();
  #end = 0;
  #isUsual = true;

  /** @param json What finds values; whoever scans what is around objects may share it. */
  constructor(json: JsonScanner = new JsonScanner()) {
    this.#json = json;
  }

  /** Reads the object whose bracket is at `at`. @returns Position after it; `CUT` or `INVALID`. */
  scan(bytes: Uint8Array, at: number, end: number): number {
    const found = this.#found;
    found.begin(bytes, at);
    this.object = undefined;
    this.#end = end;
    this.#isUsual = true;
    this.#json.isAscii = true;
    const after = this.#json.endOfObject(bytes, at, end, this.#takeMember);
    if (after < 0) return after;
    if (!this.#json.isAscii && !this.#isUtf8(bytes.subarray(at, after))) return INVALID;
    found.to = after;
    if (this.#isUsual && found.name !== "") this.object = found;
    return after;
  }

  readonly #takeMember = (key: number, value: number): number => {
    const found = this.#found;
    const { bytes } = found;
    if (!this.#json.isPlain) this.#isUsual = false;
    if (isString(bytes, key, METADATA)) return this.#scanMetadata(value);
    const after = this.#endOfValue(value);
    if (after < 0) return after;
    if (isString(bytes, key, KIND)) {
      found.kind = this.#textOf(found.kind, value, after, this.#kinds);
    } else if (isString(bytes, key, API_VERSION)) {
      found.apiVersion = this.#textOf(found.apiVersion, value, after, this.#apiVersions);
    }
    return after;
  };

  #scanMetadata(at: number): number {
    const found = this.#found;
    if (found.bytes[at] !== OPEN_OBJECT || found.metadataTo > 0) {
      this.#isUsual = false;
      return this.#endOfValue(at);
    }
    const after = this.#json.endOfObject(found.bytes, at, this.#end, this.#takeMetadata);
    if (after < 0) return after;
    found.metadataFrom = at;
    found.metadataTo = after;
    const first = this.#json.skipSpace(found.bytes, at + 1, after);
    if (found.managedTo > 0 && found.managedFrom <= first) {
      // Nothing stands before it: the comma after it has to go.
      const comma = this.#json.skipSpace(found.bytes, found.managedTo, after);
      if (found.bytes[comma] === COMMA) found.managedTo = comma + 1;
    }
    return after;
  }

  readonly #takeMetadata = (key: number, value: number, before: number): number => {
    const found = this.#found;
    const { bytes } = found;
    if (!this.#json.isPlain) this.#isUsual = false;
    const after = this.#endOfValue(value);
    if (after < 0) return after;
    if (isString(bytes, key, NAME)) {
      found.name = this.#textOf(found.name, value, after);
    } else if (isString(bytes, key, NAMESPACE)) {
      found.namespace = this.#textOf(found.namespace, value, after, this.#namespaces);
    } else if (isString(bytes, key, UID)) {
      found.uid = this.#textOf(found.uid, value, after);
    } else if (isString(bytes, key, RESOURCE_VERSION)) {
      found.resourceVersion = this.#textOf(found.resourceVersion, value, after);
    } else if (isString(bytes, key, MANAGED_FIELDS)) {
      if (found.managedTo > 0) this.#isUsual = false;
      found.managedFrom = before;
      found.managedTo = after;
    }
    return after;
  };

  /** @returns Position after the value; whether it has a backslash is told. */
  #endOfValue(at: number): number {
    const json = this.#json;
    json.isPlain = true;
    return json.endOfValue(this.#found.bytes, at, this.#end);
  }

  /** The text of a string that has been looked at; unusual if there is one already, or it is none. */
  #textOf(before: string, from: number, to: number, last?: LastText): string {
    const { bytes } = this.#found;
    if (before !== "" || bytes[from] !== QUOTE || !this.#json.isPlain) {
      this.#isUsual = false;
      return before;
    }
    if (to - from === 2) return "";
    if (last?.isOf(bytes, from + 1, to - 1)) return last.text;
    const piece = bytes.subarray(from + 1, to - 1);
    const text = this.#decoder.decode(piece as Uint8Array<ArrayBuffer>);
    last?.set(piece, text);
    return text;
  }

  #isUtf8(bytes: Uint8Array): boolean {
    try {
      this.#strictDecoder.decode(bytes as Uint8Array<ArrayBuffer>);
      return true;
    } catch {
      return false;
    }
  }
}

/** A text that often comes again, so that it is not made anew: kinds, namespaces. */
class LastText {
  text = "";
  #bytes = new Uint8Array();

  isOf(bytes: Uint8Array, from: number, to: number): boolean {
    const last = this.#bytes;
    if (last.length !== to - from) return false;
    for (let i = 0; i < last.length; i++) if (last[i] !== bytes[from + i]) return false;
    return true;
  }

  set(bytes: Uint8Array, text: string): void {
    this.#bytes = bytes.slice();
    this.text = text;
  }
}
