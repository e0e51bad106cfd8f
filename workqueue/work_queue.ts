/**
 * What all queues here can do: what a worker needs of them.
 *
 * @see client-go `util/workqueue.Interface`, spec informers 19.1
 */
export interface WorkQueue<T> extends AsyncDisposable, AsyncIterable<T> {
  /** How many items could be handed out now. */
  readonly length: number;
  /** Whether the queue takes no more items. */
  readonly isShuttingDown: boolean;
  /** Adds an item, unless it waits already. */
  add(item: T): void;
  /** Waits for the next item; `undefined` when the queue has been shut down and is empty. */
  get(options?: { signal?: AbortSignal }): Promise<T | undefined>;
  /** The next item if there is one, without waiting. */
  take(): T | undefined;
  /** Hands out items until the queue has been shut down and is empty; each is done when the next is asked for. */
  items(options?: { signal?: AbortSignal }): AsyncGenerator<T, void, undefined>;
  /** The item has been dealt with. */
  done(item: T): void;
  /** Takes no more items; those that wait are still handed out. */
  shutDown(): void;
  /** The same, and waits until workers have finished. */
  shutDownWithDrain(options?: { signal?: AbortSignal }): Promise<void>;
}
