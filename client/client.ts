import type { KubernetesObject, ResourceType, Scope, Verb } from "../meta/mod.ts";
import { RestClient, type RestConfig, type RestConfigInit } from "../rest/mod.ts";
import { openResource } from "./resource.ts";
import type { ResourceAt } from "./resource_client.ts";

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

  /**
   * Takes the settings, and connects to nothing yet. `connect()` finds them by itself.
   *
   * @throws {ConfigError} If a setting is malformed or contradicts another.
   */
  constructor(config: RestConfig | RestConfigInit) {
    this.rest = new RestClient(config);
  }

  /**
   * The objects of a kind. Those that live in namespaces are read in all of them, or after `.namespace(…)` in
   * one; what a server does not offer at that scope, such as creating in all namespaces, or for that kind, such as
   * the scale of a config map, does not compile where the descriptor knows it.
   */
  resource<T extends KubernetesObject, S extends Scope, Sub extends string, V extends Verb>(
    type: ResourceType<T, S, Sub, V>,
  ): ResourceAt<T, S, Sub, V> {
    return openResource(this.rest, type);
  }

  /** Ends all requests and watches and lets go of all connections. Idempotent. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.rest[Symbol.asyncDispose]();
  }
}
