import { onAbort } from "../async/mod.ts";
import type { KubernetesObject } from "../meta/mod.ts";
import { compareVersions } from "./compare_versions.ts";
import type { Entry } from "./entry.ts";

/** A state of an object that somebody has written. */
export interface WrittenState {
  readonly key: string;
  readonly uid: string;
  readonly resourceVersion: string;
}

interface Waiter extends WrittenState, PromiseWithResolvers<void> {}

/**
 * Those who wait until a cache shows what they have written.
 *
 * @see KEP-5647: reading one's own writes through an informer
 */
export class SeenWaiters {
  readonly #name: string;
  readonly #waiters = new Set<Waiter>();
  #failure: { error: unknown } | undefined;

  /** @param name Of the cache, for errors. */
  constructor(name: string) {
    this.#name = name;
  }

  /** How many wait. */
  get size(): number {
    return this.#waiters.size;
  }

  /** Waits for a state, unless a cache of that version shows it. */
  async wait(state: WrittenState, reached: string, signal?: AbortSignal): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure.error;
    if (isReached(state, reached)) return;
    const waiter: Waiter = { ...state, ...Promise.withResolvers<void>() };
    this.#waiters.add(waiter);
    const forget = onAbort(signal, waiter.reject);
    try {
      await waiter.promise;
    } finally {
      forget();
      this.#waiters.delete(waiter);
    }
  }

  /** A state goes by. Where versions cannot be compared, only this tells. */
  passed({ key, uid, resourceVersion }: Entry<KubernetesObject>, isDeletion: boolean): void {
    for (const waiter of this.#waiters) {
      if (waiter.key !== key) continue;
      const isIt = waiter.resourceVersion === resourceVersion;
      if (isIt || (isDeletion && (waiter.uid === "" || waiter.uid === uid))) waiter.resolve();
    }
  }

  /** The cache has reached a version. */
  reached(version: string, get: (key: string) => Entry<KubernetesObject> | undefined): void {
    for (const waiter of this.#waiters) {
      if (isReached(waiter, version) || get(waiter.key)?.resourceVersion === waiter.resourceVersion) {
        waiter.resolve();
      }
    }
  }

  /** Nothing more will come. */
  fail(error: Error): void {
    this.#failure = { error: new TypeError(`Cannot wait for an object of ${this.#name}`, { cause: error }) };
    for (const { reject } of this.#waiters) reject(this.#failure.error);
  }
}

function isReached({ resourceVersion }: WrittenState, version: string): boolean {
  const order = compareVersions(version, resourceVersion);
  return order !== undefined && order >= 0;
}
