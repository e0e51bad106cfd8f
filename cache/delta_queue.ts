import { onAbort } from "../async/mod.ts";
import type { KubernetesObject } from "../meta/mod.ts";
import type { Delta } from "./delta.ts";

/** How many deltas are taken at once at most. */
export const BATCH_SIZE = 1_000;

/**
 * What a reflector has found out, in order, until it is applied. Nothing is merged or left out, deletions and
 * replacements of everything included. A reflector that is far ahead is to wait for {@linkcode DeltaQueue.room}.
 *
 * @see client-go `RealFIFO`, spec informers 12
 */
export class DeltaQueue<T extends KubernetesObject> {
  #deltas: Delta<T>[] = [];
  readonly #waiting = new Set<() => void>();

  /** How many deltas wait. */
  get length(): number {
    return this.#deltas.length;
  }

  /** Adds deltas at the end. */
  push(deltas: readonly Delta<T>[]): void {
    if (this.#deltas.length === 0) this.#deltas = deltas.slice();
    else for (const delta of deltas) this.#deltas.push(delta);
  }

  /**
   * Takes the oldest deltas: at most {@linkcode BATCH_SIZE}, and a replacement of everything alone, so that what is
   * in the initial list never shares a batch with what is not.
   */
  take(): Delta<T>[] {
    const all = this.#deltas;
    let end = Math.min(all.length, BATCH_SIZE);
    if (all[0]?.type === "ReplacedAll") end = 1;
    else for (let at = 1; at < end; at++) if (all[at].type === "ReplacedAll") end = at;
    const batch = end === all.length ? all : all.slice(0, end);
    this.#deltas = end === all.length ? [] : all.slice(end);
    if (this.#hasRoom) {
      for (const wake of this.#waiting) wake();
      this.#waiting.clear();
    }
    return batch;
  }

  /**
   * A promise of room for more; `undefined` if there is room.
   *
   * @throws The signal's reason.
   */
  room(signal: AbortSignal): Promise<void> | undefined {
    if (this.#hasRoom) return undefined;
    return new Promise((resolve, reject) => {
      const wake = () => {
        forget();
        resolve();
      };
      this.#waiting.add(wake);
      const forget = onAbort(signal, (reason) => {
        this.#waiting.delete(wake);
        reject(reason);
      });
    });
  }

  get #hasRoom(): boolean {
    return this.#deltas.length < 2 * BATCH_SIZE;
  }
}
