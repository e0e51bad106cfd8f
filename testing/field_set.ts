import { isJsonObject, type JsonObject } from "./api_object.ts";

/**
 * One step of a path, as `FieldsV1` spells it: `f:spec` a field, `k:{"name":"main"}` the list item with these keys,
 * `v:"a"` the item of a set with that value.
 */
export type PathStep = string;

/** A set of fields of an object, as a tree: what `managedFields` holds of each manager. */
export class FieldSet {
  /** Steps that are in the set themselves. */
  readonly members: Set<PathStep> = new Set();
  /** Steps below which there is something. */
  readonly children: Map<PathStep, FieldSet> = new Map();

  /** @throws {TypeError} If it is no `FieldsV1`. */
  static parse(fields: unknown): FieldSet {
    if (!isJsonObject(fields)) throw new TypeError("fields are no object");
    const set = new FieldSet();
    for (const [step, below] of Object.entries(fields)) {
      if (step === ".") continue;
      if (!/^[fkvi]:/.test(step) || !isJsonObject(below)) {
        throw new TypeError(`cannot read the field ${step}`);
      }
      if (Object.keys(below).length === 0 || "." in below) set.members.add(step);
      const child = FieldSet.parse(below);
      if (!child.isEmpty) set.children.set(step, child);
    }
    return set;
  }

  /** A set of paths. */
  static of(...paths: readonly (readonly PathStep[])[]): FieldSet {
    const set = new FieldSet();
    for (const path of paths) set.insert(path);
    return set;
  }

  /** Whether nothing is in it. */
  get isEmpty(): boolean {
    return this.members.size === 0 && [...this.children.values()].every((child) => child.isEmpty);
  }

  /** Puts a path in. The empty one, the object itself, is never in a set. */
  insert([step, ...rest]: readonly PathStep[]): void {
    if (step === undefined) return;
    if (rest.length === 0) return void this.members.add(step);
    let child = this.children.get(step);
    if (child === undefined) this.children.set(step, child = new FieldSet());
    child.insert(rest);
  }

  /** Whether the path is in the set. */
  has([step, ...rest]: readonly PathStep[]): boolean {
    return rest.length === 0 ? this.members.has(step) : this.children.get(step)?.has(rest) ?? false;
  }

  /** What is in either. */
  union(other: FieldSet): FieldSet {
    return combine(this, other, (here, there) => here || there);
  }

  /** What is in both. */
  intersection(other: FieldSet): FieldSet {
    return combine(this, other, (here, there) => here && there);
  }

  /** What is here and not in `other`. */
  difference(other: FieldSet): FieldSet {
    return combine(this, other, (here, there) => here && !there);
  }

  /** What is here, neither in `other` nor below what is in it. */
  without(other: FieldSet): FieldSet {
    const set = new FieldSet();
    for (const step of this.members) if (!other.members.has(step)) set.members.add(step);
    for (const [step, child] of this.children) {
      if (other.members.has(step)) continue;
      const below = other.children.get(step);
      const rest = below === undefined ? child : child.without(below);
      if (!rest.isEmpty) set.children.set(step, rest);
    }
    return set;
  }

  /** All paths: of each level first those that are in the set, then what is below, in order. */
  *paths(): Generator<PathStep[]> {
    for (const step of [...this.members].sort(compareSteps)) yield [step];
    for (const step of [...this.children.keys()].sort(compareSteps)) {
      for (const rest of this.children.get(step)!.paths()) yield [step, ...rest];
    }
  }

  /** As `FieldsV1`. */
  toJSON(): JsonObject {
    const fields: JsonObject = {};
    for (const step of [...new Set([...this.members, ...this.children.keys()])].sort(compareSteps)) {
      const below = this.children.get(step);
      const isMember = this.members.has(step);
      if (below === undefined || below.isEmpty) {
        if (isMember) fields[step] = {};
      } else fields[step] = { ...(isMember && { ".": {} }), ...below.toJSON() };
    }
    return fields;
  }
}

function combine(a: FieldSet, b: FieldSet, keep: (inA: boolean, inB: boolean) => boolean): FieldSet {
  // Sets that are finished are never changed: they may be shared.
  if (isBare(b)) return keep(true, false) ? a : NOTHING;
  if (isBare(a)) return keep(false, true) ? b : NOTHING;
  const set = new FieldSet();
  for (const step of new Set([...a.members, ...b.members])) {
    if (keep(a.members.has(step), b.members.has(step))) set.members.add(step);
  }
  for (const step of new Set([...a.children.keys(), ...b.children.keys()])) {
    const below = combine(a.children.get(step) ?? NOTHING, b.children.get(step) ?? NOTHING, keep);
    if (!below.isEmpty) set.children.set(step, below);
  }
  return set;
}

function isBare({ members, children }: FieldSet): boolean {
  return members.size === 0 && children.size === 0;
}

const NOTHING = new FieldSet();

/** The step to a field. */
export function fieldStep(name: string): PathStep {
  return `f:${name}`;
}

/** A path as messages spell it: `.spec.containers[name="main"].image`. */
export function formatPath(path: readonly PathStep[]): string {
  return path.map((step) => {
    const rest = step.slice(2);
    switch (step[0]) {
      case "f":
        return `.${rest}`;
      case "v":
        return `[=${rest}]`;
      case "k":
        return `[${
          Object.entries(JSON.parse(rest)).map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(",")
        }]`;
      default:
        return `[${rest}]`;
    }
  }).join("");
}

const KINDS = "fkvi";

/** The server's order: fields, items by key, items by value, each in an order of its own. */
function compareSteps(a: PathStep, b: PathStep): number {
  if (a[0] !== b[0]) return KINDS.indexOf(a[0]) - KINDS.indexOf(b[0]);
  if (a[0] === "f") return a < b ? -1 : a > b ? 1 : 0;
  const [left, right] = [JSON.parse(a.slice(2)), JSON.parse(b.slice(2))];
  if (a[0] !== "k") return compareValues(left, right);
  const [ours, theirs] = [Object.entries(left), Object.entries(right)];
  for (let index = 0; index < Math.min(ours.length, theirs.length); index++) {
    const [[name, value], [otherName, otherValue]] = [ours[index], theirs[index]];
    if (name !== otherName) return name < otherName ? -1 : 1;
    const order = compareValues(value, otherValue);
    if (order !== 0) return order;
  }
  return ours.length - theirs.length;
}

function compareValues(a: unknown, b: unknown): number {
  const ranks = ["number", "string", "boolean"];
  if (typeof a !== typeof b) return ranks.indexOf(typeof a) - ranks.indexOf(typeof b);
  return (a as string) < (b as string) ? -1 : (a as string) > (b as string) ? 1 : 0;
}
