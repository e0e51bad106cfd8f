import type { KubernetesObject } from "../meta/mod.ts";
import type { CompactEntry } from "./compact_entry.ts";

/** Bytes in a slab: an eighth of all that is held, between these. A large one is copied in some milliseconds. */
const SMALLEST = 64 * 1024;
const LARGEST = 4 * 1024 * 1024;
/** So many times as much memory as is lived in may be set aside, beside two slabs. */
const MOST_RESERVED = 1.5;
/** A slab that is lived in to more than this part is not worth copying. */
const FULL = 0.75;

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
 * Memory for the bytes of objects, in few large pieces. What is replaced leaves a hole. A slab that nobody lives in any
 * more is let go; and when there are too many holes, what lives in the emptiest slabs moves on. Who has been told of an
 * earlier state, and holds it, holds its slab.
 */
export class Slabs<T extends KubernetesObject> {
  readonly #all = new Set<Slab>();
  #current = new Slab(0, this);
  #reserved = 0;
  #live = 0;
  /** Bytes of what replaces everything, while it is put together. */
  #pending = 0;

  /** How much memory there is, and how much of it belongs to what is stored; in bytes. */
  get size(): { readonly reserved: number; readonly live: number } {
    return { reserved: this.#reserved, live: this.#live };
  }

  /** Whether a slab is one of these. */
  has(slab: Slab): boolean {
    return slab.owner === this;
  }

  /** A replacement of everything begins; what an earlier one has staged in vain does not count any more. */
  replacing(): void {
    this.#pending = 0;
  }

  /** An entry is a part of that replacement. */
  stage(entry: CompactEntry<T>): void {
    this.#pending += entry.length;
  }

  /** An entry whose bytes are here is stored. */
  add(entry: CompactEntry<T>): void {
    const { slab } = entry;
    entry.isStored = true;
    slab.live += entry.length;
    this.#live += entry.length;
    slab.entries.push(entry as unknown as CompactEntry<KubernetesObject>);
    if (this.#all.has(slab)) return;
    this.#all.add(slab);
    this.#reserved += slab.bytes.length;
  }

  /** An entry is not stored any more. */
  remove(entry: CompactEntry<T>): void {
    this.#forget(entry);
    if (entry.slab.live === 0) this.#drop(entry.slab);
    this.#tidy();
  }

  /** The same for many, and then for others that come in their place. */
  replace(gone: Iterable<CompactEntry<T>>, come: Iterable<CompactEntry<T>>): void {
    for (const entry of gone) this.#forget(entry);
    for (const entry of come) this.add(entry);
    this.#pending = 0;
    for (const slab of this.#all) if (slab.live === 0) this.#drop(slab);
    this.#tidy();
  }

  #forget(entry: CompactEntry<T>): void {
    entry.isStored = false;
    entry.slab.live -= entry.length;
    this.#live -= entry.length;
  }

  #drop(slab: Slab): void {
    if (slab !== this.#current && this.#all.delete(slab)) this.#reserved -= slab.bytes.length;
  }

  #tidy(): void {
    while (this.#reserved > MOST_RESERVED * this.#live + 2 * this.#slabSize()) {
      const slab = this.#emptiest();
      if (slab === undefined) return;
      this.#all.delete(slab);
      this.#reserved -= slab.bytes.length;
      for (const entry of slab.entries as unknown as CompactEntry<T>[]) {
        if (!entry.isStored || entry.slab !== slab) continue; // it is gone, or has moved
        this.#forget(entry);
        const { slab: target, at } = this.room(entry.length);
        entry.moveTo(target, at);
        this.add(entry);
      }
    }
  }

  #emptiest(): Slab | undefined {
    let emptiest: Slab | undefined;
    let least = FULL;
    for (const slab of this.#all) {
      const share = slab.live / slab.bytes.length;
      if (slab !== this.#current && share < least) [emptiest, least] = [slab, share];
    }
    return emptiest;
  }

  #slabSize(): number {
    const eighth = Math.max(this.#live, this.#pending) / 8;
    return Math.min(LARGEST, Math.max(SMALLEST, eighth));
  }

  /** Sets bytes aside, which are to be written at once. They count when an entry that has them is stored. */
  room(length: number): { slab: Slab; at: number } {
    let slab = this.#current;
    if (length > slab.bytes.length - slab.used) {
      const size = Math.ceil(this.#slabSize());
      slab = new Slab(Math.max(size, length), this);
      if (length <= size / 4) { // else it is alone there, and the current one has room for others
        const full = this.#current;
        this.#current = slab;
        if (full.live === 0) this.#drop(full); // as the current one it was left alone
      }
    }
    const at = slab.used;
    slab.used += length;
    return { slab, at };
  }
}
