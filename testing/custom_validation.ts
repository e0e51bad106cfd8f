import { isJsonObject, type JsonObject, sameJson } from "./api_object.ts";
import { type CustomSchema, IDENTITY, schemaBelow } from "./custom_schema.ts";
import { FORMATS } from "./formats.ts";
import { goRegExp } from "./go_regexp.ts";
import { type FieldProblem, invalidValue, printed, quoted } from "./refusal.ts";

/** What is wrong with an object, in the server's words. Rules in CEL are not looked at. */
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

/** What is wrong with a value that stands at `path`. */
export function valueProblems(value: unknown, schema: CustomSchema, path: string): FieldProblem[] {
  const problems: FieldProblem[] = [];
  validate(value, schema, path, problems);
  if (problems.length === 0) findDuplicates(value, schema, path, problems);
  return problems;
}

function validate(value: unknown, schema: CustomSchema, path: string, problems: FieldProblem[]): void {
  if (value === null && schema.nullable && schema.enum === undefined) return;
  combine(value, schema, path, problems);
  const expected = schema["x-kubernetes-int-or-string"]
    ? ["integer", "string"]
    : schema.type
    ? [schema.type]
    : [];
  const type = typeOf(value);
  if (schema.type === "integer" && typeof value === "number") checkInteger(value, schema, path, problems);
  if (
    !(value === null && schema.nullable) && expected.length > 0 && !expected.includes(type) &&
    !(type === "integer" && expected.includes("number"))
  ) {
    problems.push(wrongType(type, expected.join(","), path));
  }
  if (schema.enum !== undefined && !schema.enum.some((one) => sameJson(one, value))) {
    const supported = schema.enum.map((one) => typeof one === "string" ? quoted(one) : `"${one}"`);
    const message = `Unsupported value: ${printed(value)}: supported values: ${supported.join(", ")}`;
    problems.push({ reason: "FieldValueNotSupported", field: path, message });
  }
  if (typeof value === "string") validateText(value, schema, path, problems);
  else if (typeof value === "number") validateNumber(value, schema, path, problems);
  else if (Array.isArray(value)) validateList(value, schema, path, problems);
  else if (isJsonObject(value)) validateMap(value, schema, path, problems);
}

/** `allOf`, `anyOf`, `oneOf` and `not`: what is told is why the first of several does not hold. */
function combine(value: unknown, schema: CustomSchema, path: string, problems: FieldProblem[]): void {
  const tell = (rule: string) => problems.push(nowhere(`"${path}" must ${rule}`));
  const { allOf = [], anyOf = [], oneOf = [], not } = schema;
  const failures = (schemas: readonly CustomSchema[]): FieldProblem[][] =>
    schemas.map((one) => {
      const found: FieldProblem[] = [];
      validate(value, one, path, found);
      return found;
    });
  const isHeld = (found: readonly FieldProblem[]): boolean => found.length === 0;
  const all = failures(allOf);
  if (!all.every(isHeld)) {
    problems.push(...all.flat());
    tell("validate all the schemas (allOf)");
  }
  const any = failures(anyOf);
  if (any.length > 0 && !any.some(isHeld)) {
    problems.push(...any[0]);
    tell("validate at least one schema (anyOf)");
  }
  const one = failures(oneOf);
  const count = one.filter(isHeld).length;
  if (one.length > 0 && count !== 1) {
    if (count === 0) problems.push(...one[0]);
    const found = count === 0 ? "Found none valid" : `Found ${count} valid alternatives`;
    tell(`validate one and only one schema (oneOf). ${found}`);
  }
  if (not !== undefined && failures([not]).every(isHeld)) tell("not validate the schema (not)");
}

/** A problem that a real server tells of without a field. */
function nowhere(problem: string): FieldProblem {
  return invalidValue("<nil>", "", problem);
}

function wrongType(value: string, expected: string, path: string): FieldProblem {
  const quoted = JSON.stringify(value);
  const message = `Invalid value: ${quoted}: ${path} in body must be of type ${expected}: ${quoted}`;
  return { reason: "FieldValueTypeInvalid", field: path, message };
}

function broken(value: unknown, rule: string, path: string): FieldProblem {
  return invalidValue(path, value, `${path} in body ${rule}`);
}

function checkInteger(value: number, { format }: CustomSchema, path: string, problems: FieldProblem[]): void {
  const limit = format === "int32" ? 2 ** 31 : 2 ** 63;
  if (Number.isInteger(value) && value < limit && value >= -limit) return;
  const kind = format === undefined ? "integer (default format)" : `integer with format ${format}`;
  problems.push(nowhere(`Checked value must be of type ${kind} in ${path}`));
}

