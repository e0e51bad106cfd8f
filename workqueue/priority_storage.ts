import { FairStorage } from "./fair_storage.ts";
import { Fifo } from "./fifo.ts";
import type { QueueStorage } from "./queue_storage.ts";

/** What has a priority, and may wait in a {@linkcode PriorityStorage}. */
export interface Prioritized {
  priority: number;
  /** Where it waits; the storage's own. */
  place: Place | undefined;
}

/** A place where something waits; empty once that has moved to another priority. */
interface Place {
  item: Prioritized | undefined;
  readonly priority: number;
}

/** Options of {@linkcode PriorityStorage}. */
export interface PriorityStorageOptions<T> {
  /** Groups that take turns within one priority. Without it, first in, first out. */
  group?: (item: T) => unknown;
  /** Called with what is handed out. */
  onPop: (item: T) => void;
}

/** More empty places than this, and more than items, are swept away. */
const EMPTY_PLACES = 1_024;

/**
 * Hands out what has the highest priority. An item whose priority has risen moves to the end of the others that have
 * it, and leaves an empty place behind.
 */
export class PriorityStorage<T extends Prioritized> implements QueueStorage<T> {
  readonly #options: PriorityStorageOptions<T>;
  #buckets = new Map<number, QueueStorage<Place>>();
  /** The priorities that have a bucket, the highest last. */
  #priorities: number[] = [];
  #length = 0;
  #empty = 0;

  constructor(options: PriorityStorageOptions<T>) {
    this.#options = options;
  }

  get length(): number {
    return this.#length;
  }

  push(item: T): void {
    const { priority } = item;
    item.place = { item, priority };
    this.#bucketOf(priority).push(item.place);
    this.#length++;
  }

  touch(item: T): void {
    const { place } = item;
    if (place === undefined || item.priority <= place.priority) return;
    place.item = undefined;
    this.#empty++;
    this.#length--;
    this.push(item);
    if (this.#empty > Math.max(EMPTY_PLACES, this.#length)) this.#sweep();
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
        const item = place.item as T; // only such are pushed
        item.place = undefined;
        this.#length--;
        this.#options.onPop(item);
        return item;
      }
    }
    return undefined;
  }

  #bucketOf(priority: number): QueueStorage<Place> {
    const known = this.#buckets.get(priority);
    if (known !== undefined) return known;
    const { group } = this.#options;
    const bucket = group === undefined
      ? new Fifo<Place>()
      : new FairStorage<Place>({ group: ({ item }) => group(item as T) }); // asked when it is pushed
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
