/**
 * Hands out one by one what comes in batches, without a promise to wait for while a batch lasts.
 *
 * @param next The next batch; `undefined` at the end.
 * @param close Called when the loop over it is left early.
 */
export function eachOf<T>(next: () => Promise<T[] | undefined>, close: () => void): AsyncIterableIterator<T> {
  let batch: T[] = [];
  let at = 0;
  return {
    async next() {
      while (at === batch.length) {
        const more = await next();
        if (more === undefined) return { done: true, value: undefined };
        batch = more;
        at = 0;
      }
      return { done: false, value: batch[at++] };
    },
    return() {
      close();
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
