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
export { applyOverrides } from "./apply_overrides.ts";
export { AuthProviderError, isAuthProviderError } from "./auth_provider_error.ts";
export { caFileSource, type CaFileSourceOptions } from "./ca_file_source.ts";
export { clientCertificateSource, type ClientCertificateSourceOptions } from "./client_certificate_source.ts";
export type { ClientSettings } from "./client_settings.ts";
export type { EffectiveConfigOptions } from "./effective_config.ts";
export { type EffectiveNamespace, effectiveNamespace } from "./effective_namespace.ts";
export type { Environment } from "./environment.ts";
export type {
  ExecCluster,
  ExecCredential,
  ExecCredentialSpec,
  ExecCredentialStatus,
} from "./exec_credential.ts";
export { ExecPluginError, type ExecPluginErrorInit, isExecPluginError } from "./exec_plugin_error.ts";
export { execSource, type ExecSourceOptions, type PluginCall, type PluginOptions } from "./exec_source.ts";
export { flattenKubeconfig, type FlattenKubeconfigOptions } from "./flatten_kubeconfig.ts";
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
export { type LoadedExecCredential, loadExecCredential } from "./load_exec_credential.ts";
export { loadKubeconfig, type LoadKubeconfigOptions } from "./load_kubeconfig.ts";
export { mergeKubeconfigs } from "./merge_kubeconfigs.ts";
export { minifyKubeconfig } from "./minify_kubeconfig.ts";
export { modifyKubeconfig, type ModifyKubeconfigOptions } from "./modify_kubeconfig.ts";
export { type AuthProviderOptions, oidcSource, type OidcSourceOptions } from "./oidc_source.ts";
export type { ConfigOverrides } from "./overrides.ts";
export { parseKubeconfig, type ParseKubeconfigOptions } from "./parse_kubeconfig.ts";
export { persistAuthProvider } from "./persist_auth_provider.ts";
export type { PluginAllowlistEntry, PluginPolicy } from "./plugin_policy.ts";
export { redactKubeconfig } from "./redact_kubeconfig.ts";
export { restConfigFrom, type RestConfigFromOptions } from "./rest_config_from.ts";
export { tokenFileSource, type TokenFileSourceOptions } from "./token_file_source.ts";
