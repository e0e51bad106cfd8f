/** An object of which only the finalizers are looked at. */
export interface ReadonlyFinalized {
  /** Where the finalizers are. */
  readonly metadata?: { readonly name?: string; readonly finalizers?: readonly string[] };
}

/**
 * Puts a finalizer on an object: it then stays, with a `deletionTimestamp`, until all finalizers are gone. A server
 * refuses new ones on an object that is being deleted.
 *
 * @returns A copy of the object with the finalizer; the object itself if it has it already.
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/finalizers/
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { addFinalizer, hasFinalizer, removeFinalizer } from "@coxswain/kube/meta";
 * const app = { metadata: { name: "web" } };
 * const held = addFinalizer(app, "example.com/cleanup");
 * assert.ok(hasFinalizer(held, "example.com/cleanup"));
 * assert.equal(addFinalizer(held, "example.com/cleanup"), held); // nothing to update
 * assert.equal(hasFinalizer(removeFinalizer(held, "example.com/cleanup"), "example.com/cleanup"), false);
 * ```
 */
export function addFinalizer<T extends ReadonlyFinalized>(object: T, finalizer: string): T {
  if (hasFinalizer(object, finalizer)) return object;
  const finalizers = [...object.metadata?.finalizers ?? [], finalizer];
  return { ...object, metadata: { ...object.metadata, finalizers } } as T;
}

/**
 * Takes a finalizer from an object.
 *
 * @returns A copy of the object without the finalizer; the object itself if it does not have it.
 */
export function removeFinalizer<T extends ReadonlyFinalized>(object: T, finalizer: string): T {
  if (!hasFinalizer(object, finalizer)) return object;
  const finalizers = (object.metadata?.finalizers ?? []).filter((one) => one !== finalizer);
  return { ...object, metadata: { ...object.metadata, finalizers } } as T;
}

/** Whether an object has a finalizer. */
export function hasFinalizer(object: ReadonlyFinalized, finalizer: string): boolean {
  return object.metadata?.finalizers?.includes(finalizer) ?? false;
}
