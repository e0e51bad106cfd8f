import type { KubernetesObject, ObjectMeta } from "../meta/mod.ts";
import { asciiBytes, isString, JsonScanner, ObjectBytes } from "../rest/mod.ts";
import { CompactEntry } from "./compact_entry.ts";
import { deepFreeze } from "./deep_freeze.ts";
import type { Cached } from "./deep_readonly.ts";
import type { Entry } from "./entry.ts";
import { FieldReader } from "./field_path.ts";

/** How many of the objects that were read last are held, so that who reads one again soon does not parse it again. */
const RECENT = 64;

const METADATA = asciiBytes("metadata");

/** How objects that are kept as bytes become bytes, and objects again. */
export class CompactObjects<T extends KubernetesObject> {
  /** Whether `metadata.managedFields` are kept. */
  readonly managedFields: "keep" | "drop";
  /** Reads fields from bytes. */
  readonly fields: FieldReader = new FieldReader();
  readonly #freeze: boolean;
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #encoder = new TextEncoder();
  readonly #json = new JsonScanner();
  readonly #recent: Cached<T>[] = [];
  #at = 0;

  constructor(
    { managedFields = "keep", freeze = false }: { managedFields?: "keep" | "drop"; freeze?: boolean } = {},
  ) {
    this.managedFields = managedFields;
    this.#freeze = freeze;
  }

  /** The entry of an object that has come as bytes. */
  entryOfBytes(bytes: ObjectBytes): CompactEntry<T> {
    const { namespace, name, uid, resourceVersion } = bytes;
    const key = namespace === "" ? name : `${namespace}/${name}`;
    return new CompactEntry(this, bytes, { key, uid, resourceVersion });
  }

  /**
   * The entry of an object, which is not to be changed from now on.
   *
   * @param identity What tells the object apart, where its own metadata has been changed.
   */
  entryOf(object: T, identity: ObjectMeta, key: string): CompactEntry<T> {
    const { apiVersion, kind, metadata = {} } = object;
    const bytes = this.#encoder.encode(JSON.stringify({ apiVersion, kind, metadata, ...object }));
    const source = new ObjectBytes(bytes, 0);
    source.to = bytes.length;
    this.#json.endOfObject(bytes, 0, bytes.length, (key, value) => {
      const after = this.#json.endOfValue(bytes, value, bytes.length);
      if (isString(bytes, key, METADATA)) [source.metadataFrom, source.metadataTo] = [value, after];
      return after;
    });
    source.namespace = metadata.namespace ?? "";
    const { uid = "", resourceVersion = "" } = identity;
    const entry = new CompactEntry(this, source, { key, uid, resourceVersion });
    if (this.#freeze) deepFreeze(object);
    entry.remember(object as Cached<T>);
    return entry;
  }

  /** The entry of an entry that is kept otherwise. */
  entryOfEntry({ key, uid, resourceVersion, object }: Entry<T>): CompactEntry<T> {
    return this.entryOf(object as T, { uid, resourceVersion }, key);
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
