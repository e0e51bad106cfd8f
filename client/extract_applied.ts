import type { ApplyConfiguration, KubernetesObject, ManagedFieldsEntry } from "../meta/mod.ts";

/** Options of {@linkcode extractApplied}. */
export interface ExtractOptions {
  /** What the manager owns through a subresource, such as `status`. Default: of the object itself. */
  subresource?: string;
}

/**
 * What a manager has applied of an object, as it is now: the fields that its entry in `managedFields` names, and which
 * object it is. To change some of what one owns without knowing all of it: extract, change, apply. Applying what was
 * extracted unchanged changes nothing.
 *
 * No schema is needed: the entry tells maps, sets and lists by key apart. What it does not tell is whether a part was
 * owned as a whole or just made; a part in which others own fields is taken for the latter.
 *
 * @param object As it was read, with its `managedFields`.
 * @param fieldManager Who has applied.
 * @throws {TypeError} If the object has no name, kind or apiVersion, or was applied in another version than it was read.
 * @see client-go `applyconfigurations`, `Extract…`, spec rest 22.2
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { extractApplied } from "@coxswain/kube/client";
 * import type { ConfigMap } from "@coxswain/kube/types/core/v1";
 * const map: ConfigMap = {
 *   apiVersion: "v1", kind: "ConfigMap",
 *   metadata: { name: "shop", namespace: "default", managedFields: [
 *     { manager: "shop-cli", operation: "Apply", apiVersion: "v1", fieldsV1: { "f:data": { "f:currency": {} } } }] },
 *   data: { currency: "EUR", visits: "17" },
 * };
 * assert.deepEqual(extractApplied(map, "shop-cli"), {
 *   apiVersion: "v1", kind: "ConfigMap", metadata: { name: "shop", namespace: "default" }, data: { currency: "EUR" } });
 * ```
 */
export function extractApplied<T extends KubernetesObject>(
  object: T,
  fieldManager: string,
  { subresource = "" }: ExtractOptions = {},
): ApplyConfiguration<T> {
  const { apiVersion, kind, metadata } = object;
  if (!apiVersion || !kind || !metadata?.name) {
    throw new TypeError(
      "Cannot extract what was applied: the object has to say its apiVersion, kind and name",
    );
  }
  const entries = metadata.managedFields ?? [];
  const own = entries.find((entry) =>
    entry.manager === fieldManager && entry.operation === "Apply" && (entry.subresource ?? "") === subresource
  );
  if (own?.apiVersion !== undefined && own.apiVersion !== apiVersion) {
    throw new TypeError(
      `Cannot extract what was applied: ${
        JSON.stringify(fieldManager)
      } did so in ${own.apiVersion}, and its fields are ` +
        `named as there. Read the object in that version`,
    );
  }
  const others = entries.filter((entry) => entry !== own).map(fieldsOf);
  const extracted = own && extract(object, fieldsOf(own), others) as KubernetesObject | undefined;
  const { namespace } = metadata;
  return {
    ...extracted,
    apiVersion,
    kind,
    metadata: {
      ...extracted?.metadata,
      name: metadata.name,
      ...(namespace === undefined ? {} : { namespace }),
    },
  } as ApplyConfiguration<T>;
}

/**
 * A set of fields as the server writes it, a tree. Its keys: `f:name` a field, `k:{"name":"web"}` the item of a list with
 * these values, `v:"a"` the item that is this value, `i:0` the item at this place, and `.` the part itself.
 */
interface Fields {
  readonly [key: string]: Fields;
}

const fieldsOf = ({ fieldsV1 = {} }: ManagedFieldsEntry): Fields => fieldsV1 as Fields;

/**
 * The part of `value` that `fields` names; `undefined` if it has none of it any more.
 *
 * @param others What other managers own of the same part.
 */
function extract(value: unknown, fields: Fields, others: readonly Fields[]): unknown {
  const inner = innerOf(fields);
  if (inner.length === 0) return owned(value, others);
  if (Array.isArray(value)) return extractItems(value, fields, inner, others);
  if (typeof value !== "object" || value === null) return undefined; // it has become something else
  const part: Record<string, unknown> = {};
  for (const key of inner.filter((key) => key.startsWith("f:"))) {
    const name = key.slice(2);
    if (!Object.hasOwn(value, name)) continue;
    const below = others.flatMap((other) => other[key] ?? []);
    const extracted = extract((value as Record<string, unknown>)[name], fields[key], below);
    if (extracted !== undefined) define(part, name, extracted);
  }
  return "." in fields || Object.keys(part).length > 0 ? part : undefined;
}

/** What a set says of the inside of a part. */
const innerOf = (fields: Fields): string[] => Object.keys(fields).filter((key) => key !== ".");

/** A part that is owned without a word of what is in it: as a whole, unless others own what is in it. */
function owned(value: unknown, others: readonly Fields[]): unknown {
  const isShared = others.some((other) => innerOf(other).length > 0);
  if (!isShared || typeof value !== "object" || value === null) return structuredClone(value);
  return Array.isArray(value) ? [] : {};
}

function extractItems(
  list: readonly unknown[],
  fields: Fields,
  inner: readonly string[],
  others: readonly Fields[],
): unknown[] {
  const items: unknown[] = [];
  for (const [index, item] of list.entries()) { // in the order of the list, which may matter
    const key = inner.find((key) => isItem(item, index, key));
    if (key === undefined) continue;
    if (key.startsWith("k:")) {
      const below = others.flatMap((other) => other[key] ?? []);
      items.push(withKey(extractItem(item, fields[key], below) as object, key));
    } else {
      items.push(structuredClone(item));
    }
  }
  return items;
}

/**
 * An item of a list by key. Where it is merged field by field its key is owned too; so a set without a word is that of
 * an item which is atomic, as an owner reference is, and one with `.` alone that of its being there.
 */
function extractItem(item: unknown, fields: Fields, others: readonly Fields[]): unknown {
  if (Object.keys(fields).length === 0) return owned(item, others);
  return innerOf(fields).length === 0 ? {} : extract(item, fields, others) ?? {};
}

/** Whether a key means this item. */
function isItem(item: unknown, index: number, key: string): boolean {
  const wanted: unknown = parse(key.slice(2));
  switch (key.slice(0, 2)) {
    case "k:":
      return typeof item === "object" && item !== null && typeof wanted === "object" && wanted !== null &&
        Object.entries(wanted).every(([name, one]) => same((item as Record<string, unknown>)[name], one));
    case "v:":
      return same(item, wanted);
    default:
      return wanted === index;
  }
}

/**
 * The item, sure to say which one it is: whoever set just one field of it does not own its key. Of a key of several
 * fields, those that are not owned have a default, and applying them would own them.
 */
function withKey(item: object, key: string): object {
  const known = parse(key.slice(2)) as object; // or it would have meant no item
  return Object.keys(known).some((name) => Object.hasOwn(item, name)) ? item : { ...known, ...item };
}

/** A key is JSON, mostly short: compared as such. */
function same(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === "object" && a !== null && JSON.stringify(a) === JSON.stringify(b));
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined; // a key of a kind to come: it means no item
  }
}

/** A field of any name is a field, also `__proto__`. */
function define(object: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}
