import type { Discovery, DiscoveryCallOptions } from "./discovery.ts";
import type { ApiGroup } from "./api_group.ts";
import type { ApiResourceList } from "./api_resource.ts";
import type { ServedApis } from "./served_apis.ts";

/** Everything that a discovery can tell: from its overview if that is enough, else one group and version at a time. */
export async function collectApis(
  discovery: Pick<Discovery, "overview" | "resources">,
  options: DiscoveryCallOptions,
): Promise<ServedApis> {
  const overview = await discovery.overview(options);
  const found = overview.resources === undefined
    ? await fetchResources(discovery, overview.groups, options)
    : { resources: overview.resources, failures: overview.failures };
  return {
    groups: overview.groups,
    resources: groupVersionsOf(overview.groups).flatMap((each) => found.resources.get(each) ?? []),
    failures: found.failures,
  };
}

/** The resources of all groups and versions, each with a request of its own, all at once (spec rest 16.3). */
export async function fetchResources(
  discovery: Pick<Discovery, "resources">,
  groups: readonly ApiGroup[],
  options: DiscoveryCallOptions,
): Promise<{ resources: Map<string, ApiResourceList>; failures: Map<string, Error> }> {
  const { signal } = options;
  const names = groupVersionsOf(groups);
  const answers = await Promise.allSettled(names.map((name) => discovery.resources(name, options)));
  signal?.throwIfAborted();
  const resources = new Map<string, ApiResourceList>();
  const failures = new Map<string, Error>();
  for (const [index, answer] of answers.entries()) {
    if (answer.status === "fulfilled") resources.set(names[index], answer.value);
    else failures.set(names[index], answer.reason);
  }
  return { resources, failures };
}

/** The groups and versions as objects spell them, in the server's order. */
function groupVersionsOf(groups: readonly ApiGroup[]): string[] {
  return groups.flatMap(({ versions }) => versions.map(({ groupVersion }) => groupVersion));
}
