import { define, isJsonObject, type JsonObject } from "./api_object.ts";
import { ANY, type FieldShape, type MapShape, objectFields, plainField, type Shape } from "./schema.ts";

/** A structural schema of a custom resource, as its definition has it. */
export interface CustomSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, CustomSchema>>;
  readonly additionalProperties?: CustomSchema | boolean;
  readonly items?: CustomSchema;
  readonly required?: readonly string[];
  readonly default?: unknown;
  readonly nullable?: boolean;
  readonly format?: string;
  readonly description?: string;
  readonly title?: string;
  readonly $ref?: string;
  readonly uniqueItems?: boolean;
  readonly allOf?: readonly CustomSchema[];
  readonly anyOf?: readonly CustomSchema[];
  readonly oneOf?: readonly CustomSchema[];
  readonly not?: CustomSchema;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: boolean;
  readonly exclusiveMaximum?: boolean;
  readonly multipleOf?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly "x-kubernetes-preserve-unknown-fields"?: boolean;
  readonly "x-kubernetes-int-or-string"?: boolean;
  readonly "x-kubernetes-embedded-resource"?: boolean;
  readonly "x-kubernetes-list-type"?: string;
  readonly "x-kubernetes-list-map-keys"?: readonly string[];
  readonly "x-kubernetes-map-type"?: string;
  readonly "x-kubernetes-validations"?: readonly { readonly rule?: string }[];
}

/** The fields that objects have whatever their schemas say. */
export const IDENTITY: readonly string[] = ["apiVersion", "kind", "metadata"];

/** What objects of the schema consist of. */
export function customShape(schema: CustomSchema): MapShape {
  const fields = new Map([...fieldsOf(schema), ...objectFields()]);
  return { is: "map", fields, item: itemOf(schema), isAtomic: false };
}

function shapeOf(schema: CustomSchema): Shape {
  if (schema["x-kubernetes-int-or-string"]) return ANY; // looked at when it is validated
  switch (schema.type) {
    case "string":
    case "boolean":
      return { is: "scalar", type: schema.type };
    case "integer":
    case "number":
      return { is: "scalar", type: "number" };
    case "array": {
      const kind = schema["x-kubernetes-list-type"];
      return {
        is: "list",
        item: schema.items === undefined ? ANY : shapeOf(schema.items),
        relation: kind === "set" || kind === "map" ? kind : "atomic",
        keys: schema["x-kubernetes-list-map-keys"] ?? [],
      };
    }
    case "object": {
      const embedded = schema["x-kubernetes-embedded-resource"] ? objectFields() : [];
      return {
        is: "map",
        fields: new Map([...fieldsOf(schema), ...embedded]),
        item: itemOf(schema),
        isAtomic: schema["x-kubernetes-map-type"] === "atomic",
      };
    }
    default:
      return ANY;
  }
}

function fieldsOf({ properties = {} }: CustomSchema): [string, FieldShape][] {
  return Object.entries(properties).map(([name, property]) => {
    const field = plainField(shapeOf(property));
    return [name, { ...field, default: property.type === "object" ? undefined : property.default }];
  });
}

function itemOf(schema: CustomSchema): Shape | undefined {
  const { additionalProperties: more } = schema;
  if (isJsonObject(more)) return shapeOf(more as CustomSchema);
  return schema["x-kubernetes-preserve-unknown-fields"] || more === true ? ANY : undefined;
}

/**
 * An object without the fields that its schema does not have, and with the defaults of those that it does have.
 *
 * @param unknown Where the paths of dropped fields go.
 * @param nulls What becomes of nulls where there must be none: in what is applied they stay, to be refused.
 */
export function conformCustom<T extends JsonObject>(
  object: T,
  schema: CustomSchema,
  unknown: string[] = [],
  nulls: "drop" | "keep" = "drop",
): T {
  const ofMetadata: string[] = []; // told last
  const pruned = prune(object, schema, "", { unknown, ofMetadata, nulls }, true);
  unknown.push(...ofMetadata);
  return withDefaults(pruned, schema) as T;
}

/** Where the paths of dropped fields go, and which fields are dropped silently. */
interface Dropped {
  readonly nulls: "drop" | "keep";
  readonly unknown: string[];
  readonly ofMetadata: string[];
}

function prune(
  value: unknown,
  schema: CustomSchema,
  path: string,
  dropped: Dropped,
  isObject = false,
): unknown {
  if (Array.isArray(value)) {
    if (schema["x-kubernetes-preserve-unknown-fields"]) return value;
    const { items = {} } = schema;
    return value.map((item, index) => prune(item, items, `${path}[${index}]`, dropped));
  }
  if (!isJsonObject(value)) return value;
  const kept: JsonObject = {};
  for (const key of Object.keys(value).sort()) {
    const at = path === "" ? key : `${path}.${key}`;
    const isOwn = (isObject || schema["x-kubernetes-embedded-resource"]) && IDENTITY.includes(key);
    const below = schemaBelow(schema, key);
    if (
      isOwn ||
      (below === undefined &&
        (schema.additionalProperties === true || schema["x-kubernetes-preserve-unknown-fields"]))
    ) {
      define(
        kept,
        key,
        isOwn && key === "metadata"
          ? pruneMetadata(value[key], at, isObject ? dropped.unknown : dropped.ofMetadata)
          : value[key],
      );
    } else if (below === undefined) dropped.unknown.push(at);
    // A null that is not allowed is as nothing, but in lists.
    else if (value[key] !== null || keepsNull(below, dropped.nulls)) {
      define(kept, key, prune(value[key], below, at, dropped));
    }
  }
  return kept;
}

function pruneMetadata(metadata: unknown, path: string, unknown: string[]): unknown {
  const [, , [, { shape }]] = objectFields();
  if (!isJsonObject(metadata) || shape.is !== "map") return metadata;
  const isKnown = ([key]: [string, unknown]) => shape.fields.has(key);
  unknown.push(
    ...Object.entries(metadata).filter((field) => !isKnown(field)).map(([key]) => `${path}.${key}`),
  );
  return Object.fromEntries(Object.entries(metadata).filter(isKnown));
}

function keepsNull(schema: CustomSchema, nulls: Dropped["nulls"]): boolean {
  return isNullable(schema) || (nulls === "keep" && schema.default === undefined);
}

function isNullable(schema: CustomSchema): boolean {
  return schema.nullable ?? (schema.type === undefined && !schema["x-kubernetes-int-or-string"]);
}

function withDefaults(value: unknown, schema: CustomSchema): unknown {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? value : value.map((item) => withDefaults(item, items));
  }
  if (!isJsonObject(value)) return value;
  const whole: JsonObject = { ...value };
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    if (whole[key] === undefined && property.default !== undefined) {
      define(whole, key, structuredClone(property.default));
    }
  }
  for (const [key, below] of Object.entries(whole)) {
    const type = schemaBelow(schema, key);
    if (type !== undefined) define(whole, key, withDefaults(below, type));
  }
  return whole;
}

/** The schema of what is under a key; `undefined` if the schema of the object does not tell. */
export function schemaBelow(
  { properties = {}, additionalProperties: more }: CustomSchema,
  key: string,
): CustomSchema | undefined {
  if (Object.hasOwn(properties, key)) return properties[key];
  return isJsonObject(more) ? more as CustomSchema : undefined;
}
