/**
 * Key of a type that no value has: under it {@linkcode MapList} keeps the names of its keys, for
 * {@linkcode ApplyConfiguration} to find.
 */
export const mergeKeys: unique symbol = /* @__PURE__ */ Symbol("mergeKeys");

/** Key of a type that no value has: marks {@linkcode Atomic}. */
export const atomic: unique symbol = /* @__PURE__ */ Symbol("atomic");

/**
 * A list whose items are known by the values of some of their fields, as containers are by `name`: when several
 * managers apply it, the server merges item by item. It is an ordinary array, and any array of such items will do;
 * only {@linkcode ApplyConfiguration} looks at `K`, the fields that an applied item has to have. A field of the key
 * with a default, such as a port's `protocol`, is not among them.
 *
 * @see https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy
 */
export type MapList<T, K extends keyof T> = T[] & {
  /** Never set. */
  readonly [mergeKeys]?: K;
};

/**
 * A part that the server replaces as a whole and that has one owner, such as a selector: who applies it gives all
 * of it. A value is that of `T`; only {@linkcode ApplyConfiguration} makes a difference.
 */
export type Atomic<T> = T & {
  /** Never set. */
  readonly [atomic]?: true;
};

/**
 * What server-side apply takes for an object of type `T`: the fields that the manager wants to own, and no others.
 * All are optional, but for three things: an item of a {@linkcode MapList} says which item it is, an
 * {@linkcode Atomic} part is whole, and so are the items of all other lists, since such a list is replaced.
 *
 * For what client-go has builders (`ApplyConfiguration` types with their `With…` functions), an object literal
 * serves: what is absent is not applied, and `0`, `false` and `""` are.
 *
 * @see https://kubernetes.io/docs/reference/using-api/server-side-apply/, spec rest 22.2
 * @example
 * ```ts
 * import type { ApplyConfiguration } from "@coxswain/kube/meta";
 * import type { Deployment } from "@coxswain/kube/types/apps/v1";
 * const image: ApplyConfiguration<Deployment> = {
 *   spec: { template: { spec: { containers: [{ name: "main", image: "nginx:1.29" }] } } },
 * };
 * // { containers: [{ image: "nginx:1.29" }] } would not compile: which container?
 * console.log(image);
 * ```
 */
export type ApplyConfiguration<T> = {
  [K in keyof T]?: K extends "metadata" ? AppliedMeta<T[K]> : Applied<T[K]>;
};

/** The metadata of an applied object: all but who manages it, which the server keeps and refuses to be told. */
export type AppliedMeta<T> = T extends object
  ? { [K in keyof T as K extends "managedFields" ? never : K]?: Applied<T[K]> }
  : T;

/** {@linkcode ApplyConfiguration} of a part of an object. */
export type Applied<T> = unknown extends T ? T
  : T extends string | number | boolean | null | undefined ? T
  : T extends readonly (infer Item)[]
    ? typeof mergeKeys extends keyof T
      ? (Applied<Item> & Required<Pick<Item, NonNullable<T[typeof mergeKeys]> & keyof Item>>)[]
    : T
  : typeof atomic extends keyof T ? T
  // A map of plain values is as it is: made optional, each value could be undefined too.
  : [string, T] extends [keyof T, { readonly [key: string]: string | number | boolean }] ? T
  : { [K in keyof T]?: Applied<T[K]> };
