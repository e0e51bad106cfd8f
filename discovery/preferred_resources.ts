import type { ApiResource, ApiResourceList } from "./api_resource.ts";
import { filterResources } from "./filter_resources.ts";
import type { ServedApis } from "./served_apis.ts";

/** Options of {@linkcode preferredResources}. */
export interface PreferredResourcesOptions {
  /** Only resources of this scope. Default: both. */
  scope?: "Namespaced" | "Cluster";
}

/**
 * Each resource once, in the version that its group prefers, or else the first that has it; no subresources. In the
 * order of discovery; versions with nothing in them are left out.
 *
 * @see client-go `ServerPreferredResources`, spec rest 16.4
 * @example What can be listed in every namespace
 * ```ts
 * import assert from "node:assert/strict";
 * import { DiscoveryClient, filterResources, preferredResources, supportsVerbs } from "@coxswain/kube/discovery";
 * import { RestClient } from "@coxswain/kube/rest";
 * import { ApiServer } from "@coxswain/kube/testing";
 * const rest = new RestClient(new ApiServer().restConfig());
 * const served = await new DiscoveryClient(rest).all();
 * const listable = filterResources(preferredResources(served, { scope: "Namespaced" }), supportsVerbs("list"));
 * assert.ok(listable.some(({ groupVersion }) => groupVersion === "apps/v1"));
 * await rest[Symbol.asyncDispose]();
 * ```
 */
export function preferredResources(
  { groups, resources }: ServedApis,
  { scope }: PreferredResourcesOptions = {},
): ApiResourceList[] {
  const lists = new Map(resources.map((list) => [list.groupVersion, list]));
  const preferred = groups.flatMap(({ versions, preferredVersion }) => {
    const chosen = new Map<string, { groupVersion: string; resource: ApiResource }>();
    for (const { groupVersion, version } of versions) {
      for (const resource of lists.get(groupVersion)?.resources ?? []) {
        if (resource.name.includes("/")) continue;
        if (chosen.has(resource.name) && version !== preferredVersion?.version) continue;
        chosen.set(resource.name, { groupVersion, resource });
      }
    }
    return versions.map(({ groupVersion }) => ({
      groupVersion,
      resources: [...chosen.values()].filter((one) => one.groupVersion === groupVersion).map(({ resource }) =>
        resource
      ),
    }));
  });
  const wanted = scope === undefined ? undefined : scope === "Namespaced";
  return filterResources(preferred, (_, { namespaced }) => wanted === undefined || namespaced === wanted);
}
