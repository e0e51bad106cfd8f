import type { KubernetesObject } from "../meta/mod.ts";
import type { QueryParameters } from "../rest/mod.ts";
import type { Entry } from "./entry.ts";

/** One event of a watch, as a cache takes it. */
export type EntryEvent<T extends KubernetesObject> =
  | {
    /** What happened to the object. */
    readonly type: "ADDED" | "MODIFIED" | "DELETED";
    /** The object after the change; for `DELETED`, its last state. */
    readonly entry: Entry<T>;
  }
  | {
    /** Nothing has happened up to this version. */
    readonly type: "BOOKMARK";
    /** The version. */
    readonly resourceVersion: string;
    /** Whether all that was there at the beginning has been sent. */
    readonly endsInitialEvents: boolean;
  };

/** What the next bytes of a watch have brought. */
export interface WatchBatch<T extends KubernetesObject> {
  /** The events that concern this cache, in order. */
  readonly events: readonly EntryEvent<T>[];
  /** Where to go on from after them, also after those that do not concern it; empty if no event said so. */
  readonly resourceVersion: string;
}

/** A watch that is open. */
export interface WatchStream<T extends KubernetesObject> {
  /**
   * The next events; `undefined` when the server has ended the watch.
   *
   * @throws {StatusError} For an `ERROR` event.
   * @throws {NetworkError} If the connection breaks.
   */
  nextBatch(): Promise<WatchBatch<T> | undefined>;
  /** Ends the watch. Idempotent. */
  close(): void;
}

/** What a list says beside its items. */
export interface ListPageMeta {
  /** The version that the list shows. */
  readonly resourceVersion?: string;
  /** Set when there is more. */
  readonly continue?: string;
  /** For a sharded list, which part of the objects it has. */
  readonly shardInfo?: { readonly selector?: string };
}

/** A list, or one page of it, that is read as it arrives. */
export interface ListPage<T extends KubernetesObject> {
  /** The next objects that concern this cache; `undefined` at the end. */
  nextBatch(): Promise<readonly Entry<T>[] | undefined>;
  /** Complete at the end. */
  readonly metadata: ListPageMeta;
  /** Ends the request. Idempotent. */
  close(): void;
}

/** Options of the calls of {@linkcode ListWatch}. */
export interface ListWatchOptions {
  /** Ends the request, also while its answer is being read. */
  signal: AbortSignal;
}

/**
 * Where a cache gets its objects from: client-go's `ListerWatcher`. Both hand over entries, so that whoever decodes
 * decides what an entry holds.
 *
 * @see spec informers 7
 */
export interface ListWatch<T extends KubernetesObject> {
  /** What is listed, for logs and metrics, such as `pods` or `deployments.apps`. */
  readonly name: string;
  /** Whether a watch can begin with what is there (`sendInitialEvents`). Default: it is tried. */
  readonly supportsWatchList?: boolean | undefined;
  /** Whether nothing will come from it any more, since the program has closed it. Default: never. */
  readonly isClosed?: boolean;
  /** Asks for objects. Resolves when the answer begins. */
  list(query: QueryParameters, options: ListWatchOptions): Promise<ListPage<T>>;
  /** Opens a watch. Resolves when the answer begins. */
  watch(query: QueryParameters, options: ListWatchOptions): Promise<WatchStream<T>>;
}
