import type { ApplyConfiguration } from "../meta/mod.ts";

/** One step of a JSON patch, RFC 6902. Paths are JSON pointers, such as `/metadata/labels/app`. */
export type JsonPatchOperation =
  | { op: "add" | "replace" | "test"; path: string; value: unknown }
  | { op: "remove"; path: string }
  | { op: "move" | "copy"; from: string; path: string };

/** Part of an object to lay over it: `null` removes a field, a list replaces the whole list. */
export type MergePatch<T> = T extends readonly unknown[] ? T
  : T extends object ? { [K in keyof T]?: MergePatch<T[K]> | null }
  : T;

/**
 * A change of an object: which kind of patch it is says its key.
 *
 * @example
 * ```ts
 * import type { Patch } from "@coxswain/kube/client";
 * import type { Deployment } from "@coxswain/kube/types/apps/v1";
 * const more: Patch<Deployment> = { merge: { spec: { replicas: 3 } } };
 * const first: Patch<Deployment> = { json: [{ op: "replace", path: "/spec/paused", value: true }] };
 * console.log(more, first);
 * ```
 */
export type Patch<T> =
  | {
    /** Operations in order; all happen or none. */
    json: JsonPatchOperation[];
  }
  | {
    /** Laid over the object, RFC 7386. Works for every kind. */
    merge: MergePatch<T>;
  }
  | {
    /** Laid over the object, with lists merged by key; built-in kinds only. May hold `$patch` directives. */
    strategic: MergePatch<T>;
  }
  | {
    /** The fields that this manager wants to own: server-side apply. Needs `fieldManager`. */
    apply: ApplyConfiguration<T>;
  };
