import { parseApiVersion, type ResourceType } from "../meta/mod.ts";
import type { ApiResourceList } from "./api_resource.ts";

/**
 * The resources of a list as descriptors, ready for `client.resource(…)`: each with its singular, short names,
 * categories, verbs and the names of its subresources.
 *
 * @throws {TypeError} If the list's group and version cannot be read.
 * @see spec rest 16.2, 17.2
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { resourceTypes } from "@coxswain/kube/discovery";
 * const [pods] = resourceTypes({ groupVersion: "v1", resources: [
 *   { name: "pods", singularName: "pod", namespaced: true, kind: "Pod", verbs: ["get", "list"], shortNames: ["po"] },
 *   { name: "pods/log", singularName: "", namespaced: true, kind: "Pod", verbs: ["get"] },
 * ] });
 * assert.equal(pods.plural, "pods");
 * assert.deepEqual(pods.subresources, ["log"]);
 * ```
 */
export function resourceTypes({ groupVersion, resources }: ApiResourceList): ResourceType[] {
  const { group, version } = parseApiVersion(groupVersion);
  const subresources = new Map<string, string[]>();
  for (const { name } of resources) {
    const slash = name.indexOf("/");
    if (slash === -1) continue;
    const parent = name.slice(0, slash);
    subresources.set(parent, [...subresources.get(parent) ?? [], name.slice(slash + 1)]);
  }
  return resources.filter(({ name, kind }) => !name.includes("/") && kind !== "").map(
    ({ name, singularName, namespaced, kind, verbs, shortNames, categories }) =>
      Object.freeze<ResourceType>({
        group,
        version,
        kind,
        plural: name,
        singular: singularName || kind.toLowerCase(),
        scope: namespaced ? "Namespaced" : "Cluster",
        shortNames: shortNames ?? [],
        categories: categories ?? [],
        verbs,
        subresources: subresources.get(name) ?? [],
      }),
  );
}
