import { define, isJsonObject, type JsonObject, sameJson } from "./api_object.ts";
import type { FieldProblem } from "./refusal.ts";
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
}

const IDENTITY = ["apiVersion", "kind", "metadata"];

/** What objects of the schema consist of. */
export function customShape(schema: CustomSchema): MapShape {
  const fields = new Map([...fieldsOf(schema), ...objectFields()]);
  return { is: "map", fields, item: itemOf(schema), isAtomic: false };
}

function shapeOf(schema: CustomSchema): Shape {
  if (schema["x-kubernetes-int-or-string"]) return { is: "scalar", type: "any" };
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
 */
export function conformCustom<T extends JsonObject>(
  object: T,
  schema: CustomSchema,
  unknown: string[] = [],
): T {
  return withDefaults(prune(object, schema, "", unknown, true), schema) as T;
}

function prune(
  value: unknown,
  schema: CustomSchema,
  path: string,
  unknown: string[],
  isObject = false,
): unknown {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined
      ? value
      : value.map((item, index) => prune(item, items, `${path}[${index}]`, unknown));
  }
  if (!isJsonObject(value)) return value;
  const kept: JsonObject = {};
  for (const key of Object.keys(value).sort()) {
    const at = path === "" ? key : `${path}.${key}`;
    const isOwn = (isObject || schema["x-kubernetes-embedded-resource"]) && IDENTITY.includes(key);
    const below = schemaOf(schema, key);
    if (
      isOwn ||
      (below === undefined &&
        (schema.additionalProperties === true || schema["x-kubernetes-preserve-unknown-fields"]))
    ) {
      define(kept, key, value[key]);
    } else if (below === undefined) unknown.push(at);
    else define(kept, key, prune(value[key], below, at, unknown));
  }
  return kept;
}

function withDefaults(value: unknown, schema: CustomSchema): unknown {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? value : value.map((item) => withDefaults(item, items));
  }
  if (!isJsonObject(value)) return value;
  const whole: JsonObject = { ...value };
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    const isMissing = whole[key] === undefined || (whole[key] === null && !property.nullable);
    if (isMissing && property.default !== undefined) define(whole, key, structuredClone(property.default));
  }
  for (const [key, below] of Object.entries(whole)) {
    const type = schemaOf(schema, key);
    if (type !== undefined) define(whole, key, withDefaults(below, type));
  }
  return whole;
}

/** What is wrong with an object, in the server's words. Rules in CEL, formats and `allOf` and its like are not looked at. */
export function customProblems(object: JsonObject, schema: CustomSchema): FieldProblem[] {
  const { apiVersion: _, kind: __, metadata: ___, ...content } = object;
  const problems: FieldProblem[] = [];
  const { required = [], properties = {} } = schema;
  const own = Object.fromEntries(Object.entries(properties).filter(([key]) => !IDENTITY.includes(key)));
  const names = required.filter((name) => !IDENTITY.includes(name));
  validate(content, { ...schema, properties: own, required: names }, "", problems);
  if (problems.length === 0) findDuplicates(content, schema, "", problems);
  return problems;
}

function validate(value: unknown, schema: CustomSchema, path: string, problems: FieldProblem[]): void {
  const invalid = (rule: string) =>
    problems.push({
      reason: "FieldValueInvalid",
      field: path,
      message: `Invalid value: ${JSON.stringify(value)}: ${path} in body ${rule}`,
    });
  if (value === null && schema.nullable) return;
  const expected = schema["x-kubernetes-int-or-string"]
    ? ["integer", "string"]
    : schema.type
    ? [schema.type]
    : [];
  const type = typeOf(value);
  if (
    expected.length > 0 && !expected.includes(type) && !(type === "integer" && expected.includes("number"))
  ) {
    const message = `Invalid value: "${type}": ${path} in body must be of type ${
      expected.join(",")
    }: "${type}"`;
    problems.push({ reason: "FieldValueTypeInvalid", field: path, message });
    return;
  }
  if (schema.enum !== undefined && !schema.enum.some((one) => sameJson(one, value))) {
    const supported = schema.enum.map((one) => JSON.stringify(one)).join(", ");
    const message = `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported}`;
    problems.push({ reason: "FieldValueNotSupported", field: path, message });
  }
  if (typeof value === "string") validateText(value, schema, path, problems, invalid);
  else if (typeof value === "number") validateNumber(value, schema, invalid);
  else if (Array.isArray(value)) validateList(value, schema, path, problems);
  else if (isJsonObject(value)) validateMap(value, schema, path, problems);
}

