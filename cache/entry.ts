import { formatKey, type KubernetesObject, type ObjectMeta, type Stored } from "../meta/mod.ts";
import type { Cached } from "./deep_readonly.ts";

/**
 * One object as a cache keeps it. What tells objects and their states apart is there at once; a store that keeps
 * bytes makes the object of them when it is read.
 */
export interface Entry<T extends KubernetesObject> {
  /** `namespace/name`, or only the name of a cluster-scoped object. */
  readonly key: string;
  /** Tells apart two objects that had the same name one after the other; empty if the server sent none. */
  readonly uid: string;
  /** Tells states of the object apart; empty if the server sent none. */
  readonly resourceVersion: string;
  /** The object's metadata. */
  readonly metadata: Cached<T>["metadata"];
  /** The object. */
  readonly object: Cached<T>;
  /** The object as JSON, where that is less work than to write it again. */
  readonly json?: string;
  /** The values at a path of the object, where that is less work than to make the object. */
  valuesAt?(steps: readonly string[]): readonly string[];
}

/** An entry that holds its object. */
export class ObjectEntry<T extends KubernetesObject> implements Entry<T> {
  readonly key: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly object: Cached<T>;

  /**
   * Takes an object over: it is not to be changed from now on.
   *
   * @param identity The metadata as the server sent it, where the object's own may have been changed since.
   */
  constructor(object: T, identity: ObjectMeta, key: string) {
    this.key = key;
    this.uid = identity.uid ?? "";
    this.resourceVersion = identity.resourceVersion ?? "";
    this.object = object as Stored<T> as Cached<T>;
  }

  get metadata(): Cached<T>["metadata"] {
    return this.object.metadata;
  }
}

/**
 * The entry of an object that is kept as it is.
 *
 * @throws {TypeError} If the object has no name.
 */
export function entryOf<T extends KubernetesObject>(object: T): Entry<T> {
  return new ObjectEntry(object, object.metadata ?? {}, keyOf(object));
}

/**
 * The key of an object: `namespace/name`, or only the name of a cluster-scoped object.
 *
 * @throws {TypeError} If the object has no name.
 * @see client-go `MetaNamespaceKeyFunc`, spec informers 2
 */
export function keyOf({ metadata }: { readonly metadata?: Readonly<ObjectMeta> }): string {
  if (typeof metadata?.name !== "string" || metadata.name === "") {
    throw new TypeError("Cannot make a key: the object has no metadata.name");
  }
  return formatKey({ namespace: metadata.namespace, name: metadata.name });
}

/** What tells states of one object apart. */
type State = Pick<Entry<KubernetesObject>, "uid" | "resourceVersion">;

/** Whether two entries are the same state of the same object. Unknown versions are never the same. */
export function isSameState(one: State, other: State): boolean {
  return one === other ||
    (one.resourceVersion !== "" && one.resourceVersion === other.resourceVersion && one.uid === other.uid);
}

/** Whether the second entry is of another object than the first, although they have the same key. */
export function isRecreated(before: Entry<KubernetesObject>, after: Entry<KubernetesObject>): boolean {
  return before.uid !== after.uid && before.uid !== "" && after.uid !== "";
}
