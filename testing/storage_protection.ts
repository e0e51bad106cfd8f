import type { ApiObject, JsonObject } from "./api_object.ts";
import type { Registry } from "./registry.ts";
import type { ServedResource } from "./served_resource.ts";
import { keyOf, type Revision, type Store } from "./store.ts";
import type { Target } from "./target.ts";

const FINALIZERS: Readonly<Record<string, string>> = {
  "persistentvolumeclaims": "kubernetes.io/pvc-protection",
  "persistentvolumes": "kubernetes.io/pv-protection",
};
/** Who it is in `managedFields`. */
const MANAGER = "kube-controller-manager";

/** Lets claims go when no pod uses them, and volumes when they are not bound, as the controllers of their finalizers do. */
export class StorageProtection {
  readonly #store: Store;
  readonly #registry: Registry;
  #pods: ServedResource | undefined; // none has been written yet
  readonly #waiting = new Map<string, Target>(); // by kind and key
  #hasChanged = false;

  constructor(store: Store, registry: Registry) {
    this.#store = store;
    this.#registry = registry;
    store.onWrite((revision, resource) => this.#note(revision, resource));
  }

  /** Does what is to be done. @returns Whether there was anything. */
  settle(): boolean {
    if (!this.#hasChanged) return false;
    this.#hasChanged = false;
    for (const target of [...this.#waiting.values()]) {
      const object = this.#store.collection(target.resource).get(keyOf(target.namespace, target.name));
      if (object === undefined || this.#isUsed(target, object)) continue;
      const finalizers = object.metadata.finalizers?.filter((one) =>
        one !== FINALIZERS[target.resource.title]
      );
      const metadata = { ...object.metadata, finalizers };
      this.#registry.update(target, "", { ...object, metadata }, { dryRun: false, fieldManager: MANAGER });
    }
    return true;
  }

  #note({ type, object: { metadata } }: Revision, resource: ServedResource): void {
    const finalizer = FINALIZERS[resource.title];
    if (finalizer === undefined) {
      if (resource.title !== "pods") return;
      this.#pods = resource;
      this.#hasChanged ||= this.#waiting.size > 0;
      return;
    }
    const { namespace, name, deletionTimestamp, finalizers = [] } = metadata;
    const place = `${resource.title} ${keyOf(namespace, name)}`;
    this.#waiting.delete(place);
    if (type === "DELETED" || deletionTimestamp === undefined || !finalizers.includes(finalizer)) return;
    this.#waiting.set(place, { resource, namespace, name });
    this.#hasChanged = true;
  }

  #isUsed({ resource, namespace, name }: Target, object: ApiObject): boolean {
    const { phase } = (object.status ?? {}) as JsonObject;
    if (resource.title === "persistentvolumes") return phase === "Bound";
    if (this.#pods === undefined) return false;
    const pods = this.#store.collection(this.#pods).at(this.#store.resourceVersion, `${namespace}/`);
    return [...pods].some(({ object: { spec, status } }) => {
      const { volumes = [] } = (spec ?? {}) as {
        volumes?: { persistentVolumeClaim?: { claimName?: string } }[];
      };
      const { phase } = (status ?? {}) as JsonObject;
      const isOver = phase === "Succeeded" || phase === "Failed";
      return !isOver && volumes.some((volume) => volume.persistentVolumeClaim?.claimName === name);
    });
  }
}
