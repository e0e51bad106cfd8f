import { type Clock, pendingLoads, sleepOn, type SleepOptions } from "../async/mod.ts";

/** Options of {@linkcode ManualClock}. */
export interface ManualClockOptions {
  /** What {@linkcode ManualClock.date} says before any time has passed. Default 2026-01-01T00:00:00Z. */
  start?: Date | string;
}

interface Timer {
  readonly due: number;
  readonly callback: () => void;
}

/** How many rounds of promise reactions run before time moves on. A `fetch` in memory needs about twenty. */
const ROUNDS = 100;

/**
 * A clock whose time a test moves by hand. Nothing in it waits: a lease of 15 seconds ends as fast as the
 * program can run. One clock may serve a client and an {@linkcode ApiServer} together.
 *
 * @example A minute in no time
 * ```ts
 * import assert from "node:assert/strict";
 * import { ManualClock } from "@coxswain/kube/testing";
 * const clock = new ManualClock();
 * let woken = false;
 * void clock.sleep(60_000).then(() => woken = true);
 * await clock.advance(59_999);
 * assert.equal(woken, false);
 * await clock.advance(1);
 * assert.equal(woken, true);
 * ```
 */
export class ManualClock implements Clock {
  readonly #start: number;
  #now = 0;
  #timers: Timer[] = []; // ordered by time due, then by when they were set
  #waiters: { count: number; resolve: () => void }[] = [];

  /**
   * A clock that stands still.
   *
   * @throws {RangeError} If `start` is not a date.
   */
  constructor(options: ManualClockOptions = {}) {
    const { start = "2026-01-01T00:00:00Z" } = options;
    this.#start = new Date(start).getTime();
    if (Number.isNaN(this.#start)) throw new RangeError(`Cannot start a clock: ${start} is not a date`);
  }

  /** Milliseconds that have been advanced in all. */
  now(): number {
    return this.#now;
  }

  /** The start date plus what has been advanced. */
  date(): Date {
    return new Date(this.#start + this.#now);
  }

  /** Calls `callback` when time has been advanced by `delay` milliseconds; 0 or less needs an advance too. */
  schedule(callback: () => void, delay: number): () => void {
    const timer = { due: this.#now + Math.max(delay, 0), callback };
    const later = this.#timers.findIndex(({ due }) => due > timer.due);
    this.#timers.splice(later === -1 ? this.#timers.length : later, 0, timer);
    this.#waiters = this.#waiters.filter(({ count, resolve }) => {
      if (this.#timers.length < count) return true;
      resolve();
      return false;
    });
    return () => {
      const index = this.#timers.indexOf(timer);
      if (index !== -1) this.#timers.splice(index, 1);
    };
  }

  /** Resolves when time has been advanced by `delay` milliseconds. */
  sleep(delay: number, options?: SleepOptions): Promise<void> {
    return sleepOn(this, delay, options);
  }

  /** How many timers are pending. */
  get timers(): number {
    return this.#timers.length;
  }

  /**
   * Moves time forward and fires what falls due, in order. Promise reactions run before, after and between
   * timers, so that a timer which a woken program sets anew fires too, if it falls due.
   *
   * @param duration Milliseconds.
   * @throws {RangeError} If time would go backwards.
   */
  async advance(duration: number): Promise<void> {
    if (!(duration >= 0)) throw new RangeError(`Cannot advance a clock by ${duration} ms: time only grows`);
    const end = this.#now + duration;
    await settle();
    while (this.#timers.length > 0 && this.#timers[0].due <= end) await this.runNext();
    this.#now = Math.max(this.#now, end);
    await settle();
  }

  /**
   * Moves time forward, from timer to timer, until something is so: that a cache has an object, that a lease is lost.
   *
   * @param isSo Asked before each move.
   * @param limit How far to go at most, in milliseconds. Default an hour.
   * @throws {RangeError} If it is not so by then, or nothing is left that could make it so.
   */
  async advanceUntil(isSo: () => boolean, { limit = 3_600_000 }: { limit?: number } = {}): Promise<void> {
    const end = this.#now + limit;
    await settle();
    while (!isSo()) {
      const [next] = this.#timers;
      if (next === undefined) {
        throw new RangeError("Cannot advance until it is so: no timer is left to wait for");
      }
      if (next.due > end) throw new RangeError(`Cannot advance until it is so: it is not after ${limit} ms`);
      await this.runNext();
    }
  }

  /** Moves time to the next timer and fires it alone. @returns Whether there was one. */
  async runNext(): Promise<boolean> {
    const timer = this.#timers.shift();
    if (timer === undefined) return false;
    this.#now = Math.max(this.#now, timer.due);
    timer.callback();
    await settle();
    return true;
  }

  /** Resolves once at least `count` timers are pending: when something has gone to sleep. Default 1. */
  waitForTimer(count = 1): Promise<void> {
    if (this.#timers.length >= count) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push({ count, resolve }));
  }
}

async function settle(): Promise<void> {
  for (;;) {
    for (let round = 0; round < ROUNDS; round++) await undefined;
    const loads = pendingLoads(); // a program that is being loaded is not late
    if (loads === undefined) return;
    await loads;
  }
}
