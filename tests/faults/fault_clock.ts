import type { SleepOptions } from "@coxswain/kube/async";
import { ManualClock } from "@coxswain/kube/testing";

/** The time-outs of {@linkcode RestConfig} until there are headers: 30 s, 75 s, and both where a `fetch` connects. */
const BEFORE_HEADERS = new Set([30_000, 75_000, 105_000]);

/**
 * A clock for faults on real sockets. Pauses between attempts take no time, or a test would have to know when a client
 * sleeps and when it waits for a socket. Time-outs stand still until a fault moves time on.
 */
export class FaultClock extends ManualClock {
  /** The pauses that were asked for, in milliseconds. */
  readonly pauses: number[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #looking: (() => void)[] = [];
  #connects = true;

  /** Notes the pause and is over. */
  override async sleep(delay: number, { signal }: SleepOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    this.pauses.push(delay);
    await undefined;
  }

  /** As of any clock, and tells {@linkcode FaultClock.reading}. */
  override schedule(callback: () => void, delay: number): () => void {
    if (BEFORE_HEADERS.has(delay)) this.#connects = delay === 30_000;
    if (!BEFORE_HEADERS.has(delay)) { for (const resolve of this.#waiting.splice(0)) resolve(); }
    return super.schedule(callback, delay);
  }

  /** Lets the time pass in which headers are to come: 75 s from the connection on, 105 s where nobody tells of it. */
  async awaitHeaders(): Promise<void> {
    await this.advance(this.#connects ? 75_000 : 105_000);
  }

  /** As of any clock, and tells {@linkcode FaultClock.readingOn}. */
  override now(): number {
    for (const resolve of this.#looking.splice(0)) resolve();
    return super.now();
  }

  /** Resolves when a client first waits for bytes of a body: it has the headers, whatever happens from then on. */
  reading(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Resolves when a client waits for further bytes, which begins with a look at the clock. */
  readingOn(): Promise<void> {
    return new Promise((resolve) => this.#looking.push(resolve));
  }
}
