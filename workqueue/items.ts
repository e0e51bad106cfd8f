import type { WorkQueue } from "./work_queue.ts";

/** {@linkcode WorkQueue.items} in terms of `get()` and `done()`. */
export async function* items<T>(
  queue: Pick<WorkQueue<T>, "get" | "done">,
  options?: { signal?: AbortSignal },
): AsyncGenerator<T, void, undefined> {
  for (;;) {
    const item = await queue.get(options);
    if (item === undefined) return;
    try {
      yield item;
    } finally {
      queue.done(item);
    }
  }
}
