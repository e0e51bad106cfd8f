import type { StoredMeta } from "../meta/mod.ts";

/** Any JSON object. */
export type JsonObject = { [field: string]: unknown };

/** The metadata of a stored object: what is known of it has its type. */
export interface StoredMetadata extends StoredMeta {
  [field: string]: unknown;
}

/** An object as the store keeps it. Never changed in place: every version of it may be shared by readers. */
export interface ApiObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Readonly<StoredMetadata>;
  readonly [field: string]: unknown;
}

/** Whether a decoded JSON value is an object, and neither null nor an array. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value of a key that the object has itself. */
export function own(map: JsonObject, key: string): unknown {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** Sets a key. One called `__proto__` is a key like any other in JSON. */
export function define(map: JsonObject, key: string, value: unknown): void {
  Object.defineProperty(map, key, { value, writable: true, enumerable: true, configurable: true });
}

/** Whether two JSON values say the same. Order of keys does not count. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => sameJson(item, b[index]));
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && sameJson(a[key], b[key]));
}

/** The fields of `metadata` in the order in which the server writes them. */
const METADATA_ORDER = [
  "name",
  "generateName",
  "namespace",
  "uid",
  "resourceVersion",
  "generation",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "labels",
  "annotations",
  "ownerReferences",
  "finalizers",
  "managedFields",
] as const;

/** The fields of `metadata` that exist; others, empty ones and nulls are dropped, as the server does. */
export function arrangeMetadata(metadata: Readonly<JsonObject>): StoredMetadata {
  const arranged: JsonObject = {};
  for (const field of METADATA_ORDER) {
    const value = metadata[field];
    if (value === undefined || value === null || value === "") continue;
    if (typeof value === "object" && Object.keys(value).length === 0) continue;
    arranged[field] = value;
  }
  return arranged as StoredMetadata;
}

/**
 * The object with its fields in the order of the wire: kind, apiVersion, metadata and the rest for built-in
 * kinds, which the server writes from structs; alphabetical at all depths for custom ones, which it writes
 * from maps.
 */
export function arrangeObject(object: ApiObject, builtIn: boolean): ApiObject {
  const { kind, apiVersion, metadata, status, ...rest } = object;
  const arranged = {
    kind,
    apiVersion,
    metadata: arrangeMetadata(metadata),
    ...rest,
  };
  const whole = status === undefined ? arranged : { ...arranged, status };
  return builtIn ? whole : sortedKeys(whole) as ApiObject;
}

/** The value with its keys in the order of the alphabet at all depths, as Go writes maps. */
export function sortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedKeys);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sortedKeys(value[key])]));
}
