/**
 * Where settings come from: kubeconfig files, strings, and the pod that a program runs in. Client-go's
 * `tools/clientcmd`. Files and environment variables are read when a function is called, never before.
 *
 * @example A kubeconfig that is in a variable and not in a file
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseKubeconfig, restConfigFrom } from "@coxswain/kube/config";
 * const kubeconfig = await parseKubeconfig(`
 * current-context: dev
 * clusters: [{ name: dev, cluster: { server: "https://10.0.0.1:6443" } }]
 * users: [{ name: ci, user: { token: abc123 } }]
 * contexts: [{ name: dev, context: { cluster: dev, user: ci } }]
 * `);
 * const config = await restConfigFrom(kubeconfig);
 * assert.equal(String(config), "RestConfig(https://10.0.0.1:6443/)");
 * ```
 *
 * @module
 */
export type { Environment } from "./environment.ts";
export { inClusterConfig, type InClusterConfigOptions } from "./in_cluster_config.ts";
export {
  type Kubeconfig,
  type KubeconfigAuthProvider,
  type KubeconfigCluster,
  type KubeconfigContext,
  type KubeconfigExec,
  type KubeconfigUser,
  type Located,
  locationOfOrigin,
  type NamedCluster,
  type NamedContext,
  type NamedExtension,
  type NamedUser,
} from "./kubeconfig.ts";
export { loadConfig, type LoadConfigOptions } from "./load_config.ts";
export { loadKubeconfig, type LoadKubeconfigOptions } from "./load_kubeconfig.ts";
export { mergeKubeconfigs } from "./merge_kubeconfigs.ts";
export { parseKubeconfig, type ParseKubeconfigOptions } from "./parse_kubeconfig.ts";
export { redactKubeconfig } from "./redact_kubeconfig.ts";
export { restConfigFrom, type RestConfigFromOptions } from "./rest_config_from.ts";
export { tokenFileSource, type TokenFileSourceOptions } from "./token_file_source.ts";
