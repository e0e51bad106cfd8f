import type { Clock } from "../async/mod.ts";
import type { ListOptions } from "./list_options.ts";
import { Refusal, tooLargeResourceVersion } from "./refusal.ts";
import type { Collection } from "./store.ts";

/** How long a read waits for the cache, in milliseconds: the server's `blockTimeout`. */
const PATIENCE = 3_000;

/** The newest version that the cache has. */
export function cachedVersion(collection: Collection, current: number): number {
  return Math.min(collection.visible, current);
}

/** The version that the cache must have before it can answer; 0 if any will do, or the answer is not from the cache. */
export function versionNeeded(options: ListOptions, current: number): number {
  const { resourceVersion, resourceVersionMatch, sendInitialEvents, watch, limit } = options;
  const version = Number(resourceVersion) || 0;
  if (watch) return sendInitialEvents ? version || (resourceVersion === "" ? current : 0) : 0;
  return resourceVersionMatch === "NotOlderThan" || (resourceVersionMatch === "" && limit === 0)
    ? version
    : 0;
}

/** Waits until the cache has a version, but not for long. @throws {Refusal} 504, if that was not long enough. */
export async function reachCache(collection: Collection, version: number, clock: Clock): Promise<void> {
  if (version <= collection.visible) return;
  const reached = Promise.withResolvers<void>();
  const stopListening = collection.onChange(() => {
    if (version <= collection.visible) reached.resolve();
  });
  const cancel = clock.schedule(reached.resolve, PATIENCE);
  await reached.promise;
  stopListening();
  cancel();
  if (version > collection.visible) throw new Refusal(tooLargeResourceVersion(version, collection.visible));
}
