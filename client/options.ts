/** Common to all calls. */
export interface CallOptions {
  /** Ends the call, its connection and every timer behind it. */
  signal?: AbortSignal;
}

/** Options of {@linkcode ResourceClient.get}. */
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
}

/** Options of {@linkcode CollectionClient.list}. */
export interface ListOptions extends CallOptions, SelectorOptions {
  /** Most objects in one answer; the rest comes with `continue`. Default: all. */
  limit?: number;
  /** Where the page before ended: its `metadata.continue`. */
  continue?: string;
  /** Which state is wanted; how it is meant says `resourceVersionMatch`. Default: the newest. */
  resourceVersion?: string;
  /** How `resourceVersion` is meant. */
  resourceVersionMatch?: "Exact" | "NotOlderThan";
  /** Seconds that the server may take. */
  timeoutSeconds?: number;
}

/** Options of {@linkcode CollectionClient.items}. */
export interface ItemsOptions extends CallOptions, SelectorOptions {
  /** Objects per request. Default 500, as client-go's pager asks for. 0 asks for all at once. */
  limit?: number;
  /** Which state is wanted at least; `"0"` takes what a cache of the server has. Default: the newest. */
  resourceVersion?: string;
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

/** Common to calls that change something. */
export interface WriteOptions extends CallOptions {
  /** `"All"`: go through everything but store nothing. */
  dryRun?: "All";
  /** Who is changing the fields, for `managedFields`. Default: the user agent. */
  fieldManager?: string;
  /** What to do about fields that the kind does not have. Default `Warn`. */
  fieldValidation?: "Ignore" | "Warn" | "Strict";
}

/** Options of {@linkcode ResourceClient.patch}. */
export interface PatchOptions extends WriteOptions {
  /** For `apply` patches: take fields from other managers. Default false. */
  force?: boolean;
}

/** Options of {@linkcode ResourceClient.apply}. */
export interface ApplyOptions extends Omit<PatchOptions, "fieldManager"> {
  /** Who is applying: the owner of the fields. */
  fieldManager: string;
}

/** Options of {@linkcode ResourceClient.delete}. */
export interface DeleteOptions extends CallOptions {
  /** `"All"`: go through everything but delete nothing. */
  dryRun?: "All";
  /** Seconds that the object gets to end; 0 at once. Default: the kind's. */
  gracePeriodSeconds?: number;
  /** Only delete the object that has these. */
  preconditions?: { uid?: string; resourceVersion?: string };
  /** What happens to objects that this one owns. Default: the kind's, mostly `Background`. */
  propagationPolicy?: "Orphan" | "Background" | "Foreground";
}
