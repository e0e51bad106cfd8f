import type { Clock } from "../async/mod.ts";

/**
 * A time-out that is set and lifted often and seldom passes: a later one costs no timer, since the one that runs already
 * looks what it has come to when it is over.
 */
export class Deadline {
  readonly #clock: Clock;
  #due = Infinity;
  #onPassed = () => {};
  #timer: { due: number; cancel: () => void } | undefined;

  /** @param clock Whose time passes. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `onPassed` in `delay` milliseconds, in place of what was set before. */
  set(delay: number, onPassed: () => void): void {
    this.#onPassed = onPassed;
    this.#due = this.#clock.now() + delay;
    if (this.#timer !== undefined && this.#timer.due <= this.#due) return;
    this.#timer?.cancel();
    this.#arm(delay);
  }

  /** Waits for nothing, for now: what is set soon afterwards costs less than after {@linkcode Deadline.clear}. */
  lift(): void {
    this.#due = Infinity;
  }

  /** Waits for nothing, and leaves no timer. */
  clear(): void {
    this.lift();
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(delay: number): void {
    const due = this.#due;
    const cancel = this.#clock.schedule(() => {
      this.#timer = undefined;
      if (this.#due === Infinity) return;
      const left = this.#due - this.#clock.now();
      if (this.#due > due && left > 0) return this.#arm(left);
      this.#due = Infinity;
      this.#onPassed();
    }, delay);
    this.#timer = { due, cancel };
  }
}
