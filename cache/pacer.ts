import type { Clock } from "../async/mod.ts";

/** How long the event loop is held at most before others get their turn, in milliseconds. */
const TURN = 10;

/**
 * Shares the event loop: those who work through much together hold it for a turn at most, so that a timer elsewhere,
 * such as that of a lease, is not late. Ask {@linkcode Pacer.isDue} between small steps.
 */
export class Pacer {
  readonly #clock: Clock;
  readonly #waiting: (() => void)[] = [];
  /** Whether the event loop has not come round since somebody asked first. */
  #isInTurn = false;
  #began = 0;

  /** Its turns are those of this clock. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether it is time to {@linkcode Pacer.pause}: the event loop has been held for a turn. */
  isDue(): boolean {
    const now = this.#clock.now();
    if (!this.#isInTurn) {
      this.#isInTurn = true;
      this.#began = now;
      this.#clock.schedule(() => this.#isInTurn = false, 0);
    }
    return now - this.#began > TURN;
  }

  /** Lets everything else run first: timers, sockets, and those who paused before. */
  pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#waiting.length === 1) this.#schedule();
    });
  }

  #schedule(): void {
    this.#clock.schedule(() => {
      this.#isInTurn = false;
      // One at a time, in order: whoever goes on may use up the whole turn.
      this.#waiting.shift()?.();
      if (this.#waiting.length > 0) this.#schedule();
    }, 0);
  }
}
