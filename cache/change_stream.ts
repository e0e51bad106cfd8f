import { onAbort } from "../async/mod.ts";
import type { KubernetesObject } from "../meta/mod.ts";
import type { Change, EntryChange } from "./change.ts";
import { ChangeBuffer } from "./change_buffer.ts";
import type { Listener, ListenerContext } from "./listener.ts";

/** Options of `changes()`. */
export interface ChangesOptions {
  /** Ends the loop: it throws the signal's reason. */
  signal?: AbortSignal;
  /**
   * How many changes may wait for a slow loop one by one. Beyond, those of one object become one, so that the loop
   * misses states in between, but never the last one. Default 10,000.
   */
  bufferSize?: number;
}

const BUFFER_SIZE = 10_000;

/** Changes for a loop that takes them when it wants to. */
export class ChangeStream<T extends KubernetesObject>
  implements Listener<T>, AsyncIterableIterator<Change<T>> {
  readonly name = "changes()";
  readonly resyncPeriod = 0;
  readonly #context: ListenerContext;
  readonly #buffer: ChangeBuffer<T>;
  readonly #onEnd: (stream: ChangeStream<T>) => void;
  readonly #forget: () => void;
  #state: { at: "open" } | { at: "ended" } | { at: "failed"; error: unknown } = { at: "open" };
  /** Reads that wait; mostly one. */
  #waiting: (() => void)[] = [];

  constructor(
    { signal, bufferSize = BUFFER_SIZE }: ChangesOptions,
    context: ListenerContext,
    onEnd: (stream: ChangeStream<T>) => void,
  ) {
    if (!(bufferSize >= 1)) {
      throw new RangeError(`Cannot follow changes: bufferSize must be at least 1, got ${bufferSize}`);
    }
    this.#context = context;
    this.#buffer = new ChangeBuffer(bufferSize);
    this.#onEnd = onEnd;
    this.#forget = onAbort(signal, (error) => this.#end({ at: "failed", error }));
  }

  get pending(): number {
    return this.#buffer.length;
  }

  push(changes: readonly EntryChange<T>[]): void {
    if (this.#state.at !== "open") return;
    this.#buffer.push(changes);
    this.#wake();
  }

  upstreamSynced(): void {}

  close(): Promise<void> {
    this.#end({ at: "ended" });
    return Promise.resolve();
  }

  async next(): Promise<IteratorResult<Change<T>, undefined>> {
    const { pacer } = this.#context;
    if (pacer.isDue() && this.#buffer.length > 0) await pacer.pause();
    while (this.#state.at === "open" && this.#buffer.length === 0) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    if (this.#state.at === "failed") throw this.#state.error;
    const value = this.#buffer.shift();
    return value === undefined ? { done: true, value } : { done: false, value };
  }

  return(): Promise<IteratorResult<Change<T>, undefined>> {
    this.#end({ at: "ended" });
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #end(state: { at: "ended" } | { at: "failed"; error: unknown }): void {
    if (this.#state.at !== "open") return;
    this.#state = state;
    this.#buffer.clear();
    this.#forget?.(); // not there yet when the signal was aborted from the beginning
    this.#onEnd(this);
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
