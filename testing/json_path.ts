import { isJsonObject } from "./api_object.ts";

/** What one step of a path makes of the values so far. */
type Step = (values: readonly unknown[]) => unknown[];

const TOKEN =
  /\.\.(?<deep>[\w-]+)|\.(?<field>(?:\\.|[^.[\]\\])+)|\[(?<index>-?\d+)\]|\[(?<from>-?\d*):(?<to>-?\d*)(?::(?<by>\d*))?\]|\['(?<key>[^']*)'\]|\[(?<all>\*)\]|\[\?\((?<filter>.*?)\)\]/uy;
const FILTER = /^\s*@(?<path>.*?)\s*(?:(?<operator>==|!=|<=|>=|<|>)\s*(?<value>.+?))?\s*$/;

/**
 * Finds values by a path such as `.status.conditions[?(@.type=="Ready")].status`: the part of kubectl's JSONPath that
 * printer columns of custom resources are made of. Unions and functions are not in it.
 *
 * @returns None, if something on the way is not there, or the path cannot be read.
 */
export function findByPath(object: unknown, path: string): unknown[] {
  const steps = parsePath(path);
  return steps?.reduce<readonly unknown[]>((values, step) => step(values), [object]) as unknown[] ?? [];
}

function parsePath(path: string): Step[] | undefined {
  const text = path === "" || path === "@"
    ? ""
    : path.startsWith(".") || path.startsWith("[")
    ? path
    : `.${path}`;
  const steps: Step[] = [];
  let at = 0;
  while (at < text.length) {
    TOKEN.lastIndex = at;
    const groups = TOKEN.exec(text)?.groups;
    if (groups === undefined) return undefined;
    at = TOKEN.lastIndex;
    steps.push(stepOf(groups));
  }
  return steps;
}

function stepOf(token: Record<string, string | undefined>): Step {
  const { deep, field, index, from, to, by, key, all, filter } = token;
  if (deep !== undefined) return (values) => values.flatMap((value) => withinDeep(value, deep));
  if (index !== undefined) {
    return (values) =>
      values.flatMap((value) => sliced(value, Number(index), Number(index) + 1 || undefined, 1));
  }
  if (from !== undefined) {
    const [start, end] = [Number(from), to ? Number(to) : undefined];
    return (values) => values.flatMap((value) => sliced(value, start, end, Number(by || 1)));
  }
  // As on a server, a key in brackets may be a path.
  if (key !== undefined) return (values) => values.flatMap((value) => findByPath(value, `.${key}`));
  if (all !== undefined || field === "*") return (values) => values.flatMap(children);
  if (filter !== undefined) return (values) => values.flatMap(children).filter(filterTest(filter));
  const name = field!.replace(/\\(.)/g, "$1");
  return (values) =>
    values.flatMap((value) => isJsonObject(value) && Object.hasOwn(value, name) ? [value[name]] : []);
}

/** Some of a list: none, if one of the ends is not in it. */
function sliced(value: unknown, from: number, to: number | undefined, by: number): unknown[] {
  if (!Array.isArray(value)) return [];
  const { length } = value;
  const [start, end] = [from, to ?? length].map((at) => at < 0 ? at + length : at);
  if (start < 0 || start >= length || end > length) return [];
  return value.slice(start, end).filter((_, index) => index % by === 0);
}

function children(value: unknown): unknown[] {
  return Array.isArray(value) ? value : isJsonObject(value) ? Object.values(value) : [];
}

function withinDeep(value: unknown, name: string): unknown[] {
  const own = isJsonObject(value) && Object.hasOwn(value, name) ? [value[name]] : [];
  return [...own, ...children(value).flatMap((child) => withinDeep(child, name))];
}

function filterTest(text: string): (item: unknown) => boolean {
  const { path = "", operator, value = "" } = FILTER.exec(text)?.groups ?? {};
  if (operator === undefined) return (item) => findByPath(item, path).length > 0;
  const [, number, word, , quoted] = /^(?:(-?\d+(?:\.\d+)?)|(true|false)|(['"])(.*)\3)$/.exec(value) ?? [];
  const expected = number !== undefined ? Number(number) : word !== undefined ? word === "true" : quoted;
  if (expected === undefined) return () => false; // such as another path
  return (item) => {
    const [found] = findByPath(item, path);
    if (found === undefined || typeof found !== typeof expected) {
      return operator === "!=" && found !== undefined;
    }
    const [a, b] = [found as string, expected as string];
    return { "==": a === b, "!=": a !== b, "<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b }[operator]!;
  };
}
