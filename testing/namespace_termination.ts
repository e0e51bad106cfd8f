import { formatTime } from "../meta/mod.ts";
import type { Clock } from "../async/mod.ts";
import type { ApiObject, JsonObject } from "./api_object.ts";
import { Refusal } from "./refusal.ts";
import type { Registry } from "./registry.ts";
import type { Router } from "./route.ts";
import type { ServedResource } from "./served_resource.ts";
import type { Revision, Store } from "./store.ts";
import type { Target } from "./target.ts";

/** The finalizer in the `spec` of namespaces. */
const FINALIZER = "kubernetes";
/** Who it is in `managedFields`. */
const MANAGER = "kube-controller-manager";

/** The conditions of a namespace that goes: what they say while nothing is in the way. */
const CONDITIONS = [
  {
    type: "NamespaceDeletionDiscoveryFailure",
    reason: "ResourcesDiscovered",
    message: "All resources successfully discovered",
  },
  {
    type: "NamespaceDeletionGroupVersionParsingFailure",
    reason: "ParsedGroupVersions",
    message: "All legacy kube types successfully parsed",
  },
  {
    type: "NamespaceDeletionContentFailure",
    reason: "ContentDeleted",
    message: "All content successfully deleted, may be waiting on finalization",
  },
  {
    type: "NamespaceContentRemaining",
    reason: "ContentRemoved",
    message: "All content successfully removed",
  },
  {
    type: "NamespaceFinalizersRemaining",
    reason: "ContentHasNoFinalizers",
    message: "All content-preserving finalizers finished",
  },
];

type Reasons = Readonly<Record<string, { readonly reason: string; readonly message: string }>>;

/** What is left of one kind. */
interface Remains {
  readonly resource: ServedResource;
  readonly objects: readonly ApiObject[];
}

/**
 * Empties namespaces that are being deleted, as `pkg/controller/namespace` of Kubernetes does: pods first, and the rest
 * when they are gone. A namespace goes when nothing is left in it; until then its conditions say what is.
 */
export class NamespaceTermination {
  readonly #store: Store;
  readonly #registry: Registry;
  readonly #router: Router;
  readonly #namespaces: ServedResource;
  readonly #clock: Clock;
  readonly #terminating = new Set<string>();
  readonly #changed = new Set<string>(); // of those that are terminating

  constructor(store: Store, registry: Registry, router: Router, namespaces: ServedResource, clock: Clock) {
    this.#store = store;
    this.#registry = registry;
    this.#router = router;
    this.#namespaces = namespaces;
    this.#clock = clock;
    store.onWrite((revision, resource) => this.#note(revision, resource));
  }

  /** Does what is to be done. @returns Whether there was anything. */
  settle(): boolean {
    const some = this.#changed.size > 0;
    for (const name of this.#changed) {
      this.#changed.delete(name);
      this.#terminate({ resource: this.#namespaces, namespace: undefined, name });
    }
    return some;
  }

  #note(
    { type, object: { metadata: { name, namespace, deletionTimestamp } } }: Revision,
    resource: ServedResource,
  ): void {
    if (resource === this.#namespaces) {
      this.#changed.delete(name);
      this.#terminating.delete(name);
      if (type === "DELETED" || deletionTimestamp === undefined) return;
      this.#terminating.add(name);
      this.#changed.add(name);
    } else if (namespace !== undefined && this.#terminating.has(namespace)) this.#changed.add(namespace);
  }

  #terminate(target: Target): void {
    const namespace = this.#store.collection(this.#namespaces).get(target.name);
    const { finalizers = [] } = (namespace?.spec ?? {}) as { finalizers?: string[] };
    if (namespace === undefined || !finalizers.includes(FINALIZER)) return;
    const resources = this.#resources();
    const pods = resources.filter(({ title }) => title === "pods").flatMap((one) =>
      this.#empty(one, target.name)
    );
    // While pods are left, nothing is said of what is left: so it is in Kubernetes 1.36.
    if (pods.length > 0) return this.#say(target, namespace, {});
    const left = resources.flatMap((one) => this.#empty(one, target.name));
    this.#say(target, namespace, reasonsOf(left));
    if (left.length > 0) return;
    const current = this.#registry.get(target);
    const spec = { finalizers: finalizers.filter((one) => one !== FINALIZER) };
    this.#registry.update(target, "finalize", { ...current, spec }, { dryRun: false, fieldManager: MANAGER });
  }

  /** Kinds whose objects are in namespaces; of several versions, one. */
  #resources(): ServedResource[] {
    const found = new Map<string, ServedResource>();
    for (const resource of this.#router.resources) {
      if (resource.scope === "Namespaced" && !found.has(resource.storageKey)) {
        found.set(resource.storageKey, resource);
      }
    }
    return [...found.values()];
  }

  /** Deletes the objects of a kind. @returns What is left of them, if anything is. */
  #empty(resource: ServedResource, namespace: string): Remains[] {
    for (const { metadata: { name, deletionTimestamp } } of this.#objects(resource, namespace)) {
      if (deletionTimestamp !== undefined) continue;
      try {
        this.#registry.delete({ resource, namespace, name }, {
          dryRun: false,
          gracePeriodSeconds: undefined,
          propagationPolicy: "Background",
          preconditions: {},
        });
      } catch (error) {
        if (!(error instanceof Refusal)) throw error; // it is left, then
      }
    }
    const objects = this.#objects(resource, namespace);
    return objects.length === 0 ? [] : [{ resource, objects }];
  }

  #objects(resource: ServedResource, namespace: string): ApiObject[] {
    const revisions = this.#store.collection(resource).at(this.#store.resourceVersion, `${namespace}/`);
    return [...revisions].map(({ object }) => object);
  }

  #say(target: Target, namespace: ApiObject, reasons: Reasons): void {
    const { conditions = [], ...status } = namespace.status as { conditions?: JsonObject[] };
    const now = formatTime(this.#clock.date());
    const others = conditions.filter(({ type }) => !CONDITIONS.some((one) => one.type === type));
    const said = CONDITIONS.map(({ type, ...fine }) => {
      const old = conditions.find((one) => one.type === type);
      const status = reasons[type] === undefined ? "False" : "True";
      const lastTransitionTime = old?.status === status ? old.lastTransitionTime : now;
      return { type, status, lastTransitionTime, ...fine, ...reasons[type] };
    });
    const sent = { ...namespace, status: { ...status, conditions: [...others, ...said] } };
    this.#registry.update(target, "status", sent, { dryRun: false, fieldManager: MANAGER });
  }
}

/** Why a namespace with something left in it is still there. */
function reasonsOf(left: readonly Remains[]): Reasons {
  if (left.length === 0) return {};
  const kinds = left.map(({ resource: { plural, group }, objects }) =>
    `${plural}.${group} has ${objects.length} resource instances`
  ).sort();
  const counts = new Map<string, number>();
  for (
    const finalizer of left.flatMap(({ objects }) => objects).flatMap(({ metadata }) =>
      metadata.finalizers ?? []
    )
  ) {
    counts.set(finalizer, (counts.get(finalizer) ?? 0) + 1);
  }
  const finalizers = [...counts].map(([name, count]) => `${name} in ${count} resource instances`).sort();
  return {
    NamespaceContentRemaining: {
      reason: "SomeResourcesRemain",
      message: `Some resources are remaining: ${kinds.join(", ")}`,
    },
    ...(finalizers.length > 0 && {
      NamespaceFinalizersRemaining: {
        reason: "SomeFinalizersRemain",
        message: `Some content in the namespace has finalizers remaining: ${finalizers.join(", ")}`,
      },
    }),
  };
}
