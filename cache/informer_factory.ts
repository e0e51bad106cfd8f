import type { Client, ObjectOf, PartialObjectMetadata } from "../client/mod.ts";
import type { KubernetesObject, ResourceType, Scope, Stored } from "../meta/mod.ts";
import { type CombinedInformer, combineInformers } from "./combined_informer.ts";
import { deepFreeze } from "./deep_freeze.ts";
import type { Informer, InformerHealth, WaitOptions } from "./informer.ts";
import { NAMESPACE_INDEX } from "./lister.ts";
import { ObjectStore } from "./object_store.ts";
import { Pacer } from "./pacer.ts";
import { type Decoding, RestListWatch } from "./rest_list_watch.ts";
import { checkShard, isInShard, type Shard, shardSelectorOf } from "./shard.ts";
import { SharedInformer } from "./shared_informer.ts";
import type { Indexers } from "./value_index.ts";

/** What can be said for all informers of a factory, and for each. */
export interface CommonInformerOptions {
  /** The only namespaces that are looked at: one watch each. Default all, with one watch. */
  namespaces?: string | readonly string[];
  /** Conditions on labels, such as `app=web,tier in (a, b)`. Only such objects are watched and kept. */
  labelSelector?: string;
  /** Conditions on the fields that the kind allows, such as `spec.nodeName=node-a`. */
  fieldSelector?: string;
  /**
   * How often handlers are called for each object although nothing has happened, in milliseconds, unless they say
   * otherwise. Default 0: never.
   */
  resyncPeriod?: number;
  /** `"drop"`: keep objects without `metadata.managedFields`, often a third of them. Default `"keep"`. */
  managedFields?: "keep" | "drop";
  /**
   * How objects are kept. `"plain"`: as they are. `"compact"`: as the bytes that came, in a fraction of the memory and of
   * the time, and parsed when somebody reads them: for controllers, which read few of the objects that they know.
   * Handlers should be `onChange`, indexes paths such as `"spec.nodeName"`. Default `"plain"`.
   */
  store?: "plain" | "compact";
  /** Freeze objects, so that who changes one gets an error at once, in his own stack. For development and tests. */
  freeze?: boolean;
}

/** Options of {@linkcode InformerFactory}. Read once: changing the object later has no effect. */
export interface InformerFactoryOptions extends CommonInformerOptions {
  /** Called once with each object that arrives, before it is stored: returns what to keep of it. It may change it. */
  transform?: (object: Stored<KubernetesObject>) => KubernetesObject;
  /** Called after each failure of a list or a watch, also those that are dealt with. Default: they are only logged. */
  onError?: (error: unknown, informer: string) => void;
}

/** Options of {@linkcode InformerFactory.informer}: what is not said is as the factory's options say. */
export interface InformerOptions<T extends KubernetesObject, Index extends string = never>
  extends CommonInformerOptions {
  /** Indexes by name, for `lister.byIndex()`. */
  indexers?: Indexers<T, Index>;
  /**
   * Called once with each object that arrives, before it is stored: returns what to keep of it, `metadata` included. It
   * may change what it is given. If it throws, the object is kept as it is.
   */
  transform?: (object: Stored<T>) => T;
  /** `"metadata"`: the server sends the metadata of the objects alone, which is all that is kept. */
  only?: "metadata";
  /**
   * Objects per request where the kind has to be listed; 0 for all at once. Default 500. The next request is made while
   * the answer to one is still being read.
   */
  pageSize?: number;
  /**
   * Only this part of the objects is kept. Servers that can shard (alpha in Kubernetes 1.36) are asked for it alone;
   * what others send beside it is left out here.
   */
  shard?: Shard;
  /**
   * Opens what `save()` of an earlier run has written, if there is anything. It is shown at once and brought up to
   * date, with what has changed since if the server still knows; else all is read anew. The informer has synced when
   * a server has been reached. What cannot be read is logged and not used.
   */
  resume?: () => Promise<ReadableStream<Uint8Array> | undefined>;
  /** Whether a watch may begin with what is there (`sendInitialEvents`). Default: it is tried. */
  watchList?: boolean;
  /** Each watch is asked to last this long at least, in milliseconds. Default, and least, 300,000. */
  minWatchTimeout?: number;
}

/** The informer of a descriptor, by what it says of itself. */
export type InformerOf<T extends KubernetesObject, S extends Scope, Index extends string> = Informer<
  ObjectOf<T>,
  S,
  Index | typeof NAMESPACE_INDEX
>;

