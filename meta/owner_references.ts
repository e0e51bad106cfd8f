import type { OwnerReference } from "./object_meta.ts";
import { parseApiVersion } from "./resource_type.ts";

/** An object that can own others: it was stored, so that it has a uid. */
export interface Owner {
  /** Group and version. */
  readonly apiVersion: string;
  /** The kind. */
  readonly kind: string;
  /** Who it is. */
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly uid: string };
}

/** An object that may have owners, and is only looked at: one from a cache will do. */
export interface ReadonlyDependent {
  /** The kind. */
  readonly kind?: string;
  /** Who it is, and who owns it. */
  readonly metadata?: {
    readonly name?: string;
    readonly namespace?: string;
    readonly ownerReferences?: readonly Readonly<OwnerReference>[];
  };
}

/** Options of {@linkcode setOwnerReference} and {@linkcode setControllerReference}. */
export interface OwnerReferenceOptions {
  /**
   * Whether a foreground deletion of the owner waits for this object. Default true for controllers, as Kubernetes' own
   * have it, else false. Setting it needs permission to update the owner's finalizers, on some clusters.
   */
  blockOwnerDeletion?: boolean;
}

/** The object belongs to another controller already. */
export class AlreadyOwnedError extends Error {
  /** The controller that it has. */
  readonly owner: Readonly<OwnerReference>;

  /** Names the object and its controller. */
  constructor(object: ReadonlyDependent, owner: Readonly<OwnerReference>) {
    const { namespace, name } = object.metadata ?? {};
    super(
      `Cannot take over ${object.kind ?? "object"} ${namespace ? `${namespace}/` : ""}${name}: ` +
        `it is controlled by ${owner.kind} ${owner.name} already`,
    );
    this.name = "AlreadyOwnedError";
    this.owner = owner;
  }
}

/**
 * Makes `owner` the controller of an object: when the owner goes, so does the object, and its events wake the owner's
 * controller. An object has one controller at most.
 *
 * @returns A copy of the object with the reference; the object itself if it has it already.
 * @throws {AlreadyOwnedError} If another object controls it.
 * @throws {TypeError} If the owner lives in another namespace, or in one while the object lives in none: the garbage
 * collector would take the owner for gone, and delete the object.
 * @see controller-runtime `SetControllerReference`,
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/owners-dependents/
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { isControlledBy, setControllerReference } from "@coxswain/kube/meta";
 * const app = { apiVersion: "example.com/v1", kind: "WebApp", metadata: { name: "web", namespace: "shop", uid: "1" } };
 * const deployment = setControllerReference({ metadata: { name: "web", namespace: "shop" } }, app);
 * assert.ok(isControlledBy(deployment, app));
 * assert.equal(setControllerReference(deployment, app), deployment);
 * ```
 */
export function setControllerReference<T extends ReadonlyDependent>(
  object: T,
  owner: Owner,
  options: OwnerReferenceOptions = {},
): T {
  const { blockOwnerDeletion = true } = options;
  const current = controllerOf(object);
  if (current !== undefined && !isSame(current, owner)) throw new AlreadyOwnedError(object, current);
  return setReference(object, owner, { controller: true, blockOwnerDeletion });
}

/**
 * Makes `owner` one of the owners of an object: when the last of them goes, so does the object.
 *
 * @returns A copy of the object with the reference; the object itself if it has it already.
 * @throws {TypeError} If the owner lives in another namespace, or in one while the object lives in none.
 * @see controller-runtime `SetOwnerReference`
 */
export function setOwnerReference<T extends ReadonlyDependent>(
  object: T,
  owner: Owner,
  options: OwnerReferenceOptions = {},
): T {
  const { blockOwnerDeletion = false } = options;
  return setReference(object, owner, blockOwnerDeletion ? { blockOwnerDeletion } : {});
}

/**
 * Takes an owner from an object.
 *
 * @returns A copy of the object without the reference; the object itself if it has none.
 */
export function removeOwnerReference<T extends ReadonlyDependent>(object: T, owner: Owner): T {
  const references = object.metadata?.ownerReferences ?? [];
  const others = references.filter((reference) => !isSame(reference, owner));
  return others.length === references.length ? object : withReferences(object, others);
}

/** The reference to the controller of an object, if it has one. */
export function controllerOf(object: ReadonlyDependent): Readonly<OwnerReference> | undefined {
  return object.metadata?.ownerReferences?.find(({ controller }) => controller === true);
}

/** Whether an object is controlled by exactly this one: another of the same name has another uid. */
export function isControlledBy(
  object: ReadonlyDependent,
  owner: { readonly metadata: { readonly uid: string } },
): boolean {
  return controllerOf(object)?.uid === owner.metadata.uid;
}

function setReference<T extends ReadonlyDependent>(
  object: T,
  owner: Owner,
  flags: Pick<OwnerReference, "controller" | "blockOwnerDeletion">,
): T {
  checkNamespaces(object, owner);
  const { apiVersion, kind, metadata: { name, uid } } = owner;
  const wanted: OwnerReference = { apiVersion, kind, name, uid, ...flags };
  const references = object.metadata?.ownerReferences ?? [];
  const index = references.findIndex((reference) => isSame(reference, owner));
  if (index === -1) return withReferences(object, [...references, wanted]);
  const old = references[index];
  const merged = { ...old, ...wanted }; // who controls it goes on to do so
  const isThere = (Object.keys(merged) as (keyof OwnerReference)[]).every((key) => old[key] === merged[key]);
  return isThere ? object : withReferences(object, references.with(index, merged));
}

function withReferences<T extends ReadonlyDependent>(
  object: T,
  ownerReferences: readonly OwnerReference[],
): T {
  return { ...object, metadata: { ...object.metadata, ownerReferences } } as T;
}

function checkNamespaces(object: ReadonlyDependent, owner: Owner): void {
  const place = owner.metadata.namespace;
  const own = object.metadata?.namespace;
  if (!place || place === own) return;
  const where = own ? `in the namespace ${JSON.stringify(own)}` : "in no namespace";
  throw new TypeError(
    `Cannot make ${owner.kind} ${place}/${owner.metadata.name} an owner of ${object.metadata?.name}: an owner in a ` +
      `namespace can own objects of that namespace alone, and this one is ${where}. ` +
      (own ? "Use a finalizer, or a label" : "Set its metadata.namespace"),
  );
}

/** Whether a reference means an object, by all but its uid: a new object of that name takes the place of the old. */
function isSame(reference: Readonly<OwnerReference>, owner: Owner): boolean {
  return reference.kind === owner.kind && reference.name === owner.metadata.name &&
    parseApiVersion(reference.apiVersion).group === parseApiVersion(owner.apiVersion).group;
}
