import type { KubernetesObject } from "../meta/mod.ts";
import type { ObjectReference } from "../types/core_v1.ts";

/**
 * A reference to an object, as events carry it. A reference is returned as it is.
 *
 * @returns `undefined` if the object does not say what it is.
 * @see client-go `tools/reference.GetReference`, spec rest 23.5
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { referenceTo } from "@coxswain/kube/controller";
 * const pod = { apiVersion: "v1", kind: "Pod", metadata: { namespace: "shop", name: "web-0", uid: "1" } };
 * assert.deepEqual(referenceTo(pod), { apiVersion: "v1", kind: "Pod", namespace: "shop", name: "web-0", uid: "1" });
 * ```
 */
export function referenceTo(object: KubernetesObject | ObjectReference): ObjectReference | undefined {
  const { apiVersion, kind } = object;
  if (!apiVersion || !kind) return undefined;
  if (!("metadata" in object)) {
    return (object as ObjectReference).name ? { ...object as ObjectReference } : undefined;
  }
  const { name, namespace, uid, resourceVersion } = object.metadata ?? {};
  if (!name) return undefined;
  return {
    apiVersion,
    kind,
    ...namespace ? { namespace } : {},
    name,
    ...uid ? { uid } : {},
    ...resourceVersion ? { resourceVersion } : {},
  };
}
