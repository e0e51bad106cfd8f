import type { ApiGroup, GroupVersion } from "./api_group.ts";
import type { ApiResource } from "./api_resource.ts";

/**
 * The groups in the field `groups` of an `APIGroupList`, read with care: null, as Go writes an empty list, is empty.
 *
 * @throws {TypeError} If it is something else.
 */
export function readGroups(value: unknown): ApiGroup[] {
  return objectsIn(value, "groups").map(({ name, versions, preferredVersion }) => {
    const preferred = groupVersion(preferredVersion);
    return {
      name: text(name),
      versions: objects(versions).flatMap((version) => groupVersion(version) ?? []),
      ...(preferred && { preferredVersion: preferred }),
    };
  });
}

/**
 * The resources in the field `resources` of an `APIResourceList`, read with care.
 *
 * @throws {TypeError} If it is something else.
 */
export function readResources(value: unknown): ApiResource[] {
  return objectsIn(value, "resources").map((resource) => ({
    name: text(resource.name),
    singularName: text(resource.singularName),
    namespaced: resource.namespaced === true,
    ...optional("group", text(resource.group)),
    ...optional("version", text(resource.version)),
    kind: text(resource.kind),
    verbs: texts(resource.verbs),
    ...(Array.isArray(resource.shortNames) && { shortNames: texts(resource.shortNames) }),
    ...(Array.isArray(resource.categories) && { categories: texts(resource.categories) }),
    ...optional("storageVersionHash", text(resource.storageVersionHash)),
  })).filter(({ name }) => name !== "");
}

/**
 * The objects of a list in a field of what a server or a file says; none if the field is absent or null.
 *
 * @throws {TypeError} If there is no such list.
 */
export function objectsIn(value: unknown, field: string): Record<string, unknown>[] {
  const list = isObject(value) ? value[field] ?? [] : undefined;
  if (!Array.isArray(list)) throw new TypeError(`Cannot discover: what was answered has no list "${field}"`);
  return objects(list);
}

/** The objects among what should be a list of them. */
export function objects(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** The texts among what should be a list of them. */
export function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

/** What should be a text; empty if it is none. */
export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Whether a value is an object that is no list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A field, unless it is empty. */
export function optional<K extends string>(field: K, value: string): { [_ in K]?: string } {
  return value === "" ? {} : { [field]: value } as { [_ in K]?: string };
}

function groupVersion(value: unknown): GroupVersion | undefined {
  if (!isObject(value) || text(value.groupVersion) === "" || text(value.version) === "") return undefined;
  return { groupVersion: text(value.groupVersion), version: text(value.version) };
}
