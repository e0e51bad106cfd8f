import type { OwnerReference } from "../meta/mod.ts";
import { type ApiObject, sameJson } from "./api_object.ts";
import type { DeleteOptions } from "./deletion.ts";
import { Refusal } from "./refusal.ts";
import type { Registry } from "./registry.ts";
import type { Router } from "./route.ts";
import type { ServedResource } from "./served_resource.ts";
import { StorageProtection } from "./storage_protection.ts";
import { keyOf, type Revision, type Store } from "./store.ts";
import type { Target } from "./target.ts";

/** The finalizer of an owner whose dependents are to stay. */
const ORPHAN = "orphan";
/** The finalizer of an owner that waits for the end of its dependents. */
const FOREGROUND = "foregroundDeletion";
/** Who the collector is in `managedFields`. */
const MANAGER = "kube-controller-manager";

/**
 * What becomes of objects whose owners go, as `pkg/controller/garbagecollector` of Kubernetes decides it. Changes are noted
 * as they are written, and acted upon by {@linkcode GarbageCollector.settle}: no timers, the same order each time.
 */
export class GarbageCollector {
  readonly #store: Store;
  readonly #registry: Registry;
  readonly #router: Router;
  readonly #protection: StorageProtection;
  readonly #dependents = new Map<string, Map<string, Target>>(); // by uid of the owner, then by place
  readonly #queue = new Map<string, Target>(); // by place; in order

  constructor(store: Store, registry: Registry, router: Router) {
    this.#store = store;
    this.#registry = registry;
    this.#router = router;
    this.#protection = new StorageProtection(store, registry);
    store.onWrite((revision, resource) => this.#note(revision, resource));
  }

  /** Does what is to be done. @returns Whether there was anything. */
  settle(): boolean {
    const some = this.#queue.size > 0;
    for (const [place, target] of this.#queue) {
      this.#queue.delete(place);
      try {
        this.#look(target);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error; // a refusal leaves the object; a real collector asks again in vain
      }
    }
    return this.#protection.settle() || some;
  }

  /** Takes what has been written since for what it is: fixtures may have owners that do not exist. */
  forget(): void {
    this.#queue.clear();
  }

  #note(revision: Revision, resource: ServedResource): void {
    const { type, object, previous } = revision;
    const { uid, deletionTimestamp, finalizers = [] } = object.metadata;
    const old = previous === undefined || previous.type === "DELETED" ? undefined : previous.object;
    const owners = ownersOf(object);
    const oldOwners = old === undefined ? [] : ownersOf(old);
    if (owners.length + oldOwners.length > 0) this.#index(revision, resource, owners, oldOwners);
    if (type === "DELETED") this.#enqueueAll(this.#dependents.get(uid)?.values() ?? []);
    else if (
      deletionTimestamp !== undefined && finalizers.some((one) => one === ORPHAN || one === FOREGROUND)
    ) {
      this.#enqueue(targetOf(object, resource));
      if (!finalizers.includes(ORPHAN)) this.#enqueueAll(this.#dependents.get(uid)?.values() ?? []);
    }
  }

