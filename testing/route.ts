import type { DiscoveryPath } from "./discovery.ts";
import { noSuchResource } from "./refusal.ts";
import type { ServedResource } from "./served_resource.ts";

/** What a path leads to. */
export type Route =
  | {
    readonly to: "collection";
    readonly resource: ServedResource;
    /** Undefined for cluster-scoped kinds, and for all namespaces. */
    readonly namespace: string | undefined;
  }
  | {
    readonly to: "object";
    readonly resource: ServedResource;
    readonly namespace: string | undefined;
    readonly name: string;
    /** Empty for the object itself. */
    readonly subresource: string;
  }
  | { readonly to: "openapi" | "nothing" }
  | { readonly to: "discovery"; readonly path: DiscoveryPath }
  /** How the server is: `/healthz` and the like, and single checks below. */
  | { readonly to: "health"; readonly path: readonly string[] }
  | { readonly to: "paths" | "version" };

/** Finds what a path leads to. Built once from what is served. */
export class Router {
  readonly #resources = new Map<string, ServedResource>(); // by apiVersion/plural
  readonly #kinds = new Map<string, ServedResource>(); // by apiVersion/Kind
  readonly #builtInGroups = new Set<string>();
  readonly #apiVersions = new Set<string>();

  constructor(resources: readonly ServedResource[]) {
    for (const resource of resources) {
      const { apiVersion, plural, kind, group, builtIn } = resource;
      // What comes first counts: a descriptor of a built-in kind does not make it a custom one.
      if (this.#resources.has(`${apiVersion}/${plural}`)) continue;
      this.#resources.set(`${apiVersion}/${plural}`, resource);
      this.#kinds.set(`${apiVersion}/${kind}`, resource);
      this.#apiVersions.add(apiVersion);
      if (builtIn) this.#builtInGroups.add(group);
    }
  }

  /** Serves some resources in place of others. */
  replace(old: readonly ServedResource[], fresh: readonly ServedResource[]): void {
    for (const { apiVersion, plural, kind } of old) {
      this.#resources.delete(`${apiVersion}/${plural}`);
      this.#kinds.delete(`${apiVersion}/${kind}`);
    }
    for (const resource of fresh) {
      this.#resources.set(`${resource.apiVersion}/${resource.plural}`, resource);
      this.#kinds.set(`${resource.apiVersion}/${resource.kind}`, resource);
    }
    this.#apiVersions.clear();
    for (const { apiVersion } of this.#resources.values()) this.#apiVersions.add(apiVersion);
  }

  /** Everything that is served. */
  get resources(): ServedResource[] {
    return [...this.#resources.values()];
  }

  /** The resource of that plural. */
  resource(apiVersion: string, plural: string): ServedResource | undefined {
    return this.#resources.get(`${apiVersion}/${plural}`);
  }

  /** The resource whose objects have that kind. */
  kind(apiVersion: string, kind: string): ServedResource | undefined {
    return this.#kinds.get(`${apiVersion}/${kind}`);
  }

  /**
   * What `path` leads to; `nothing` is what a server answers with a plain "404 page not found".
   *
   * @throws {Refusal} 404, where a server answers with a Status.
   */
  route(path: string): Route {
    const parts = path.split("/").slice(1);
    if (parts.length > 1 && parts.at(-1) === "") parts.pop(); // a slash at the end does not matter
    if (parts.length > 1 && parts.includes("") || parts.some((part) => !isDecodable(part))) {
      return { to: "nothing" };
    }
    const [root, ...rest] = parts.map(decodeURIComponent);
    switch (root) {
      case "api":
        return rest.length === 0 ? discovery({ at: "root", root }) : this.#routeGroup("", rest);
      case "apis":
        return rest.length === 0 ? discovery({ at: "root", root }) : this.#routeGroup(rest[0], rest.slice(1));
      case "openapi":
        return { to: "openapi" };
      case "version":
        return rest.length === 0 ? { to: "version" } : { to: "nothing" };
      case "healthz":
      case "livez":
      case "readyz":
        return { to: "health", path: [root, ...rest] };
      case "":
        return parts.length === 1 ? { to: "paths" } : { to: "nothing" };
      default:
        return { to: "nothing" };
    }
  }

  #routeGroup(group: string, parts: readonly string[]): Route {
    const [version, ...rest] = parts;
    const apiVersion = group === "" ? version : `${group}/${version}`;
    const builtIn = this.#builtInGroups.has(group);
    if (version === undefined && (builtIn || this.#hasGroup(group))) return discovery({ at: "group", group });
    if (rest.length === 0 && this.#apiVersions.has(apiVersion)) {
      return discovery({ at: "version", apiVersion });
    }
    return this.#routeResource(apiVersion, rest) ?? this.#nothing(builtIn);
  }

  #hasGroup(group: string): boolean {
    return [...this.#apiVersions].some((apiVersion) => apiVersion.startsWith(`${group}/`));
  }

  /** The API of built-in groups answers with a Status; paths of custom resources fall through to no handler. */
  #nothing(builtIn: boolean): Route {
    if (builtIn) throw noSuchResource();
    return { to: "nothing" };
  }

  #routeResource(apiVersion: string, parts: readonly string[]): Route | undefined {
    const isNamespaced = parts[0] === "namespaces" && parts.length > 2 &&
      !(apiVersion === "v1" && parts.length === 3 && ["status", "finalize"].includes(parts[2]));
    const namespace = isNamespaced ? parts[1] : undefined;
    const [plural, name, subresource = "", ...more] = isNamespaced ? parts.slice(2) : parts;
    const resource = this.resource(apiVersion, plural);
    if (resource === undefined || more.length > 0) return undefined;
    const { scope, subresources, builtIn, stored, verbs } = resource;
    if (scope === "Cluster" && namespace !== undefined) return undefined;
    if (stored === undefined && (scope === "Namespaced") !== (namespace !== undefined)) return undefined;
    if (name === undefined) return { to: "collection", resource, namespace };
    if (stored === undefined && !verbs.includes("get")) return undefined;
    if (scope === "Namespaced" && namespace === undefined) return undefined;
    if (subresource !== "" && builtIn && !subresources.has(subresource)) return undefined;
    return { to: "object", resource, namespace, name, subresource };
  }
}

function discovery(path: DiscoveryPath): Route {
  return { to: "discovery", path };
}

function isDecodable(part: string): boolean {
  try {
    decodeURIComponent(part);
    return true;
  } catch {
    return false; // a stray percent sign: no path of the API
  }
}
