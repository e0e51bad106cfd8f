import { effectiveConfig, type EffectiveConfigOptions } from "./effective_config.ts";
import type { Kubeconfig } from "./kubeconfig.ts";
import { configErrorOf, type Problem } from "./problem.ts";

/**
 * A kubeconfig with overrides written into it: the context that is meant is the current one, and it, its cluster and
 * its user are as {@linkcode restConfigFrom} would use them. What is made of overrides alone is called `overrides`.
 *
 * @returns A copy. Overridden paths are absolute in it.
 * @throws {ConfigError} If there is no such context, cluster or user.
 * @see client-go `clientcmd.DirectClientConfig.MergedRawConfig`, spec rest 8.4
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { applyOverrides } from "@coxswain/kube/config";
 * const kubeconfig = { clusters: [], users: [], contexts: [] };
 * const { clusters } = await applyOverrides(kubeconfig, {
 *   overrides: { cluster: { server: "http://localhost:8001" } },
 * });
 * assert.deepEqual(clusters, [{ name: "overrides", cluster: { server: "http://localhost:8001" } }]);
 * ```
 */
export async function applyOverrides(
  kubeconfig: Kubeconfig,
  options: EffectiveConfigOptions = {},
): Promise<Kubeconfig> {
  const problems: Problem[] = [];
  const { context, cluster, user } = await effectiveConfig(kubeconfig, options, problems);
  if (problems.length > 0) throw configErrorOf(`context ${JSON.stringify(context.name)}`, problems);
  return {
    ...kubeconfig,
    "current-context": context.name,
    contexts: put(kubeconfig.contexts, context),
    clusters: put(kubeconfig.clusters, cluster),
    users: put(kubeconfig.users, user),
  };
}

/** The entries with one of them replaced, or added if there is none of that name. */
function put<Entry extends { name: string }>(entries: readonly Entry[], entry: Entry | undefined): Entry[] {
  if (entry === undefined) return [...entries];
  if (!entries.some(({ name }) => name === entry.name)) return [...entries, entry];
  return entries.map((other) => other.name === entry.name ? entry : other);
}
