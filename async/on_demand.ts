/** What is being loaded now. Of the whole program, as what is loaded belongs to it: a clock of tests waits for it. */
const pending = new Set<Promise<unknown>>();

/**
 * Code that is loaded when it is needed, and then kept: most programs never need it. A load that fails is tried
 * again the next time.
 *
 * @param load Loads it: a function that calls `import()`.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { onDemand } from "@coxswain/kube/async";
 * const paths = onDemand(() => import("node:path"));
 * const { basename } = await paths();
 * assert.equal(basename("shop/web-0"), "web-0");
 * ```
 */
export function onDemand<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  return () => {
    if (loaded !== undefined) return loaded;
    const loading: Promise<T> = load().catch((error) => {
      loaded = undefined;
      throw error;
    }).finally(() => pending.delete(loading));
    pending.add(loading);
    return loaded = loading;
  };
}

/**
 * Resolves when all that {@linkcode onDemand} is loading now is there, or has failed; `undefined` if there is nothing.
 * For clocks of tests, whose time must not move while a program loads its code.
 */
export function pendingLoads(): Promise<unknown> | undefined {
  return pending.size === 0 ? undefined : Promise.allSettled(pending);
}
