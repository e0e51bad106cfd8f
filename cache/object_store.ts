import type { KubernetesObject } from "../meta/mod.ts";
import type { ObjectBytes } from "../rest/mod.ts";
import { CompactEntry } from "./compact_entry.ts";
import { CompactObjects } from "./compact_objects.ts";
import type { Cached } from "./deep_readonly.ts";
import { type Entry, entryOf, isRecreated, isSameState, keyOf } from "./entry.ts";
import type { EntryStore, Replacement, WriteListener } from "./entry_store.ts";
import { stepsOf, valuesAt } from "./field_path.ts";
import { type Indexer, type Indexers, ValueIndex } from "./value_index.ts";

/** Options of {@linkcode ObjectStore}. Read once: changing the object later has no effect. */
export interface ObjectStoreOptions<T extends KubernetesObject> {
  /** Indexes by name. More can be added later. */
  indexers?: Indexers<T>;
  /**
   * How objects are kept. `"plain"`: as they are. `"compact"`: as bytes, of which an object is made when it is read; it
   * takes a fraction of the memory, and reading an object for the first time in a while takes some 20 µs. What comes out
   * is JSON: what is not, such as a member that is `undefined`, is not kept. Default `"plain"`.
   */
  store?: "plain" | "compact";
  /** Whether the objects that a compact store makes are frozen. For development and tests. */
  freeze?: boolean;
  /**
   * Called when an index function throws. The object is kept, and not found by that index. Default: the store throws
   * what the function threw, before anything is changed.
   */
  onIndexError?: (error: unknown, index: string, key: string) => void;
}

interface Content<T extends KubernetesObject> {
  readonly entries: Map<string, Entry<T>>;
  readonly indexes: Map<string, ValueIndex<T>>;
}

/**
 * Objects by key, found also by the values of indexes: client-go's `Indexer`. An informer has one inside; a program
 * may have its own.
 *
 * @see client-go `tools/cache.NewIndexer`, spec informers 3
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { ObjectStore } from "@coxswain/kube/cache";
 * import type { Pod } from "@coxswain/kube/types/core/v1";
 * const pods = new ObjectStore<Pod>({ indexers: { byNode: (pod) => [pod.spec?.nodeName ?? ""] } });
 * pods.add({ metadata: { namespace: "shop", name: "web-0" }, spec: { nodeName: "node-a", containers: [] } });
 * assert.equal(pods.object("shop/web-0")?.spec?.nodeName, "node-a");
 * assert.equal(pods.byIndex("byNode", "node-a").length, 1);
 * assert.deepEqual(pods.indexKeys("byNode", "node-b"), []);
 * ```
 */
export class ObjectStore<T extends KubernetesObject> implements EntryStore<T> {
  resourceVersion = "";
  readonly #indexers = new Map<string, Indexer<T>>();
  /** How objects are bytes, in a compact store. */
  readonly #compact: CompactObjects<T> | undefined;
  readonly #onIndexError: ObjectStoreOptions<T>["onIndexError"];
  #content: Content<T> = { entries: new Map(), indexes: new Map() };

  /** An empty store. */
  constructor(options: ObjectStoreOptions<T> = {}) {
    this.#compact = options.store === "compact" ? new CompactObjects(options.freeze ?? false) : undefined;
    this.#onIndexError = options.onIndexError;
    this.addIndexers(options.indexers ?? {});
  }

  get size(): number {
    return this.#content.entries.size;
  }

  /**
   * How many bytes a compact store has set aside for objects, and how many of them the objects take that are in it.
   * `undefined` for a plain store, whose objects nobody can measure.
   */
  get memory(): { readonly reserved: number; readonly live: number } | undefined {
    return this.#compact?.slabs.size;
  }

  /** Adds an object, or replaces the one with its key. The object now belongs to the store. */
  add(object: T): void {
    this.set(entryOf(object));
    this.resourceVersion = object.metadata?.resourceVersion ?? this.resourceVersion;
  }

  /** The same as {@linkcode ObjectStore.add}. */
  update(object: T): void {
    this.add(object);
  }

  /** Removes the object with the key of this one. Its version becomes the store's. */
  remove(object: T): void {
    this.delete(keyOf(object));
    this.resourceVersion = object.metadata?.resourceVersion ?? this.resourceVersion;
  }

