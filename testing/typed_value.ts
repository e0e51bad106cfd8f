import { define, isJsonObject, type JsonObject, own, sameJson } from "./api_object.ts";
import { FieldSet, fieldStep, formatPath, type PathStep } from "./field_set.ts";
import { ANY, type FieldShape, type ListShape, type MapShape, type Shape } from "./schema.ts";

/** Thrown when a value is not what its type says. */
export class TypeMismatch extends Error {
  constructor(message: string) {
    super(message);
    this.name = "TypeMismatch";
  }
}

/** What differs between two objects. No field is in two of the sets. */
export interface Comparison {
  readonly removed: FieldSet;
  readonly modified: FieldSet;
  readonly added: FieldSet;
}

/** What a shape is once a value is known. */
type Kind = "map" | "list" | "scalar";

const ANY_MAP: MapShape = { is: "map", fields: new Map(), item: ANY, isAtomic: false };
const ANY_LIST: ListShape = { is: "list", item: ANY, relation: "atomic", keys: [] };

/**
 * @throws {TypeMismatch} Where the value is not what its type says, with all places.
 */
export function checkTyped(value: unknown, shape: Shape): void {
  const problems: string[] = [];
  check(value, shape, [], problems);
  if (problems.length === 1) throw new TypeMismatch(problems[0]);
  if (problems.length > 1) {
    throw new TypeMismatch(["errors:", ...problems.map((text) => `  ${text}`)].join("\n"));
  }
}

function check(value: unknown, shape: Shape, path: readonly PathStep[], problems: string[]): void {
  if (value === null || shape.is === "any") return;
  const fail = (text: string, at: readonly PathStep[] = path) =>
    void problems.push(`${formatPath(at)}: ${text}`);
  if (shape.is === "scalar") {
    const types: readonly string[] = shape.type === "any" ? ["string", "number", "boolean"] : [shape.type];
    if (types.includes(typeof value)) return;
    const got = { number: goType, string: goSyntax, boolean: goValue, any: goValue }[shape.type](value);
    fail(`expected ${EXPECTED[shape.type]}, got ${got}`);
  } else if (shape.is === "list") {
    if (!Array.isArray(value)) return void fail(`expected list, got ${goValue(value)}`);
    const seen = new Set<PathStep>();
    for (const [index, item] of value.entries()) {
      let step: PathStep = `i:${index}`;
      if (shape.relation !== "atomic") {
        try {
          step = itemStep(item, shape);
        } catch (error) {
          if (!(error instanceof TypeMismatch)) throw error;
          return void fail(`element ${index}: ${error.message}`);
        }
        if (seen.has(step)) fail(`duplicate entries for key ${formatPath([step])}`);
        seen.add(step);
      }
      check(item, shape.item, [...path, step], problems);
    }
  } else {
    if (!isJsonObject(value)) return void fail(`expected map, got ${goValue(value)}`);
    const unknown = Object.keys(value).find((key) => fieldType(shape, key) === undefined);
    // Where a field is not declared, nothing else is told of the fields beside it.
    if (unknown !== undefined) return fail("field not declared in schema", [...path, fieldStep(unknown)]);
    for (const [key, below] of Object.entries(value)) {
      check(below, fieldType(shape, key)!, [...path, fieldStep(key)], problems);
    }
  }
}

const EXPECTED = {
  number: "numeric (int or float)",
  string: "string",
  boolean: "boolean",
  any: "any scalar",
} as const;

/** A value as the server's messages print it: in Go's syntax, */
function goSyntax(value: unknown): string {
  return `&value.valueUnstructured{Value:${goLiteral(value)}}`;
}

/** or as plain text. */
function goValue(value: unknown): string {
  return `&{${goText(value)}}`;
}

