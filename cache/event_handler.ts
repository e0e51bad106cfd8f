import type { KubernetesObject } from "../meta/mod.ts";
import type { Change } from "./change.ts";
import type { Cached } from "./deep_readonly.ts";

/**
 * What a program does about changes. Each function may be async: the next change waits until it is done, those of
 * other handlers do not. The objects are the cache's own: to change one, take a `copyOf` it.
 *
 * A function that throws, or whose promise rejects, is reported and not called again for that change; all later ones
 * come as ever.
 *
 * @see client-go `ResourceEventHandler`, spec informers 13.4
 */
export interface EventHandler<T extends KubernetesObject> {
  /** There is an object that this handler did not know. */
  onAdd?(object: Cached<T>, change: Change<T>): unknown;
  /** An object has changed since this handler saw it last. Also called when a resync is due, with the same twice. */
  onUpdate?(old: Cached<T>, object: Cached<T>, change: Change<T>): unknown;
  /** An object is gone. `change.finalStateUnknown` says whether this was its last state or just one of the last. */
  onDelete?(object: Cached<T>, change: Change<T>): unknown;
  /** Any of these, before the more special functions. Metadata is there at once, objects are made when they are read. */
  onChange?(change: Change<T>): unknown;
}

/** Options of `addEventHandler()`. Read once: changing the object later has no effect. */
export interface HandlerOptions<T extends KubernetesObject> {
  /** Who this is, for logs, errors and `hasSynced`. Default: the names of its functions. */
  name?: string;
  /**
   * Which objects the handler cares about. One that begins to pass is added for it, one that no longer does is
   * deleted. Not called with an object twice if `filterMetadata` has refused it.
   */
  filter?: (object: Cached<T>) => boolean;
  /** The same with metadata alone, for which no object has to be made. */
  filterMetadata?: (metadata: Cached<T>["metadata"]) => boolean;
  /**
   * How often the handler is called for each object although nothing has happened, in milliseconds; 0 for never. At
   * least 1,000. Default the informer's.
   */
  resyncPeriod?: number;
  /**
   * How many changes may wait for a slow handler one by one. Beyond, those of one object become one, so that the
   * handler misses states in between, but never the last one. Default 10,000.
   */
  bufferSize?: number;
  /** Called when the handler or its filter has thrown. Default: it is logged. */
  onError?: (error: unknown, change: Change<T>) => void;
}

/** A handler's place at an informer. */
export interface Registration {
  /** Who it is. */
  readonly name: string;
  /** Whether the handler is done with all that was there when the informer, or the handler, began. */
  readonly hasSynced: boolean;
  /** How many changes wait for the handler. */
  readonly pending: number;
  /**
   * Resolves when {@linkcode Registration.hasSynced} becomes true.
   *
   * @throws The signal's reason. A `TypeError` if the handler is removed, or the informer stopped, before.
   */
  waitForSync(options?: { signal?: AbortSignal }): Promise<void>;
  /**
   * Takes the handler away: it gets nothing more, and what has waited for it is dropped. Resolves when a call that
   * goes on has ended, so that the handler itself must not wait for it. Idempotent.
   */
  remove(): Promise<void>;
}
