import type { ApiResource, ApiResourceList } from "./api_resource.ts";

/**
 * The resources that meet a condition. Lists of which none does are left out.
 *
 * @see client-go `discovery.FilteredBy`, spec rest 16.4
 */
export function filterResources(
  lists: readonly ApiResourceList[],
  condition: (groupVersion: string, resource: ApiResource) => boolean,
): ApiResourceList[] {
  return lists.map(({ groupVersion, resources }) => ({
    groupVersion,
    resources: resources.filter((resource) => condition(groupVersion, resource)),
  })).filter(({ resources }) => resources.length > 0);
}

/** A condition for {@linkcode filterResources}: all of these verbs can be asked of the resource. */
export function supportsVerbs(
  ...verbs: readonly string[]
): (groupVersion: string, resource: ApiResource) => boolean {
  return (_, resource) => verbs.every((verb) => resource.verbs.includes(verb));
}
