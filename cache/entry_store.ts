import type { KubernetesObject } from "../meta/mod.ts";
import type { Entry } from "./entry.ts";
import type { Indexers } from "./value_index.ts";

/**
 * Is told what became of one key.
 *
 * @param old What was there before; `undefined` if nothing was.
 * @param entry What is there now; `undefined` if nothing is.
 */
export type WriteListener<T extends KubernetesObject> = (
  old: Entry<T> | undefined,
  entry: Entry<T> | undefined,
) => void;

/** New content for a store, put together while the old one is still being read. */
export interface Replacement<T extends KubernetesObject> {
  /** How many entries it has. */
  readonly size: number;
  /** Adds an entry, in place of an earlier one with its key. */
  set(entry: Entry<T>): void;
  /** Takes an entry out again. */
  delete(key: string): void;
  /**
   * Puts the new content in the place of the old one, at once.
   *
   * @param tell Called afterwards with what that changed: first with what is gone, then with what is new or another,
   * in the order in which it was added. Not with objects in the same state as before.
   */
  commit(tell?: WriteListener<T>): void;
}

/**
 * Where an informer keeps what it knows: entries by key, found also by the values of indexes. What is written is to
 * be read at once; nothing here waits.
 *
 * @see client-go `tools/cache.ThreadSafeStore`, spec informers 3
 */
export interface EntryStore<T extends KubernetesObject> {
  /** How many entries there are. */
  readonly size: number;
  /** Up to which version of the collection this is known; empty at the beginning. Written by who fills the store. */
  resourceVersion: string;
  /** The entry with a key. */
  get(key: string): Entry<T> | undefined;
  /** All entries, in no particular order. Not to be held on to while the store is written to. */
  entries(): Iterable<Entry<T>>;
  /** Adds an entry, or replaces the one with its key. @returns The one before. */
  set(entry: Entry<T>): Entry<T> | undefined;
  /** Removes the entry with a key. @returns It, if there was one. */
  delete(key: string): Entry<T> | undefined;
  /** Begins to replace all entries. */
  replacing(): Replacement<T>;
  /**
   * Adds indexes; what is there already is found by them at once.
   *
   * @throws {TypeError} If there is another index of a name; then none is added.
   */
  addIndexers(indexers: Indexers<T>): void;
  /** Whether there is an index of that name. */
  hasIndex(name: string): boolean;
  /**
   * The keys that have a value in an index.
   *
   * @throws {TypeError} If there is no such index.
   */
  keysByIndex(name: string, value: string): ReadonlySet<string>;
  /** All values of an index that some object has; none if there is no such index. */
  indexValues(name: string): string[];
}
