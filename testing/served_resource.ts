import { apiVersionOf, type ResourceType, type Scope } from "../meta/mod.ts";
import type { PrinterColumn } from "./custom_cells.ts";
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

/** What can be asked of a subresource. */
export interface Subresource {
  /** Absent: it can be read and changed. */
  readonly verbs?: readonly string[];
  /** What is sent to it, or answered. Absent: the kind of the resource. Group and version may be empty: the resource's. */
  readonly kind?: { readonly group: string; readonly version: string; readonly kind: string };
}

/** What is known of a resource beyond its descriptor. */
export interface Serving {
  /** Default none. */
  readonly traits?: readonly Trait[];
  /** Default false. */
  readonly builtIn?: boolean;
  /** Default: those of the descriptor, which can be read and changed. */
  readonly subresources?: readonly (readonly [string, Subresource])[];
  /** What everybody is warned of who asks for it. */
  readonly deprecation?: string;
  /** In which version its objects are stored. Default its own; undefined for what is answered and not stored. */
  readonly stored?: string;
}

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
  readonly verbs: readonly string[];
  readonly subresources: ReadonlyMap<string, Subresource>;
  readonly traits: ReadonlySet<Trait>;
  /** In which version a real server stores its objects. Undefined for what is only answered, such as reviews. */
  readonly stored: string | undefined;
  /** What everybody is warned of who asks for it. */
  readonly deprecation: string | undefined;
  /** Where its objects are kept: versions of one resource share a place. */
  readonly storageKey: string;
  /** What a custom resource must be like, if its definition is known. */
  readonly schema?: CustomSchema;
  /** What the Tables of a custom resource show besides the names. */
  readonly columns?: readonly PrinterColumn[];
  /** The fields of a custom resource, such as `spec.size`, that objects are selected by besides their names. */
  readonly selectableFields?: readonly string[];
  /** Where a custom resource has its replicas, if it can be scaled. */
  readonly scale?: ScalePaths;
  /** What its objects consist of. */
  readonly shape: MapShape;
}

// In the order in which discovery tells them.
const VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
const CUSTOM_VERBS = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"];

/** What messages, paths and objects need to know of a resource, worked out once. */
export function servedResource(type: ResourceType, serving: Serving = {}): ServedResource {
  const { group, version, kind, plural, singular, scope } = type;
  const apiVersion = apiVersionOf(type);
  const { traits = [], builtIn = false, subresources = (type.subresources ?? []).map(plainSubresource) } =
    serving;
  const stored = "stored" in serving ? serving.stored : apiVersion;
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
    apiVersion,
    title: `${plural}${suffix}`,
    kindTitle: `${kind}${suffix}`,
    builtIn,
    verbs: type.verbs ?? (builtIn ? VERBS : CUSTOM_VERBS),
    subresources: new Map(subresources),
    traits: new Set(traits),
    stored,
    deprecation: serving.deprecation,
    storageKey: `${stored ?? apiVersion}/${plural}`,
    // Read from the table when it is first needed: most programs use a few kinds.
    get shape() {
      return shape ??= (builtIn ? builtInShape(apiVersion, kind) : undefined) ?? openShape();
    },
  };
}

function plainSubresource(name: string): [string, Subresource] {
  return [name, name === "scale" ? { kind: { group: "autoscaling", version: "v1", kind: "Scale" } } : {}];
}
