import type { Problem } from "./problem.ts";

/**
 * What a field of a file must hold. `named` is a list of entries that each have a `name`, no name twice, and
 * one more field.
 */
export type Shape =
  | "text"
  | "boolean"
  | "any"
  | { list: Shape }
  | { map: Shape }
  | { fields: Record<string, Shape> }
  | { named: string; shape: Shape; absent?: unknown };

type Mapping = Record<string, unknown>;

/**
 * `value` in `shape`. An absent or `null` field is left out, a field that the shape does not know is kept.
 *
 * @param setting How problems call the value, such as `users["ci"].user`.
 * @param problems Gets one entry for each thing that has another shape; the result is then of no use.
 */
export function inShape(value: unknown, shape: Shape, setting: string, problems: Problem[]): unknown {
  const expect = (what: string, remedy = "Correct it") =>
    void problems.push({ setting, problem: `expected ${what}, found ${kindOf(value)}`, remedy });
  if (shape === "any") return value;
  if (shape === "text") {
    if (typeof value === "string") return value;
    return expect("text", typeof value === "object" ? "Correct it" : "Put it in quotes");
  }
  if (shape === "boolean") return typeof value === "boolean" ? value : expect("true or false");
  if ("list" in shape) {
    if (!Array.isArray(value)) return expect("a list");
    return value.map((item, index) => inShape(item, shape.list, `${setting}[${index}]`, problems));
  }
  if ("named" in shape) {
    return Array.isArray(value) ? namedList(value, shape, setting, problems) : expect("a list");
  }
  if (!isMapping(value)) return expect("a mapping");
  const known = (key: string): Shape | undefined => {
    if ("map" in shape) return shape.map;
    return Object.hasOwn(shape.fields, key) ? shape.fields[key] : undefined;
  };
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => {
      const inner = known(key);
      if (inner === undefined) return [[key, item]];
      if (item === null || item === undefined) return [];
      const step = "map" in shape ? `[${JSON.stringify(key)}]` : `${setting && "."}${key}`;
      return [[key, inShape(item, inner, `${setting}${step}`, problems)]];
    }),
  );
}

/** Whether a value is an object with keys. */
export function isMapping(value: unknown): value is Mapping {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What to call a value without repeating it. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  switch (typeof value) {
    case "object":
      return "a mapping";
    case "string":
      return "text";
    case "boolean":
      return "true or false";
    default:
      return "a number";
  }
}

function namedList(
  items: unknown[],
  { named, shape, absent }: { named: string; shape: Shape; absent?: unknown },
  setting: string,
  problems: Problem[],
): unknown[] {
  const seen = new Set<string>();
  return items.map((item, index) => {
    const before = problems.length;
    const entry = inShape(item, { fields: { name: "text" } }, `${setting}[${index}]`, problems);
    if (!isMapping(entry) || problems.length > before) return entry;
    const name = typeof entry.name === "string" ? entry.name : "";
    if (seen.has(name)) {
      problems.push({
        setting,
        problem: `the name ${JSON.stringify(name)} is there twice`,
        remedy: "Remove or rename one of them",
      });
    }
    seen.add(name);
    const inner = entry[named] ?? absent;
    return {
      ...entry,
      name,
      ...inner !== undefined && {
        [named]: inShape(inner, shape, `${setting}[${JSON.stringify(name)}].${named}`, problems),
      },
    };
  });
}
