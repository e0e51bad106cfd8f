import type { KubernetesObject, Stored } from "../meta/mod.ts";

/**
 * `T` with nothing to write to, at any depth. What a cache hands out is shared by all who read it: to change an
 * object, take a {@linkcode copyOf} it.
 */
export type DeepReadonly<T> = T extends Primitive ? T
  : T extends readonly (infer Item)[] ? readonly DeepReadonly<Item>[]
  : T extends object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
  : T;

/** What cannot be written to anyway; text with a name of its own, such as a time, is among it. */
export type Primitive = string | number | boolean | null | undefined;

/** An object as a cache holds it: as the server stored it, and not to be written to. */
export type Cached<T extends KubernetesObject> = DeepReadonly<Stored<T>>;

/** The type that {@linkcode DeepReadonly} has made read-only, as far as it can be told. */
export type Writable<T> = T extends Primitive ? T
  : T extends readonly (infer Item)[] ? Writable<Item>[]
  : T extends object ? { -readonly [Key in keyof T]: Writable<T[Key]> }
  : T;

/**
 * A copy of a cached object, all of it, that may be changed and sent.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { copyOf, type DeepReadonly } from "@coxswain/kube/cache";
 * const cached: DeepReadonly<{ data: Record<string, string> }> = Object.freeze({ data: { currency: "EUR" } });
 * const copy = copyOf(cached);
 * copy.data.currency = "SEK";
 * assert.equal(cached.data.currency, "EUR");
 * ```
 */
export function copyOf<T>(object: T): Writable<T> {
  return structuredClone(object) as Writable<T>;
}
