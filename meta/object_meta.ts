import type { MapList } from "./apply_configuration.ts";
import type { Scope } from "./resource_type.ts";
import type { OpenEnum, Time } from "./wire_types.ts";

/** An object that this one depends on: when the last owner is gone, so is the object. */
export interface OwnerReference {
  /** API version of the owner, such as `apps/v1`. */
  apiVersion: string;
  /** Kind of the owner. */
  kind: string;
  /** Name of the owner; it lives in the same namespace, or is cluster-scoped. */
  name: string;
  /** UID of the owner: another object of the same name is not the owner. */
  uid: string;
  /** Whether this owner manages the object. At most one does. */
  controller?: boolean;
  /** Whether foreground deletion of the owner waits for this object. */
  blockOwnerDeletion?: boolean;
}

/** Which fields one manager has set, and when. */
export interface ManagedFieldsEntry {
  /** The name of the manager, as its requests gave it in `fieldManager`. */
  manager?: string;
  /** How the fields came to be set. */
  operation?: OpenEnum<"Apply" | "Update">;
  /** Version of the object that {@linkcode ManagedFieldsEntry.fieldsV1} speaks of. */
  apiVersion?: string;
  /** When the entry changed last. */
  time?: Time;
  /** The only format there is: `FieldsV1`. */
  fieldsType?: string;
  /** The set of fields, as a tree of `f:name` and `k:{…}` keys. */
  fieldsV1?: Record<string, unknown>;
  /** Subresource through which the fields were set; empty for the main resource. */
  subresource?: string;
}

/**
 * What every stored object has in `metadata`. Times are RFC 3339 strings, as on the wire.
 *
 * @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/
 */
export interface ObjectMeta {
  /** Unique among the objects of one kind in one namespace. Cannot change. */
  name?: string;
  /** Prefix from which the server makes a unique name, when `name` is empty. */
  generateName?: string;
  /** The namespace; empty for cluster-scoped kinds. Cannot change. */
  namespace?: string;
  /** Unique in space and time; set by the server. */
  uid?: string;
  /** Opaque version for concurrency and watches. Compare for equality only. */
  resourceVersion?: string;
  /** Grows with each change of the desired state. */
  generation?: number;
  /** When the object was made. Set by the server. */
  creationTimestamp?: Time;
  /** When the object will be or was asked to be gone. Set by the server. */
  deletionTimestamp?: Time;
  /** Seconds for a graceful end, once deletion was asked for. */
  deletionGracePeriodSeconds?: number;
  /** Keys and values to select objects by. */
  labels?: Record<string, string>;
  /** Keys and values that tools keep with the object; not selectable. */
  annotations?: Record<string, string>;
  /** Objects that this one depends on. */
  ownerReferences?: MapList<OwnerReference, "uid">;
  /** Must be empty before the object is removed from the registry. */
  finalizers?: string[];
  /** Who set which fields. */
  managedFields?: ManagedFieldsEntry[];
  /** Gone from Kubernetes; old servers sent it. */
  selfLink?: string;
}

/** What every list has in `metadata`. */
export interface ListMeta {
  /** The version of the whole collection that the list shows: where a watch goes on from. */
  resourceVersion?: string;
  /** Set when there is more: pass it as `continue` for the next page. */
  continue?: string;
  /** About how many objects come after this page. Absent when selectors were used. */
  remainingItemCount?: number;
  /** Gone from Kubernetes; old servers sent it. */
  selfLink?: string;
}

/** Any API object: plain JSON with a kind and metadata. */
export interface KubernetesObject {
  /** Group and version, such as `apps/v1`, or `v1` for the core group. */
  apiVersion?: string;
  /** The kind, such as `Deployment`. */
  kind?: string;
  /** Name, labels and what else all objects share. */
  metadata?: ObjectMeta;
}

/** A list of objects, as the server answers one list request. */
export interface List<T> {
  /** Group and version of the list. */
  apiVersion: string;
  /** Kind of the list, such as `PodList`. */
  kind: string;
  /** Version of the collection, and where the next page begins. */
  metadata: ListMeta;
  /** The objects, each with its own `apiVersion` and `kind`. */
  items: T[];
}

/** Key of a type that no value has: under it {@linkcode Guarantees} keeps what it says. */
export const guarantees: unique symbol = /* @__PURE__ */ Symbol("guarantees");

/**
 * Says of a kind what a server always returns, for {@linkcode Stored} to find: `Fields` are always there, such as
 * `spec` and `status` of a pod, and objects in a namespace have its name. Generated kinds extend it.
 */
export interface Guarantees<Fields extends string = never, S extends Scope = Scope> {
  /** Never set. */
  readonly [guarantees]?: {
    /** Fields of the object that are always there. */
    fields: Fields;
    /** Whether there is always a namespace. */
    scope: S;
  };
}

/**
 * An object as the server returned it: what the server always sets is there, so that
 * `pod.metadata.name` and `pod.spec.nodeName` need no `?`. What you send has the plain type, where these are
 * optional.
 *
 * @example
 * ```ts
 * import type { KubernetesObject, Stored } from "@coxswain/kube/meta";
 * function versionOf(object: Stored<KubernetesObject>): string {
 *   return object.metadata.resourceVersion;
 * }
 * versionOf({ apiVersion: "v1", kind: "Pod", metadata: {
 *   name: "web-0", uid: "1", resourceVersion: "7", creationTimestamp: "2026-01-01T00:00:00Z" } });
 * ```
 */
export type Stored<T extends KubernetesObject> =
  & T
  & {
    /** Group and version. */
    apiVersion: string;
    /** The kind. */
    kind: string;
    /** Metadata, with all that the server sets on each object. */
    metadata: StoredMeta;
  }
  & Guaranteed<T>;

/** What {@linkcode Guarantees} promises of a kind, as a type of its objects. */
export type Guaranteed<T> = typeof guarantees extends keyof T
  ? T extends Guarantees<infer Fields, infer S>
    ? Required<Pick<T, Fields & keyof T>> & ([S] extends ["Namespaced"] ? InNamespace : unknown)
  : unknown
  : unknown;

/** An object that says in which namespace it is. */
export interface InNamespace {
  /** Metadata with a namespace. */
  metadata: {
    /** The namespace. */
    namespace: string;
  };
}

/** {@linkcode ObjectMeta} of an object that a server has stored. */
export interface StoredMeta extends ObjectMeta {
  /** Unique among the objects of one kind in one namespace. */
  name: string;
  /** Unique in space and time. */
  uid: string;
  /** Opaque version for concurrency and watches. */
  resourceVersion: string;
  /** When the object was made. */
  creationTimestamp: Time;
}
