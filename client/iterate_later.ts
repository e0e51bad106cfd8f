/**
 * An iterator whose code is loaded when it is asked for its first item. One that is left before has never begun.
 *
 * @param open Loads and opens it.
 */
export function iterateLater<T>(
  open: () => Promise<AsyncGenerator<T, void, undefined>>,
): AsyncIterableIterator<T> {
  let opening: Promise<AsyncGenerator<T, void, undefined>> | undefined;
  let opened: AsyncGenerator<T, void, undefined> | undefined;
  let isOver = false;
  return {
    next() {
      if (opened !== undefined) return opened.next();
      if (isOver) return Promise.resolve({ done: true, value: undefined });
      opening ??= open().then((iterator) => opened = iterator);
      return opening.then((iterator) => iterator.next());
    },
    async return() {
      isOver = true;
      if (opening !== undefined) await (await opening).return();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
