/** How many lines of a second are remembered. With more of them, some may come twice, but none is lost. */
const MOST_REMEMBERED = 200_000;

/** How often a time was seen. */
type Times = Map<string, number>;

/**
 * How far a log has been read, so that it can be read on without losing or repeating a line. Servers give a log from a
 * whole second on, and two outputs of a container may be written a little out of order: so what was seen in the last
 * second and the one before it is remembered, by the time of each line.
 */
export class LogPosition {
  #latest = -Infinity;
  /** What was seen in the latest second, and in the one before it. */
  #seen: Map<number, Times> = new Map();
  /** The time of the first line: what was not asked for comes before it. */
  #first: string | undefined;
  #again: Times | undefined;

  /** From when on the log must be read again, in RFC 3339; `undefined` for all of it. */
  get since(): string | undefined {
    if (this.#latest === -Infinity) return undefined;
    return new Date((this.#latest - 1) * 1000).toISOString().replace(".000Z", "Z");
  }

  /** From here on, the lines come again that are not older than {@linkcode LogPosition.since}. */
  readAgain(): void {
    this.#again = new Map([...this.#seen.values()].flatMap((times) => [...times]));
  }

  /** Whether a line of that time has not been seen. If so, it has been now. */
  isNew(time: string): boolean {
    const milliseconds = Date.parse(time);
    if (Number.isNaN(milliseconds)) return true; // a server that tells no times repeats, rather than loses
    const second = Math.floor(milliseconds / 1000);
    const name = `${second}.${(/\.(\d+)/.exec(time)?.[1] ?? "").padEnd(9, "0")}`;
    this.#first ??= name;
    if (this.#again !== undefined) {
      if (second < this.#latest - 1 || name < this.#first) return false;
      const left = this.#again.get(name) ?? 0;
      if (left > 0) {
        this.#again.set(name, left - 1);
        return false;
      }
    }
    this.#remember(second, name);
    return true;
  }

  #remember(second: number, name: string): void {
    if (second < this.#latest - 1) return;
    if (second > this.#latest) {
      this.#latest = second;
      for (const one of this.#seen.keys()) if (one < second - 1) this.#seen.delete(one);
      // Who has come so far sees nothing again: lines come in order, but for what is remembered.
      if (this.#again !== undefined && !this.#seen.has(second - 1)) this.#again = undefined;
    }
    let times = this.#seen.get(second);
    if (times === undefined) this.#seen.set(second, times = new Map());
    if (times.size < MOST_REMEMBERED) times.set(name, (times.get(name) ?? 0) + 1);
  }
}
