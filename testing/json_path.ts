import { isJsonObject } from "./api_object.ts";

/** What one step of a path makes of the values so far. */
type Step = (values: readonly unknown[]) => unknown[];

const TOKEN =
  /\.\.(?<deep>[\w-]+)|\.(?<field>(?:\\.|[^.[\]\\])+)|\[(?<index>-?\d+)\]|\[(?<quote>['"])(?<key>.*?)\k<quote>\]|\[(?<all>\*)\]|\[\?\((?<filter>.*?)\)\]/uy;
const FILTER = /^\s*@(?<path>.*?)\s*(?:(?<operator>==|!=|<=|>=|<|>)\s*(?<value>.+?))?\s*$/;

/**
 * Finds values by a path such as `.status.conditions[?(@.type=="Ready")].status`: the part of kubectl's JSONPath that
 * printer columns of custom resources are made of. Unions, slices and functions are not in it.
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

function stepOf({ deep, field, index, key, all, filter }: Record<string, string | undefined>): Step {
  if (deep !== undefined) return (values) => values.flatMap((value) => withinDeep(value, deep));
  if (index !== undefined) {
    return (values) =>
      values.flatMap((value) => Array.isArray(value) ? value.slice(Number(index)).slice(0, 1) : []);
  }
  if (all !== undefined || field === "*") return (values) => values.flatMap(children);
  if (filter !== undefined) return (values) => values.flatMap(children).filter(filterTest(filter));
  const name = key ?? field!.replace(/\\(.)/g, "$1");
  return (values) =>
    values.flatMap((value) => isJsonObject(value) && Object.hasOwn(value, name) ? [value[name]] : []);
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
  const quoted = /^(['"])(.*)\1$/.exec(value);
  const expected = quoted === null ? JSON.parse(value) as unknown : quoted[2];
  return (item) => {
    const [found] = findByPath(item, path);
    if (found === undefined || typeof found !== typeof expected) {
      return operator === "!=" && found !== undefined;
    }
    const [a, b] = [found as string, expected as string];
    return { "==": a === b, "!=": a !== b, "<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b }[operator]!;
  };
}
