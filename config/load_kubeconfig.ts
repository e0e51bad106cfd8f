import type { Environment } from "./environment.ts";
import type { Kubeconfig } from "./kubeconfig.ts";
import { kubeconfigFiles, readKubeconfigFiles } from "./kubeconfig_files.ts";

/** Options of {@linkcode loadKubeconfig}. */
export interface LoadKubeconfigOptions {
  /** Path of the only kubeconfig to read; it must exist. Default what the environment says. */
  kubeconfig?: string;
  /** Environment variables. Default those of the process, of which only the needed ones are read. */
  env?: Environment;
  /** Ends the wait. */
  signal?: AbortSignal;
}

/**
 * Reads the kubeconfig: the file of the `kubeconfig` option, else those that the variable `KUBECONFIG` lists,
 * merged, where missing ones are skipped; else `$HOME/.kube/config`. If there is none, the result is empty.
 *
 * @throws {ConfigError} If a file cannot be read or is no kubeconfig, or the environment may not be read.
 * @see client-go `clientcmd.ClientConfigLoadingRules`, spec rest 8.3
 * @example Which contexts there are
 * ```ts
 * import assert from "node:assert/strict";
 * import { loadKubeconfig } from "@coxswain/kube/config";
 * const { contexts } = await loadKubeconfig({ env: { KUBECONFIG: "/no/such/file" } });
 * assert.deepEqual(contexts.map(({ name }) => name), []);
 * ```
 */
export async function loadKubeconfig(options: LoadKubeconfigOptions = {}): Promise<Kubeconfig> {
  const { kubeconfig } = await readKubeconfigFiles(await kubeconfigFiles(options), options.signal);
  return kubeconfig;
}
