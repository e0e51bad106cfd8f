import type { KubernetesObject } from "../meta/mod.ts";
import { EntryChange } from "./change.ts";
import { type Entry, isRecreated, isSameState } from "./entry.ts";
import type { EntryStore, Replacement } from "./entry_store.ts";

/**
 * What a reflector has found out and a store does not show yet. Client-go's words; its `Replaced` and `Sync` of single
 * objects are for queues that are not atomic.
 *
 * @see spec informers 11.1
 */
export type Delta<T extends KubernetesObject> =
  | {
    readonly type: "Added" | "Updated" | "Deleted";
    readonly entry: Entry<T>;
  }
  | {
    /** All that there is. */
    readonly type: "ReplacedAll";
    readonly replacement: Replacement<T>;
    readonly resourceVersion: string;
  }
  | {
    readonly type: "Bookmark";
    readonly resourceVersion: string;
  };

/**
 * Applies a delta to a store.
 *
 * It is about objects, not names: one that was deleted and made again while nobody looked is a deletion and an
 * addition. What changes nothing is no change, such as a deletion of what is not there, or a state that is there
 * already.
 *
 * @param isInitial Whether the store was empty because nothing was known yet.
 * @returns What that changed, in order; the store shows all of it already.
 * @see client-go `processDeltas`, spec informers 13.2. There, an object that was made again is an update, and
 * deletions of what is not there are handed on.
 */
export function applyDelta<T extends KubernetesObject>(
  store: EntryStore<T>,
  delta: Delta<T>,
  isInitial: boolean,
): EntryChange<T>[] {
  switch (delta.type) {
    case "Added":
    case "Updated": {
      const { entry } = delta;
      const old = store.get(entry.key);
      if (old !== undefined && isSameState(old, entry)) return [];
      store.set(entry);
      if (old === undefined) return [new EntryChange("ADDED", entry, undefined)];
      if (!isRecreated(old, entry)) return [new EntryChange("MODIFIED", entry, old)];
      return [
        new EntryChange("DELETED", old, undefined, { finalStateUnknown: true }),
        new EntryChange("ADDED", entry, undefined),
      ];
    }
    case "Deleted": {
      const { entry } = delta;
      const old = store.get(entry.key);
      if (old === undefined) return [];
      store.delete(entry.key);
      // The deletion is of another object of this name: of the one that was here, nobody saw the end.
      return isRecreated(old, entry)
        ? [new EntryChange("DELETED", old, undefined, { finalStateUnknown: true })]
        : [new EntryChange("DELETED", entry, undefined)];
    }
    case "ReplacedAll": {
      const changes: EntryChange<T>[] = [];
      const unseen = { finalStateUnknown: true };
      const initial = { isInInitialList: isInitial };
      delta.replacement.commit((old, entry) => {
        if (entry === undefined) changes.push(new EntryChange("DELETED", old!, undefined, unseen));
        else if (old === undefined) changes.push(new EntryChange("ADDED", entry, undefined, initial));
        else changes.push(new EntryChange("MODIFIED", entry, old));
      });
      return changes;
    }
    case "Bookmark":
      return [];
  }
}
