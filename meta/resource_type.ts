import type { KubernetesObject } from "./object_meta.ts";

/** Whether the objects of a kind live in a namespace or belong to the cluster as a whole. */
export type Scope = "Namespaced" | "Cluster";

/** What a server can be asked to do with a resource, in discovery's words. */
export type Verb =
  | "get"
  | "list"
  | "watch"
  | "create"
  | "update"
  | "patch"
  | "delete"
  | "deletecollection"
  | (string & Record<never, never>);

/**
 * Describes a resource: where a server serves it, and, as `T`, what its objects look like. A
 * program passes it wherever client-go would have a client per kind.
 *
 * Built-in kinds come from `@coxswain/kube/types/…`, where one name is both the interface and the
 * descriptor; those of custom resources from {@linkcode defineResource}. `Sub` and `V` are the names of its
 * subresources and verbs where they are known when the program is compiled: what is not among them is then not
 * offered. `string` and `Verb` stand for "not known", and all is.
 */
export interface ResourceType<
  T extends KubernetesObject = KubernetesObject,
  S extends Scope = Scope,
  Sub extends string = string,
  V extends Verb = Verb,
> {
  /** The API group; empty for the core group. */
  readonly group: string;
  /** The version, such as `v1`. */
  readonly version: string;
  /** The kind, such as `Deployment`. */
  readonly kind: string;
  /** The name in URLs, such as `deployments`. */
  readonly plural: string;
  /** The name of one of them, such as `deployment`, which kubectl takes too. Absent: the kind in lower case. */
  readonly singular?: string;
  /** Whether objects live in a namespace. */
  readonly scope: S;
  /** Names that kubectl takes instead of the plural, such as `deploy`. */
  readonly shortNames?: readonly string[];
  /** Groups of kinds that kubectl shows together, such as `all`. */
  readonly categories?: readonly string[];
  /** What can be asked of it. Absent means: not known, assume all. */
  readonly verbs?: readonly V[];
  /** Its subresources, such as `status` and `scale`. Absent means: not known. */
  readonly subresources?: readonly Sub[];
  /** Carries `T` through the type checker; never set. */
  readonly objectType?: () => T;
}

/** What {@linkcode defineResource} needs to know. */
export type ResourceDefinition<
  S extends Scope = Scope,
  Sub extends string = string,
  V extends Verb = Verb,
> =
  & Omit<ResourceType<KubernetesObject, S, Sub, V>, "scope" | "objectType">
  & (S extends "Namespaced" ? {
      /** `Namespaced`, which is also the default. */
      readonly scope?: S;
    }
    : {
      /** Whether objects live in a namespace. */
      readonly scope: S;
    });

/**
 * Describes a custom resource in one line.
 *
 * @throws {TypeError} If `version`, `kind` or `plural` is empty or would not be one segment of a URL.
 * @example A namespaced and a cluster-scoped kind
 * ```ts
 * import assert from "node:assert/strict";
 * import { apiVersionOf, defineResource, type KubernetesObject } from "@coxswain/kube/meta";
 * interface WebApp extends KubernetesObject { spec: { image: string } }
 * const WebApp = defineResource<WebApp>({ group: "example.com", version: "v1", kind: "WebApp", plural: "webapps" });
 * const Zone = defineResource<KubernetesObject, "Cluster">({
 *   group: "example.com", version: "v1", kind: "Zone", plural: "zones", scope: "Cluster" });
 * assert.equal(apiVersionOf(WebApp), "example.com/v1");
 * assert.equal(Zone.scope, "Cluster");
 * ```
 */
export function defineResource<
  T extends KubernetesObject,
  S extends Scope = "Namespaced",
  Sub extends string = string,
  V extends Verb = Verb,
>(definition: ResourceDefinition<S, Sub, V>): ResourceType<T, S, Sub, V> {
  const { scope = "Namespaced", ...rest } = definition as ResourceDefinition<Scope, Sub, V>;
  for (const field of ["version", "kind", "plural"] as const) {
    if (!/^[a-zA-Z0-9.-]+$/.test(rest[field])) {
      throw new TypeError(
        `Cannot describe a resource: ${field} must be letters, digits, "." or "-", got ${
          JSON.stringify(rest[field])
        }`,
      );
    }
  }
  return Object.freeze({ ...rest, scope: scope as S });
}

/** Group and version as objects spell them in `apiVersion`: `apps/v1`, or `v1` for the core group. */
export function apiVersionOf(type: Pick<ResourceType, "group" | "version">): string {
  return type.group === "" ? type.version : `${type.group}/${type.version}`;
}

/**
 * Takes an `apiVersion` apart: the inverse of {@linkcode apiVersionOf}.
 *
 * @throws {TypeError} If it has more than one slash or an empty version.
 */
export function parseApiVersion(apiVersion: string): { group: string; version: string } {
  const parts = apiVersion.split("/");
  const [group, version] = parts.length === 1 ? ["", parts[0]] : parts;
  if (parts.length > 2 || version === "" || (parts.length === 2 && group === "")) {
    throw new TypeError(
      `Cannot read the apiVersion ${JSON.stringify(apiVersion)}: expected "group/version" or "v1"`,
    );
  }
  return { group, version };
}