/**
 * Informers of one client, each made once: who asks for the same kind, with the same selectors, gets the same one, and
 * there is one watch. Typed, found at run time, or metadata alone.
 *
 * @see client-go `informers.SharedInformerFactory`, `dynamicinformer`, `metadatainformer`, spec informers 18
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { InformerFactory } from "@coxswain/kube/cache";
 * import { Client } from "@coxswain/kube/client";
 * import { ApiServer } from "@coxswain/kube/testing";
 * import { Pod } from "@coxswain/kube/types/core/v1";
 * const server = new ApiServer();
 * server.load({ apiVersion: "v1", kind: "Pod", metadata: { namespace: "shop", name: "web-0" },
 *   spec: { nodeName: "node-a", containers: [] } } as Pod);
 * const client = new Client(server.restConfig());
 * const informers = new InformerFactory(client);
 * const pods = informers.informer(Pod, { indexers: { byNode: (pod) => [pod.spec?.nodeName ?? ""] } });
 * const added: string[] = [];
 * pods.addEventHandler({ onAdd: (pod) => void added.push(pod.metadata.name) });
 * informers.start();
 * await informers.waitForSync();
 * assert.equal(pods.lister.namespace("shop").get("web-0")?.kind, "Pod");
 * assert.equal(pods.lister.byIndex("byNode", "node-a").length, 1);
 * await informers[Symbol.asyncDispose]();
 * await client[Symbol.asyncDispose]();
 * ```
 * @example Many objects, of which few are read
 * ```ts
 * import assert from "node:assert/strict";
 * import { InformerFactory } from "@coxswain/kube/cache";
 * import { Client } from "@coxswain/kube/client";
 * import { ApiServer } from "@coxswain/kube/testing";
 * import { Pod } from "@coxswain/kube/types/core/v1";
 * const server = new ApiServer();
 * server.load({ apiVersion: "v1", kind: "Pod", metadata: { namespace: "shop", name: "web-0" },
 *   spec: { nodeName: "node-a", containers: [] } } as Pod);
 * const client = new Client(server.restConfig());
 * const informers = new InformerFactory(client, { store: "compact", managedFields: "drop" });
 * const pods = informers.informer(Pod, { indexers: { byNode: "spec.nodeName" } });
 * informers.start();
 * await informers.waitForSync(); // no pod has been parsed yet
 * assert.equal(pods.lister.byIndex("byNode", "node-a")[0].metadata.name, "web-0");
 * await informers[Symbol.asyncDispose]();
 * await client[Symbol.asyncDispose]();
 * ```
 */
export class InformerFactory implements AsyncDisposable {
  readonly #client: Pick<Client, "rest">;
  readonly #options: InformerFactoryOptions;
  readonly #pacer: Pacer;
  readonly #made = new Map<string, Made>();
  #closed = false;

  /** Opens nothing. The client stays the program's to close. */
  constructor(client: Pick<Client, "rest">, options: InformerFactoryOptions = {}) {
    this.#client = client;
    this.#options = { ...options };
    this.#pacer = new Pacer(client.rest.config.clock);
  }

