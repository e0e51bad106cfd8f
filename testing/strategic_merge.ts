import { define, isJsonObject, type JsonObject, own, sameJson } from "./api_object.ts";
import { ANY, type MapShape, type Shape } from "./schema.ts";

/** Thrown for a strategic merge patch that cannot be applied. */
export class StrategicMergeError extends Error {
  /** The code that the server answers with. */
  readonly code: 400 | 422 | 500;

  constructor(code: 400 | 422 | 500, message: string) {
    super(message);
    this.name = "StrategicMergeError";
    this.code = code;
  }
}

const DIRECTIVE = "$patch";
const RETAIN_KEYS = "$retainKeys";
const DELETE_FROM_LIST = "$deleteFromPrimitiveList/";
const ELEMENT_ORDER = "$setElementOrder/";

/**
 * Applies a strategic merge patch and leaves `original` as it was: objects merge, lists merge by their keys where the
 * type says so, null removes, and directives (`$patch`, `$retainKeys`, …) do what their names say.
 *
 * @throws {StrategicMergeError} If a directive is none, or a list item lacks its key.
 */
export function applyStrategicMerge(original: JsonObject, patch: JsonObject, shape: Shape): JsonObject {
  return mergeMap(original, patch, shape);
}

function mergeMap(original: JsonObject, patch: JsonObject, shape: Shape): JsonObject {
  if (Object.hasOwn(patch, DIRECTIVE)) {
    const { [DIRECTIVE]: directive, ...rest } = patch;
    if (directive === "replace") return rest;
    if (directive === "delete") return {};
    throw unknownDirective(directive, patch);
  }
  let merged = retained(original, patch);
  const { [RETAIN_KEYS]: _, ...changes } = patch;
  for (const key of Object.keys(changes)) {
    if (!key.startsWith(ELEMENT_ORDER)) continue;
    const field = key.slice(ELEMENT_ORDER.length);
    const list = ordered(
      own(merged, field),
      changes[field],
      changes[key],
      mergeKeyOf(shape, field),
      itemShape(shape, field),
    );
    delete changes[key];
    if (list === undefined) continue;
    delete changes[field];
    merged = { ...merged, [field]: list };
  }
  for (const [key, value] of Object.entries(changes)) {
    if (key.startsWith(DELETE_FROM_LIST)) {
      const field = key.slice(DELETE_FROM_LIST.length);
      const list = own(merged, field);
      if (Array.isArray(list) && Array.isArray(value)) {
        define(merged, field, list.filter((item) => !value.some((gone) => sameJson(gone, item))));
      }
      continue;
    }
    if (value === null) delete merged[key];
    else {
      const made = mergeValue(own(merged, key), value, shape, key);
      if (made === undefined) delete merged[key];
      else define(merged, key, made);
    }
  }
  return merged;
}

/** @returns Undefined if nothing is left. */
function mergeValue(original: unknown, patch: unknown, shape: Shape, key: string): unknown {
  const type = fieldShape(shape, key);
  if (isJsonObject(original) && isJsonObject(patch)) return mergeMap(original, patch, type);
  if (Array.isArray(original) && Array.isArray(patch)) {
    const mergeKey = mergeKeyOf(shape, key);
    return mergeKey === undefined ? patch : mergeList(original, patch, mergeKey, itemShape(shape, key));
  }
  return withoutDirectives(withoutNulls(patch));
}

