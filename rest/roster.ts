/** What can be in a {@linkcode Roster}: in one at a time. */
export class Listed {
  /** Its neighbours, or itself while it is in none: the roster's affair. */
  before: Listed = this;
  /** The same on the other side. */
  after: Listed = this;
}

/**
 * Who is there at present, where many come and go. Not a `Set`: V8 makes a new table after each few that have gone, an old
 * table refers to the next and to all who were in it, and once one of them is among what is old, each small collection
 * keeps all the others. Here, who has gone refers to nobody, and nobody to them.
 */
export class Roster<T extends Listed> {
  readonly #ends = new Listed();

  /** Whether nobody is there. */
  get isEmpty(): boolean {
    return this.#ends.after === this.#ends;
  }

  /** Adds one that is in no roster, after all others. */
  add(one: T): void {
    const last = this.#ends.before;
    one.before = last;
    one.after = this.#ends;
    last.after = this.#ends.before = one;
  }

  /** Takes one out. @returns Whether it was there. */
  delete(one: T): boolean {
    const { before, after } = one;
    if (after === one) return false;
    before.after = after;
    after.before = before;
    one.before = one.after = one;
    return true;
  }

  /** All who are there now, in the order in which they came. */
  all(): T[] {
    const all: T[] = [];
    for (let one = this.#ends.after; one !== this.#ends; one = one.after) all.push(one as T);
    return all;
  }
}