function goText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goText).join(" ")}]`;
  if (!isJsonObject(value)) return value === null ? "<nil>" : String(value);
  return `map[${Object.keys(value).sort().map((key) => `${key}:${goText(value[key])}`).join(" ")}]`;
}

function goLiteral(value: unknown): string {
  if (Array.isArray(value)) return `[]interface {}{${value.map(goLiteral).join(", ")}}`;
  if (isJsonObject(value)) {
    const entries = Object.entries(value).map(([key, below]) => `${JSON.stringify(key)}:${goLiteral(below)}`);
    return `map[string]interface {}{${entries.join(", ")}}`;
  }
  return value === null ? "interface {}(nil)" : JSON.stringify(value);
}

/** The type of a value in Go. */
function goType(value: unknown): string {
  if (Array.isArray(value)) return "[]interface {}";
  if (isJsonObject(value)) return "map[string]interface {}";
  return typeof value === "boolean" ? "bool" : typeof value;
}

/** The fields that a value has, down to what cannot be owned in parts. */
export function fieldsOf(value: unknown, shape: Shape): FieldSet {
  const set = new FieldSet();
  collect(value, shape, [], set);
  return set;
}

function collect(value: unknown, shape: Shape, path: readonly PathStep[], set: FieldSet): void {
  const one = resolve(shape, value);
  if (one.is === "scalar" || isWhole(one)) return set.insert(path);
  if (one.is === "list") {
    const items = itemsByStep(value, one);
    for (const [step, [first, ...more]] of items) {
      if (more.length === 0) collect(first, one.item, [...path, step], set);
      set.insert([...path, step]);
    }
  } else if (isJsonObject(value)) {
    for (const [key, below] of Object.entries(value)) {
      const at = [...path, fieldStep(key)];
      collect(below, fieldType(one, key) ?? ANY, at, set);
      const isEmpty = below === null || (isJsonObject(below) && Object.keys(below).length === 0);
      if (isEmpty || !one.fields.has(key)) set.insert(at);
    }
  }
}

/** What has to change to make `after` of `before`. */
export function compareTyped(before: unknown, after: unknown, shape: Shape): Comparison {
  const comparison = { removed: new FieldSet(), modified: new FieldSet(), added: new FieldSet() };
  compare(before, after, shape, [], comparison);
  return comparison;
}

function compare(
  before: unknown,
  after: unknown,
  shape: Shape,
  path: readonly PathStep[],
  all: Comparison,
): void {
  const isLeaf = kindsOf(before, after, shape)
    .map((one) => compareAs(one, before, after, path, all))
    .includes(true);
  if (isLeaf) return;
  if (before === undefined) all.added.insert(path);
  else if (after === undefined) all.removed.insert(path);
}

/** @returns Whether the value was compared as a whole. */
function compareAs(
  shape: Exclude<Shape, { is: "any" }>,
  before: unknown,
  after: unknown,
  path: readonly PathStep[],
  all: Comparison,
): boolean {
  if (shape.is === "scalar" || isWhole(shape) || (isEmptyAs(before, shape) && isEmptyAs(after, shape))) {
    if (before === undefined) all.added.insert(path);
    else if (after === undefined) all.removed.insert(path);
    else if (!sameJson(before, after)) all.modified.insert(path);
    return true;
  }
  if (shape.is === "map") {
    const [left, right] = [asMap(before), asMap(after)];
    for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
      compare(own(left, key), own(right, key), fieldType(shape, key) ?? ANY, [...path, fieldStep(key)], all);
    }
    return false;
  }
  const [left, right] = [itemsByStep(before, shape), itemsByStep(after, shape)];
  for (const step of new Set([...left.keys(), ...right.keys()])) {
    const at = [...path, step];
    const [ours, theirs] = [left.get(step) ?? [], right.get(step) ?? []];
    if (ours.length <= 1 && theirs.length <= 1) compare(ours[0], theirs[0], shape.item, at, all);
    else if (ours.length > 1 && theirs.length > 1) {
      if (!sameJson(ours, theirs)) all.modified.insert(at);
    } else if (ours.length > 1) {
      if (theirs.length > 0) compare(undefined, theirs[0], shape.item, at, all);
      all.removed.insert(at);
    } else {
      if (ours.length > 0) compare(ours[0], undefined, shape.item, at, all);
      all.added.insert(at);
    }
  }
  return false;
}

/** `live` with what `applied` says on top of it. @throws {TypeMismatch} If `applied` has an item twice. */
export function mergeTyped(live: unknown, applied: unknown, shape: Shape): unknown {
  const kinds = kindsOf(live, applied, shape);
  const one = kinds[kinds.length - 1];
  if (one.is === "scalar" || isWhole(one) || (isEmptyAs(live, one) && isEmptyAs(applied, one))) {
    return applied === undefined ? live : applied;
  }
  if (one.is === "list") return mergeList(live, applied, one);
  const [left, right] = [asMap(live), asMap(applied)];
  const merged: JsonObject = {};
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    const value = mergeTyped(own(left, key), own(right, key), fieldType(one, key) ?? ANY);
    if (value !== undefined) define(merged, key, value);
  }
  return Object.keys(merged).length > 0 ? merged : undefined;
}

/** Items of both in the order of `applied`, with those that only `live` has between them where they were. */
function mergeList(live: unknown, applied: unknown, shape: ListShape): unknown {
  const left = asList(live).map((item) => ({ step: itemStep(item, shape), item }));
  const right = asList(applied).map((item) => ({ step: itemStep(item, shape), item }));
  const theirs = new Map(right.map(({ step, item }) => [step, item]));
  if (theirs.size < right.length) {
    const twice = right.find(({ step }, index) => right.findIndex((other) => other.step === step) !== index)!;
    throw new TypeMismatch(`duplicate entries for key ${formatPath([twice.step])}`);
  }
  const ours = new Map<PathStep, unknown>();
  for (const { step, item } of left) ours.set(step, ours.has(step) ? null : item);
  const shared = right.filter(({ step }) => ours.has(step)).map(({ step }) => step);
  let next = shared.shift();
  const merged: unknown[] = [];
  const done = new Set<PathStep>();
  const take = (mine: unknown, other: unknown) => {
    const value = mergeTyped(mine, other, shape.item);
    if (value !== undefined) merged.push(value);
  };
  for (let l = 0, r = 0; l < left.length || r < right.length;) {
    if (l < left.length && r < right.length) {
      const { step } = left[l];
      if (step === right[r].step) {
        done.add(step);
        take(ours.get(step), theirs.get(step));
        l++;
        r++;
        next = shared.shift();
        continue;
      }
      if (theirs.has(step) && next !== undefined && next !== step) {
        l++; // shared, but its turn comes later
        continue;
      }
    }
    if (l < left.length) {
      const { step, item } = left[l];
      if (!theirs.has(step)) {
        take(item, undefined);
        l++;
        continue;
      }
      if (done.has(step)) l++;
    }
    if (r < right.length) {
      const { step } = right[r];
      done.add(step);
      take(ours.get(step), theirs.get(step));
      r++;
      if (next === step) next = shared.shift();
    }
  }
  return merged.length > 0 ? merged : undefined;
}

/** The value without the fields of a set. What is whole and empty of fields is left as it is. */
export function removeFields(value: unknown, fields: FieldSet, shape: Shape): unknown {
  const one = resolve(shape, value);
  if (one.is === "scalar") return value;
  if (one.is === "list") {
    if (isBlank(value) || one.relation === "atomic") return undefined;
    const kept: unknown[] = [];
    for (const item of asList(value)) {
      const step = itemStep(item, one);
      if (fields.members.has(step)) continue;
      const below = fields.children.get(step);
      kept.push(below === undefined ? item : removeFields(item, below, one.item));
    }
    return kept.length > 0 ? kept : undefined;
  }
  if (isBlank(value) || one.isAtomic) return undefined;
  const kept: JsonObject = {};
  for (const [key, item] of Object.entries(asMap(value))) {
    const step = fieldStep(key);
    if (fields.members.has(step)) continue;
    const below = fields.children.get(step);
    const left = below === undefined ? item : removeFields(item, below, fieldType(one, key) ?? ANY);
    define(kept, key, left === undefined ? null : left); // as the server's: it is there, and nothing
  }
  return Object.keys(kept).length > 0 ? kept : undefined;
}

/** The set, and the fields of structs on the way to what is in it. */
export function withNamedFields(set: FieldSet, shape: Shape | undefined): FieldSet {
  const whole = new FieldSet();
  const map = shape === undefined || shape.is === "scalar" || shape.is === "list"
    ? undefined
    : shape.is === "any"
    ? ANY_MAP
    : shape;
  for (const step of set.members) whole.members.add(step);
  for (const [step, child] of set.children) {
    const name = step.slice(2);
    if (step.startsWith("f:") && map?.fields.has(name)) whole.members.add(step);
    const below = step.startsWith("f:")
      ? map && fieldType(map, name)
      : step.startsWith("k:") && shape?.is === "list"
      ? shape.item
      : undefined;
    whole.children.set(step, withNamedFields(child, below));
  }
  return whole;
}

/** The type of a field; undefined if there must be none of that name. */
function fieldType({ fields, item }: MapShape, key: string): Shape | undefined {
  const field: FieldShape | undefined = fields.get(key);
  return field === undefined ? item : field.shape;
}

/** The step to an item of a list. @throws {TypeMismatch} If the item has nothing to be told apart by. */
function itemStep(item: unknown, { relation, keys, item: shape }: ListShape): PathStep {
  if (relation === "set") {
    if (item === null) {
      throw new TypeMismatch("associative list without keys has an element that's an explicit null");
    }
    if (Array.isArray(item)) throw new TypeMismatch("not supported: associative list with lists as elements");
    if (isJsonObject(item)) {
      throw new TypeMismatch("associative list without keys has an element that's a map type");
    }
    return `v:${JSON.stringify(item)}`;
  }
  if (item === null) throw new TypeMismatch("associative list with keys may not have a null element");
  if (!isJsonObject(item)) throw new TypeMismatch("associative list with keys may not have non-map elements");
  const key: JsonObject = {};
  for (const name of [...keys].sort()) {
    const value = own(item, name) ?? (shape.is === "map" ? shape.fields.get(name)?.default : undefined);
    if (value !== undefined) key[name] = value;
  }
  if (Object.keys(key).length === 0) {
    const names = keys.map((name) => JSON.stringify(name)).join(" ");
    throw new TypeMismatch(
      `associative list with keys has an element that omits all key fields [${names}] (and doesn't have default values for any key fields)`,
    );
  }
  return `k:${JSON.stringify(key)}`;
}

