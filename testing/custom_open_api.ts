import { isJsonObject, type JsonObject } from "./api_object.ts";
import type { ServedResource } from "./served_resource.ts";

const CONVENTIONS = "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md";
const TEXT_FIELDS = {
  apiVersion: {
    description:
      "APIVersion defines the versioned schema of this representation of an object. Servers should convert " +
      "recognized schemas to the latest internal value, and may reject unrecognized values. More info: " +
      `${CONVENTIONS}#resources`,
    type: "string",
  },
  kind: {
    description:
      "Kind is a string value representing the REST resource this object represents. Servers may infer this " +
      "from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: " +
      `${CONVENTIONS}#types-kinds`,
    type: "string",
  },
};

/** The full name of the schema of a custom resource's kind: `com.example.v1.WebApp`. */
export function customSchemaName({ group, version }: ServedResource, kind: string): string {
  return [...group.split(".").reverse(), version, kind].join(".");
}

/** The schemas of a custom resource and of its lists, as OpenAPI tells them. */
export function customOpenApi(resource: ServedResource): Record<string, JsonObject> {
  const { group, version, kind, plural, schema = {} } = resource;
  const name = customSchemaName(resource, kind);
  const marked = (kind: string) => ({ "x-kubernetes-group-version-kind": [{ group, kind, version }] });
  const { properties = {}, ...rest } = told(schema) as { properties?: JsonObject };
  const keepsUnknown = "x-kubernetes-preserve-unknown-fields" in rest;
  return {
    [name]: {
      ...rest,
      type: "object",
      ...(!keepsUnknown || Object.keys(properties).length > 0) && {
        properties: sorted({
          ...properties,
          ...TEXT_FIELDS,
          metadata: metadata("object's", "metadata", "ObjectMeta"),
        }),
      },
      ...marked(kind),
    },
    [customSchemaName(resource, `${kind}List`)]: {
      description: `${kind}List is a list of ${kind}`,
      type: "object",
      required: ["items"],
      properties: {
        ...TEXT_FIELDS,
        items: {
          description: `List of ${plural}. More info: ${CONVENTIONS}`,
          type: "array",
          items: { $ref: `#/components/schemas/${name}` },
        },
        metadata: metadata("list", "types-kinds", "ListMeta"),
      },
      ...marked(`${kind}List`),
    },
  };
}

function metadata(of: string, anchor: string, type: string): JsonObject {
  return {
    description: `Standard ${of} metadata. More info: ${CONVENTIONS}#${anchor}`,
    allOf: [{ $ref: `#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.${type}` }],
  };
}

/** The schema of the definition, with both types of what may be a number or a text. */
function told(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(told);
  if (!isJsonObject(schema)) return schema;
  const whole = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, told(value)]));
  if (schema["x-kubernetes-int-or-string"] !== true || "anyOf" in schema) return whole;
  return { anyOf: [{ type: "integer" }, { type: "string" }], ...whole };
}

function sorted(fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(fields).sort(([a], [b]) => a < b ? -1 : 1));
}
