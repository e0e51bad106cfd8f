import type { KindQuery, ResourceQuery, RestMapper } from "../discovery/mod.ts";
import type { KubernetesObject, ResourceType, Scope, Verb } from "../meta/mod.ts";
import { RestClient, type RestConfig, type RestConfigInit } from "../rest/mod.ts";
import type { ApplyManifestsOptions, ManifestResult } from "./apply_manifests.ts";
import type { ObjectOf } from "./dynamic_object.ts";
import type { CallOptions } from "./options.ts";
import { openResource } from "./resource.ts";
import type { ResourceAt } from "./resource_client.ts";

/** Options of {@linkcode Client}. */
export interface ClientOptions {
  /** Finds descriptors. Default: one with a cache in memory, made when something is looked up for the first time. */
  mapper?: RestMapper;
}

/**
 * Access to one cluster: typed for kinds that a program knows, dynamic with descriptors that it finds, and
 * the requests underneath.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Client } from "@coxswain/kube/client";
 * import { ApiServer } from "@coxswain/kube/testing";
 * import { ConfigMap } from "@coxswain/kube/types/core/v1";
 * const client = new Client(new ApiServer().restConfig());
 * const settings = client.resource(ConfigMap).namespace("default");
 * await settings.create({ metadata: { name: "shop" }, data: { currency: "EUR" } });
 * assert.equal((await settings.get("shop")).data?.currency, "EUR");
 * await client[Symbol.asyncDispose]();
 * ```
 */
export class Client implements AsyncDisposable {
  /** Sends requests that the rest of the client does not offer. */
  readonly rest: RestClient;
  #mapper: Promise<RestMapper> | undefined;

  /**
   * Takes the settings, and connects to nothing yet. `connect()` finds them by itself.
   *
   * @throws {ConfigError} If a setting is malformed or contradicts another.
   */
  constructor(config: RestConfig | RestConfigInit, { mapper }: ClientOptions = {}) {
    this.rest = new RestClient(config);
    if (mapper !== undefined) this.#mapper = Promise.resolve(mapper);
  }

  /**
   * The objects of a kind. Those that live in namespaces are read in all of them, or after `.namespace(…)` in
   * one; what a server does not offer at that scope, such as creating in all namespaces, or for that kind, such as
   * the scale of a config map, does not compile where the descriptor knows it.
   */
  resource<T extends KubernetesObject, S extends Scope, Sub extends string, V extends Verb>(
    type: ResourceType<T, S, Sub, V>,
  ): ResourceAt<ObjectOf<T>, S, Sub, V> {
    return openResource(this.rest, type);
  }

  /**
   * The descriptor of a resource that is known at run time alone: by what a person calls it, as kubectl reads it
   * (`deploy`, `deployments.apps`), or by the `apiVersion` and `kind` of its objects. What was found is kept; what is
   * not found is looked for once more, as it may have come a moment ago.
   *
   * @throws {NoMatchError} If the server has none.
   * @throws {StatusError} If discovery is refused.
   * @example
   * ```ts
   * import assert from "node:assert/strict";
   * import { Client } from "@coxswain/kube/client";
   * import { ApiServer } from "@coxswain/kube/testing";
   * const client = new Client(new ApiServer().restConfig());
   * const settings = client.resource(await client.find("cm")).namespace("default");
   * await settings.create({ metadata: { name: "shop" }, data: { currency: "EUR" } });
   * assert.deepEqual((await settings.get("shop")).data, { currency: "EUR" });
   * await client[Symbol.asyncDispose]();
   * ```
   */
  async find(what: string | ResourceQuery | KindQuery, options: CallOptions = {}): Promise<ResourceType> {
    const mapper = await this.#mapperOnce();
    if (typeof what === "string" || "resource" in what) return await mapper.resource(what, options);
    return await mapper.kind(what, options);
  }

  /**
   * Applies a set of objects, server-side: a text of YAML documents (or JSON), or objects, of any kinds. Namespaces come
   * first, then definitions of custom resources, and their custom resources when they are served; then the rest, what is
   * used before what uses it. It does with each what `kubectl apply --server-side` does; but nothing of what
   * `kubectl apply` has left behind when it merged by itself is taken over.
   *
   * @param manifests What is to be. A mistake in it is told with its document and line, before anything is sent.
   * @returns What became of each object, in the order in which they were applied.
   * @throws {ManifestError} If the manifests cannot be read, or an object lacks what it needs. Nothing was sent.
   * @throws {ApplyManifestsError} If some could not be applied; it has the results of all. Nothing was pruned then.
   * @throws {StatusError} If the secret of the set for pruning is refused.
   * @throws The signal's reason after an abort.
   * @example
   * ```ts no-run
   * import { connect } from "@coxswain/kube";
   * const client = await connect();
   * const results = await client.applyManifests(`
   * apiVersion: v1
   * kind: ConfigMap
   * metadata: { name: shop }
   * data: { currency: EUR }
   * `, { fieldManager: "shop-cli", prune: { applySet: "shop" } });
   * for (const { outcome, kind, name } of results) console.log(outcome, kind, name);
   * await client[Symbol.asyncDispose]();
   * ```
   */
  async applyManifests(
    manifests: string | readonly KubernetesObject[],
    options: ApplyManifestsOptions,
  ): Promise<ManifestResult[]> {
    const { applyManifests } = await import("./apply_manifests.ts");
    return await applyManifests(this, manifests, options);
  }

  /** Ends all requests and watches and lets go of all connections. Idempotent. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.rest[Symbol.asyncDispose]();
  }

  /** Discovery is loaded when it is needed: most programs know their kinds. */
  #mapperOnce(): Promise<RestMapper> {
    return this.#mapper ??= import("../discovery/mod.ts").then(
      ({ DiscoveryClient, MemoryDiscoveryCache, RestMapper }) =>
        new RestMapper(new MemoryDiscoveryCache(new DiscoveryClient(this.rest)), {
          logger: this.rest.config.logger,
        }),
    );
  }
}