function mergeList(
  original: readonly unknown[],
  patch: readonly unknown[],
  mergeKey: string,
  item: Shape,
): readonly unknown[] {
  if (original.length === 0 && patch.length === 0) return original;
  const all = [...original, ...patch];
  if (all.some((one) => goType(one) !== goType(all[0]))) {
    const lists = original.length === 0 ? [patch] : [original, patch];
    throw new StrategicMergeError(500, `list element types are not identical: ${goMap(lists)}`);
  }
  if (!isJsonObject(original[0] ?? patch[0])) {
    const both = [...original, ...patch];
    const merged = both.filter((value, index) => both.findIndex((other) => sameJson(other, value)) === index);
    return inOrder(merged, patch, original, mergeKey);
  }
  if (mergeKey === "") throw new StrategicMergeError(500, "cannot merge lists without merge key");
  let merged = [...original];
  let isReplaced = false;
  const changes: JsonObject[] = [];
  for (const change of patch) {
    if (!isJsonObject(change)) throw wrongItem(change);
    switch (change[DIRECTIVE]) {
      case undefined:
        changes.push(change);
        break;
      case "delete":
        merged = merged.filter((one) => !sameKey(one, keyOf(change, mergeKey), mergeKey));
        break;
      case "replace":
        isReplaced = true;
        break;
      case "merge":
        throw new StrategicMergeError(500, "merging lists cannot yet be specified in the patch");
      default:
        throw unknownDirective(change[DIRECTIVE], change);
    }
  }
  if (isReplaced) return changes;
  const before = merged;
  merged = [...merged];
  for (const change of changes) {
    const key = keyOf(change, mergeKey);
    const index = merged.findIndex((one) => sameKey(one, key, mergeKey));
    if (index < 0) merged.push(change);
    else merged[index] = mergeMap(merged[index] as JsonObject, change, item);
  }
  return inOrder(merged, changes, before, mergeKey);
}

/** The list that a patch which tells the order of its elements leads to; undefined if there is none. */
function ordered(
  original: unknown,
  patch: unknown,
  order: unknown,
  mergeKey = "",
  item: Shape,
): readonly unknown[] | undefined {
  if (!Array.isArray(order)) {
    throw new StrategicMergeError(500, `expected a []interface {}, but received a ${goType(order)}`);
  }
  if (mergeKey !== "" && order.some((one) => !isJsonObject(one))) {
    throw new StrategicMergeError(
      500,
      `value for key ${order.findIndex((one) => !isJsonObject(one))} is not a map`,
    );
  }
  const list = Array.isArray(original) ? original : undefined;
  const changes = Array.isArray(patch) ? patch : undefined;
  if (changes !== undefined) checkOrder(changes, order, mergeKey);
  const merged = list === undefined
    ? withoutDirectives(changes) as unknown[] | undefined
    : changes === undefined
    ? list
    : mergeList(list, changes, mergeKey, item);
  return merged && inOrder(merged, order, list ?? [], mergeKey);
}

/** What a patch changes must stand in the order that it asks for. */
function checkOrder(patch: readonly unknown[], order: readonly unknown[], mergeKey: string): void {
  if (order.length === 0) return;
  const changed = patch.filter((item) => !isJsonObject(item) || !Object.hasOwn(item, DIRECTIVE));
  let next = 0;
  for (const item of order) {
    if (next < changed.length && isSameItem(changed[next], item, mergeKey)) next++;
  }
  if (next < changed.length) {
    const [first, second] = [goMap(changed), goMap(order)];
    throw new StrategicMergeError(
      500,
      `The order in patch list:\n${first}\n doesn't match $setElementOrder list:\n${second}\n`,
    );
  }
}

/** Items of the patch in its order, the others in theirs, one before another as they stood on the server. */
function inOrder(
  merged: readonly unknown[],
  patchOrder: readonly unknown[],
  serverOrder: readonly unknown[],
  mergeKey: string,
): unknown[] {
  const place = (item: unknown, order: readonly unknown[]) =>
    order.findIndex((other) => isSameItem(item, other, mergeKey));
  const sorted = (items: unknown[], order: readonly unknown[]) =>
    items.sort((a, b) => place(a, order) - place(b, order));
  const patched = sorted(merged.filter((item) => place(item, patchOrder) >= 0), patchOrder);
  const others = sorted(merged.filter((item) => place(item, patchOrder) < 0), serverOrder);
  const result: unknown[] = [];
  while (others.length > 0 && patched.length > 0) {
    const [other, change] = [place(others[0], serverOrder), place(patched[0], serverOrder)];
    result.push(other >= 0 && change >= 0 && other < change ? others.shift() : patched.shift());
  }
  return [...result, ...others, ...patched];
}

