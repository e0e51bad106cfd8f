import type { KubernetesObject, Scope } from "../meta/mod.ts";
import type { Change } from "./change.ts";
import type { ChangesOptions } from "./change_stream.ts";
import type { EventHandler, HandlerOptions, Registration } from "./event_handler.ts";
import type { ListerAt } from "./lister.ts";
import type { ReflectorHealth } from "./reflector.ts";
import type { Indexers } from "./value_index.ts";

/** Options of calls that wait. */
export interface WaitOptions {
  /** Ends the wait: it rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** What a server has told about an object that it wrote: enough to know when a cache has seen it. */
export interface WrittenObject {
  /** Its metadata, of which name, uid and version count. */
  readonly metadata?: {
    readonly name?: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
  };
}

/** How an informer is doing. */
export interface InformerHealth extends ReflectorHealth {
  /** Which informer. */
  readonly name: string;
  /** Whether all that was there at the beginning is known. */
  readonly hasSynced: boolean;
  /** How many objects it holds. */
  readonly size: number;
}

/**
 * All objects of a kind, or some of them, kept as the server has them, and what happens to them. However many use
 * it, there is one watch.
 *
 * It never ends by itself. While the server cannot be reached it shows what it knew last; {@linkcode Informer.health}
 * says how old that may be.
 *
 * @see client-go `SharedIndexInformer`, spec informers 14
 */
export interface Informer<
  T extends KubernetesObject,
  S extends Scope = Scope,
  Index extends string = string,
> extends AsyncDisposable {
  /** What it is of, such as `pods`, for logs and metrics. */
  readonly name: string;
  /** What it knows. Empty until it has synced. */
  readonly lister: ListerAt<T, S, Index>;
  /** Whether all that was there at the beginning is known. Handlers may be behind: see {@linkcode Registration}. */
  readonly hasSynced: boolean;
  /** Up to which version the objects are known; empty at the beginning. Of combined informers, always empty. */
  readonly resourceVersion: string;
  /**
   * Begins. Calling again does nothing.
   *
   * @throws {TypeError} If it has been stopped.
   */
  start(): void;
  /**
   * Resolves when all that was there at the beginning is known.
   *
   * @throws The signal's reason. A `TypeError` if the informer is stopped before.
   */
  waitForSync(options?: WaitOptions): Promise<void>;
  /**
   * Calls a handler for each object and each change from now on, at any time. One that comes late first gets all that
   * is there, with `isInInitialList`.
   *
   * @throws {TypeError} If the informer has been stopped.
   */
  addEventHandler(handler: EventHandler<T>, options?: HandlerOptions<T>): Registration;
  /**
   * What is there, as `ADDED` changes, and then each change, until the loop is left or the informer stopped.
   *
   * @throws The signal's reason after an abort.
   */
  changes(options?: ChangesOptions): AsyncIterableIterator<Change<T>>;
  /**
   * Adds indexes, also while it runs.
   *
   * @throws {TypeError} If there is another index of a name; then none is added.
   */
  addIndexers<More extends string>(indexers: Indexers<T, More>): Informer<T, S, Index | More>;
  /**
   * Resolves when the cache shows at least what this program has just written: `await pods.seen(await
   * client.resource(Pod).namespace("shop").update(pod))`. Then reading the cache does not show the state before.
   *
   * An object that the informer's selectors leave out is not seen before something else moves the informer on; servers
   * do so each minute. Where versions are no numbers, it is waited until that very state, or its end, goes by.
   *
   * @param object What the server answered to the write.
   * @throws The signal's reason. A `TypeError` if the object has no version, or the informer is stopped before.
   */
  seen(object: WrittenObject, options?: WaitOptions): Promise<void>;
  /**
   * What it knows at this moment, to be kept until the next run: see the option `resume`. Objects are in it as they
   * are, Secrets included. Before the informer has synced it cannot be resumed from.
   *
   * @throws {TypeError} If several informers are combined: save each of their `sources`.
   */
  save(): ReadableStream<Uint8Array<ArrayBuffer>>;
  /** How it is doing, for a probe. */
  health(): InformerHealth;
}
