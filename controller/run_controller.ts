import type { Client } from "../client/mod.ts";
import type { KubernetesObject } from "../meta/mod.ts";
import type { ControllerDefinition, ControllerOptions } from "./controller.ts";
import { Manager, type ManagerOptions } from "./manager.ts";

/** Options of {@linkcode runController}. */
export interface RunControllerOptions extends ManagerOptions, ControllerOptions {
  /** Ends the controller: what goes on may end, for `gracePeriod`. */
  signal: AbortSignal;
}

/**
 * Runs one controller until told to stop: a {@linkcode Manager} with a single one.
 *
 * @throws {Error} If the leadership was lost, or a reconciler does not stop.
 * @example Deployments for ConfigMaps, for the sake of it
 * ```ts
 * import assert from "node:assert/strict";
 * import { Client } from "@coxswain/kube/client";
 * import { runController } from "@coxswain/kube/controller";
 * import { ApiServer } from "@coxswain/kube/testing";
 * import { ConfigMap } from "@coxswain/kube/types/core/v1";
 * const client = new Client(new ApiServer().restConfig());
 * await client.resource(ConfigMap).namespace("default").create({ metadata: { name: "shop" } });
 * const stop = new AbortController();
 * await runController(client, {
 *   for: ConfigMap,
 *   reconcile: async ({ namespace, name }, { client, object, signal }) => {
 *     if (object?.data?.seen) return stop.abort();
 *     await client.resource(ConfigMap).namespace(namespace).patch(name, { merge: { data: { seen: "yes" } } }, { signal });
 *   },
 * }, { signal: stop.signal });
 * assert.equal((await client.resource(ConfigMap).namespace("default").get("shop")).data?.seen, "yes");
 * await client[Symbol.asyncDispose]();
 * ```
 */
export async function runController<T extends KubernetesObject>(
  client: Client,
  definition: ControllerDefinition<T>,
  { signal, concurrency, reconcileTimeout, debounce, rateLimiter, resyncPeriod, ...options }:
    RunControllerOptions,
): Promise<void> {
  const manager = new Manager(client, options);
  manager.add(definition, { concurrency, reconcileTimeout, debounce, rateLimiter, resyncPeriod });
  await manager.run({ signal });
}