/** What `$retainKeys` leaves of an object. */
function retained(original: JsonObject, patch: JsonObject): JsonObject {
  const keys = patch[RETAIN_KEYS];
  if (keys === undefined) return { ...original };
  const isNamed = (key: string) => (keys as unknown[]).includes(key);
  const isOther = (key: string) =>
    key === RETAIN_KEYS || patch[key] === null || key.startsWith(DELETE_FROM_LIST) ||
    key.startsWith(ELEMENT_ORDER);
  if (!Array.isArray(keys) || !Object.keys(patch).every((key) => isOther(key) || isNamed(key))) {
    throw new StrategicMergeError(400, "invalid patch format of retainKeys");
  }
  return Object.fromEntries(Object.entries(original).filter(([key]) => isNamed(key)));
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isJsonObject(value)) return value;
  const kept = Object.entries(value).filter(([, below]) => below !== null);
  return Object.fromEntries(kept.map(([key, below]) => [key, withoutNulls(below)]));
}

/** @returns Undefined for an object with a directive, which is about one that does not exist. */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((item) => item !== undefined);
  if (!isJsonObject(value)) return value;
  if (Object.hasOwn(value, DIRECTIVE)) return undefined;
  const kept = Object.entries(value).map(([key, below]) => [key, withoutDirectives(below)] as const);
  return Object.fromEntries(kept.filter(([, below]) => below !== undefined));
}

function isSameItem(a: unknown, b: unknown, mergeKey: string): boolean {
  if (mergeKey === "") return sameJson(a, b);
  return isJsonObject(a) && isJsonObject(b) && sameJson(a[mergeKey], b[mergeKey]);
}

function sameKey(item: unknown, key: unknown, mergeKey: string): boolean {
  return isJsonObject(item) && Object.hasOwn(item, mergeKey) && sameJson(item[mergeKey], key);
}

function keyOf(item: JsonObject, mergeKey: string): unknown {
  if (Object.hasOwn(item, mergeKey)) return item[mergeKey];
  throw new StrategicMergeError(500, `map: ${goMap(item)} does not contain declared merge key: ${mergeKey}`);
}

/** An object as Go prints a map. */
export function goMap(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goMap).join(" ")}]`;
  if (value === null) return "<nil>";
  if (!isJsonObject(value)) return String(value);
  return `map[${Object.keys(value).sort().map((key) => `${key}:${goMap(value[key])}`).join(" ")}]`;
}

function unknownDirective(directive: unknown, patch: JsonObject): StrategicMergeError {
  const name = typeof directive === "string" ? directive : `%!s(${goType(directive)}=${goMap(directive)})`;
  return new StrategicMergeError(500, `unknown patch type: ${name} in map: ${goMap(patch)}`);
}

/** The type of a decoded value in Go. */
function goType(value: unknown): string {
  if (value === null) return "<nil>";
  if (Array.isArray(value)) return "[]interface {}";
  if (typeof value === "number") return Number.isInteger(value) ? "int64" : "float64";
  return typeof value === "boolean" ? "bool" : typeof value === "object" ? "map" : typeof value;
}

function wrongItem(item: unknown): StrategicMergeError {
  return new StrategicMergeError(500, `expected a map in a list, but received ${JSON.stringify(item)}`);
}

function mergeKeyOf(shape: Shape, key: string): string | undefined {
  return shape.is === "map" ? shape.fields.get(key)?.mergeKey : undefined;
}

function fieldShape(shape: Shape, key: string): Shape {
  return shape.is === "map" ? shape.fields.get(key)?.shape ?? (shape as MapShape).item ?? ANY : ANY;
}

function itemShape(shape: Shape, key: string): Shape {
  const list = fieldShape(shape, key);
  return list.is === "list" ? list.item : ANY;
}
