import { type Clock, onAbort } from "../async/mod.ts";

/** Options of {@linkcode WriteQueue}. */
export interface WriteQueueOptions {
  /** How many writes may wait. */
  size: number;
  /** How many run at the same time. */
  workers: number;
  clock: Clock;
}

/** How long closing waits for what is left, in milliseconds. */
const CLOSE_LIMIT = 5_000;

/** Runs writes that fail in no way, some at the same time, and lets only so many wait. */
export class WriteQueue {
  readonly #options: WriteQueueOptions;
  readonly #waiting: (() => Promise<void>)[] = [];
  readonly #ended = new AbortController();
  #running = 0;
  #onIdle = () => {};
  #closed: Promise<void> | undefined;

  constructor(options: WriteQueueOptions) {
    this.#options = options;
  }

  /** Aborts what runs when closing has taken too long. */
  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** @returns Whether there was room. */
  add(write: () => Promise<void>): boolean {
    if (this.#closed !== undefined || this.#waiting.length >= this.#options.size) return false;
    this.#waiting.push(write);
    this.#work();
    return true;
  }

  /** Takes no more, and waits for what is left, though not for long. */
  close(): Promise<void> {
    this.#closed ??= new Promise<void>((resolve) => {
      if (this.#running === 0) return resolve();
      const cancel = this.#options.clock.schedule(() => {
        this.#waiting.length = 0;
        this.#ended.abort(new DOMException("The recorder was closed", "AbortError"));
      }, CLOSE_LIMIT);
      const forget = onAbort(this.#ended.signal, () => resolve());
      this.#onIdle = () => {
        forget();
        cancel();
        resolve();
      };
    });
    return this.#closed;
  }

  #work(): void {
    while (this.#running < this.#options.workers) {
      const write = this.#waiting.shift();
      if (write === undefined) break;
      this.#running++;
      void write().finally(() => {
        this.#running--;
        this.#work();
        if (this.#running === 0) this.#onIdle();
      });
    }
  }
}
