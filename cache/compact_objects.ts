import { formatKey, type KubernetesObject } from "../meta/mod.ts";
import { asciiBytes, isString, JsonScanner, ObjectBytes } from "../rest/mod.ts";
import { CompactEntry } from "./compact_entry.ts";
import { deepFreeze } from "./deep_freeze.ts";
import type { Cached } from "./deep_readonly.ts";
import { type Entry, isSameState } from "./entry.ts";
import { FieldReader } from "./field_path.ts";
import { Slabs } from "./slabs.ts";

/** How many of the objects that were read last are held, so that who reads one again soon does not parse it again. */
const RECENT = 64;

const METADATA = asciiBytes("metadata");

/** How the objects of a compact store become bytes, and objects again. */
export class CompactObjects<T extends KubernetesObject> {
  /** Where the bytes are. */
  readonly slabs: Slabs<T> = new Slabs();
  /** Reads fields from bytes. */
  readonly fields: FieldReader = new FieldReader();
  readonly #freeze: boolean;
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #encoder = new TextEncoder();
  readonly #json = new JsonScanner();
  readonly #recent: Cached<T>[] = [];
  #at = 0;

  /** @param freeze Whether the objects that are made are frozen. */
  constructor(freeze: boolean) {
    this.#freeze = freeze;
  }

  /** The entry of an object that has come as bytes. @param stored One of these of the same state is returned itself. */
  entryOfBytes(
    bytes: ObjectBytes,
    managedFields: "keep" | "drop",
    stored: ReadonlyMap<string, Entry<T>>,
  ): Entry<T> {
    const { uid, resourceVersion } = bytes;
    const identity = { key: formatKey(bytes), uid, resourceVersion };
    // Most of what is read anew has not changed: it need not be copied.
    const known = stored.get(identity.key);
    if (known !== undefined && isSameState(known, identity)) return known;
    return new CompactEntry(this, bytes, managedFields, identity);
  }

  /** The entry of an entry that is kept otherwise, whose object is not to be changed from now on. */
  entryOf(entry: Entry<T>): CompactEntry<T> {
    const object = entry.object as T;
    const { apiVersion, kind, metadata = {} } = object;
    const bytes = this.#encoder.encode(JSON.stringify({ apiVersion, kind, metadata, ...object }));
    const source = new ObjectBytes();
    source.begin(bytes, 0);
    source.to = bytes.length;
    this.#json.endOfObject(bytes, 0, bytes.length, (key, value) => {
      const after = this.#json.endOfValue(bytes, value, bytes.length);
      if (isString(bytes, key, METADATA)) [source.metadataFrom, source.metadataTo] = [value, after];
      return after;
    });
    source.namespace = metadata.namespace ?? "";
    const made = new CompactEntry(this, source, "keep", entry);
    if (this.#freeze) deepFreeze(object);
    made.remember(object as Cached<T>);
    return made;
  }

  /** The text of bytes. */
  textOf(bytes: Uint8Array, from: number, to: number): string {
    return this.#decoder.decode(bytes.subarray(from, to) as Uint8Array<ArrayBuffer>);
  }

  /** What bytes stand for. @param metadata The metadata of it, if somebody holds that already. */
  parse(bytes: Uint8Array, from: number, to: number, metadata?: unknown): unknown {
    const value = JSON.parse(this.textOf(bytes, from, to));
    if (metadata !== undefined) value.metadata = metadata;
    if (this.#freeze) deepFreeze(value);
    return value;
  }

  /** Holds an object for a while. */
  hold(object: Cached<T>): void {
    this.#recent[this.#at] = object;
    this.#at = (this.#at + 1) % RECENT;
  }
}
