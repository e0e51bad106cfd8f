import { compareQuantities, labelKeyProblems, labelValueProblems, patternProblem } from "../meta/mod.ts";
import { type JsonObject, sortedKeys } from "./api_object.ts";
import type { Field, TextRule } from "./field.ts";

const PORT_RANGE = "must be between 1 and 65535, inclusive";

function matches(pattern: string, rule: string, ...examples: readonly string[]): TextRule {
  const expression = new RegExp(`^(?:${pattern})$`);
  return (text) => expression.test(text) ? [] : [patternProblem(rule, pattern, ...examples)];
}

/** Keys of config maps and secrets. */
export const dataKey: TextRule = (text) => [
  ...(text.length > 253 ? ["must be no more than 253 characters"] : []),
  ...configKey(text),
  ...text === "." || text === ".."
    ? [`must not be '${text}'`]
    : text.startsWith("..")
    ? ["must not start with '..'"]
    : [],
];
const configKey = matches(
  "[-._a-zA-Z0-9]+",
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
  "key.name",
  "KEY_NAME",
  "key-name",
);

/** Names of environment variables, as they may be since Kubernetes 1.34. */
export const variableName: TextRule = (text) =>
  /^[ -<>-~]+$/.test(text)
    ? []
    : ["a valid environment variable name must consist only of printable ASCII characters other than '='"];

/** Names of headers. */
export const headerName = matches(
  "[-A-Za-z0-9]+",
  "a valid HTTP header must consist of alphanumeric characters or '-'",
  "X-Header-Name",
);

/** Names of ports. */
export const portName: TextRule = (text) => {
  const problems: string[] = [];
  if (text.length > 15) problems.push("must be no more than 15 characters");
  if (!/^[-a-z0-9]+$/.test(text)) {
    problems.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  }
  if (!/[a-z]/.test(text)) problems.push("must contain at least one letter (a-z)");
  if (text.includes("--")) problems.push("must not contain consecutive hyphens");
  if (text.startsWith("-") || text.endsWith("-")) problems.push("must not begin or end with a hyphen");
  return problems;
};

/** A percentage. */
export const percent = matches(
  "[0-9]+%",
  "a valid percent string must be a numeric string followed by an ending '%'",
  "1%",
  "93%",
);

/** A segment of a path: names of RBAC and of what they refer to. */
export const pathSegment: TextRule = (text) => {
  if (text === "." || text === "..") return [`may not be '${text}'`];
  return ["/", "%"].filter((part) => text.includes(part)).map((part) => `may not contain '${part}'`);
};

/** A port by number or name. */
export function portNumberOrName(field: Field): void {
  if (typeof field.value !== "string") return portNumber(field);
  for (const problem of portName(field.value)) field.reject(problem);
}

/** A port by number. */
export function portNumber(field: Field): void {
  if (field.number < 1 || field.number > 65535) field.reject(PORT_RANGE, field.number);
}

/** A number that is not negative, or a percentage. */
export function positiveOrPercent(field: Field): void {
  if (typeof field.value === "string") {
    for (const problem of percent(field.value)) field.reject(problem);
  } else field.notNegative();
}

/** The percentage that is there, if there is one. */
export function percentOf(value: unknown): number | undefined {
  return typeof value === "string" && /^\d+%$/.test(value) ? Number(value.slice(0, -1)) : undefined;
}

export function notMoreThanAll(field: Field): void {
  if ((percentOf(field.value) ?? 0) > 100) field.reject("must not be greater than 100%");
}

/** Labels, or a map that selects by labels. */
export function labels(field: Field): void {
  for (const [key, { text }] of field.entries) {
    for (const problem of labelKeyProblems(key)) field.reject(problem, key);
    for (const problem of labelValueProblems(text)) field.reject(problem, text);
  }
}

/** Annotations: their keys, and their size together. */
export function annotations(field: Field): void {
  let size = 0;
  for (const [key, { text }] of field.entries) {
    for (const problem of labelKeyProblems(key.toLowerCase())) field.reject(problem, key);
    size += bytes(key) + bytes(text);
  }
  if (size > 256 * 1024) field.tooLong(256 * 1024);
}

/** A selector of labels. @returns Whether it can be used. */
export function labelSelector(field: Field): boolean {
  labels(field.at("matchLabels"));
  let isUsable = Object.entries(field.at("matchLabels").map).every(([key, value]) =>
    labelKeyProblems(key).length === 0 && labelValueProblems(String(value)).length === 0
  );
  for (const one of field.at("matchExpressions").items) {
    const [operator, values, key] = [one.at("operator"), one.at("values"), one.at("key")];
    if (operator.text === "In" || operator.text === "NotIn") {
      if (!values.isSet) {
        values.demand("must be specified when `operator` is 'In' or 'NotIn'");
        isUsable = false;
      }
    } else if (operator.text === "Exists" || operator.text === "DoesNotExist") {
      if (values.isSet) {
        values.forbid("may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
        isUsable = false;
      }
    } else {
      operator.reject("not a valid selector operator", operator.text);
      isUsable = false;
    }
    for (const problem of labelKeyProblems(key.text)) {
      key.reject(problem, key.text);
      isUsable = false;
    }
    for (const value of values.items) {
      for (const problem of labelValueProblems(value.text)) {
        value.reject(problem);
        isUsable = false;
      }
    }
  }
  return isUsable;
}

/** A selector with its fields in the server's order. */
export function asSelector({ matchLabels, matchExpressions }: JsonObject): JsonObject {
  const expressions = Array.isArray(matchExpressions)
    ? matchExpressions.map(({ key, operator, values }) => ({ key, operator, values }))
    : undefined;
  return { matchLabels: sortedKeys(matchLabels), matchExpressions: expressions };
}

/** How many bytes a text takes. */
export function bytes(text: string): number {
  return /^[\0-\x7f]*$/.test(text) ? text.length : new TextEncoder().encode(text).length;
}

/** A quantity that is not negative. */
export function quantity(field: Field): void {
  if (compareQuantities(field.value as string, "0") < 0) {
    field.reject("must be greater than or equal to 0", String(field.value));
  }
}
