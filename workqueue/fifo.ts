import type { QueueStorage } from "./queue_storage.ts";

/** Slots in the beginning; a power of two, so that positions wrap with a mask. */
const FIRST_SIZE = 16;

/** First in, first out: a ring that grows, and keeps nothing that it has given away (spec informers WQ-07). */
export class Fifo<T> implements QueueStorage<T> {
  #slots: (T | undefined)[] = new Array(FIRST_SIZE).fill(undefined);
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(item: T): void {
    if (this.#length === this.#slots.length) this.#grow();
    this.#slots[(this.#head + this.#length) & (this.#slots.length - 1)] = item;
    this.#length++;
  }

  touch(): void {}

  pop(): T | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#slots[this.#head];
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#slots.length - 1);
    this.#length--;
    if (this.#length === 0 && this.#slots.length > 1_024) {
      this.#slots = new Array(FIRST_SIZE).fill(undefined);
      this.#head = 0;
    }
    return item;
  }

  #grow(): void {
    const { length } = this.#slots;
    const slots = [...this.#slots.slice(this.#head), ...this.#slots.slice(0, this.#head)];
    for (let slot = 0; slot < length; slot++) slots.push(undefined);
    this.#slots = slots;
    this.#head = 0;
  }
}