  /**
   * The informer of a kind. It does nothing before {@linkcode InformerFactory.start}, also if that was called before.
   *
   * @throws {TypeError} If the factory is closed, or there is such an informer with other options.
   */
  informer<T extends KubernetesObject, S extends Scope, Index extends string = never>(
    type: ResourceType<T, S>,
    options?: InformerOptions<ObjectOf<T>, Index> & { only?: undefined },
  ): InformerOf<T, S, Index>;
  /** The informer of the metadata of a kind. */
  informer<T extends KubernetesObject, S extends Scope, Index extends string = never>(
    type: ResourceType<T, S>,
    options: InformerOptions<PartialObjectMetadata, Index> & { only: "metadata" },
  ): Informer<PartialObjectMetadata, S, Index | typeof NAMESPACE_INDEX>;
  informer(type: ResourceType<KubernetesObject>, options: object = {}): object {
    if (this.#closed) throw new TypeError(`Cannot make an informer of ${type.plural}: the factory is closed`);
    const { indexers = {}, ...special } = options as InformerOptions<KubernetesObject, string>;
    const settings: Settings = { ...this.#options, ...defined(special) };
    const namespaces = namespacesOf(settings.namespaces, type);
    const key = `${identityOf(type, settings)} ${namespaces?.join() ?? ""}`;
    const made = this.#made.get(key);
    if (made !== undefined && made.informer.health().state !== "stopped") {
      checkSame(type.plural, made.settings, settings, special);
      return made.informer.addIndexers(indexers);
    }
    const informer = namespaces === undefined
      ? this.#open(type, settings, undefined)
      : namespaces.length === 1
      ? this.#open(type, settings, namespaces[0])
      : this.#combined(type, settings, namespaces);
    informer.addIndexers(indexers);
    this.#made.set(key, { settings, informer });
    return informer;
  }

  /**
   * Starts all informers that have been asked for and do not run yet. To be called again after asking for more.
   *
   * @throws {TypeError} If the factory is closed.
   */
  start(): void {
    if (this.#closed) throw new TypeError("Cannot start informers: the factory is closed");
    for (const made of this.#made.values()) {
      made.isStarted = true;
      made.informer.start();
    }
  }

  /**
   * Resolves when all informers know all that was there when they began.
   *
   * @throws The signal's reason; it is logged which have not synced. A `TypeError` if one has not been started, as that
   * would take for ever.
   */
  async waitForSync({ signal }: WaitOptions = {}): Promise<void> {
    const idle = [...this.#made.values()].filter(({ isStarted }) => !isStarted);
    if (idle.length > 0) {
      const names = idle.map(({ informer }) => informer.name).sort().join(", ");
      throw new TypeError(
        `Cannot wait for informers that have not been started: ${names}. Call start() first`,
      );
    }
    const informers = Array.from(this.#made.values(), ({ informer }) => informer);
    try {
      await Promise.all(informers.map((informer) => informer.waitForSync({ signal })));
    } catch (error) {
      const unsynced = informers.filter(({ hasSynced }) => !hasSynced).map(({ name }) => name).sort();
      this.#client.rest.config.logger.warn("Not all caches have synced", { unsynced, error });
      throw error;
    }
  }

  /** How each informer is doing, for a probe. */
  health(): InformerHealth[] {
    return Array.from(this.#made.values(), ({ informer }) => informer.health());
  }

  /** Stops all informers, for good; see there. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await Promise.all(Array.from(this.#made.values(), ({ informer }) => informer[Symbol.asyncDispose]()));
  }

  #combined(
    type: ResourceType<KubernetesObject>,
    settings: Settings,
    namespaces: readonly string[],
  ): CombinedInformer<KubernetesObject> {
    return combineInformers(
      Object.fromEntries(namespaces.map((namespace) => [namespace, this.#open(type, settings, namespace)])),
    );
  }

  #open(
    type: ResourceType<KubernetesObject>,
    settings: Settings,
    namespace: string | undefined,
  ): SharedInformer<KubernetesObject> {
    const { rest } = this.#client;
    const { clock, random, logger, meter } = rest.config;
    const { labelSelector, fieldSelector, managedFields, freeze, transform, only, store: kept } = settings;
    const { resyncPeriod, pageSize, minWatchTimeout, onError, watchList, shard, resume } = settings;
    if (shard !== undefined) checkShard(shard);
    const shardSelector = shard && shardSelectorOf(shard);
    let request = rest.get().resource(type).query({ labelSelector, fieldSelector, shardSelector });
    if (namespace !== undefined) request = request.namespace(namespace);
    const store = new ObjectStore<KubernetesObject>({
      store: kept,
      freeze,
      onIndexError: (error, index, key) =>
        logger.error("An index function failed, so the object is not found by that index", {
          resource: source.name,
          index,
          key,
          error,
        }),
    });
    const decoding: Decoding<KubernetesObject> = {
      compact: kept === "compact" ? store : undefined,
      managedFields,
      freeze,
      transform,
      metadataOnly: only === "metadata",
      includes: shard && ((metadata) => isInShard(shard, metadata)),
    };
    const source = new RestListWatch(request, type, decoding, {
      logger,
      supportsWatchList: watchList,
      isClosed: () => rest.isClosed,
    });
    if (type.scope === "Namespaced") {
      store.addIndexers({ [NAMESPACE_INDEX]: "metadata.namespace" });
    }
    return new SharedInformer({
      source,
      store,
      clock,
      random,
      logger,
      meter,
      pacer: this.#pacer,
      resyncPeriod,
      identity: `${identityOf(type, settings)} ${namespace ?? ""}`,
      resume,
      onResumed: ({ object }) => freeze && deepFreeze(object),
      reflector: { pageSize, minWatchTimeout, onError: (error) => onError?.(error, source.name) },
    });
  }
}

/** What tells the caches of one client apart, beside their namespaces. */
function identityOf({ group, version, plural }: ResourceType, settings: Settings): string {
  const { labelSelector, fieldSelector, only, shard } = settings;
  return [
    ...[group, version, plural, ...only === undefined ? [] : [only]],
    ...labelSelector ? [`labels ${labelSelector}`] : [],
    ...fieldSelector ? [`fields ${fieldSelector}`] : [],
    ...shard === undefined ? [] : [shardSelectorOf(shard)],
  ].join(" ").trim();
}

interface Made {
  readonly settings: Settings;
  readonly informer: Informer<KubernetesObject>;
  isStarted?: boolean;
}

type Settings =
  & Omit<InformerOptions<KubernetesObject>, "indexers">
  & Pick<InformerFactoryOptions, "onError">;

/** The options that were given, so that an `undefined` does not hide the factory's. */
function defined<O extends object>(options: O): O {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as O;
}

function namespacesOf(
  namespaces: CommonInformerOptions["namespaces"],
  { plural, scope }: ResourceType,
): readonly string[] | undefined {
  if (namespaces === undefined || scope === "Cluster") return undefined; // there, namespaces say nothing
  const all = [...new Set(typeof namespaces === "string" ? [namespaces] : namespaces)].sort();
  if (all.length === 0 || all.includes("")) {
    throw new TypeError(
      `Cannot make an informer of ${plural}: name at least one namespace, or leave them out for all`,
    );
  }
  return all;
}

/** Two that share an informer cannot each have their own way of filling it. */
function checkSame(plural: string, first: Settings, second: Settings, given: object): void {
  for (const name of Object.keys(given) as (keyof Settings)[]) {
    if (
      name === "namespaces" || name === "shard" || second[name] === undefined || first[name] === second[name]
    ) continue;
    throw new TypeError(`Cannot share the informer of ${plural}: it was made with another ${name}`);
  }
}
