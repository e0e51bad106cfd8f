import { apiVersionOf, type ResourceType } from "../meta/mod.ts";
import { isNotFound } from "../rest/mod.ts";
import type { Discovery, DiscoveryCallOptions } from "./discovery.ts";
import { NotServedError } from "./memory_discovery_cache.ts";

/**
 * Whether a server has a resource, such as one of an optional part of it.
 *
 * @throws {StatusError} If discovery is refused for another reason than that it does not.
 * @see client-go `discovery.IsResourceEnabled`, spec rest 16.4
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { DiscoveryClient, isServed } from "@coxswain/kube/discovery";
 * import { RestClient } from "@coxswain/kube/rest";
 * import { ApiServer } from "@coxswain/kube/testing";
 * const rest = new RestClient(new ApiServer().restConfig());
 * const discovery = new DiscoveryClient(rest);
 * assert.ok(await isServed(discovery, { group: "apps", version: "v1", plural: "deployments" }));
 * assert.ok(!await isServed(discovery, { group: "metrics.k8s.io", version: "v1beta1", plural: "pods" }));
 * await rest[Symbol.asyncDispose]();
 * ```
 */
export async function isServed(
  discovery: Pick<Discovery, "resources">,
  type: Pick<ResourceType, "group" | "version" | "plural">,
  options: DiscoveryCallOptions = {},
): Promise<boolean> {
  try {
    const { resources } = await discovery.resources(apiVersionOf(type), options);
    return resources.some(({ name }) => name === type.plural);
  } catch (error) {
    if (isNotFound(error) || error instanceof NotServedError) return false;
    throw error;
  }
}
