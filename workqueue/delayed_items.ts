import type { Clock } from "../async/mod.ts";

interface Delayed<T> {
  readonly key: unknown;
  readonly item: T;
  /** On the clock's time. */
  due: number;
  /** Of those due together, who came first. */
  readonly order: number;
  /** Where it is in the heap. */
  index: number;
}

/**
 * Items that wait for their time: one for each key, of which the earliest time counts; in a heap with one timer.
 * There is no heartbeat as in client-go: the timer is set anew whenever another item is the first.
 */
export class DelayedItems<T> {
  readonly #clock: Clock;
  readonly #onDue: (item: T, key: unknown) => void;
  readonly #byKey = new Map<unknown, Delayed<T>>();
  /** A binary heap: each comes before those at `2 * index + 1` and `2 * index + 2`. */
  readonly #heap: Delayed<T>[] = [];
  #timer: { due: number; cancel(): void } | undefined;
  #added = 0;

  constructor(clock: Clock, onDue: (item: T, key: unknown) => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /** @param delay Milliseconds, above 0. */
  add(key: unknown, item: T, delay: number): void {
    const due = this.#clock.now() + delay;
    const known = this.#byKey.get(key);
    if (known === undefined) {
      const added = { key, item, due, order: this.#added++, index: this.#heap.length };
      this.#byKey.set(key, added);
      this.#heap.push(added);
      this.#rise(added);
    } else if (due < known.due) {
      known.due = due;
      this.#rise(known);
    } else return;
    this.#setTimer();
  }

  /** Forgets an item. @returns Whether it was waiting. */
  delete(key: unknown): boolean {
    const known = this.#byKey.get(key);
    if (known === undefined) return false;
    this.#remove(known);
    this.#setTimer();
    return true;
  }

  /** Forgets all items. */
  clear(): void {
    this.#byKey.clear();
    this.#heap.length = 0;
    this.#setTimer();
  }

  #setTimer(): void {
    const due = this.#heap[0]?.due;
    if (due === this.#timer?.due) return;
    this.#timer?.cancel();
    if (due === undefined) this.#timer = undefined;
    else {
      const cancel = this.#clock.schedule(() => this.#fire(), Math.max(0, due - this.#clock.now()));
      this.#timer = { due, cancel };
    }
  }

  /** Hands out what is due, in the order in which it became so. A timer that was early is set again. */
  #fire(): void {
    this.#timer = undefined;
    const now = this.#clock.now();
    while (this.#heap.length > 0 && this.#heap[0].due <= now) {
      const [first] = this.#heap;
      this.#remove(first);
      this.#onDue(first.item, first.key);
    }
    this.#setTimer();
  }

  #remove(removed: Delayed<T>): void {
    this.#byKey.delete(removed.key);
    const last = this.#heap.pop()!; // there is at least the one
    if (last === removed) return;
    this.#put(last, removed.index);
    this.#rise(last);
    this.#sink(last);
  }

  #rise(one: Delayed<T>): void {
    let { index } = one;
    while (index > 0) {
      const parent = this.#heap[(index - 1) >> 1];
      if (!isBefore(one, parent)) break;
      const above = parent.index;
      this.#put(parent, index);
      index = above;
    }
    this.#put(one, index);
  }

  #sink(one: Delayed<T>): void {
    const { length } = this.#heap;
    let { index } = one;
    for (let child = 2 * index + 1; child < length; child = 2 * index + 1) {
      if (child + 1 < length && isBefore(this.#heap[child + 1], this.#heap[child])) child++;
      if (!isBefore(this.#heap[child], one)) break;
      this.#put(this.#heap[child], index);
      index = child;
    }
    this.#put(one, index);
  }

  #put(one: Delayed<T>, index: number): void {
    this.#heap[index] = one;
    one.index = index;
  }
}

function isBefore<T>(one: Delayed<T>, other: Delayed<T>): boolean {
  return one.due < other.due || (one.due === other.due && one.order < other.order);
}
