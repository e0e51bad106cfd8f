import type { KubernetesObject } from "../meta/mod.ts";
import { type EntryChange, mergeChanges } from "./change.ts";

/**
 * The changes that a handler has not seen yet, in order. While there are few, each is kept. When there are more than
 * `limit`, those of one object become one: the handler misses states in between, and no last state. So the buffer
 * holds at most twice as many changes as there are objects, or the limit, and never holds up the cache.
 */
export class ChangeBuffer<T extends KubernetesObject> {
  readonly #limit: number;
  #changes: EntryChange<T>[] = [];
  #at = 0;
  #mergeAt: number;
  #initial = 0;

  constructor(limit: number) {
    this.#limit = limit;
    this.#mergeAt = limit;
  }

  /** How many changes wait. */
  get length(): number {
    return this.#changes.length - this.#at;
  }

  /** How many of them belong to the initial list. */
  get initial(): number {
    return this.#initial;
  }

  /** Adds changes at the end. */
  push(changes: readonly EntryChange<T>[]): void {
    for (const change of changes) {
      this.#changes.push(change);
      if (change.isInInitialList) this.#initial++;
    }
    // An initial list is long, and has nothing to merge: each object is in it once.
    if (this.length - this.#initial > this.#mergeAt) {
      this.#merge();
      // Merging looks at every change: only once as many have come again.
      this.#mergeAt = Math.max(this.#limit, 2 * (this.length - this.#initial));
    }
  }

  /** Takes the oldest change. */
  shift(): EntryChange<T> | undefined {
    if (this.#at === this.#changes.length) return undefined;
    const change = this.#changes[this.#at];
    if (change.isInInitialList) this.#initial--;
    this.#at++;
    if (this.#at === this.#changes.length) this.clear();
    else if (this.#at > 1_000 && this.#at > this.#changes.length / 2) {
      this.#changes = this.#changes.slice(this.#at);
      this.#at = 0;
    }
    return change;
  }

  /** Forgets all changes. */
  clear(): void {
    this.#changes = [];
    this.#at = 0;
    this.#initial = 0;
    this.#mergeAt = this.#limit;
  }

  #merge(): void {
    const merged: (EntryChange<T> | undefined)[] = [];
    const lastOf = new Map<string, number>();
    for (let index = this.#at; index < this.#changes.length; index++) {
      const change = this.#changes[index];
      const key = change.source === "" ? change.key : `${change.source}\n${change.key}`;
      const at = lastOf.get(key);
      const before = at === undefined ? undefined : merged[at];
      const together = before === undefined ? [change] : mergeChanges(before, change);
      if (at !== undefined && before !== undefined && together.length < 2) {
        merged[at] = together[0];
        continue;
      }
      lastOf.set(key, merged.length);
      merged.push(change);
    }
    this.#changes = merged.filter((change) => change !== undefined);
    this.#at = 0;
    this.#initial = this.#changes.reduce((sum, { isInInitialList }) => sum + (isInInitialList ? 1 : 0), 0);
  }
}
