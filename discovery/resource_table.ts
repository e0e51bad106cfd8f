import { parseApiVersion, type ResourceType } from "../meta/mod.ts";
import { byShortName } from "./by_short_name.ts";
import type { KindQuery, ResourceQuery } from "./queries.ts";
import { resourceTypes } from "./resource_types.ts";
import type { ServedApis } from "./served_apis.ts";

/**
 * All resources of a server in the order in which they are meant when a name fits several: the core group's first,
 * then group by group the preferred version, then the group's others. What {@linkcode RestMapper} looks things up in;
 * pure, so that a program with data of its own can use it too.
 *
 * Since what is found is a whole {@linkcode ResourceType}, client-go's `KindFor`, `ResourceFor`, `RESTMapping` and
 * `ResourceSingularizer` are two questions here: which resource a name means, and which one a kind is. Left out are the
 * kinds `…List` and `List`, for which client-go guesses resources that no server has.
 *
 * @see client-go `restmapper.NewDiscoveryRESTMapper`, spec rest 17.1, 17.2
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { ResourceTable } from "@coxswain/kube/discovery";
 * const deployments = { name: "deployments", singularName: "deployment", namespaced: true, kind: "Deployment", verbs: ["get"] };
 * const table = new ResourceTable({
 *   groups: [{ name: "apps", versions: [{ groupVersion: "apps/v1", version: "v1" }] }],
 *   resources: [{ groupVersion: "apps/v1", resources: [{ ...deployments, shortNames: ["deploy"] }] }],
 *   failures: new Map(),
 * });
 * assert.equal(table.resources({ resource: "deploy" })[0].kind, "Deployment");
 * assert.equal(table.kinds({ apiVersion: "apps/v1", kind: "Deployment" })[0].plural, "deployments");
 * ```
 */
export class ResourceTable {
  /** All resources, the best first. */
  readonly types: readonly ResourceType[];
  /** What could not be learnt, by group and version. */
  readonly failures: ReadonlyMap<string, Error>;

  /** Sorts what discovery has found. */
  constructor({ groups, resources, failures }: ServedApis) {
    const failed = new Map(failures);
    const lists = new Map(resources.map((list) => [list.groupVersion, list]));
    const order = groups.flatMap(({ preferredVersion, versions }) => [
      ...preferredVersion ? [preferredVersion.groupVersion] : [],
      ...versions.map(({ groupVersion }) => groupVersion),
    ]);
    this.types = [...new Set(["v1", ...order])].flatMap((groupVersion) => {
      const list = lists.get(groupVersion);
      try {
        return list === undefined ? [] : resourceTypes(list);
      } catch (error) {
        failed.set(groupVersion, error as TypeError); // one odd name does not spoil the others
        return [];
      }
    });
    this.failures = failed;
  }

  /**
   * The resources that a name can mean, the best first; none if there is none. A name that is the plural or singular
   * of something is never taken for a short name.
   *
   * @param onAmbiguous Called with each other resource that a short name could mean.
   */
  resources(query: ResourceQuery, onAmbiguous?: (other: ResourceType) => void): ResourceType[] {
    const expanded = byShortName(this.types, query, onAmbiguous) ?? query;
    const resource = expanded.resource.toLowerCase();
    const { group, version } = expanded;
    const named = this.types.filter(({ plural, singular }) => plural === resource || singular === resource)
      .filter((type) => !version || type.version === version);
    if (!group) return named;
    const exact = named.filter((type) => type.group === group);
    return exact.length > 0 || version ? exact : named.filter((type) => type.group.startsWith(group));
  }

  /** The resources whose objects have a kind, the best first; none if there is none. */
  kinds(query: KindQuery): ResourceType[] {
    const { kind } = query;
    const { group, versions } = query.apiVersion === undefined ? query : inOneVersion(query.apiVersion);
    const found = this.types
      .filter((type) => type.kind === kind || type.kind.toLowerCase() === kind)
      .filter((type) => group === undefined || type.group === group);
    if (versions === undefined || versions.length === 0) return found;
    return versions.flatMap((version) => found.filter((type) => type.version === version));
  }

  /**
   * The resources of a category such as `all`, each in its best version, in the order of discovery; none if no
   * resource is in it.
   */
  category(category: string): ResourceType[] {
    const seen = new Set<string>();
    return this.types.filter((type) => {
      const name = `${type.plural}.${type.group}`;
      if (!type.categories?.includes(category) || seen.has(name)) return false;
      seen.add(name);
      return true;
    });
  }
}

function inOneVersion(apiVersion: string): { group: string; versions: string[] } {
  const { group, version } = parseApiVersion(apiVersion);
  return { group, versions: [version] };
}
