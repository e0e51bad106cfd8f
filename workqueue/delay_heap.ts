/** Room in the beginning; it doubles. */
const FIRST_SIZE = 16;

/** A heap whose memory is used to less than one part in this many gives it back. */
const SPARE = 8;

/**
 * Times, of which the first is found at once; those at the same time in the order in which they came. Each has a slot,
 * a small number that stays while it is there. All is in arrays of numbers: there is no object for each time that a
 * garbage collector would have to follow and move.
 */
export class DelayHeap {
  #length = 0;
  #inserted = 0;
  /** By place. Each of them is before those at `4 * place + 1` to `4 * place + 4`. */
  #dues = new Float64Array(FIRST_SIZE);
  /** By place, whose slot it is; from `#length` on, the slots that are free. */
  #slots = Int32Array.from({ length: FIRST_SIZE }, (_, index) => index);
  /** By slot: its place, and when it came. */
  #places = new Int32Array(FIRST_SIZE);
  #orders = new Float64Array(FIRST_SIZE);

  get length(): number {
    return this.#length;
  }

  /** Slot of the first. There has to be one. */
  get first(): number {
    return this.#slots[0];
  }

  /** Time of the first; NaN if there is none. */
  get firstDue(): number {
    return this.#length > 0 ? this.#dues[0] : NaN;
  }

  /** Whether {@linkcode DelayHeap.compact} is worth it. */
  get isSparse(): boolean {
    return this.#length * SPARE < this.#dues.length && this.#dues.length > FIRST_SIZE * SPARE;
  }

  /** @returns The slot of what was inserted: one that was free before, or the next number. */
  insert(due: number): number {
    if (this.#length === this.#dues.length) this.#resize(2 * this.#length);
    const place = this.#length++;
    const slot = this.#slots[place];
    this.#orders[slot] = this.#inserted++;
    this.#rise(place, due, slot);
    return slot;
  }

  /** Lets a slot have an earlier time. @returns Whether it is one. */
  hasten(slot: number, due: number): boolean {
    const place = this.#places[slot];
    if (due >= this.#dues[place]) return false;
    this.#rise(place, due, slot);
    return true;
  }

  /** Frees a slot that is used. */
  remove(slot: number): void {
    const last = --this.#length;
    const [due, moved] = [this.#dues[last], this.#slots[last]];
    this.#slots[last] = slot;
    if (moved === slot) return;
    const place = this.#rise(this.#places[slot], due, moved);
    this.#sink(place, due, moved);
  }

  /**
   * Gives back memory that is no longer needed, for which slots are numbered anew, from 0 to `length`.
   *
   * @param onMove Told of each slot what its number was and is.
   */
  compact(onMove: (from: number, to: number) => void): void {
    const orders = this.#orders;
    const slots = this.#slots;
    let size = FIRST_SIZE;
    while (size < 2 * this.#length) size *= 2;
    this.#orders = new Float64Array(0);
    this.#slots = new Int32Array(0);
    this.#resize(size);
    for (let place = 0; place < this.#length; place++) {
      this.#places[place] = place;
      this.#orders[place] = orders[slots[place]];
      onMove(slots[place], place);
    }
  }

  #resize(size: number): void {
    const known = this.#slots.length;
    this.#dues = resized(this.#dues, new Float64Array(size));
    this.#slots = resized(this.#slots, new Int32Array(size));
    this.#places = resized(this.#places, new Int32Array(size));
    this.#orders = resized(this.#orders, new Float64Array(size));
    for (let slot = known; slot < size; slot++) this.#slots[slot] = slot;
  }

  /** Puts what belongs at `place` or further up where it belongs. @returns Where that is. */
  #rise(place: number, due: number, slot: number): number {
    const dues = this.#dues;
    const slots = this.#slots;
    const places = this.#places;
    const orders = this.#orders;
    while (place > 0) {
      const parent = (place - 1) >> 2;
      const other = slots[parent];
      if (dues[parent] < due || (dues[parent] === due && orders[other] < orders[slot])) break;
      dues[place] = dues[parent];
      slots[place] = other;
      places[other] = place;
      place = parent;
    }
    dues[place] = due;
    slots[place] = slot;
    places[slot] = place;
    return place;
  }

  /** The same for what belongs at `place` or further down. */
  #sink(place: number, due: number, slot: number): void {
    const dues = this.#dues;
    const slots = this.#slots;
    const places = this.#places;
    const orders = this.#orders;
    for (let child = 4 * place + 1; child < this.#length; child = 4 * place + 1) {
      const end = Math.min(child + 4, this.#length);
      for (let other = child + 1; other < end; other++) {
        if (
          dues[other] < dues[child] ||
          (dues[other] === dues[child] && orders[slots[other]] < orders[slots[child]])
        ) child = other;
      }
      const above = slots[child];
      if (due < dues[child] || (due === dues[child] && orders[slot] < orders[above])) break;
      dues[place] = dues[child];
      slots[place] = above;
      places[above] = place;
      place = child;
    }
    dues[place] = due;
    slots[place] = slot;
    places[slot] = place;
  }
}

/** What `from` holds, as far as there is room for it in `to`. */
function resized<A extends Float64Array | Int32Array>(from: A, to: A): A {
  to.set(from.subarray(0, to.length));
  return to;
}
