import type { KubernetesObject } from "../meta/mod.ts";
import type { Cached } from "./deep_readonly.ts";
import type { Entry } from "./entry.ts";

/** What happened to an object, as a cache saw it. */
export type ChangeType =
  /** It is new here. */
  | "ADDED"
  /** It has changed. */
  | "MODIFIED"
  /** It is gone. */
  | "DELETED"
  /** Nothing: a handler that wants to be reminded of all objects from time to time is. */
  | "SYNC";

/**
 * One change of what a cache holds. What tells which object it is about is there at once; the object itself is made
 * when it is read, if the store keeps bytes. A controller that maps changes to keys never reads it.
 */
export interface Change<T extends KubernetesObject> {
  /** What happened. */
  readonly type: ChangeType;
  /** `namespace/name`, or only the name of a cluster-scoped object. */
  readonly key: string;
  /** The object's metadata: its latest, or for `DELETED` the last that was seen. */
  readonly metadata: Cached<T>["metadata"];
  /** The object after the change; for `DELETED` its last state. */
  readonly object: Cached<T>;
  /** The object as the handler saw it before; for `ADDED` and `DELETED` absent. */
  readonly old: Cached<T> | undefined;
  /** The metadata of `old`, for which no object has to be made. */
  readonly oldMetadata: Cached<T>["metadata"] | undefined;
  /** Whether this is a part of what was there when the handler, or the cache, began. */
  readonly isInInitialList: boolean;
  /**
   * For `DELETED`: nobody saw the deletion, the object was just not there any more. `object` is then the last state
   * that was seen, not the last there was. Client-go's `DeletedFinalStateUnknown`.
   */
  readonly finalStateUnknown: boolean;
  /** Which informer this comes from, where several are combined: its namespace or cluster. Else empty. */
  readonly source: string;
}

/** What a {@linkcode EntryChange} is made of beside entries. */
export interface ChangeFlags {
  readonly isInInitialList?: boolean;
  readonly finalStateUnknown?: boolean;
  readonly source?: string;
}

/** A change from one entry to another. One object for all handlers. */
export class EntryChange<T extends KubernetesObject> implements Change<T> {
  readonly type: ChangeType;
  readonly isInInitialList: boolean;
  readonly finalStateUnknown: boolean;
  readonly source: string;
  /** The state after the change; for `DELETED` the last one. */
  readonly entry: Entry<T>;
  /** The state before, for `MODIFIED`. */
  readonly before: Entry<T> | undefined;

  constructor(type: ChangeType, entry: Entry<T>, before: Entry<T> | undefined, flags: ChangeFlags = {}) {
    this.type = type;
    this.entry = entry;
    this.before = before;
    this.isInInitialList = flags.isInInitialList ?? false;
    this.finalStateUnknown = flags.finalStateUnknown ?? false;
    this.source = flags.source ?? "";
  }

  get key(): string {
    return this.entry.key;
  }

  get metadata(): Cached<T>["metadata"] {
    return this.entry.metadata;
  }

  get object(): Cached<T> {
    return this.entry.object;
  }

  get old(): Cached<T> | undefined {
    return this.before?.object;
  }

  get oldMetadata(): Cached<T>["metadata"] | undefined {
    return this.before?.metadata;
  }
}

/**
 * Two changes of one object as one, for whoever has seen neither.
 *
 * @returns `undefined` if together they are nothing: an object that came and went. Both, if they cannot be one: an
 * object that went, and another that came in its place.
 */
export function mergeChanges<T extends KubernetesObject>(
  first: EntryChange<T>,
  second: EntryChange<T>,
): readonly EntryChange<T>[] {
  if (first.type === "DELETED") return [first, second];
  if (second.type === "DELETED") return first.type === "ADDED" ? [] : [second];
  if (second.type === "SYNC" && first.type !== "SYNC") return [first];
  if (first.type === "SYNC") return [second];
  const { type, before, isInInitialList, source } = first;
  return [new EntryChange(type, second.entry, before, { isInInitialList, source })];
}
