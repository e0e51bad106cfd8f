import type { KubernetesObject } from "../meta/mod.ts";
import type { Cached } from "./deep_readonly.ts";
import type { Entry } from "./entry.ts";
import type { FieldPath } from "./field_path.ts";

/** The values under which an object is found in an index: none, one or several. */
export type IndexFunction<T extends KubernetesObject> = (
  object: Cached<T>,
) => readonly string[] | undefined;

/** How the values of an index are found: by a function, or where they stand in the objects, such as `"spec.nodeName"`. */
export type Indexer<T extends KubernetesObject> = IndexFunction<T> | FieldPath;

/**
 * Indexes by name: functions, or where in the objects the values stand, such as `"spec.nodeName"`. A compact store reads
 * the latter from the bytes, while a function needs the object made for it.
 */
export type Indexers<T extends KubernetesObject, Name extends string = string> = Readonly<
  Record<Name, Indexer<T>>
>;

const NONE: ReadonlySet<string> = new Set();

/**
 * One index: which keys have a value. It remembers which values a key had, so that a function that answers otherwise
 * the second time leaves nothing behind.
 */
export class ValueIndex<T extends KubernetesObject> {
  /** The values of an entry. */
  readonly valuesOf: (entry: Entry<T>) => readonly string[];
  readonly #keys = new Map<string, Set<string>>();
  /** A single value is not put into a list: most indexes have one value an object. */
  readonly #values = new Map<string, string | readonly string[]>();

  constructor(valuesOf: (entry: Entry<T>) => readonly string[]) {
    this.valuesOf = valuesOf;
  }

  /** Notes an entry, in place of an earlier one with its key. */
  set(entry: Entry<T>): void {
    const { key } = entry;
    const values = this.valuesOf(entry);
    const before = this.#values.get(key);
    if (values.length === 1 && before === values[0]) return;
    if (before !== undefined) this.#forget(key, before);
    if (values.length === 0) {
      this.#values.delete(key);
      return;
    }
    this.#values.set(key, values.length === 1 ? values[0] : values);
    for (const value of values) {
      const keys = this.#keys.get(value);
      if (keys === undefined) this.#keys.set(value, new Set([key]));
      else keys.add(key);
    }
  }

  /** Forgets a key. */
  delete(key: string): void {
    const values = this.#values.get(key);
    if (values === undefined) return;
    this.#forget(key, values);
    this.#values.delete(key);
  }

  /** The keys that have a value. */
  keys(value: string): ReadonlySet<string> {
    return this.#keys.get(value) ?? NONE;
  }

  /** All values that some object has. */
  values(): string[] {
    return [...this.#keys.keys()];
  }

  #forget(key: string, values: string | readonly string[]): void {
    for (const value of typeof values === "string" ? [values] : values) {
      const keys = this.#keys.get(value);
      // A value that no object has any more goes too, or the index would grow for ever.
      if (keys?.delete(key) && keys.size === 0) this.#keys.delete(value);
    }
  }
}
