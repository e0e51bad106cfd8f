import { apiVersionOf, type ResourceType, type Scope } from "../meta/mod.ts";
import type { CustomSchema } from "./custom_schema.ts";
import type { ScalePaths } from "./scale.ts";
import { builtInShape, type MapShape, openShape } from "./schema.ts";

/** How the server treats the objects of a kind, beyond what all kinds have in common. */
export type Trait =
  /** `metadata.generation` is kept: 1 at first, one more with each change of the desired state. */
  | "generation"
  /** A deletion answers with the object, not with a `Status`. */
  | "returned"
  /** An update must say which `resourceVersion` it is based on. */
  | "conditional"
  /** A deletion leaves the dependents, unless it says otherwise. */
  | "orphans"
  /** An update of an object that does not exist creates it. */
  | "upsert"
  /** Names need only be one segment of a path, as those of RBAC. */
  | "anyName"
  /** Names are DNS labels: at most 63 characters, no dots. */
  | "labelName";

/** A resource as this server serves it: a descriptor and what it implies for objects and paths. */
export interface ServedResource {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly scope: Scope;
  /** Group and version as objects spell them. */
  readonly apiVersion: string;
  /** The resource as messages name it: `pods`, `deployments.apps`. */
  readonly title: string;
  /** The kind as messages name it: `Pod`, `Deployment.apps`. */
  readonly kindTitle: string;
  /** Built in, and so written from structs by a real server; otherwise a custom resource. */
  readonly builtIn: boolean;
  readonly subresources: ReadonlySet<string>;
  readonly traits: ReadonlySet<Trait>;
  /** Where its objects are kept: versions of one custom resource share a place. */
  readonly storageKey: string;
  /** What a custom resource must be like, if its definition is known. */
  readonly schema?: CustomSchema;
  /** Where a custom resource has its replicas, if it can be scaled. */
  readonly scale?: ScalePaths;
  /** What its objects consist of. */
  readonly shape: MapShape;
}

/** What messages, paths and objects need to know of a resource, worked out once. */
export function servedResource(
  type: ResourceType,
  traits: readonly Trait[],
  builtIn: boolean,
): ServedResource {
  const { group, version, kind, plural, singular, scope, subresources = [] } = type;
  const suffix = group === "" ? "" : `.${group}`;
  let shape: MapShape | undefined;
  return {
    group,
    version,
    kind,
    plural,
    singular: singular ?? kind.toLowerCase(),
    shortNames: type.shortNames ?? [],
    categories: type.categories ?? [],
    scope,
    apiVersion: apiVersionOf(type),
    title: `${plural}${suffix}`,
    kindTitle: `${kind}${suffix}`,
    builtIn,
    subresources: new Set(subresources),
    traits: new Set(traits),
    storageKey: `${apiVersionOf(type)}/${plural}`,
    // Read from the table when it is first needed: most programs use a few kinds.
    get shape() {
      return shape ??= (builtIn ? builtInShape(apiVersionOf(type), kind) : undefined) ?? openShape();
    },
  };
}