function itemsByStep(value: unknown, shape: ListShape): Map<PathStep, unknown[]> {
  const items = new Map<PathStep, unknown[]>();
  for (const item of asList(value)) {
    const step = itemStep(item, shape);
    items.set(step, [...items.get(step) ?? [], item]);
  }
  return items;
}

/** As what two values are compared: as what the second is, and if they differ also as what the first is. */
function kindsOf(before: unknown, after: unknown, shape: Shape): Exclude<Shape, { is: "any" }>[] {
  const [left, right] = [resolve(shape, before), resolve(shape, after)];
  if (after === undefined) return [left];
  return before === undefined || left.is === right.is ? [right] : [left, right];
}

function resolve(shape: Shape, value: unknown): Exclude<Shape, { is: "any" }> {
  if (shape.is !== "any") return shape;
  const kind: Kind = Array.isArray(value)
    ? "list"
    : (value ?? undefined) === undefined || isJsonObject(value)
    ? "map"
    : "scalar";
  return kind === "list" ? ANY_LIST : kind === "map" ? ANY_MAP : { is: "scalar", type: "any" };
}

/** Whether the value has one owner, or none. */
function isWhole(shape: ListShape | MapShape): boolean {
  return shape.is === "list" ? shape.relation === "atomic" : shape.isAtomic;
}

/** Whether there is nothing to go through: absent, null, or empty. */
function isBlank(value: unknown): boolean {
  return (value ?? undefined) === undefined ||
    (typeof value === "object" && Object.keys(value!).length === 0);
}

/** Whether the value, taken for a list or a map, has no parts. */
function isEmptyAs(value: unknown, shape: ListShape | MapShape): boolean {
  if (shape.is === "list") return !Array.isArray(value) || value.length === 0;
  return !isJsonObject(value) || Object.keys(value).length === 0;
}

function asMap(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
