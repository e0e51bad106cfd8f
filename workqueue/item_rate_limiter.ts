/**
 * Says how long an item waits before it is tried again. Items are told apart by what the queue's `key` makes of them.
 *
 * @see client-go `util/workqueue.RateLimiter`, spec informers 19.4
 */
export interface ItemRateLimiter {
  /** The delay before the next try, in milliseconds. Asking counts as a failure. */
  when(key: unknown): number;
  /** The item has succeeded, or is given up: its failures no longer count. */
  forget(key: unknown): void;
  /** How many times the item has failed since it was last forgotten. */
  numRequeues(key: unknown): number;
}
