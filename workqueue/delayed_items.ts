import type { Clock } from "../async/mod.ts";
import { DelayHeap } from "./delay_heap.ts";

/** Options of {@linkcode DelayedItems}. */
export interface DelayedItemsOptions<T> {
  /** What tells items apart. Default: the item itself. */
  key?: (item: T) => unknown;
  /** Whose time it is. */
  clock: Clock;
  /** Takes an item whose time has come. */
  onDue: (item: T) => void;
}

/**
 * Items that wait for their time: one for each key, of which the earliest time counts; in a heap with one timer.
 * There is no heartbeat as in client-go: the timer is set anew whenever another item is the first.
 */
export class DelayedItems<T> {
  readonly #key: ((item: T) => unknown) | undefined;
  readonly #clock: Clock;
  readonly #onDue: (item: T) => void;
  #heap = new DelayHeap();
  /** The slot in the heap of each key. */
  readonly #slots = new Map<unknown, number>();
  /** By slot. One array for both where an item is its own key. */
  #keys: unknown[] = [];
  #items: (T | undefined)[];
  /** What the timer waits for; NaN when there is none. */
  #due = NaN;
  #cancel: (() => void) | undefined;

  constructor({ key, clock, onDue }: DelayedItemsOptions<T>) {
    this.#key = key;
    this.#clock = clock;
    this.#onDue = onDue;
    this.#items = this.#itemsFor(this.#keys);
  }

  /** @param delay Milliseconds, above 0. */
  add(item: T, delay: number): void {
    const key = this.#key === undefined ? item : this.#key(item);
    const now = this.#clock.now();
    const due = now + delay;
    const known = this.#slots.get(key);
    if (known === undefined) {
      const slot = this.#heap.insert(due);
      this.#slots.set(key, slot);
      this.#keys[slot] = key;
      this.#items[slot] = item;
    } else if (!this.#heap.hasten(known, due)) return;
    if (!(due >= this.#due)) this.#setTimer(now);
  }

  /** Forgets an item. @returns Whether it was waiting. */
  delete(item: T): boolean {
    const slot = this.#slots.get(this.#key === undefined ? item : this.#key(item));
    if (slot === undefined) return false;
    this.#remove(slot);
    this.#setTimer(this.#clock.now());
    return true;
  }

  /** Forgets all items. */
  clear(): void {
    this.#slots.clear();
    this.#heap = new DelayHeap();
    this.#keys = [];
    this.#items = this.#itemsFor(this.#keys);
    this.#setTimer(0);
  }

  #itemsFor(keys: unknown[]): (T | undefined)[] {
    return this.#key === undefined ? keys as (T | undefined)[] : []; // without a function, keys are items
  }

  #setTimer(now: number): void {
    const due = this.#heap.firstDue;
    if (Object.is(due, this.#due)) return;
    this.#cancel?.();
    this.#due = due;
    this.#cancel = this.#heap.length === 0
      ? undefined
      : this.#clock.schedule(() => this.#fire(), Math.max(0, due - now));
  }

  /** Hands out what is due, in the order in which it became so. A timer that was early is set again. */
  #fire(): void {
    this.#due = NaN;
    this.#cancel = undefined;
    const now = this.#clock.now();
    while (this.#heap.firstDue <= now) {
      const item = this.#items[this.#heap.first] as T; // each slot that is used has one
      this.#remove(this.#heap.first);
      this.#onDue(item);
    }
    this.#setTimer(this.#clock.now());
  }

  #remove(slot: number): void {
    this.#slots.delete(this.#keys[slot]);
    this.#keys[slot] = undefined;
    this.#items[slot] = undefined;
    this.#heap.remove(slot);
    if (this.#heap.isSparse) this.#compact();
  }

  #compact(): void {
    const [keys, items] = [this.#keys, this.#items];
    this.#keys = [];
    this.#items = this.#itemsFor(this.#keys);
    this.#heap.compact((from, to) => {
      this.#keys[to] = keys[from];
      this.#items[to] = items[from];
      this.#slots.set(keys[from], to);
    });
  }
}
