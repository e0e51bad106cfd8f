import { type Clock, onAbort } from "../async/mod.ts";
import { type Meter, noMeter } from "../observe/mod.ts";
import { QueueMetrics } from "./queue_metrics.ts";
import type { QueueStorage } from "./queue_storage.ts";

/** What a queue knows of a key that waits, is processed, or both. */
export interface Entry<T> {
  /** The item that is waiting, or that was added while another with its key is processed. */
  item: T;
  /** Whether it is to be handed out: added, and not handed out since. */
  isDirty: boolean;
  isProcessing: boolean;
  /** When it became dirty, and when it was handed out; 0 when nothing is measured. */
  addedAt: number;
  startedAt: number;
}

/** Options of {@linkcode EntryQueue}. */
export interface EntryQueueOptions<E> {
  /** The order in which entries are handed out. */
  storage: QueueStorage<E>;
  /** Every entry that waits or is processed. */
  entries: ReadonlyMap<unknown, E>;
  /** What metrics call the queue. Without a name nothing is measured. */
  name: string;
  meter: Meter;
  clock: Clock;
}

interface Getter<T> {
  resolve(item: T | undefined): void;
  forget(): void;
}

/**
 * What queues have in common, behind their keys: who waits, what is handed out next, when all is done. Its user finds
 * the entry of an item, once for each call.
 */
export class EntryQueue<T, E extends Entry<T>> {
  readonly #storage: QueueStorage<E>;
  readonly #entries: ReadonlyMap<unknown, E>;
  readonly #clock: Clock;
  readonly #metrics: QueueMetrics | undefined;
  readonly #getters = new Set<Getter<T>>();
  readonly #drainers = new Set<() => void>();
  #dirty = 0;
  #processing = 0;
  #isShuttingDown = false;
  /** Whether getters that wait are about to be served. */
  #isServing = false;

  constructor({ storage, entries, name, meter, clock }: EntryQueueOptions<E>) {
    this.#storage = storage;
    this.#entries = entries;
    this.#clock = clock;
    const isMeasured = name !== "" && meter !== noMeter;
    this.#metrics = isMeasured ? new QueueMetrics(name, meter, clock, () => this.#started()) : undefined;
  }

  get length(): number {
    return this.#storage.length;
  }

  get isShuttingDown(): boolean {
    return this.#isShuttingDown;
  }

  /** Adds an entry, unless it waits already. Not to be called once the queue is shutting down. */
  add(entry: E): void {
    if (entry.isDirty) {
      if (!entry.isProcessing) this.#storage.touch(entry);
      return;
    }
    entry.isDirty = true;
    this.#dirty++;
    if (this.#metrics !== undefined) {
      entry.addedAt = this.#clock.now();
      this.#metrics.added(this.#dirty);
    }
    if (!entry.isProcessing) this.#push(entry); // else done() does
  }

  get({ signal }: { signal?: AbortSignal } = {}): Promise<T | undefined> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#getters.size === 0 && this.#storage.length > 0) return Promise.resolve(this.#pop());
    if (this.#isShuttingDown) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => {
      const getter: Getter<T> = {
        resolve,
        forget: onAbort(signal, (reason) => {
          this.#getters.delete(getter);
          reject(reason);
        }),
      };
      this.#getters.add(getter);
    });
  }

  take(): T | undefined {
    return this.#storage.length > 0 ? this.#pop() : undefined;
  }

  /** An entry has been dealt with. @returns Whether it is neither processed any more nor to be handed out again. */
  done(entry: E): boolean {
    if (!entry.isProcessing) return false;
    entry.isProcessing = false;
    this.#processing--;
    this.#metrics?.done(this.#clock.now() - entry.startedAt);
    if (entry.isDirty) this.#push(entry);
    if (this.#drainers.size > 0 && this.#processing + this.#storage.length === 0) this.#endDrain();
    return !entry.isDirty;
  }

  shutDown(): void {
    this.#close();
    this.#endDrain();
  }

  shutDownWithDrain({ signal }: { signal?: AbortSignal } = {}): Promise<void> {
    this.#close();
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#processing === 0) {
      this.#endDrain();
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const forget = onAbort(signal, (reason) => {
        this.#drainers.delete(drained);
        reject(reason);
      });
      const drained = () => {
        forget();
        resolve();
      };
      this.#drainers.add(drained);
    });
  }

  #push(entry: E): void {
    this.#storage.push(entry);
    if (this.#getters.size === 0 || this.#isServing) return;
    // Not at once: of what is added in one go, workers that wait get each item once, and the most important first.
    this.#isServing = true;
    queueMicrotask(() => {
      this.#isServing = false;
      this.#serve();
    });
  }

  /** Gives what is queued to those who wait, who has waited the longest first. */
  #serve(): void {
    for (const getter of this.#getters) {
      if (this.#storage.length === 0) return;
      this.#getters.delete(getter);
      getter.forget();
      getter.resolve(this.#pop());
    }
  }

  #pop(): T {
    const entry = this.#storage.pop() as E; // it is asked when it has one
    entry.isDirty = false;
    entry.isProcessing = true;
    this.#dirty--;
    this.#processing++;
    if (this.#metrics !== undefined) {
      entry.startedAt = this.#clock.now();
      this.#metrics.handedOut(this.#dirty, entry.startedAt - entry.addedAt);
    }
    return entry.item;
  }

  #close(): void {
    this.#isShuttingDown = true;
    this.#serve();
    for (const getter of this.#getters) { // there is nothing more for them
      getter.forget();
      getter.resolve(undefined);
    }
    this.#getters.clear();
  }

  #endDrain(): void {
    this.#metrics?.end();
    for (const drained of this.#drainers) drained();
    this.#drainers.clear();
  }

  *#started(): Iterable<number> {
    for (const entry of this.#entries.values()) if (entry.isProcessing) yield entry.startedAt;
  }
}