  #index(
    { type, object }: Revision,
    resource: ServedResource,
    owners: readonly OwnerReference[],
    oldOwners: readonly OwnerReference[],
  ): void {
    const isGone = type === "DELETED";
    if (!isGone && sameJson(owners, oldOwners)) return;
    const target = targetOf(object, resource);
    const place = placeOf(target);
    for (const { uid } of oldOwners) {
      const dependents = this.#dependents.get(uid);
      dependents?.delete(place);
      if (dependents?.size === 0) this.#dependents.delete(uid);
    }
    for (const { uid } of isGone ? [] : owners) {
      const dependents = this.#dependents.get(uid) ?? new Map<string, Target>();
      this.#dependents.set(uid, dependents.set(place, target));
    }
    if (!isGone) this.#enqueue(target);
    // An owner may have waited for this one.
    for (const reference of oldOwners) {
      const owner = this.#locate(reference, target);
      if (owner !== undefined) this.#enqueue(owner);
    }
  }

  #look(target: Target): void {
    const object = this.#find(target);
    if (object === undefined) return;
    if (object.metadata.deletionTimestamp === undefined) return this.#lookForOwners(target, object);
    const { uid, finalizers = [] } = object.metadata;
    const dependents = [...this.#dependents.get(uid)?.values() ?? []];
    if (finalizers.includes(ORPHAN)) {
      for (const dependent of dependents) this.#disown(dependent, (reference) => reference.uid === uid);
      this.#dropFinalizer(target, ORPHAN);
    } else if (finalizers.includes(FOREGROUND)) {
      const blocking = dependents.filter((dependent) => this.#blocks(dependent, uid));
      if (blocking.length === 0) this.#dropFinalizer(target, FOREGROUND);
      else this.#enqueueAll(blocking.filter((dependent) => !isWaiting(this.#find(dependent))));
    }
  }

  /** An object goes when it has owners and none of them stays. */
  #lookForOwners(target: Target, object: ApiObject): void {
    const dangling = new Set<string>();
    const waiting = new Set<string>();
    const owners = ownersOf(object);
    for (const reference of owners) {
      const owner = this.#locate(reference, target);
      if (owner === undefined) return; // nobody can tell whether it exists
      const found = this.#find(owner);
      if (found?.metadata.uid !== reference.uid) dangling.add(reference.uid);
      else if (isWaiting(found)) waiting.add(reference.uid);
    }
    const isGoing = ({ uid }: OwnerReference) => dangling.has(uid) || waiting.has(uid);
    if (owners.length === 0 || (dangling.size === 0 && waiting.size === 0)) return;
    if (!owners.every(isGoing)) return this.#disown(target, isGoing);
    const { uid, finalizers = [] } = object.metadata;
    const dependents = [...this.#dependents.get(uid)?.values() ?? []];
    if (waiting.size > 0 && dependents.length > 0) {
      // Dependents that wait for theirs may wait for this one: it must not hold up its owners, or a circle never ends.
      if (dependents.some((dependent) => isWaiting(this.#find(dependent)))) this.#unblock(target, object);
      return this.#delete(target, uid, "Foreground");
    }
    const policy = finalizers.includes(ORPHAN)
      ? "Orphan"
      : finalizers.includes(FOREGROUND)
      ? "Foreground"
      : "Background";
    this.#delete(target, uid, policy);
  }

  /**
   * Where the owner of an object must be: in the same namespace, unless it has none. Undefined if its kind is not served,
   * or an object without a namespace has an owner in one, which is not allowed.
   */
  #locate({ apiVersion, kind, name }: OwnerReference, { namespace }: Target): Target | undefined {
    const resource = this.#router.kind(apiVersion, kind);
    if (resource === undefined) return undefined;
    if (resource.scope === "Cluster") return { resource, namespace: undefined, name };
    return namespace === undefined ? undefined : { resource, namespace, name };
  }

  #find({ resource, namespace, name }: Target): ApiObject | undefined {
    return this.#store.collection(resource).get(keyOf(namespace, name));
  }

  #blocks(dependent: Target, uid: string): boolean {
    const object = this.#find(dependent);
    return object !== undefined && ownersOf(object).some((one) => one.uid === uid && one.blockOwnerDeletion);
  }

  #delete(target: Target, uid: string, propagationPolicy: DeleteOptions["propagationPolicy"]): void {
    this.#registry.delete(target, {
      dryRun: false,
      gracePeriodSeconds: undefined,
      propagationPolicy,
      preconditions: { uid },
    });
  }

  #disown(target: Target, from: (reference: OwnerReference) => boolean): void {
    this.#change(target, (object) => ({
      ownerReferences: ownersOf(object).filter((reference) => !from(reference)),
    }));
  }

  #unblock(target: Target, object: ApiObject): void {
    const ownerReferences = ownersOf(object).map((reference) =>
      reference.blockOwnerDeletion ? { ...reference, blockOwnerDeletion: false } : reference
    );
    this.#change(target, () => ({ ownerReferences }));
  }

  #dropFinalizer(target: Target, finalizer: string): void {
    this.#change(target, ({ metadata: { finalizers = [] } }) => ({
      finalizers: finalizers.filter((one) => one !== finalizer),
    }));
  }

  #change(target: Target, change: (object: ApiObject) => Partial<ApiObject["metadata"]>): void {
    const object = this.#find(target);
    if (object === undefined) return;
    const metadata = { ...object.metadata, ...change(object) };
    this.#registry.update(target, "", { ...object, metadata }, { dryRun: false, fieldManager: MANAGER });
  }

  #enqueueAll(targets: Iterable<Target>): void {
    for (const target of targets) this.#enqueue(target);
  }

  #enqueue(target: Target): void {
    this.#queue.set(placeOf(target), target);
  }
}

function targetOf({ metadata: { namespace, name } }: ApiObject, resource: ServedResource): Target {
  return { resource, namespace, name };
}

function placeOf({ resource: { storageKey }, namespace, name }: Target): string {
  return `${storageKey}/${keyOf(namespace, name)}`;
}

function ownersOf({ metadata: { ownerReferences = [] } }: ApiObject): readonly OwnerReference[] {
  return ownerReferences;
}

/** Whether an object waits for its dependents before it goes. */
function isWaiting(object: ApiObject | undefined): boolean {
  const { deletionTimestamp, finalizers = [] } = object?.metadata ?? {};
  return deletionTimestamp !== undefined && finalizers.includes(FOREGROUND);
}
