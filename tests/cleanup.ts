import type { TestContext } from "node:test";

/** A test's context, as far as it is the same on all runtimes. */
export interface Cleanup {
  /** Calls `undo` when the test has ended, however it did; the last one first. */
  after(undo: () => unknown): void;
  /** Says that the test cannot run here, and why. */
  skip(reason: string): void;
}

/**
 * A test function with an `after` that works on all runtimes: that of `node:test` is never called on Deno for a test
 * inside `describe`, so that what it should close stays open, unnoticed.
 */
export function cleaned(test: (t: Cleanup) => unknown): (context: TestContext) => Promise<void> {
  return (context) =>
    undoing((t) => test({ ...t, skip: (reason) => context.skip(reason) }), { signal: context.signal });
}

/**
 * Calls a function, and then what it has asked to be called after it, the last one first.
 *
 * @param signal Aborts when the test has taken too long: it is undone then too. A server that it leaves behind would
 * keep the process alive for ever, and nobody would learn which test it was.
 */
export async function undoing(
  use: (t: Pick<Cleanup, "after">) => unknown,
  { signal }: { signal?: AbortSignal } = {},
): Promise<void> {
  const undo: (() => unknown)[] = [];
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal?.reason);
  signal?.addEventListener("abort", abort);
  const used = (async () => {
    await use({ after: (one) => undo.push(one) });
  })();
  used.catch(() => {}); // what it says after an abort says nothing
  try {
    await Promise.race([used, aborted.promise]);
  } finally {
    signal?.removeEventListener("abort", abort);
    for (const one of undo.reverse()) await one();
  }
}
