import { isNoMatch } from "../discovery/mod.ts";
import type { KubernetesObject, ResourceType, Stored } from "../meta/mod.ts";
import { isForbidden, isNetworkError, isNotFound, isUnauthorized } from "../rest/mod.ts";
import { ApplyManifestsError } from "./apply_manifests_error.ts";
import { ApplySet, type ApplySetScope, PART_OF } from "./apply_set.ts";
import type { Client } from "./client.ts";
import type { DynamicObject } from "./dynamic_object.ts";
import { ManifestError } from "./manifest_error.ts";
import { groupKindOf, inOrder } from "./manifest_order.ts";
import type { ApplyOptions } from "./options.ts";
import { type Manifest, readManifests } from "./read_manifests.ts";

/** Options of {@linkcode Client.applyManifests}. */
export interface ApplyManifestsOptions extends ApplyOptions {
  /** Where objects go that live in namespaces and name none. Default: the namespace of the client's configuration. */
  namespace?: string;
  /** What to do about fields that a kind does not have. Default `Strict`, as kubectl does: the object fails. */
  fieldValidation?: "Ignore" | "Warn" | "Strict";
  /**
   * Deletes what was applied with the same `applySet` before and is not among the manifests any more, once all of them
   * have been applied. Default: nothing is deleted.
   */
  prune?: PruneOptions;
  /**
   * When an object fails: `continue` with the others (default), or `stop`. Either way it throws in the end. It stops in
   * any case when the server cannot be reached, or does not know who asks.
   */
  onFailure?: "continue" | "stop";
  /** Milliseconds that a definition may take until its custom resources are served. Default 60,000. */
  establishTimeout?: number;
  /** Told of each object at once, in order. */
  onResult?: (result: ManifestResult) => void;
}

/** What belongs together, for pruning: an ApplySet as kubectl has them. */
export interface PruneOptions {
  /** Name of the secret that keeps what belongs to the set. It is made when there is none. */
  applySet: string;
  /** Namespace of that secret. Default as for the objects. */
  namespace?: string;
}

/** What became of one object. */
export interface ManifestResult {
  /**
   * `unchanged` if applying made no difference, not even in who owns what. `configured` also where that cannot be told,
   * as the object may not be read.
   */
  outcome: "created" | "configured" | "unchanged" | "pruned" | "failed";
  /** Group and version of the object. */
  apiVersion: string;
  /** Its kind. */
  kind: string;
  /** Its name. */
  name: string;
  /** Its namespace; absent for those that have none. */
  namespace?: string;
  /** Where it was among the manifests, such as `document 2, line 14`; absent for what was pruned. */
  where?: string;
  /** The object as it is now; what was pruned as its metadata was; absent for what failed. */
  object?: Stored<DynamicObject>;
  /** Why it failed. */
  error?: unknown;
}

/** Between two looks whether custom resources are served, in milliseconds. */
const POLL_INTERVAL = 200;

/** See {@linkcode Client.applyManifests}. */
export async function applyManifests(
  client: Client,
  manifests: string | readonly KubernetesObject[],
  options: ApplyManifestsOptions,
): Promise<ManifestResult[]> {
  if (!options.fieldManager) {
    throw new TypeError("Cannot apply manifests: say with fieldManager who is applying");
  }
  options.signal?.throwIfAborted();
  return await new Run(client, await readManifests(manifests), options).run();
}

/** One call. */
class Run {
  readonly #client: Client;
  readonly #manifests: readonly Manifest[];
  readonly #options: ApplyManifestsOptions;
  readonly #namespace: string;
  /** The definitions among the manifests, by the kind that they define. */
  readonly #definitions: ReadonlyMap<string, Manifest>;
  readonly #results: ManifestResult[] = [];
  /** The kinds that they define, as soon as they are served. */
  readonly #served = new Map<string, Promise<ResourceType>>();
  #set: ApplySet | undefined;

  constructor(client: Client, manifests: readonly Manifest[], options: ApplyManifestsOptions) {
    this.#client = client;
    this.#manifests = inOrder(manifests);
    this.#options = options;
    this.#namespace = options.namespace ?? client.rest.config.namespace;
    this.#definitions = new Map(manifests.filter(isDefinition).map((one) => [definedKind(one), one]));
  }

