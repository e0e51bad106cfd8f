import type { OpenApiSchema } from "../discovery/mod.ts";
import { factsOf } from "./facts_of.ts";
import type { FieldModel, TypeModel } from "./module_model.ts";
import { pascalCase, pathOf } from "./names.ts";

/** What {@linkcode typeOf} needs to know of the place where the schema stands. */
export interface TypeContext {
  /** What a reference stands for. */
  resolve: (reference: string) => { type: TypeModel; schema: OpenApiSchema };
  /** Declares an object with fields of its own, and gives the type to write in its place. */
  declare: (schema: OpenApiSchema, context: TypeContext) => TypeModel;
  /** Takes note of what the type does not say. */
  note: (what: string, path: string) => void;
  /** Where in the object this is, such as `spec.ports[]`. */
  path: string;
  /** Name for what is declared here. */
  name: string;
  /** Whether the schema was written for custom resources. Those of built-in kinds are made from Go types. */
  isStructural: boolean;
  /** Whether other values than the listed ones are allowed for. */
  openEnums: boolean;
}

/** A type of `meta/`. */
export function metaType(name: string, ...of: TypeModel[]): TypeModel {
  return { is: "named", module: "meta", name, of };
}

/** A word of TypeScript. */
export function word(text: string): TypeModel {
  return { is: "word", word: text };
}

/** One of several; what is there twice is written once. */
export function union(members: readonly TypeModel[]): TypeModel {
  const all = members.flatMap((member) => member.is === "union" ? member.members : [member]);
  const seen = new Map(all.map((member) => [JSON.stringify(member), member]));
  if (seen.has(JSON.stringify(word("unknown")))) return word("unknown");
  return seen.size === 1 ? all[0] : { is: "union", members: [...seen.values()] };
}

const ANY_OBJECT: TypeModel = { is: "map", value: word("unknown") };
const NO_FIELDS: TypeModel = { is: "map", value: word("never") };

/** The TypeScript type of the values that a schema describes. */
export function typeOf(schema: OpenApiSchema, context: TypeContext): TypeModel {
  const type = bareTypeOf(schema, context);
  return schema.nullable === true ? union([type, word("null")]) : type;
}

function bareTypeOf(schema: OpenApiSchema, context: TypeContext): TypeModel {
  const reference = referenceOf(schema);
  if (reference !== undefined) {
    const { type, schema: target } = context.resolve(reference);
    const isAtomic = [schema, target].some((one) => one["x-kubernetes-map-type"] === "atomic");
    return isAtomic ? atomic(type) : type;
  }
  if (schema["x-kubernetes-int-or-string"] === true || schema.format === "int-or-string") {
    return metaType("IntOrString");
  }
  if (schema.enum !== undefined) return enumType(schema.enum, schema.type, context);
  switch (schema.type) {
    case "string":
      return stringType(schema.format);
    case "integer":
    case "number":
      return word("number");
    case "boolean":
      return word("boolean");
    case "array":
      return listType(schema, context);
    case "object":
      return objectType(schema, context);
  }
  if (schema.properties !== undefined || schema.additionalProperties !== undefined) {
    return objectType(schema, context);
  }
  if (schema.items !== undefined) return listType(schema, context);
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices?.every(({ type }) => type !== undefined)) {
    return union(choices.map((choice) => typeOf(choice, context)));
  }
  return word("unknown");
}

function stringType(format: string | undefined): TypeModel {
  switch (format) {
    case "date-time":
      return metaType("Time");
    case "byte":
      return metaType("Base64");
    default:
      return word("string");
  }
}

function enumType(values: readonly unknown[], type: string | undefined, context: TypeContext): TypeModel {
  const hasNull = values.includes(null);
  const others = values.filter((value) => value !== null);
  const literals = (): TypeModel => union(others.map((value) => word(JSON.stringify(value))));
  let known: TypeModel;
  if (others.length === 0) known = word("null");
  else if (others.every((value) => typeof value === "string")) {
    known = context.openEnums ? metaType("OpenEnum", literals()) : literals();
  } else if (others.every((value) => ["string", "number", "boolean"].includes(typeof value))) {
    known = literals();
  } else {
    context.note("an enum of objects or lists", context.path);
    known = typeOf({ type, "x-kubernetes-preserve-unknown-fields": true }, context);
  }
  return hasNull ? union([known, word("null")]) : known;
}

