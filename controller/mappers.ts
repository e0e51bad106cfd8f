import type { Change } from "../cache/mod.ts";
import {
  type KubernetesObject,
  type ObjectKey,
  parseApiVersion,
  parseKey,
  type ResourceType,
} from "../meta/mod.ts";

/**
 * Which objects have to be looked at after a change of another one. It is asked about the state before and after, so
 * that an object that is let go of is looked at as well.
 */
export type Mapper<T extends KubernetesObject = KubernetesObject> = (
  object: Change<T>["metadata"],
  change: Change<T>,
) => Iterable<ObjectKey>;

/** The object itself. */
export function itself(_: unknown, { key }: { key: string }): ObjectKey[] {
  return [parseKey(key)];
}

/**
 * The objects of a kind that own the one that has changed.
 *
 * @param owners Which owners: the one that manages the object, or all. Default `controller`.
 * @see controller-runtime `handler.EnqueueRequestForOwner`, spec informers 24.6
 */
export function ownersOf(
  type: Pick<ResourceType, "group" | "kind" | "scope">,
  { owners = "controller" }: { owners?: "controller" | "all" } = {},
): Mapper {
  return ({ namespace = "", ownerReferences = [] }) => {
    const keys: ObjectKey[] = [];
    for (const { apiVersion, kind, name, controller } of ownerReferences) {
      if (kind !== type.kind || parseApiVersion(apiVersion).group !== type.group) continue;
      if (owners === "controller" && controller !== true) continue;
      keys.push({ namespace: type.scope === "Namespaced" ? namespace : "", name });
    }
    return keys;
  };
}

/** The keys that a mapper finds for the state before and after a change, each once. */
export function keysOf<T extends KubernetesObject>(mapper: Mapper<T>, change: Change<T>): ObjectKey[] {
  const keys = [...mapper(change.metadata, change)];
  const old = change.oldMetadata;
  if (old === undefined || old === change.metadata) return keys;
  for (const key of mapper(old, change)) {
    if (!keys.some(({ namespace, name }) => namespace === key.namespace && name === key.name)) keys.push(key);
  }
  return keys;
}
