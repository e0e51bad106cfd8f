import { openSync, readSync } from "node:fs";

/** How often the event loop is asked whether it is there, in milliseconds. */
const PERIOD = 5;
/** From here on a stall is counted, in milliseconds: what the package promises not to reach. */
const LONG = 50;

/** How an event loop was held up. All in milliseconds. */
export interface Stalls {
  /** The longest time that a timer was late. */
  longest: number;
  /** The same without the time for which the thread wanted to run and other processes had the processors. */
  longestOwn: number;
  /** How many times `longestOwn` was above 50 ms. */
  long: number;
}

/**
 * Begins to watch the event loop. A timer shows all that keeps timers from running: long steps, the garbage
 * collector, and also promises that follow each other without an end, during which nothing else gets its turn.
 *
 * @returns Ends it, and tells what was seen until that moment.
 */
export function watchEventLoop(): () => Stalls {
  const stalls: Stalls = { longest: 0, longestOwn: 0, long: 0 };
  const timeWaited = openTimeWaited();
  let last = performance.now();
  let waited = timeWaited();
  const look = () => {
    const now = performance.now();
    const waitedNow = timeWaited();
    const late = now - last - PERIOD;
    const own = late - (waitedNow - waited);
    last = now;
    waited = waitedNow;
    stalls.longest = Math.max(stalls.longest, late);
    stalls.longestOwn = Math.max(stalls.longestOwn, own);
    if (own > LONG) stalls.long++;
  };
  const timer = setInterval(look, PERIOD);
  return () => {
    clearInterval(timer);
    look(); // without it, what never let the timer run at all would not be seen
    return stalls;
  };
}

/** For how long this thread could have run but had no processor, in milliseconds. Linux alone tells; else 0. */
function openTimeWaited(): () => number {
  let file: number;
  try {
    file = openSync("/proc/thread-self/schedstat", "r");
  } catch {
    return () => 0; // another system, or a kernel that does not count
  }
  const buffer = new Uint8Array(64);
  const decoder = new TextDecoder();
  return () => {
    const length = readSync(file, buffer, 0, buffer.length, 0);
    return Number(decoder.decode(buffer.subarray(0, length)).split(" ")[1]) / 1e6;
  };
}
