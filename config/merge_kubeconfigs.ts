import type { Kubeconfig } from "./kubeconfig.ts";

/**
 * One kubeconfig out of several. The first to have an entry of some name wins for that whole entry: fields of
 * entries are not mixed. The first non-empty `current-context` wins, and so does every other field. A context
 * may refer to a cluster or user of another one. Nothing that is passed in is changed.
 *
 * @param kubeconfigs Most important first.
 * @see client-go `ClientConfigLoadingRules.Load`, spec rest 8.3
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { mergeKubeconfigs, parseKubeconfig } from "@coxswain/kube/config";
 * const merged = mergeKubeconfigs([
 *   await parseKubeconfig("clusters: [{ name: dev, cluster: { server: https://first } }]"),
 *   await parseKubeconfig("clusters: [{ name: dev, cluster: { server: https://second } }]"),
 * ]);
 * assert.deepEqual(merged.clusters.map(({ cluster }) => cluster.server), ["https://first"]);
 * ```
 */
export function mergeKubeconfigs(kubeconfigs: readonly Kubeconfig[]): Kubeconfig {
  const extensions = firstOfEachName(kubeconfigs.flatMap((kubeconfig) => kubeconfig.extensions ?? []));
  const fields = new Map<string, unknown>();
  for (const [key, value] of kubeconfigs.flatMap((kubeconfig) => Object.entries(kubeconfig))) {
    if (!fields.has(key) && value !== "" && value !== null && value !== undefined) fields.set(key, value);
  }
  return {
    ...Object.fromEntries(fields),
    clusters: firstOfEachName(kubeconfigs.flatMap((kubeconfig) => kubeconfig.clusters)),
    users: firstOfEachName(kubeconfigs.flatMap((kubeconfig) => kubeconfig.users)),
    contexts: firstOfEachName(kubeconfigs.flatMap((kubeconfig) => kubeconfig.contexts)),
    ...extensions.length > 0 && { extensions },
  };
}

function firstOfEachName<Entry extends { name: string }>(entries: Entry[]): Entry[] {
  const first = new Map<string, Entry>();
  for (const entry of entries) if (!first.has(entry.name)) first.set(entry.name, entry);
  return [...first.values()];
}
