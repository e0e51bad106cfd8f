import type { KubernetesObject } from "../meta/mod.ts";
import type { JsonObject } from "./api_object.ts";
import { type CustomSchema, customShape } from "./custom_schema.ts";
import type { PrinterColumn } from "./custom_cells.ts";
import type { ScalePaths } from "./scale.ts";
import { type ServedResource, servedResource } from "./served_resource.ts";

/** The parts of a CustomResourceDefinition that the server goes by. */
export interface Definition {
  readonly group: string;
  readonly scope: "Namespaced" | "Cluster";
  readonly names: Names;
  readonly versions: readonly DefinedVersion[];
}

interface Names {
  readonly kind: string;
  readonly plural: string;
  readonly listKind?: string;
  readonly singular?: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
}

interface DefinedVersion {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
  readonly schema?: { readonly openAPIV3Schema?: CustomSchema };
  readonly subresources?: { readonly status?: unknown; readonly scale?: ScalePaths };
  readonly additionalPrinterColumns?: readonly PrinterColumn[];
  readonly selectableFields?: readonly { readonly jsonPath: string }[];
}

/** The title of their resource. */
export const DEFINITIONS = "customresourcedefinitions.apiextensions.k8s.io";

/** Whether an object is a definition. */
export function isDefinition({ apiVersion, kind }: Pick<KubernetesObject, "apiVersion" | "kind">): boolean {
  return apiVersion === "apiextensions.k8s.io/v1" && kind === "CustomResourceDefinition";
}

/** The finalizer that a definition gets when it is deleted. */
export const CLEANUP = "customresourcecleanup.apiextensions.k8s.io";

/** The status of a new definition. */
export function definitionStatus(spec: unknown): JsonObject {
  const { versions } = spec as Definition;
  const storedVersions = (versions ?? []).filter(({ storage }) => storage).map(({ name }) => name);
  return { conditions: null, acceptedNames: { plural: "", kind: "" }, storedVersions };
}

/** The status of a definition, with the version in which objects are stored from now on. */
export function withStoredVersion(spec: unknown, status: unknown): unknown {
  const { versions = [] } = spec as Definition;
  const { storedVersions = [], ...others } = (status ?? {}) as { storedVersions?: readonly string[] };
  const stored = versions.find(({ storage }) => storage)?.name;
  if (stored === undefined || storedVersions.includes(stored)) return status;
  return { ...others, storedVersions: [...storedVersions, stored] };
}

/** What is served because of a definition: a resource for each version. */
export function resourcesOf({ group, scope, names, versions }: Definition): ServedResource[] {
  const { kind, plural, singular, shortNames, categories } = names;
  const stored = `${group}/${versions.find(({ storage }) => storage)?.name}`;
  return versions.filter(({ served }) => served).map((served) => {
    const { name, schema, subresources = {}, additionalPrinterColumns: columns, selectableFields } = served;
    const type = {
      group,
      version: name,
      kind,
      plural,
      scope,
      singular,
      shortNames,
      categories,
      subresources: Object.keys(subresources),
    };
    const resource = servedResource(type, { stored });
    const custom = schema?.openAPIV3Schema ?? {};
    return {
      ...resource,
      shape: customShape(custom),
      schema: custom,
      columns,
      selectableFields: selectableFields?.map(({ jsonPath }) => jsonPath.slice(1)),
      scale: subresources.scale,
      storageKey: `${group}/${plural}`,
    };
  });
}
