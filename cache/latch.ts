import { onAbort } from "../async/mod.ts";

/** Something that happens once, or turns out never to happen, and those who wait for it. */
export class Latch {
  #state: { at: "open" } | { at: "done" } | { at: "failed"; error: unknown } = { at: "open" };
  readonly #waiting = new Set<PromiseWithResolvers<void>>();

  /** Whether it has happened. */
  get isDone(): boolean {
    return this.#state.at === "done";
  }

  /** It has happened. */
  done(): void {
    if (this.#state.at !== "open") return;
    this.#state = { at: "done" };
    for (const { resolve } of this.#waiting) resolve();
    this.#waiting.clear();
  }

  /** It will not happen any more. */
  fail(error: unknown): void {
    if (this.#state.at !== "open") return;
    this.#state = { at: "failed", error };
    for (const { reject } of this.#waiting) reject(error);
    this.#waiting.clear();
  }

  /** Resolves when it has happened. @throws The signal's reason; what it failed with. */
  async wait({ signal }: { signal?: AbortSignal } = {}): Promise<void> {
    if (this.#state.at === "done") return;
    if (this.#state.at === "failed") throw this.#state.error;
    const waiting = Promise.withResolvers<void>();
    this.#waiting.add(waiting);
    const forget = onAbort(signal, waiting.reject);
    try {
      await waiting.promise;
    } finally {
      forget();
      this.#waiting.delete(waiting);
    }
  }
}