  async run(): Promise<ManifestResult[]> {
    const { prune } = this.#options;
    const namespaces = this.#manifests.filter((one) => groupKindOf(one) === "Namespace");
    const definitions = this.#manifests.filter(isDefinition);
    const others = this.#manifests.slice(namespaces.length + definitions.length);
    if (prune !== undefined) this.#set = await this.#openSet(prune);
    await this.#applyAll(namespaces);
    // The parent of the set may live in one of these.
    if (!this.#isStopped()) await this.#set?.expand(this.#scope(), this.#options);
    await this.#applyAll(definitions);
    await this.#applyAll(others);
    const failed = this.#results.some(({ outcome }) => outcome === "failed");
    if (this.#set !== undefined && !failed) await this.#prune(this.#set);
    if (this.#results.some(({ outcome }) => outcome === "failed")) {
      throw new ApplyManifestsError(this.#results);
    }
    return this.#results;
  }

  async #applyAll(manifests: readonly Manifest[]): Promise<void> {
    for (const manifest of manifests) {
      if (this.#isStopped()) return;
      this.#report(await this.#try(manifest));
    }
  }

  async #try(manifest: Manifest): Promise<ManifestResult> {
    const { object: { apiVersion, kind, metadata: { name, namespace } }, where } = manifest;
    const what: Omit<ManifestResult, "outcome"> = {
      apiVersion,
      kind,
      name,
      ...(namespace ? { namespace } : {}),
      where,
    };
    try {
      const type = await this.#typeOf(manifest);
      if (type.scope === "Cluster") delete what.namespace;
      else what.namespace ??= this.#namespace;
      return { ...what, ...await this.#apply(manifest, type, what.namespace) };
    } catch (error) {
      this.#options.signal?.throwIfAborted();
      return { ...what, outcome: "failed", error };
    }
  }

  async #apply(
    { object }: Manifest,
    type: ResourceType,
    namespace: string | undefined,
  ): Promise<Pick<ManifestResult, "outcome" | "object">> {
    const { signal, fieldManager, force, dryRun, fieldValidation = "Strict" } = this.#options;
    const { name } = object.metadata;
    const all = this.#client.resource(type);
    const place = namespace === undefined ? all : all.namespace(namespace);
    const labels = this.#set && { ...object.metadata.labels, [PART_OF]: this.#set.id };
    const applied = { ...object, metadata: { ...object.metadata, namespace, ...(labels && { labels }) } };
    const before = await place.get(name, { signal }).catch(whyNot);
    const after = await place.apply(name, applied, { fieldManager, force, dryRun, fieldValidation, signal });
    if (before === "missing") return { outcome: "created", object: after };
    const isUnchanged = before !== "forbidden" && isSame(before, after);
    return { outcome: isUnchanged ? "unchanged" : "configured", object: after };
  }

  /** Which resource serves an object. What is defined by one of the manifests may take a moment to be served. */
  async #typeOf({ object: { apiVersion, kind }, group }: Manifest): Promise<ResourceType> {
    const { signal, dryRun } = this.#options;
    const definition = this.#definitions.get(`${kind}.${group}`);
    const isApplied = definition !== undefined && dryRun === undefined &&
      this.#results.some(({ where, outcome }) => where === definition.where && outcome !== "failed");
    if (!isApplied) return await this.#client.find({ apiVersion, kind }, { signal });
    const key = `${apiVersion} ${kind}`;
    const served = this.#served.get(key) ?? this.#untilServed({ apiVersion, kind }, definition);
    this.#served.set(key, served); // if it fails, all objects of the kind fail, after one wait
    return await served;
  }

  async #untilServed(
    what: { apiVersion: string; kind: string },
    definition: Manifest,
  ): Promise<ResourceType> {
    const { signal, establishTimeout = 60_000 } = this.#options;
    const { clock } = this.#client.rest.config;
    const deadline = clock.now() + establishTimeout;
    const definitions = this.#client.resource(await this.#client.find(definition.object, { signal }));
    const { name } = definition.object.metadata;
    await definitions.waitFor(name, { condition: "Established" }, { timeout: establishTimeout, signal });
    for (;; await clock.sleep(POLL_INTERVAL, { signal })) {
      try {
        const type = await this.#client.find(what, { signal });
        await this.#client.resource(type).metadata().list({ limit: 1, signal }); // discovery may know of it earlier
        return type;
      } catch (error) {
        const mayCome = isNoMatch(error) || isNotFound(error);
        if (!mayCome || clock.now() >= deadline) throw error;
      }
    }
  }

