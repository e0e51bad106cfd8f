import type { Clock } from "../async/mod.ts";
import { formatTime } from "../meta/mod.ts";
import { type ApiObject, arrangeObject, type JsonObject, sameJson } from "./api_object.ts";
import { conformCustom } from "./custom_schema.ts";
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
    const before = this.#served.get(name) ?? [];
    const conditions = acceptance(object, this.#others(name));
    const isAccepted = conditions[0].status === "True";
    this.#router.replace(before, isAccepted ? resources : []);
    this.#served.set(name, isAccepted ? resources : []);
    const [resource] = resources;
    if (before.length > 0 && resource !== undefined && !sameJson(before[0].schema, resource.schema)) {
      const { schema = {} } = resource;
      this.#store.collection(resource).reshape((one) => arrangeObject(conformCustom(one, schema), false));
    }
    this.#establish(object, conditions);
  }

  /** The definitions of other names. */
  #others(name: string): ApiObject[] {
    const all = this.#store.collection(this.#definitions).at(this.#store.resourceVersion, "");
    return [...all].map(({ object }) => object).filter(({ metadata }) => metadata.name !== name);
  }

  #establish(object: ApiObject, accepted: readonly Condition[]): void {
    const { names } = object.spec as unknown as Definition;
    const status = object.status as JsonObject | undefined;
    const conditions = (status?.conditions ?? []) as Condition[];
    const stateOf = (type: string, among: readonly Condition[]) =>
      among.find((one) => one.type === type)?.status;
    const isSame = accepted.every(({ type, status }) => stateOf(type, conditions) === status);
    const acceptedNames = accepted[0].status === "True"
      ? names
      : acceptedOf(object, this.#others(object.metadata.name));
    if (isSame && sameJson(status?.acceptedNames, acceptedNames)) return;
    const lastTransitionTime = this.#clock();
    const target = { resource: this.#definitions, namespace: undefined, name: object.metadata.name };
    const told = accepted.map(({ type, status, ...why }) => ({ type, status, lastTransitionTime, ...why }));
    const sent = { ...object, status: { ...status, acceptedNames, conditions: told } };
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

/** What is told of a definition. */
interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/** Whether the names of a definition are free, and it is established therefore. */
function acceptance(object: ApiObject, others: readonly ApiObject[]): Condition[] {
  const { group, names } = object.spec as unknown as Definition;
  const taken = takenNames(group, others);
  const problem = Object.entries(namesOf(names)).flatMap(([field, values]) =>
    values.filter((value) =>
      taken[field === "kind" || field === "listKind" ? "kinds" : "resources"].has(value)
    )
      .map((value) => ({ field, value }))
  ).at(-1); // as on a server, which tells the last one
  if (problem === undefined) {
    return [
      { type: "NamesAccepted", status: "True", reason: "NoConflicts", message: "no conflicts found" },
      {
        type: "Established",
        status: "True",
        reason: "InitialNamesAccepted",
        message: "the initial names have been accepted",
      },
    ];
  }
  const reason = `${problem.field[0].toUpperCase()}${problem.field.slice(1)}Conflict`;
  return [
    { type: "NamesAccepted", status: "False", reason, message: `"${problem.value}" is already in use` },
    { type: "Established", status: "False", reason: "NotAccepted", message: "not all names are accepted" },
  ];
}

/** Of the names of a definition those that are free. */
function acceptedOf(object: ApiObject, others: readonly ApiObject[]): JsonObject {
  const { group, names } = object.spec as unknown as Definition;
  const { kinds, resources } = takenNames(group, others);
  const { plural, singular, kind, listKind, shortNames = [] } = names;
  return {
    plural: resources.has(plural) ? "" : plural,
    ...(singular !== undefined && !resources.has(singular) && { singular }),
    ...(shortNames.length > 0 && !shortNames.some((one) => resources.has(one)) && { shortNames }),
    kind: kinds.has(kind) ? "" : kind,
    ...(listKind !== undefined && !kinds.has(listKind) && { listKind }),
  };
}

function namesOf(names: Definition["names"]): Record<string, readonly string[]> {
  const { plural, singular, shortNames = [], kind, listKind } = names;
  return {
    plural: [plural],
    singular: singular === undefined ? [] : [singular],
    shortNames,
    kind: [kind],
    listKind: listKind === undefined ? [] : [listKind],
  };
}

/** The names of a group that definitions have been accepted with. */
function takenNames(
  group: string,
  others: readonly ApiObject[],
): { kinds: Set<string>; resources: Set<string> } {
  const kinds = new Set<string>();
  const resources = new Set<string>();
  for (const { spec, status } of others) {
    const { acceptedNames } = (status ?? {}) as { acceptedNames?: Definition["names"] };
    if ((spec as unknown as Definition).group !== group || acceptedNames === undefined) continue;
    const { plural, singular, shortNames, kind, listKind } = namesOf(acceptedNames);
    for (const name of [...plural, ...singular, ...shortNames]) resources.add(name);
    for (const name of [...kind, ...listKind]) kinds.add(name);
  }
  return { kinds, resources };
}