function validateText(
  value: string,
  schema: CustomSchema,
  path: string,
  problems: FieldProblem[],
): void {
  const { minLength, maxLength, pattern, format } = schema;
  const invalid = (rule: string) => problems.push(broken(value, rule, path));
  const length = [...value].length;
  if (maxLength !== undefined && length > maxLength) {
    const message = `Too long: may not be more than ${maxLength} bytes`;
    problems.push({ reason: "FieldValueTooLong", field: path, message });
  }
  if (minLength !== undefined && length < minLength) invalid(`should be at least ${minLength} chars long`);
  if (pattern !== undefined && !regExpOf(schema, pattern).test(value)) invalid(`should match '${pattern}'`);
  if (format !== undefined && FORMATS[format]?.(value) === false) {
    problems.push(wrongType(value, format, path));
  }
}

/** The patterns of schemas, read once. */
const PATTERNS = new WeakMap<CustomSchema, RegExp>();

function regExpOf(schema: CustomSchema, pattern: string): RegExp {
  const known = PATTERNS.get(schema) ?? goRegExp(pattern);
  PATTERNS.set(schema, known);
  return known;
}

function validateNumber(value: number, schema: CustomSchema, path: string, problems: FieldProblem[]): void {
  const invalid = (rule: string) => problems.push(broken(value, rule, path));
  const { exclusiveMinimum, exclusiveMaximum } = schema;
  const [minimum, maximum, multipleOf] = [schema.minimum, schema.maximum, schema.multipleOf].map((bound) =>
    bound !== undefined && Number.isInteger(value) ? Math.trunc(bound) : bound // whole numbers are compared as such
  );
  if (multipleOf !== undefined && multipleOf <= 0) {
    const rule = `factor MultipleOf declared for ${path} must be positive: ${multipleOf}`;
    problems.push(invalidValue(path, multipleOf, rule));
  } else if (multipleOf !== undefined && !isMultiple(value, multipleOf)) {
    invalid(`should be a multiple of ${multipleOf}`);
  }
  if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum)) {
    invalid(`should be less than ${exclusiveMaximum ? "" : "or equal to "}${maximum}`);
  }
  if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum)) {
    invalid(`should be greater than ${exclusiveMinimum ? "" : "or equal to "}${minimum}`);
  }
}

/** As nearly as the server looks: a little above a multiple is one, a little below is none. */
function isMultiple(value: number, factor: number): boolean {
  const times = factor < 1 ? 1 / factor * value : value / factor;
  const whole = Math.trunc(times);
  return times === whole || (times > 0 && (times - whole) / (times + whole) < 1e-9);
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
    problems.push(broken(list.length, `should have at least ${minItems} items`, path));
  }
  if (maxItems !== undefined && list.length > maxItems) {
    const message = `Too many: ${list.length}: must have at most ${maxItems} item${
      maxItems === 1 ? "" : "s"
    }`;
    problems.push({ reason: "FieldValueTooMany", field: path, message });
  }
}

function validateMap(map: JsonObject, schema: CustomSchema, path: string, problems: FieldProblem[]): void {
  const { properties = {}, required = [], minProperties, maxProperties } = schema;
  const count = Object.keys(map).length;
  if (minProperties !== undefined && count < minProperties) {
    problems.push(broken(count, `should have at least ${minProperties} properties`, path));
  }
  if (maxProperties !== undefined && count > maxProperties) {
    const message = `Too many: ${count}: must have at most ${maxProperties} item${
      maxProperties === 1 ? "" : "s"
    }`;
    problems.push({ reason: "FieldValueTooMany", field: path, message });
  }
  if (schema["x-kubernetes-embedded-resource"]) validateEmbedded(map, path, problems);
  const isAbsent = (key: string) =>
    map[key] === undefined || (map[key] === null && !properties[key]?.nullable && required.includes(key));
  const at = (key: string) => path === "" ? key : `${path}.${key}`;
  for (const key of required) {
    if (!isAbsent(key)) continue;
    problems.push({ reason: "FieldValueRequired", field: at(key), message: "Required value" });
  }
  for (const key of Object.keys(map).sort()) {
    const type = schemaBelow(schema, key);
    if (type !== undefined && !isAbsent(key)) validate(map[key], type, at(key), problems);
  }
}

/** An object inside of another one says what it is. */
function validateEmbedded(map: JsonObject, path: string, problems: FieldProblem[]): void {
  for (const field of ["apiVersion", "kind"]) {
    const value = map[field];
    const at = `${path}.${field}`;
    const isVersion = field === "apiVersion";
    if (value === undefined) {
      problems.push({ reason: "FieldValueRequired", field: at, message: "Required value" });
    } else if (isVersion && String(value).split("/").length > 2) {
      problems.push(invalidValue(at, value, `unexpected GroupVersion string: ${value}`));
    } else if (value === "") problems.push(invalidValue(at, value, "must not be empty"));
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
        const message = `Duplicate value: ${printed(told[index])}`;
        problems.push({ reason: "FieldValueDuplicate", field: at, message });
      }
      if (schema.items !== undefined) findDuplicates(item, schema.items, at, problems);
    }
  } else if (isJsonObject(value)) {
    for (const [key, below] of Object.entries(value)) {
      const type = schemaBelow(schema, key);
      if (type !== undefined) findDuplicates(below, type, path === "" ? key : `${path}.${key}`, problems);
    }
  }
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}
