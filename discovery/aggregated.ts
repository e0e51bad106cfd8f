import { apiVersionOf } from "../meta/mod.ts";
import type { ApiGroup } from "./api_group.ts";
import type { ApiResource, ApiResourceList } from "./api_resource.ts";
import { isObject, objects, objectsIn, optional, text, texts } from "./read_lists.ts";
import type { Overview } from "./served_apis.ts";
import { StaleGroupVersionError } from "./stale_group_version_error.ts";

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

/**
 * Groups and resources of an `APIGroupDiscoveryList`, in the form that they have had ever since (spec rest 16.2).
 *
 * @throws {TypeError} If it is something else.
 */
export function splitAggregated(list: unknown): Required<Overview> {
  const groups: ApiGroup[] = [];
  const resources = new Map<string, ApiResourceList>();
  const failures = new Map<string, Error>();
  for (const { metadata, versions } of objectsIn(list, "items")) {
    const name = isObject(metadata) ? text(metadata.name) : "";
    const group: ApiGroup = { name, versions: [] };
    groups.push(group);
    for (const one of objects(versions)) {
      const version = text(one.version);
      if (version === "") continue; // no request could name it
      const groupVersion = apiVersionOf({ group: name, version });
      if (one.freshness === "Stale") {
        failures.set(groupVersion, new StaleGroupVersionError(groupVersion));
        continue;
      }
      group.versions.push({ groupVersion, version });
      resources.set(groupVersion, { groupVersion, resources: objects(one.resources).flatMap(resourcesOf) });
    }
    // A stale version is never the preferred one.
    if (group.versions.length > 0) group.preferredVersion = group.versions[0];
  }
  return { groups, resources, failures };
}

/** A resource and its subresources. One without a kind cannot be used, its subresources can. */
function resourcesOf(parent: Record<string, unknown>): ApiResource[] {
  const name = text(parent.resource);
  if (name === "") return []; // no request could name it
  const found: ApiResource[] = [];
  const add = (
    name: string,
    { responseKind, verbs }: Record<string, unknown>,
    more: Partial<ApiResource>,
  ) => {
    const { group, version, kind } = isObject(responseKind) ? responseKind : {} as Record<string, unknown>;
    if (text(group) === "" && text(version) === "" && text(kind) === "") return;
    found.push({
      name,
      singularName: text(parent.singularResource),
      namespaced: parent.scope === "Namespaced",
      ...optional("group", text(group)),
      ...optional("version", text(version)),
      kind: text(kind),
      verbs: texts(verbs),
      ...more,
    });
  };
  add(name, parent, {
    ...(Array.isArray(parent.shortNames) && { shortNames: texts(parent.shortNames) }),
    ...(Array.isArray(parent.categories) && { categories: texts(parent.categories) }),
  });
  for (const one of objects(parent.subresources)) add(`${name}/${text(one.subresource)}`, one, {});
  return found;
}
