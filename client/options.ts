/** Common to all calls. */
export interface CallOptions {
  /** Ends the call, its connection and every timer behind it. */
  signal?: AbortSignal;
}

/** Options of {@linkcode ObjectClient.get}. */
export interface GetOptions extends CallOptions {
  /** `"0"` takes what a cache of the server has; anything else is answered at least as new as that version. */
  resourceVersion?: string;
}

/** Which objects of a collection are meant. */
export interface SelectorOptions {
  /** Conditions on labels, such as `app=web,tier in (a, b)`. */
  labelSelector?: string;
  /** Conditions on the fields that the kind allows, such as `spec.nodeName=node-a`. */
  fieldSelector?: string;
  /**
   * A share of the collection by the hash of a field, such as
   * `shardRange(object.metadata.uid, '0x0000000000000000', '0x8000000000000000')`. Alpha in Kubernetes 1.36: servers
   * without the feature gate `ShardedListAndWatch` take no notice of it, and answer with everything.
   */
  shardSelector?: string;
}

/** Which state of a collection is wanted. */
export interface VersionOptions {
  /** Which state is wanted; how it is meant says `resourceVersionMatch`. Default: the newest. */
  resourceVersion?: string;
  /** How `resourceVersion` is meant; default as Kubernetes documents, mostly "at least as new". */
  resourceVersionMatch?: "Exact" | "NotOlderThan";
}

/** Options of {@linkcode CollectionClient.list}. */
export interface ListOptions extends CallOptions, SelectorOptions, VersionOptions {
  /** Most objects in one answer; the rest comes with `continue`. Default: all. */
  limit?: number;
  /** Where the page before ended: its `metadata.continue`. */
  continue?: string;
  /** Seconds that the server may take; it then answers 504. */
  timeoutSeconds?: number;
}

/** Options of {@linkcode CollectionClient.pages} and {@linkcode CollectionClient.items}. */
export interface PagesOptions extends ListOptions {
  /** Objects per request. Default 500, as client-go's pager asks for. 0 asks for all at once. */
  limit?: number;
  /**
   * What to do when the server has forgotten the state that the pages show (410), since reading took longer than
   * it remembers, mostly five minutes. `throw` (default) fails, as nothing else keeps the promise of one moment.
   * `continue` goes on with what comes next in the present state: objects that were made, changed or deleted
   * since the beginning may be missed.
   */
  onExpired?: "throw" | "continue";
  /** How many pages are asked for ahead of the one in use. Default 1; 0 asks for each when it is wanted. */
  prefetch?: number;
}

/** Options of {@linkcode CollectionClient.items}. */
export type ItemsOptions = PagesOptions;

/** Options of {@linkcode CollectionClient.listAll}. */
export interface ListAllOptions extends ListOptions {
  /** Objects per request. Default 500, as client-go's pager asks for. */
  limit?: number;
  /** What to do when a page comes too late (410): `relist` (default) asks once for all in one answer; `throw` fails. */
  onExpired?: "relist" | "throw";
}

/** Options of {@linkcode CollectionClient.watch}. */
export interface WatchOptions extends CallOptions, SelectorOptions {
  /** Begin after this version, as a list or an event gave it. Default: with what exists, then what changes. */
  resourceVersion?: string;
  /**
   * Also hand out `BOOKMARK` events, which say how far the watch has come. What exists at the beginning is followed
   * by one with the annotation `k8s.io/initial-events-end`. Default false.
   */
  bookmarks?: boolean;
  /**
   * Called each time that the connection has ended and the watch is going to make a new one.
   *
   * @param interruption Why it ended, unless the server just ended it, and how long the pause is, in milliseconds.
   */
  onInterrupted?: (interruption: { error?: unknown; pause: number }) => void;
}

/** Options of {@linkcode CollectionClient.watchOnce}: those of the API, as they are. */
export interface WatchOnceOptions extends CallOptions, SelectorOptions, VersionOptions {
  /** Seconds after which the server ends the watch. Default: 30 to 60 minutes, as the server chooses. */
  timeoutSeconds?: number;
  /** Ask for `BOOKMARK` events, which say how far the watch has come. Default false. */
  allowWatchBookmarks?: boolean;
  /**
   * Begin with what exists, as `ADDED` events that end with a bookmark annotated `k8s.io/initial-events-end`. Needs
   * `allowWatchBookmarks` and `resourceVersionMatch: "NotOlderThan"`.
   */
  sendInitialEvents?: boolean;
}

/** Common to calls that change something. */
export interface WriteOptions extends CallOptions {
  /** `"All"`: go through everything but store nothing. */
  dryRun?: "All";
  /** Who is changing the fields, for `managedFields`. Default: the user agent. */
  fieldManager?: string;
  /** What to do about fields that the kind does not have. Default `Warn`. */
  fieldValidation?: "Ignore" | "Warn" | "Strict";
}

/** Options of {@linkcode ObjectClient.patch}. */
export interface PatchOptions extends WriteOptions {
  /** For `apply` patches: take fields from other managers. Default false. */
  force?: boolean;
}

/** Options of {@linkcode ResourceClient.apply}. */
export interface ApplyOptions extends Omit<PatchOptions, "fieldManager"> {
  /** Who is applying: the owner of the fields. */
  fieldManager: string;
}

/** Options of {@linkcode ResourceClient.modify}. */
export interface ModifyOptions extends WriteOptions {
  /** How often it is tried, the first time included. Default 5, 10 ms apart, as client-go's `DefaultRetry`. */
  attempts?: number;
}

/** Options of {@linkcode ObjectClient.delete}. */
export interface DeleteOptions extends CallOptions {
  /** `"All"`: go through everything but delete nothing. */
  dryRun?: "All";
  /** Seconds that the object gets to end; 0 at once. Default: the kind's. */
  gracePeriodSeconds?: number;
  /** Only delete the object that has these; else the server answers 409. */
  preconditions?: { uid?: string; resourceVersion?: string };
  /** What happens to objects that this one owns. Default: the kind's, mostly `Background`. */
  propagationPolicy?: "Orphan" | "Background" | "Foreground";
  /**
   * Delete an object that the server can no longer read, such as one whose decryption key is lost, with no regard to
   * finalizers and what depends on it. **May break the cluster.** Needs the permission
   * `unsafe-delete-ignore-read-errors` and the feature gate `AllowUnsafeMalformedObjectDeletion`.
   */
  ignoreStoreReadErrorWithClusterBreakingPotential?: boolean;
}

/** Options of {@linkcode ObjectClient.deleteCollection}: how to delete, and which. */
export interface DeleteCollectionOptions extends DeleteOptions, Omit<ListOptions, "signal"> {
  /** Only delete the objects that have these. */
  preconditions?: { uid?: string; resourceVersion?: string };
}
