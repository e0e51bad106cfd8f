import { apiVersionOf } from "../meta/mod.ts";
import type { ApiGroup } from "./api_group.ts";
import type { ApiResource, ApiResourceList } from "./api_resource.ts";
import type { Overview } from "./served_apis.ts";
import { StaleGroupVersionError } from "./stale_group_version_error.ts";

interface ResponseKind {
  group?: string;
  version?: string;
  kind?: string;
}

interface AggregatedSubresource {
  subresource: string;
  responseKind?: ResponseKind | null;
  verbs?: string[] | null;
}

interface AggregatedResource {
  resource: string;
  responseKind?: ResponseKind | null;
  scope?: string;
  singularResource?: string;
  verbs?: string[] | null;
  shortNames?: string[] | null;
  categories?: string[] | null;
  subresources?: AggregatedSubresource[] | null;
}

interface AggregatedVersion {
  version: string;
  resources?: AggregatedResource[] | null;
  freshness?: string;
}

interface AggregatedGroup {
  metadata?: { name?: string };
  versions?: AggregatedVersion[] | null;
}

/** An `APIGroupDiscoveryList` of `apidiscovery.k8s.io/v2`. */
export interface AggregatedDiscovery {
  items?: AggregatedGroup[] | null;
}

/** The media type that asks for aggregated discovery. */
export const AGGREGATED_TYPE = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/**
 * Whether an answer is aggregated discovery. Its parameters may come in any order and be more, as when a proxy adds a
 * charset; what cannot be read is not (spec rest 16.2).
 */
export function isAggregated(contentType: string | null): boolean {
  const [type, ...parameters] = (contentType ?? "").split(";").map((part) => part.trim());
  if (type.toLowerCase() !== "application/json") return false;
  const found = new Map<string, string>();
  for (const parameter of parameters) {
    const match = /^([^=\s]+)=("?)([^"]*)\2$/.exec(parameter);
    if (match === null) return false;
    found.set(match[1].toLowerCase(), match[3]);
  }
  return found.get("g") === "apidiscovery.k8s.io" && found.get("v") === "v2" &&
    found.get("as") === "APIGroupDiscoveryList";
}

/** Groups and resources in the form that they have had ever since (spec rest 16.2). */
export function splitAggregated({ items }: AggregatedDiscovery): Required<Overview> {
  const groups: ApiGroup[] = [];
  const resources = new Map<string, ApiResourceList>();
  const failures = new Map<string, Error>();
  for (const { metadata: { name = "" } = {}, versions } of items ?? []) {
    const group: ApiGroup = { name, versions: [] };
    groups.push(group);
    for (const { version, resources: listed, freshness } of versions ?? []) {
      const groupVersion = apiVersionOf({ group: name, version });
      if (freshness === "Stale") {
        failures.set(groupVersion, new StaleGroupVersionError(groupVersion));
        continue;
      }
      group.versions.push({ groupVersion, version });
      resources.set(groupVersion, { groupVersion, resources: (listed ?? []).flatMap(resourcesOf) });
    }
    // A stale version is never the preferred one.
    if (group.versions.length > 0) group.preferredVersion = group.versions[0];
  }
  return { groups, resources, failures };
}

/** A resource and its subresources. One without a kind cannot be used, its subresources can. */
function resourcesOf(parent: AggregatedResource): ApiResource[] {
  const { resource, singularResource: singularName = "", scope, shortNames, categories, subresources } =
    parent;
  const namespaced = scope === "Namespaced";
  const found: ApiResource[] = [];
  const add = (
    name: string,
    { responseKind, verbs }: AggregatedResource | AggregatedSubresource,
    more: Partial<ApiResource>,
  ) => {
    const { group = "", version = "", kind = "" } = responseKind ?? {};
    if (group === "" && version === "" && kind === "") return;
    found.push({
      name,
      singularName,
      namespaced,
      ...(group === "" ? {} : { group }),
      ...(version === "" ? {} : { version }),
      kind,
      verbs: verbs ?? [],
      ...more,
    });
  };
  add(resource, parent, { ...(shortNames && { shortNames }), ...(categories && { categories }) });
  for (const one of subresources ?? []) add(`${resource}/${one.subresource}`, one, {});
  return found;
}
