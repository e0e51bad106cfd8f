import { FairStorage } from "./fair_storage.ts";
import { Fifo } from "./fifo.ts";
import type { QueueStorage } from "./queue_storage.ts";

/** Where an item waits; empty once it has moved to another priority. */
interface Place<T> {
  item: T | undefined;
}

/** Options of {@linkcode PriorityStorage}. */
export interface PriorityStorageOptions<T> {
  keyOf: (item: T) => unknown;
  /** The priority of an item that is pushed or touched. */
  priorityOf: (item: T) => number;
  /** Groups that take turns within one priority. Without it, first in, first out. */
  group?: (item: T) => unknown;
}

/** More empty places than this, and more than items, are swept away. */
const EMPTY_PLACES = 1_024;

/**
 * Hands out what has the highest priority. An item whose priority has risen moves to the end of the others that have
 * it, and leaves an empty place behind.
 */
export class PriorityStorage<T> implements QueueStorage<T> {
  readonly #options: PriorityStorageOptions<T>;
  #buckets = new Map<number, QueueStorage<Place<T>>>();
  /** The priorities that have a bucket, the highest last. */
  #priorities: number[] = [];
  /** Where each item waits. */
  readonly #places = new Map<unknown, { place: Place<T>; priority: number }>();
  #empty = 0;

  constructor(options: PriorityStorageOptions<T>) {
    this.#options = options;
  }

  get length(): number {
    return this.#places.size;
  }

  push(item: T): void {
    const { keyOf, priorityOf } = this.#options;
    const [place, priority] = [{ item }, priorityOf(item)];
    this.#places.set(keyOf(item), { place, priority });
    this.#bucketOf(priority).push(place);
  }

  touch(item: T): void {
    const { keyOf, priorityOf } = this.#options;
    const known = this.#places.get(keyOf(item));
    if (known === undefined || priorityOf(item) <= known.priority) return;
    known.place.item = undefined;
    this.#empty++;
    this.push(item);
    if (this.#empty > Math.max(EMPTY_PLACES, this.length)) this.#sweep();
  }

  pop(): T | undefined {
    while (this.#priorities.length > 0) {
      const priority = this.#priorities[this.#priorities.length - 1];
      const place = this.#buckets.get(priority)!.pop(); // each priority here has one
      if (place === undefined) {
        this.#buckets.delete(priority);
        this.#priorities.pop();
      } else if (place.item === undefined) this.#empty--;
      else {
        this.#places.delete(this.#options.keyOf(place.item));
        return place.item;
      }
    }
    return undefined;
  }

  #bucketOf(priority: number): QueueStorage<Place<T>> {
    const known = this.#buckets.get(priority);
    if (known !== undefined) return known;
    const { group } = this.#options;
    const bucket = group === undefined
      ? new Fifo<Place<T>>()
      : new FairStorage<Place<T>>({ group: ({ item }) => group(item!) }); // asked when it is pushed
    this.#buckets.set(priority, bucket);
    const higher = this.#priorities.findIndex((other) => other > priority);
    this.#priorities.splice(higher === -1 ? this.#priorities.length : higher, 0, priority);
    return bucket;
  }

  /** Without it, places would pile up in a priority whose turn never comes. */
  #sweep(): void {
    const buckets = this.#buckets;
    this.#buckets = new Map();
    this.#priorities = [];
    this.#empty = 0;
    for (const [priority, bucket] of buckets) {
      for (let place = bucket.pop(); place !== undefined; place = bucket.pop()) {
        if (place.item !== undefined) this.#bucketOf(priority).push(place);
      }
    }
  }
}