  /**
   * Puts these objects in the place of all others, at once; of several with one key the last.
   *
   * @throws {TypeError} If an object has no name; then nothing has changed.
   */
  replace(objects: Iterable<T>, resourceVersion: string): void {
    const replacement = this.replacing();
    for (const object of objects) replacement.set(entryOf(object));
    replacement.commit();
    this.resourceVersion = resourceVersion;
  }

  /** The object with a key. */
  object(key: string): Cached<T> | undefined {
    return this.get(key)?.object;
  }

  /** All objects, in no particular order. */
  objects(): Cached<T>[] {
    return Array.from(this.entries(), ({ object }) => object);
  }

  /** All keys, in no particular order. */
  keys(): string[] {
    return [...this.#content.entries.keys()];
  }

  /**
   * The objects that have a value in an index.
   *
   * @throws {TypeError} If there is no such index.
   */
  byIndex(name: string, value: string): Cached<T>[] {
    return this.#objectsOf(this.keysByIndex(name, value));
  }

  /**
   * The objects that share a value with this one in an index, each once.
   *
   * @throws {TypeError} If there is no such index.
   */
  index(name: string, object: T): Cached<T>[] {
    this.#index(name);
    const values = this.#emptyIndex(name).valuesOf(entryOf(object));
    const keys = new Set(values.flatMap((value) => [...this.keysByIndex(name, value)]));
    return this.#objectsOf(keys);
  }

  /**
   * The keys that have a value in an index, sorted.
   *
   * @throws {TypeError} If there is no such index.
   */
  indexKeys(name: string, value: string): string[] {
    return [...this.keysByIndex(name, value)].sort();
  }

  /**
   * The entry of an object that has come as bytes, which are copied. It is not stored yet; if it is of the state that is
   * stored, it is the stored one. For who fills a compact store.
   *
   * @param managedFields Whether `metadata.managedFields` are copied.
   * @throws {TypeError} If this store keeps objects, and not bytes.
   */
  entryOfBytes(bytes: ObjectBytes, managedFields: "keep" | "drop" = "keep"): Entry<T> {
    if (this.#compact === undefined) throw new TypeError("Cannot keep bytes: this is not a compact store");
    return this.#compact.entryOfBytes(bytes, managedFields, this.#content.entries);
  }

  get(key: string): Entry<T> | undefined {
    return this.#content.entries.get(key);
  }

  entries(): Iterable<Entry<T>> {
    return this.#content.entries.values();
  }

  set(entry: Entry<T>): Entry<T> | undefined {
    const stored = this.#stored(entry);
    const old = write(this.#content, stored);
    if (old === stored || this.#compact === undefined) return old;
    const { slabs } = this.#compact;
    slabs.add(stored as CompactEntry<T>);
    if (old !== undefined) slabs.remove(old as CompactEntry<T>);
    return old;
  }

  delete(key: string): Entry<T> | undefined {
    const old = remove(this.#content, key);
    if (old !== undefined) this.#compact?.slabs.remove(old as CompactEntry<T>);
    return old;
  }

  replacing(): Replacement<T> {
    const slabs = this.#compact?.slabs;
    slabs?.replacing();
    const next: Content<T> = { entries: new Map(), indexes: new Map() };
    for (const name of this.#indexers.keys()) next.indexes.set(name, this.#emptyIndex(name));
    return {
      get size() {
        return next.entries.size;
      },
      set: (entry) => {
        // Who holds an object goes on holding the cache's when nothing has happened to it.
        const current = this.#content.entries.get(entry.key);
        if (current !== undefined && isSameState(current, entry)) return void write(next, current);
        const stored = this.#stored(entry);
        write(next, stored);
        slabs?.stage(stored as CompactEntry<T>);
      },
      delete: (key) => void remove(next, key),
      commit: (tell = () => {}) => this.#replace(next, tell),
    };
  }

  addIndexers(indexers: Indexers<T>): void {
    const names = Object.keys(indexers).filter((name) => this.#indexers.get(name) !== indexers[name]);
    const taken = names.filter((name) => this.#indexers.has(name));
    if (taken.length > 0) {
      throw new TypeError(`Cannot add indexes: there is another one called ${taken.join(", ")} already`);
    }
    const added: Content<T>["indexes"] = new Map();
    for (const name of names) {
      this.#indexers.set(name, indexers[name]);
      const index = this.#emptyIndex(name);
      for (const entry of this.entries()) index.set(entry);
      added.set(name, index);
    }
    for (const [name, index] of added) this.#content.indexes.set(name, index);
  }

  hasIndex(name: string): boolean {
    return this.#content.indexes.has(name);
  }

  keysByIndex(name: string, value: string): ReadonlySet<string> {
    return this.#index(name).keys(value);
  }

  indexValues(name: string): string[] {
    return this.#content.indexes.get(name)?.values() ?? [];
  }

  #index(name: string): ValueIndex<T> {
    const index = this.#content.indexes.get(name);
    if (index === undefined) throw new TypeError(`Index with name ${name} does not exist`);
    return index;
  }

  #emptyIndex(name: string): ValueIndex<T> {
    const indexer = this.#indexers.get(name)!;
    const onError = this.#onIndexError;
    if (typeof indexer !== "function") {
      const steps = stepsOf(indexer);
      return new ValueIndex((entry) => entry.valuesAt?.(steps) ?? valuesAt(entry.object, steps));
    }
    const valuesOf = indexer;
    if (onError === undefined) return new ValueIndex(({ object }) => valuesOf(object) ?? []);
    return new ValueIndex(({ object, key }) => {
      try {
        return valuesOf(object) ?? [];
      } catch (error) {
        onError(error, name, key);
        return [];
      }
    });
  }

  /** The entry as it is kept here. */
  #stored(entry: Entry<T>): Entry<T> {
    const compact = this.#compact;
    if (compact === undefined) return entry;
    const isOurs = entry instanceof CompactEntry && compact.slabs.has(entry.slab);
    return isOurs ? entry : compact.entryOf(entry);
  }

  #objectsOf(keys: Iterable<string>): Cached<T>[] {
    const objects: Cached<T>[] = [];
    for (const key of keys) objects.push(this.#content.entries.get(key)!.object);
    return objects;
  }

  #replace(next: Content<T>, tell: WriteListener<T>): void {
    const before = this.#content;
    // Indexes may have been added since the replacement was begun.
    for (const name of this.#indexers.keys()) {
      if (next.indexes.has(name)) continue;
      const index = this.#emptyIndex(name);
      for (const entry of next.entries.values()) index.set(entry);
      next.indexes.set(name, index);
    }
    this.#content = next;
    this.#compact?.slabs.replace(
      missingIn(before.entries, next.entries) as Iterable<CompactEntry<T>>,
      missingIn(next.entries, before.entries) as Iterable<CompactEntry<T>>,
    );
    for (const old of before.entries.values()) {
      const entry = next.entries.get(old.key);
      if (entry === undefined || isRecreated(old, entry)) tell(old, undefined);
    }
    for (const entry of next.entries.values()) {
      const old = before.entries.get(entry.key);
      if (old === undefined || isRecreated(old, entry)) tell(undefined, entry);
      else if (!isSameState(old, entry)) tell(old, entry);
    }
  }
}

/** The entries that are not, as they are, among others. */
function* missingIn<T extends KubernetesObject>(
  entries: ReadonlyMap<string, Entry<T>>,
  others: ReadonlyMap<string, Entry<T>>,
): Generator<Entry<T>> {
  for (const entry of entries.values()) if (others.get(entry.key) !== entry) yield entry;
}

/** Indexes first: a function of theirs may throw, and then nothing is to have changed. */
function write<T extends KubernetesObject>(
  { entries, indexes }: Content<T>,
  entry: Entry<T>,
): Entry<T> | undefined {
  const old = entries.get(entry.key);
  try {
    for (const index of indexes.values()) index.set(entry);
  } catch (error) {
    for (const index of indexes.values()) {
      if (old === undefined) index.delete(entry.key);
      else index.set(old);
    }
    throw error;
  }
  entries.set(entry.key, entry);
  return old;
}

function remove<T extends KubernetesObject>(
  { entries, indexes }: Content<T>,
  key: string,
): Entry<T> | undefined {
  const old = entries.get(key);
  if (old === undefined) return undefined;
  for (const index of indexes.values()) index.delete(key);
  entries.delete(key);
  return old;
}