function validateText(
  value: string,
  { minLength, maxLength, pattern }: CustomSchema,
  path: string,
  problems: FieldProblem[],
  invalid: (rule: string) => void,
): void {
  const length = [...value].length;
  if (maxLength !== undefined && length > maxLength) {
    const message = `Too long: may not be more than ${maxLength} bytes`;
    problems.push({ reason: "FieldValueTooLong", field: path, message });
  }
  if (minLength !== undefined && length < minLength) invalid(`should be at least ${minLength} chars long`);
  if (pattern !== undefined && !new RegExp(pattern, "u").test(value)) invalid(`should match '${pattern}'`);
}

function validateNumber(value: number, schema: CustomSchema, invalid: (rule: string) => void): void {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  if (multipleOf !== undefined && !Number.isInteger(value / multipleOf)) {
    invalid(`should be a multiple of ${multipleOf}`);
  }
  if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum)) {
    invalid(`should be less than ${exclusiveMaximum ? "" : "or equal to "}${maximum}`);
  }
  if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum)) {
    invalid(`should be greater than ${exclusiveMinimum ? "" : "or equal to "}${minimum}`);
  }
}

function validateList(
  list: readonly unknown[],
  schema: CustomSchema,
  path: string,
  problems: FieldProblem[],
): void {
  const { items, minItems, maxItems } = schema;
  if (items !== undefined) {
    for (const [index, item] of list.entries()) validate(item, items, `${path}[${index}]`, problems);
  }
  if (minItems !== undefined && list.length < minItems) {
    const message = `Invalid value: ${list.length}: ${path} in body should have at least ${minItems} items`;
    problems.push({ reason: "FieldValueInvalid", field: path, message });
  }
  if (maxItems !== undefined && list.length > maxItems) {
    const message = `Too many: ${list.length}: must have at most ${maxItems} items`;
    problems.push({ reason: "FieldValueTooMany", field: path, message });
  }
}

function validateMap(map: JsonObject, schema: CustomSchema, path: string, problems: FieldProblem[]): void {
  const { properties = {}, required = [] } = schema;
  const isAbsent = (key: string) =>
    map[key] === undefined || (map[key] === null && !properties[key]?.nullable && required.includes(key));
  const at = (key: string) => path === "" ? key : `${path}.${key}`;
  for (const key of required) {
    if (!isAbsent(key)) continue;
    problems.push({ reason: "FieldValueRequired", field: at(key), message: "Required value" });
  }
  for (const key of Object.keys(map).sort()) {
    const type = schemaOf(schema, key);
    if (type !== undefined && !isAbsent(key)) validate(map[key], type, at(key), problems);
  }
}

/** Items of sets and of lists with keys must be different. */
function findDuplicates(value: unknown, schema: CustomSchema, path: string, problems: FieldProblem[]): void {
  if (Array.isArray(value)) {
    const kind = schema["x-kubernetes-list-type"];
    const keys = schema["x-kubernetes-list-map-keys"] ?? [];
    const told = value.map((item) =>
      kind === "map" && isJsonObject(item)
        ? Object.fromEntries(
          keys.filter((key) => item[key] !== undefined).sort().map((key) => [key, item[key]]),
        )
        : item
    );
    for (const [index, item] of value.entries()) {
      const at = `${path}[${index}]`;
      const isTwice = told.slice(0, index).some((other) => sameJson(other, told[index]));
      if ((kind === "set" || kind === "map") && isTwice) {
        const message = `Duplicate value: ${JSON.stringify(told[index])}`;
        problems.push({ reason: "FieldValueDuplicate", field: at, message });
      }
      if (schema.items !== undefined) findDuplicates(item, schema.items, at, problems);
    }
  } else if (isJsonObject(value)) {
    for (const [key, below] of Object.entries(value)) {
      const type = schemaOf(schema, key);
      if (type !== undefined) findDuplicates(below, type, path === "" ? key : `${path}.${key}`, problems);
    }
  }
}

/** The schema of what is under a key; `undefined` if the schema of the object does not tell. */
function schemaOf(
  { properties = {}, additionalProperties: more }: CustomSchema,
  key: string,
): CustomSchema | undefined {
  if (Object.hasOwn(properties, key)) return properties[key];
  return isJsonObject(more) ? more as CustomSchema : undefined;
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}