  async #openSet({ applySet: name, namespace = this.#namespace }: PruneOptions): Promise<ApplySet> {
    const labelled = this.#manifests.filter(({ object }) => object.metadata.labels?.[PART_OF] !== undefined);
    if (labelled.length > 0) {
      throw new ManifestError(labelled.map(({ where }) => ({
        where,
        problem: `it has the label ${PART_OF} already`,
      })));
    }
    const { dryRun, signal } = this.#options;
    return await ApplySet.open(this.#client, { name, namespace, dryRun }, { signal });
  }

  /** Where the members of the set may be: an object that may have no namespace counts as if it had one. */
  #scope(): ApplySetScope {
    const namespaces = this.#manifests.map(({ object }) => object.metadata.namespace || this.#namespace);
    return { groupKinds: this.#groupKinds(), namespaces: new Set(namespaces) };
  }

  #groupKinds(): Set<string> {
    return new Set(this.#manifests.map(groupKindOf));
  }

  async #prune(set: ApplySet): Promise<void> {
    const applied = new Set(this.#results.map(({ object }) => object?.metadata.uid ?? ""));
    for (const { object, remove } of await set.leftOver(applied, this.#options)) {
      const { apiVersion, kind, metadata: { name, namespace } } = object;
      const what = { apiVersion, kind, name, ...(namespace ? { namespace } : {}) };
      try {
        await remove();
        this.#report({ ...what, outcome: "pruned", object: object as Stored<DynamicObject> });
      } catch (error) {
        this.#options.signal?.throwIfAborted();
        this.#report({ ...what, outcome: "failed", error });
        if (this.#isStopped()) return;
      }
    }
    if (this.#results.some(({ outcome }) => outcome === "failed")) return;
    const kept = this.#results.filter(({ outcome }) => outcome !== "pruned");
    const namespaces = new Set(kept.flatMap(({ namespace }) => namespace ?? []));
    await set.settle({ groupKinds: this.#groupKinds(), namespaces }, this.#options);
  }

  #report(result: ManifestResult): void {
    this.#results.push(result);
    this.#options.onResult?.(result);
  }

  #isStopped(): boolean {
    const failed = this.#results.filter(({ outcome }) => outcome === "failed");
    if (this.#options.onFailure === "stop") return failed.length > 0;
    return failed.some(({ error }) => isNetworkError(error) || isUnauthorized(error)); // the next would fare no better
  }
}

const isDefinition = (manifest: Manifest): boolean =>
  groupKindOf(manifest) === "CustomResourceDefinition.apiextensions.k8s.io";

/** What a definition defines, as `Kind.group`. */
function definedKind({ object }: Manifest): string {
  const { group, names } = (object.spec ?? {}) as { group?: string; names?: { kind?: string } };
  return `${names?.kind}.${group}`;
}

/** Why there is nothing to compare with. Who may apply may not always read. */
function whyNot(error: unknown): "missing" | "forbidden" {
  if (isNotFound(error)) return "missing";
  if (isForbidden(error)) return "forbidden";
  throw error;
}

/** Whether applying has made no difference. A dry run gives no new version, so all is compared but times. */
function isSame(before: Stored<KubernetesObject>, after: Stored<KubernetesObject>): boolean {
  return before.metadata.resourceVersion === after.metadata.resourceVersion && told(before) === told(after);
}

function told({ metadata, ...object }: Stored<KubernetesObject>): string {
  const managedFields = metadata.managedFields?.map(({ time: _, ...entry }) => entry);
  return JSON.stringify({ ...object, metadata: { ...metadata, managedFields } });
}
