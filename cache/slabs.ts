import type { KubernetesObject } from "../meta/mod.ts";
import type { CompactEntry } from "./compact_entry.ts";

/** Bytes in the first slab; each further one has twice as many, up to {@linkcode LARGEST}. */
const SMALLEST = 64 * 1024;
/** Large enough that there are few of them, and small enough that clearing one is a short step. */
const LARGEST = 4 * 1024 * 1024;

/** A piece of memory with the bytes of many objects. What has been written to it once is never overwritten. */
export class Slab {
  readonly bytes: Uint8Array;
  /** Whose it is. */
  readonly owner: object;
  /** How many bytes are written. */
  used = 0;
  /** How many of them belong to entries that are stored. */
  live = 0;
  /** The entries that have been stored here, also those that are not any more. */
  readonly entries: CompactEntry<KubernetesObject>[] = [];

  constructor(size: number, owner: object) {
    this.owner = owner;
    this.bytes = new Uint8Array(size);
  }
}

/**
 * Memory for the bytes of objects, in few large pieces. What is replaced leaves a hole; when half of a slab is holes,
 * what lives in it moves on and the slab is let go. Who has been told of an earlier state, and holds it, holds its slab.
 */
export class Slabs<T extends KubernetesObject> {
  readonly #all = new Set<Slab>();
  #current = new Slab(0, this);
  #size = SMALLEST;

  /** How much memory there is, and how much of it belongs to what is stored; in bytes. */
  get size(): { readonly reserved: number; readonly live: number } {
    let reserved = 0;
    let live = 0;
    for (const slab of this.#all) {
      reserved += slab.bytes.length;
      live += slab.live;
    }
    return { reserved, live };
  }

  /** Whether a slab is one of these. */
  has(slab: Slab): boolean {
    return slab.owner === this;
  }

  /** Copies the bytes of an entry here. They are counted once it is stored. */
  hold(entry: CompactEntry<T>): void {
    if (entry.slab === undefined) this.#move(entry);
  }

  /** An entry that is held here is stored. */
  add(entry: CompactEntry<T>): void {
    const slab = entry.slab!;
    entry.isStored = true;
    slab.live += entry.length;
    slab.entries.push(entry as unknown as CompactEntry<KubernetesObject>);
    this.#all.add(slab);
  }

  /** An entry is not stored any more. */
  remove(entry: CompactEntry<T>): void {
    this.#forget(entry);
    this.#tidy(entry.slab!);
  }

  /** The same for many, and then for others that come in their place. */
  replace(gone: Iterable<CompactEntry<T>>, come: Iterable<CompactEntry<T>>): void {
    for (const entry of gone) this.#forget(entry);
    for (const entry of come) this.add(entry);
    for (const slab of this.#all) this.#tidy(slab);
  }

  #forget(entry: CompactEntry<T>): void {
    entry.isStored = false;
    entry.slab!.live -= entry.length;
  }

  #tidy(slab: Slab): void {
    if (slab === this.#current || slab.live > slab.used / 2) return;
    this.#all.delete(slab);
    if (slab.live === 0) return;
    for (const entry of slab.entries as unknown as CompactEntry<T>[]) {
      if (!entry.isStored || entry.slab !== slab) continue;
      this.#move(entry);
      this.add(entry);
    }
    slab.live = 0;
  }

  #move(entry: CompactEntry<T>): void {
    const { length } = entry;
    let slab = this.#current;
    if (length > slab.bytes.length - slab.used) {
      if (length > this.#size / 4) slab = new Slab(length, this); // a slab of its own
      else {
        const full = slab;
        slab = this.#current = new Slab(this.#size, this);
        this.#size = Math.min(2 * this.#size, LARGEST);
        this.#tidy(full); // as the current one it was left alone
        slab = this.#current;
      }
    }
    entry.moveTo(slab, slab.used);
    slab.used += length;
  }
}
