import type { KubernetesObject, Stored } from "./object_meta.ts";

/** How far a watch has come, without a change: its version is safe to go on from. */
export interface Bookmark {
  /** API version of the watched kind. */
  apiVersion?: string;
  /** The watched kind. */
  kind?: string;
  /** Only the version, and annotations such as `k8s.io/initial-events-end`. */
  metadata: {
    /** All changes up to this version have been delivered. */
    resourceVersion: string;
    /** `k8s.io/initial-events-end: "true"` ends the initial events of a WatchList. */
    annotations?: Record<string, string>;
  };
}

/**
 * One event of a watch; `type` tells which. An `ERROR` that the server sends is thrown as a
 * `StatusError`, so it is not among them.
 */
export type WatchEvent<T extends KubernetesObject = KubernetesObject> =
  | {
    /** What happened to the object, as seen by this watch's selectors. */
    type: "ADDED" | "MODIFIED" | "DELETED";
    /** The object after the change; for `DELETED`, its last state. */
    object: Stored<T>;
  }
  | {
    /** No change; asked for with `allowWatchBookmarks`. */
    type: "BOOKMARK";
    /** How far the watch has come. */
    object: Bookmark;
  };
