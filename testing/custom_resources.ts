import type { Clock } from "../async/mod.ts";
import { formatTime } from "../meta/mod.ts";
import { type ApiObject, type JsonObject, sameJson } from "./api_object.ts";
import { CLEANUP, type Definition, resourcesOf } from "./definitions.ts";
import type { Registry } from "./registry.ts";
import type { Router } from "./route.ts";
import type { ServedResource } from "./served_resource.ts";
import { keyOf, type Store } from "./store.ts";

/** From now on, the definitions in the store say what custom resources are served. */
export function followDefinitions(
  store: Store,
  registry: Registry,
  router: Router,
  definitions: ServedResource,
  clock: Clock,
): void {
  new CustomResources(store, registry, router, definitions, () => formatTime(clock.date()));
}

/** What the controllers of definitions do on a real server: they make their kinds served, and take them away again. */
class CustomResources {
  readonly #store: Store;
  readonly #registry: Registry;
  readonly #router: Router;
  readonly #definitions: ServedResource;
  readonly #clock: () => string;
  readonly #served: Map<string, ServedResource[]> = new Map(); // by name of the definition
  #version = 0;

  /** Begins to follow the definitions in the store. */
  constructor(
    store: Store,
    registry: Registry,
    router: Router,
    definitions: ServedResource,
    now: () => string,
  ) {
    this.#store = store;
    this.#registry = registry;
    this.#router = router;
    this.#definitions = definitions;
    this.#clock = now;
    store.collection(definitions).onChange(() => this.#follow());
  }

  #follow(): void {
    const collection = this.#store.collection(this.#definitions);
    const position = collection.positionAfter(this.#version);
    for (let at = position;; at++) {
      const revision = collection.revisionAt(at);
      if (revision === undefined || revision === "forgotten") return;
      if (revision.resourceVersion <= this.#version) continue; // seen while establishing
      this.#version = revision.resourceVersion;
      if (revision.type === "DELETED") this.#remove(revision.object);
      else this.#serve(revision.object);
    }
  }

  #serve(object: ApiObject): void {
    const { name, deletionTimestamp, finalizers = [] } = object.metadata;
    if (deletionTimestamp !== undefined) {
      this.#remove(object);
      const left = finalizers.filter((finalizer) => finalizer !== CLEANUP);
      const metadata = { ...object.metadata, finalizers: left };
      this.#store.write(left.length > 0 ? "MODIFIED" : "DELETED", this.#definitions, { ...object, metadata });
      return;
    }
    const resources = resourcesOf(object.spec as unknown as Definition);
    this.#router.replace(this.#served.get(name) ?? [], resources);
    this.#served.set(name, resources);
    this.#establish(object);
  }

  #establish(object: ApiObject): void {
    const { names } = object.spec as unknown as Definition;
    const status = object.status as JsonObject | undefined;
    const conditions = (status?.conditions ?? []) as { type: string; status: string }[];
    const isEstablished = conditions.some(({ type, status }) => type === "Established" && status === "True");
    if (isEstablished && sameJson(status?.acceptedNames, names)) return;
    const lastTransitionTime = this.#clock();
    const accepted = [
      { type: "NamesAccepted", reason: "NoConflicts", message: "no conflicts found" },
      {
        type: "Established",
        reason: "InitialNamesAccepted",
        message: "the initial names have been accepted",
      },
    ].map(({ type, ...why }) => ({ type, status: "True", lastTransitionTime, ...why }));
    const target = { resource: this.#definitions, namespace: undefined, name: object.metadata.name };
    const sent = { ...object, status: { ...status, acceptedNames: names, conditions: accepted } };
    this.#registry.update(target, "status", sent, { dryRun: false, fieldManager: "kube-apiserver" });
  }

  /** The kinds go, and all objects with them. */
  #remove(object: ApiObject): void {
    const { name } = object.metadata;
    const resources = this.#served.get(name) ?? [];
    this.#served.delete(name);
    this.#router.replace(resources, []);
    for (const resource of resources.slice(0, 1)) { // all versions are views of the same objects
      const collection = this.#store.collection(resource);
      for (const { object } of [...collection.at(this.#store.resourceVersion, "")]) {
        if (collection.get(keyOf(object.metadata.namespace, object.metadata.name)) !== undefined) {
          this.#store.write("DELETED", resource, object);
        }
      }
    }
  }
}
