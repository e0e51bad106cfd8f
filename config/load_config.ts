import { ConfigError, isConfigError, type RestConfig } from "../rest/mod.ts";
import { type Environment, isNotPermitted } from "./environment.ts";
import { findPod, type InClusterConfigOptions, podConfig } from "./in_cluster_config.ts";
import type { Kubeconfig } from "./kubeconfig.ts";
import { type KubeconfigFiles, kubeconfigFiles, readKubeconfigFiles } from "./kubeconfig_files.ts";
import type { LoadKubeconfigOptions } from "./load_kubeconfig.ts";
import { givesServer } from "./overrides.ts";
import { quoteNames, quotePath } from "./quote.ts";
import { restConfigFrom, type RestConfigFromOptions } from "./rest_config_from.ts";

/** Options of {@linkcode loadConfig}. An empty text is the same as an absent one. */
export interface LoadConfigOptions
  extends LoadKubeconfigOptions, RestConfigFromOptions, InClusterConfigOptions {
  /** Preferred namespace. Default the context's, or in a pod the pod's; else `default`. */
  namespace?: string;
  /** Environment variables. Default those of the process, of which only the needed ones are read. */
  env?: Environment;
  /** Ends the wait. */
  signal?: AbortSignal;
}

/**
 * Finds the settings as kubectl does: the kubeconfig ({@linkcode loadKubeconfig}) and in it the current
 * context; where no file chooses a context, those of the pod that the process runs in. With the option
 * `kubeconfig` or `context`, pods are not considered; with a server in the overrides, it needs neither a context nor
 * a pod. The settings that are no kubeconfig's, such as `qps` or `logger`, are passed on to {@linkcode RestConfig}.
 *
 * A kubeconfig that sets no namespace means `default`, also in a pod, where client-go would take the pod's: that one
 * is of the pod's cluster, and the kubeconfig may lead to another.
 *
 * On Deno it needs `--allow-env=KUBECONFIG,HOME` and `--allow-read` for the kubeconfig and the files that it
 * names; in a pod also `--allow-env=KUBERNETES_SERVICE_HOST,KUBERNETES_SERVICE_PORT,POD_NAMESPACE` and
 * `--allow-read=/var/run/secrets/kubernetes.io/serviceaccount`. A credential plugin needs `--allow-run=<command>`
 * and `--allow-env` without a list.
 *
 * @throws {ConfigError} If there are no settings, or they cannot be used.
 * @see client-go `clientcmd.DeferredLoadingClientConfig`, spec rest 8.6
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { loadConfig } from "@coxswain/kube/config";
 * await assert.rejects(loadConfig({ kubeconfig: "/no/such/file" }), /the file does not exist/);
 * ```
 */
export async function loadConfig(options: LoadConfigOptions = {}): Promise<RestConfig> {
  const files = await kubeconfigFiles(options);
  const { kubeconfig, found } = await readKubeconfigFiles(files, options.signal);
  const isChosen = options.context ? kubeconfig.contexts.length > 0 : kubeconfig["current-context"];
  if (isChosen || (!options.context && givesServer(options.overrides ?? {}))) {
    return await restConfigFrom(kubeconfig, options);
  }
  if (options.kubeconfig || options.context) throw noContext(files, found, kubeconfig);
  const pod = await findPod(options).catch((error) => {
    if (!isConfigError(error)) throw error;
    // Somebody who sets KUBECONFIG, and does not permit a pod's variables, does not think of pods.
    const isBeside = files.source === "KUBECONFIG" && isNotPermitted(error.cause);
    if (isBeside) throw noContext(files, found, kubeconfig);
    throw noContext(files, found, kubeconfig, `whether this is a pod is unknown (${error.message})`);
  });
  if (typeof pod === "string") throw noContext(files, found, kubeconfig, `this is not a pod: ${pod}`);
  return await podConfig(pod, options);
}

/** @param noPod Why there are no settings of a pod either. */
function noContext(
  files: KubeconfigFiles,
  found: string[],
  { contexts }: Kubeconfig,
  noPod?: string,
): ConfigError {
  const [problem, remedy] = contexts.length === 0 ? noKubeconfig(files, found) : [
    `${quotePaths(found)} sets no current-context`,
    `Pass the context option with one of ${quoteNames(contexts.map(({ name }) => name))}`,
  ];
  const setting = files.source === "KUBECONFIG" ? "KUBECONFIG" : "kubeconfig";
  return new ConfigError(setting, noPod === undefined ? problem : `${problem}, and ${noPod}`, remedy);
}

function noKubeconfig(
  { source, files }: KubeconfigFiles,
  found: string[],
): [problem: string, remedy: string] {
  if (found.length > 0) {
    return [`there is no context in ${quotePaths(found)}`, "Name another file in KUBECONFIG or the options"];
  }
  if (source === "KUBECONFIG") {
    return [`none of the files that KUBECONFIG lists exists: ${quotePaths(files)}`, "Correct KUBECONFIG"];
  }
  const unset = files.length === 0
    ? "neither KUBECONFIG nor HOME is set"
    : `KUBECONFIG is not set and ${quotePaths(files)} does not exist`;
  return [unset, "Set KUBECONFIG, or pass the kubeconfig option"];
}

function quotePaths(paths: string[]): string {
  return paths.map(quotePath).join(", ");
}
