import type { OpenApiSchema } from "../discovery/mod.ts";
import { isFilledIn, type TypeContext } from "./type_of.ts";

/** Formats that a type tells of, or that say no more than it. */
const FORMATS_IN_TYPES = new Set(["byte", "date-time", "double", "float", "int-or-string", "int32", "int64"]);

/**
 * What a schema says of its values and a type cannot, as sentences for a doc comment. Takes note of each that the
 * server insists on.
 */
export function factsOf(schema: OpenApiSchema, context: TypeContext): string[] {
  const facts = isFilledIn(schema, context) ? [`Default: ${code(schema.default)}.`] : [];
  if (!context.isStructural) return facts;
  return [...facts, ...restrictionsOf(schema, context)];
}

function restrictionsOf(schema: OpenApiSchema, context: TypeContext): string[] {
  const facts: string[] = [];
  const add = (what: string, fact: string | undefined): void => {
    if (fact === undefined) return;
    facts.push(fact);
    context.note(what, context.path);
  };
  const { format, pattern, multipleOf, items, additionalProperties } = schema;
  if (format !== undefined && !FORMATS_IN_TYPES.has(format)) add("format", `Format: ${codeOf(format)}.`);
  if (pattern !== undefined) add("pattern", `Pattern: ${codeOf(pattern)}.`);
  add("range", range(schema));
  if (multipleOf !== undefined) add("range", `A multiple of ${multipleOf}.`);
  add("length", count(schema.minLength, schema.maxLength, "character"));
  add("length", count(schema.minItems, schema.maxItems, "item"));
  add("length", count(schema.minProperties, schema.maxProperties, "entry"));
  const isSet = schema["x-kubernetes-list-type"] === "set" || schema.uniqueItems === true;
  if (isSet) add("uniqueness", "No item may be there twice.");
  const keys = schema["x-kubernetes-list-type"] === "map" ? schema["x-kubernetes-list-map-keys"] ?? [] : [];
  if (keys.length > 0) add("uniqueness", `Items differ in ${names(keys, "or")}.`);
  for (const { rule, message } of schema["x-kubernetes-validations"] ?? []) {
    const line = rule.trim().replaceAll(/\s+/g, " ");
    add(
      "rule",
      message === undefined ? `Rule: ${codeOf(line)}.` : `Rule: ${sentence(message)} (${codeOf(line)})`,
    );
  }
  for (const key of ["oneOf", "anyOf", "allOf"] as const) add(key, choice(key, schema));
  if (schema.not !== undefined) add("not", notFact(schema.not));
  // What scalar items and values have to be has no other place; objects have a type of their own.
  for (const [which, part] of [["item", items], ["value", additionalProperties]] as const) {
    if (typeof part !== "object" || part.properties !== undefined) continue;
    facts.push(...restrictionsOf(part, context).map((fact) => `Each ${which}: ${lowerFirst(fact)}`));
  }
  return facts;
}

function range({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: OpenApiSchema): string | undefined {
  const from = minimum === undefined
    ? []
    : [exclusiveMinimum ? `more than ${minimum}` : `at least ${minimum}`];
  const to = maximum === undefined ? [] : [exclusiveMaximum ? `less than ${maximum}` : `at most ${maximum}`];
  const parts = [...from, ...to];
  return parts.length === 0 ? undefined : upperFirst(`${parts.join(", ")}.`);
}

function count(least: number | undefined, most: number | undefined, of: string): string | undefined {
  const some = (number: number): string => `${number} ${number === 1 ? of : of.replace(/y$/, "ie") + "s"}`;
  if (least === undefined && most === undefined) return undefined;
  if (most === undefined) return `At least ${some(least ?? 0)}.`;
  if (least === undefined || least === 0) return `At most ${some(most)}.`;
  return least === most ? `Exactly ${some(most)}.` : `${least} to ${some(most)}.`;
}

function choice(key: "oneOf" | "anyOf" | "allOf", schema: OpenApiSchema): string | undefined {
  const alternatives = schema[key];
  if (alternatives === undefined) return undefined;
  if (schema["x-kubernetes-int-or-string"] === true && key !== "oneOf" && isNumberOrText(alternatives)) {
    return undefined;
  }
  const fields = alternatives.map(({ required, ...others }) => {
    const says = Object.keys(others).filter((key) =>
      key !== "properties" || !isEmptyProperties(others.properties)
    );
    return says.length === 0 && required?.length ? names(required, "and") : undefined;
  });
  if (key !== "allOf" && fields.every((field) => field !== undefined)) {
    const isSingle = alternatives.every(({ required }) => required?.length === 1);
    return `${key === "oneOf" ? "Exactly" : "At least"} one of ${
      fields.join(isSingle ? ", " : "; ")
    } is there.`;
  }
  const text = stringify(alternatives);
  const how = { oneOf: "Exactly one", anyOf: "At least one", allOf: "All" }[key];
  return text.length <= 400
    ? `${how} of these hold${key === "allOf" ? "" : "s"}: ${codeOf(text)}.`
    : `${how} of ${alternatives.length} conditions hold${
      key === "allOf" ? "" : "s"
    }, which are too long to tell here.`;
}

function notFact(not: OpenApiSchema): string {
  const { required, ...others } = not;
  if (required?.length && Object.keys(others).length === 0) {
    return required.length === 1
      ? `Without ${codeOf(required[0])}.`
      : `Not all of ${names(required, "and")} are there.`;
  }
  const text = stringify(not);
  return text.length <= 400
    ? `This does not hold: ${codeOf(text)}.`
    : "A condition, too long to tell here, does not hold.";
}

/** `anyOf: [{type: integer}, {type: string}]`, which comes with every number that may be a text, alone or in `allOf`. */
function isNumberOrText(alternatives: readonly OpenApiSchema[]): boolean {
  return alternatives.every((one) =>
    Object.keys(one).every((key) => key === "type") ||
    (Object.keys(one).every((key) => key === "anyOf") && isNumberOrText(one.anyOf ?? []))
  );
}

function isEmptyProperties(properties: Record<string, OpenApiSchema> | undefined): boolean {
  return Object.values(properties ?? {}).every((property) => Object.keys(property).length === 0);
}

function names(list: readonly string[], word: "and" | "or"): string {
  return list.map(codeOf).join(` ${word} `);
}

function code(value: unknown): string {
  return codeOf(stringify(value));
}

/** As JSON, with fields in the order of their names: a server keeps no other. */
function stringify(value: unknown): string {
  const sorted = (_: string, part: unknown): unknown =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => a < b ? -1 : 1))
      : part;
  return JSON.stringify(value, sorted);
}

/** As code in Markdown, whatever is in it. */
function codeOf(text: string): string {
  const line = text.replaceAll("\n", " ");
  return line.includes("`") ? `\`\` ${line} \`\`` : `\`${line}\``;
}

function sentence(text: string): string {
  const line = upperFirst(text.trim().replaceAll(/\s+/g, " "));
  return /[.!?]$/.test(line) ? line : `${line}.`;
}

function upperFirst(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
