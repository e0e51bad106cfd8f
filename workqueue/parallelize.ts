/** Options of {@linkcode parallelize}. */
export interface ParallelizeOptions {
  /** How many pieces are worked on at the same time. */
  workers: number;
  /** How many pieces a worker takes at once. Default 1. */
  chunkSize?: number;
  /** Looked at before each piece: no further one is begun. */
  signal?: AbortSignal;
}

/**
 * Calls `work` once for each of the numbers from 0 up to `pieces`, some at the same time, and waits for all of them.
 * After a failure no further piece is begun; what was begun is waited for.
 *
 * @throws What the first failing call threw; the signal's reason when it aborted.
 * @see client-go `workqueue.ParallelizeUntil`, spec informers 19.6
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { parallelize } from "@coxswain/kube/workqueue";
 * const names = ["a", "b", "c"];
 * const done: string[] = [];
 * await parallelize(names.length, async (piece) => void done.push(names[piece]), { workers: 2 });
 * assert.deepEqual(done.sort(), names);
 * ```
 */
export async function parallelize(
  pieces: number,
  work: (piece: number) => void | Promise<void>,
  options: ParallelizeOptions,
): Promise<void> {
  const { workers, chunkSize = 1, signal } = options;
  if (!(workers >= 1)) {
    throw new RangeError(`Cannot work in parallel: workers must be at least 1, got ${workers}`);
  }
  if (!(chunkSize >= 1)) {
    throw new RangeError(`Cannot work in parallel: chunkSize must be at least 1, got ${chunkSize}`);
  }
  let next = 0;
  let failure: { error: unknown } | undefined;
  const runWorker = async () => {
    while (next < pieces) {
      const start = next;
      next += chunkSize;
      for (let piece = start; piece < Math.min(start + chunkSize, pieces); piece++) {
        if (failure !== undefined) return;
        try {
          signal?.throwIfAborted();
          await work(piece);
        } catch (error) {
          failure ??= { error };
        }
      }
    }
  };
  const chunks = Math.ceil(pieces / chunkSize);
  await Promise.all(Array.from({ length: Math.min(workers, chunks) }, runWorker));
  if (failure !== undefined) throw (failure as { error: unknown }).error;
}
