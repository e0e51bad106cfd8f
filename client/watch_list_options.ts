import type { ListOptions, WatchOnceOptions } from "./options.ts";

/**
 * The options of a watch that begins with what a list with `options` would answer, so that the server streams it and
 * need not hold it in memory; `undefined` where no watch answers the same. Such a watch first hands out `ADDED` events,
 * up to a bookmark annotated `k8s.io/initial-events-end`, whose version is that of the list.
 *
 * @see client-go `util/watchlist`, spec rest 25.3
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { watchListOptions } from "@coxswain/kube/client";
 * assert.deepEqual(watchListOptions({ labelSelector: "app=web" }), {
 *   labelSelector: "app=web", sendInitialEvents: true, allowWatchBookmarks: true, resourceVersionMatch: "NotOlderThan" });
 * assert.equal(watchListOptions({ limit: 10 }), undefined); // a watch has no pages
 * ```
 */
export function watchListOptions(options: ListOptions): WatchOnceOptions | undefined {
  const { limit = 0, continue: token, resourceVersion = "", resourceVersionMatch, ...others } = options;
  if (token || resourceVersionMatch === "Exact") return undefined;
  if (limit > 0 && resourceVersion !== "0") return undefined; // from the server's cache all of it comes anyway
  if (resourceVersion === "" && resourceVersionMatch !== undefined) return undefined; // nor is that a list
  return {
    ...others,
    ...(resourceVersion === "" ? {} : { resourceVersion }),
    sendInitialEvents: true,
    allowWatchBookmarks: true,
    resourceVersionMatch: "NotOlderThan",
  };
}
