// Makes testing/built_in_schemas.ts: of the types of built-in kinds, what the server in memory merges and tells fields
// by. `deno task generate` writes it together with types/.
import { mayBeNull } from "../../codegen/built_in_types.ts";
import type { OpenApiDocument } from "../../discovery/mod.ts";

/** A schema with what Kubernetes adds to it. */
interface ServedSchema {
  $ref?: string;
  type?: string;
  format?: string;
  default?: unknown;
  required?: string[];
  properties?: Record<string, ServedSchema>;
  items?: ServedSchema;
  additionalProperties?: ServedSchema | boolean;
  allOf?: ServedSchema[];
  "x-kubernetes-list-type"?: string;
  "x-kubernetes-list-map-keys"?: string[];
  "x-kubernetes-map-type"?: string;
  "x-kubernetes-patch-strategy"?: string;
  "x-kubernetes-patch-merge-key"?: string;
}

/** Lists that Go writes as `null` at first, which the server itself fills before anybody else sees them. */
const NULL_AT_FIRST = new Set(["CustomResourceDefinitionStatus.conditions"]);

const REFERENCE = "#/components/schemas/";

/** Types without fields of their own that are more than what their schemas say. */
const SPECIAL: Readonly<Record<string, string>> = {
  "io.k8s.apimachinery.pkg.api.resource.Quantity": "q",
  "io.k8s.apimachinery.pkg.util.intstr.IntOrString": "p",
  "io.k8s.apimachinery.pkg.apis.meta.v1.Time": "t",
  "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime": "u",
};

/** The module's text. */
export function schemaTable(documents: readonly OpenApiDocument[], header: string): string {
  const schemas = new Map<string, ServedSchema>();
  for (const { components } of documents) {
    for (const [name, schema] of Object.entries(components?.schemas ?? {})) {
      schemas.set(name, schema as ServedSchema);
    }
  }
  const modules = new Map<string, string[]>();
  for (const [fullName, schema] of [...schemas].sort(([a], [b]) => a < b ? -1 : 1)) {
    if (!isStruct(schema) || isList(schema)) continue;
    const { module, name } = placeOf(fullName);
    const fields = Object.entries(schema.properties ?? {}).map(([field, type]) =>
      `${field}:${typeText(type, module, schemas)}${patchText(type)}${
        defaultText(type, name, field, schema.required?.includes(field) ?? false)
      }`
    );
    const mark = schema["x-kubernetes-map-type"] === "atomic" ? "!" : "";
    const lines = modules.get(module) ?? [];
    lines.push([`${name}${mark}`, ...fields].join(" "));
    modules.set(module, lines);
  }
  const tables = [...modules].sort(([a], [b]) => a < b ? -1 : 1).map(([module, lines]) =>
    `  "${module}": \`\n${lines.join("\n")}\`,\n`
  );
  return `// ${header}

/**
 * The types of built-in kinds, by the module of \`types/\` that has them, a line each: the name and the fields. What stands
 * for a type is told in \`schema.ts\`.
 */
export const BUILT_IN_SCHEMAS: Readonly<Record<string, string>> = {
${tables.join("")}};
`;
}

function typeText(schema: ServedSchema, module: string, schemas: ReadonlyMap<string, ServedSchema>): string {
  const reference = schema.$ref ?? schema.allOf?.[0].$ref;
  const mark = schema["x-kubernetes-map-type"] === "atomic" ? "!" : "";
  if (reference !== undefined) {
    const fullName = reference.slice(REFERENCE.length);
    const target = schemas.get(fullName)!;
    if (!isStruct(target)) return SPECIAL[fullName] ?? typeText(target, module, schemas);
    const place = placeOf(fullName);
    return (place.module === module ? place.name : `${place.module}.${place.name}`) + mark;
  }
  switch (schema.type) {
    case "string":
      return schema.format === "byte" ? "y" : "s";
    case "boolean":
      return "b";
    case "integer":
      return schema.format === "int32" ? "i" : "l";
    case "number":
      return "n";
    case "array": {
      const keys = schema["x-kubernetes-list-map-keys"] ?? [];
      const kind = schema["x-kubernetes-list-type"];
      const relation = kind === "set" ? "=" : kind === "map" ? keys.join(",") : "";
      return `[${typeText(schema.items!, module, schemas)}]${relation}`;
    }
    case "object":
      return typeof schema.additionalProperties === "object"
        ? `{${typeText(schema.additionalProperties, module, schemas)}}${mark}`
        : "*";
    default:
      return "*";
  }
}

/** `~` and the key for lists that a strategic merge patch merges. */
function patchText(schema: ServedSchema): string {
  const merges = schema["x-kubernetes-patch-strategy"]?.split(",").includes("merge");
  return merges ? `~${schema["x-kubernetes-patch-merge-key"] ?? ""}` : "";
}

/**
 * What the field is when nobody says it: `+` a struct that is no pointer in Go, `@` an empty text, 0 or false that Go
 * writes, `%` null, `#` and a text.
 */
function defaultText(schema: ServedSchema, type: string, field: string, isRequired: boolean): string {
  const { default: value } = schema;
  const isTime = /\.(Micro)?Time$/.test(schema.$ref ?? schema.allOf?.[0].$ref ?? "");
  const model = { is: "named", module: "meta", name: isTime ? "Time" : "", of: [] } as const;
  if (mayBeNull(type, { name: field, doc: "", facts: [], optional: true, type: model })) return "%";
  if (NULL_AT_FIRST.has(`${type}.${field}`)) return "%";
  if (JSON.stringify(value) === "{}") return "+";
  if (value === "" || value === 0 || value === false) return "@";
  if (typeof value === "string") return `#${value}`;
  return isRequired && (schema.type === "array" || schema.type === "object") ? "%" : "";
}

function isList({ properties = {} }: ServedSchema): boolean {
  return properties.items?.type === "array" && JSON.stringify(properties.metadata ?? {}).includes("ListMeta");
}

function isStruct({ properties }: ServedSchema): boolean {
  return Object.keys(properties ?? {}).length > 0;
}

/** `io.k8s.api.core.v1.Pod` → `core_v1`, `Pod`. What belongs to no group is in `meta_v1` and the like. */
function placeOf(fullName: string): { module: string; name: string } {
  const [name, version, folder] = fullName.split(".").reverse();
  return { module: `${folder}_${version}`, name };
}
