import type { KubernetesObject } from "../meta/mod.ts";

/** An object of which only the metadata is known to the type checker: of a kind that is found at run time. */
export interface DynamicObject extends KubernetesObject {
  /** What else the kind has. Look before you use it. */
  [field: string]: unknown;
}

/** The type of a descriptor's objects: a descriptor that says no more than that they are objects means any. */
export type ObjectOf<T extends KubernetesObject> = [keyof T] extends [keyof KubernetesObject] ? DynamicObject
  : T;