function listType(schema: OpenApiSchema, context: TypeContext): TypeModel {
  if (schema.items === undefined) return { is: "list", item: word("unknown") };
  const item = typeOf(schema.items, { ...context, path: `${context.path}[]`, name: `${context.name}Item` });
  const reference = referenceOf(schema.items);
  const { properties, required = [] } = reference === undefined
    ? schema.items
    : context.resolve(reference).schema;
  const keys = mergeKeysOf(schema).filter((key) =>
    properties !== undefined && Object.hasOwn(properties, key)
  );
  if (keys.length === 0 || item.is !== "named") return { is: "list", item };
  // A key that has a default may be left out by who applies, and so may one that an item need not have.
  const needed = keys.filter((key) => {
    const hasDefault = properties?.[key].default !== undefined;
    return !isFilledIn(properties?.[key] ?? {}, context) && (hasDefault || required.includes(key));
  });
  return metaType(
    "MapList",
    item,
    needed.length === 0 ? word("never") : union(needed.map((key) => word(JSON.stringify(key)))),
  );
}

/** What a schema refers to, if it does no more than that; OpenAPI has a description beside it. */
function referenceOf({ $ref, allOf, properties }: OpenApiSchema): string | undefined {
  return $ref ?? (allOf?.length === 1 && properties === undefined ? allOf[0].$ref : undefined);
}

/**
 * Whether the server sets a field that is absent to its default. In the schemas of built-in kinds, an empty default
 * only says what Go has where nothing was set.
 */
export function isFilledIn(schema: OpenApiSchema, { isStructural }: { isStructural: boolean }): boolean {
  const value = schema.default;
  if (isStructural) return value !== undefined;
  return value !== undefined && value !== "" && value !== 0 && value !== false &&
    JSON.stringify(value) !== "{}";
}

function objectType(schema: OpenApiSchema, context: TypeContext): TypeModel {
  const isAtomic = schema["x-kubernetes-map-type"] === "atomic";
  const values = schema.additionalProperties;
  if (schema.properties !== undefined && Object.keys(schema.properties).length > 0) {
    const type = context.declare(schema, context);
    return isAtomic ? atomic(type) : type;
  }
  if (schema["x-kubernetes-embedded-resource"] === true) return metaType("EmbeddedObject");
  if (typeof values === "object") {
    const value = typeOf(values, { ...context, path: `${context.path}.*`, name: `${context.name}Value` });
    return isAtomic && value.is !== "word" ? atomic({ is: "map", value }) : { is: "map", value };
  }
  // The server takes a field that the schema of a custom resource does not know out of the object.
  const isOpen = values === true || schema["x-kubernetes-preserve-unknown-fields"] === true;
  return isOpen ? ANY_OBJECT : NO_FIELDS;
}

function atomic(type: TypeModel): TypeModel {
  return metaType("Atomic", type);
}

/** The fields by which the server tells items of a list apart, as its schema for merging has them. */
function mergeKeysOf(schema: OpenApiSchema): readonly string[] {
  const listType = schema["x-kubernetes-list-type"];
  if (listType !== undefined) return listType === "map" ? schema["x-kubernetes-list-map-keys"] ?? [] : [];
  const key = schema["x-kubernetes-patch-merge-key"];
  const merges = schema["x-kubernetes-patch-strategy"]?.split(",").includes("merge");
  return merges && key !== undefined ? [key] : [];
}

/** The fields of an object, by name. */
export function fieldsOf(schema: OpenApiSchema, context: TypeContext): FieldModel[] {
  const required = new Set(schema.required);
  return Object.entries(schema.properties ?? {}).sort(([a], [b]) => a < b ? -1 : 1).map(([name, field]) => {
    const at: TypeContext = {
      ...context,
      path: pathOf(context.path, name),
      name: `${context.name}${pascalCase(name)}`,
    };
    const optional = !required.has(name) || isFilledIn(field, context);
    return {
      name,
      doc: field.description ?? "",
      facts: factsOf(field, at),
      type: typeOf(field, at),
      optional,
    };
  });
}
