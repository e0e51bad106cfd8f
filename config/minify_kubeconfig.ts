import { ConfigError } from "../rest/mod.ts";
import { findContext } from "./effective_config.ts";
import type { Kubeconfig } from "./kubeconfig.ts";

/**
 * A kubeconfig with nothing but its current context and that one's cluster and user, as
 * `kubectl config view --minify` shows it. To keep another context, set `current-context` first.
 *
 * @returns A copy; its entries are those of the original.
 * @throws {ConfigError} If no context is the current one, or if the context, its cluster or its user is not there.
 * @see client-go `clientcmdapi.MinifyConfig`, spec rest 8.9
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { minifyKubeconfig, parseKubeconfig } from "@coxswain/kube/config";
 * const kubeconfig = await parseKubeconfig(`
 * current-context: b
 * clusters: [{ name: a }, { name: b }]
 * contexts: [{ name: a, context: { cluster: a } }, { name: b, context: { cluster: b } }]
 * `);
 * assert.deepEqual(minifyKubeconfig(kubeconfig).clusters.map(({ name }) => name), ["b"]);
 * ```
 */
export function minifyKubeconfig(kubeconfig: Kubeconfig): Kubeconfig {
  const context = findContext(kubeconfig.contexts, kubeconfig["current-context"]);
  const { name, context: { cluster = "", user = "" } } = context;
  return {
    ...kubeconfig,
    contexts: [context],
    clusters: only("cluster", kubeconfig.clusters, cluster, name),
    users: user === "" ? [] : only("user", kubeconfig.users, user, name),
  };
}

function only<Entry extends { name: string }>(
  kind: "cluster" | "user",
  entries: readonly Entry[],
  name: string,
  context: string,
): Entry[] {
  const found = entries.filter((entry) => entry.name === name);
  if (found.length > 0) return found;
  throw new ConfigError(
    `contexts[${JSON.stringify(context)}].context.${kind}`,
    name === "" ? "it is not set" : `there is no ${kind} ${JSON.stringify(name)}`,
    `Name one of the ${kind}s`,
  );
}
