import { parseApiVersion, type ResourceType } from "./resource_type.ts";

/** What kind of object something is: the three names that say it. */
export interface GroupVersionKind {
  /** The API group; empty for the core group. */
  group: string;
  /** The version, such as `v1`. */
  version: string;
  /** The kind, such as `Deployment`. */
  kind: string;
}

/**
 * What kind of object this is.
 *
 * @throws {TypeError} If the object does not say it in `apiVersion` and `kind`.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { groupVersionKindOf } from "@coxswain/kube/meta";
 * const object = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web" } };
 * assert.deepEqual(groupVersionKindOf(object), { group: "apps", version: "v1", kind: "Deployment" });
 * ```
 */
export function groupVersionKindOf(
  object: { readonly apiVersion?: string; readonly kind?: string },
): GroupVersionKind {
  if (!object.apiVersion || !object.kind) {
    throw new TypeError("Cannot tell the kind of the object: it needs apiVersion and kind");
  }
  return { ...parseApiVersion(object.apiVersion), kind: object.kind };
}

/**
 * A kind in any version, as messages and events spell it: `Deployment.apps`, or `Pod` in the core group.
 *
 * @see client-go `schema.GroupKind`
 */
export function formatGroupKind({ group, kind }: Pick<GroupVersionKind, "group" | "kind">): string {
  return group === "" ? kind : `${kind}.${group}`;
}

/**
 * A resource in any version, as messages and the names of CustomResourceDefinitions spell it: `deployments.apps`, or
 * `pods` in the core group.
 *
 * @see client-go `schema.GroupResource`
 */
export function formatGroupResource({ group, plural }: Pick<ResourceType, "group" | "plural">): string {
  return group === "" ? plural : `${plural}.${group}`;
}

/** Whether two say the same kind, perhaps in different versions. */
export function isSameGroupKind(
  a: Pick<GroupVersionKind, "group" | "kind">,
  b: Pick<GroupVersionKind, "group" | "kind">,
): boolean {
  return a.group === b.group && a.kind === b.kind;
}
