import { type Clock, systemClock } from "../async/mod.ts";
import { Listed, Roster } from "./roster.ts";

/** How many steps of other work may come between one request and the next. */
const STEPS = 50;

class Entry extends Listed {
  readonly due: number;
  readonly callback: () => void;
  isOff = false;

  constructor(due: number, callback: () => void) {
    super();
    this.due = due;
    this.callback = callback;
  }
}

/**
 * A clock with one timer for all who wait. Nothing is armed while nobody waits, but for some steps in which the next may
 * begin to. Not for who sleeps: what waits here is expected to be called off.
 */
export function sharingTimer(clock: Clock): Clock {
  const entries = new Roster<Entry>();
  let timer: { due: number; cancel: () => void } | undefined;
  /** How many steps are left until the timer goes, while nobody waits. */
  let steps = 0;

  function armFor(due: number): void {
    if (timer !== undefined && timer.due <= due) return;
    timer?.cancel();
    timer = { due, cancel: clock.schedule(ring, Math.max(due - clock.now(), 0)) };
  }

  function ring(): void {
    timer = undefined;
    const now = clock.now();
    let next = Infinity;
    for (const entry of entries.all()) {
      if (entry.due > now) next = Math.min(next, entry.due);
      else {
        entries.delete(entry);
        // Alone, so that one that throws keeps no other from its turn.
        queueMicrotask(() => {
          if (!entry.isOff) entry.callback();
        });
      }
    }
    if (next < Infinity) armFor(next);
  }

  /** Lets go of the timer, unless somebody waits again by then. */
  function leave(): void {
    if (!entries.isEmpty) steps = 0;
    else if (--steps > 0) queueMicrotask(leave);
    else {
      timer?.cancel();
      timer = undefined;
    }
  }

  return {
    ...clock,
    schedule(callback, delay) {
      const entry = new Entry(clock.now() + delay, callback);
      entries.add(entry);
      armFor(entry.due);
      return () => {
        entry.isOff = true;
        if (!entries.delete(entry) || !entries.isEmpty || steps > 0) return;
        steps = STEPS;
        leave();
      };
    },
  };
}

/**
 * The runtime's clock for time-outs of requests, which are many and hardly ever pass: a timer costs Deno a fifth of a
 * request. Module state, as timers are the process's; not for runtimes whose timers belong to what they serve, as on the
 * edge.
 */
export const sharedTimer: Clock = sharingTimer(systemClock);
