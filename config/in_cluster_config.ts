import { ConfigError, isConfigError, type RestConfig } from "../rest/mod.ts";
import { checkNamespace } from "./check_namespace.ts";
import { type Environment, readVariable } from "./environment.ts";
import type { Kubeconfig, KubeconfigUser } from "./kubeconfig.ts";
import { quotePath } from "./quote.ts";
import { readText } from "./read_text.ts";
import { readToken } from "./read_token.ts";
import { restConfigFrom, type RestConfigFromOptions } from "./rest_config_from.ts";

/** What `--allow-env` needs in a pod. */
const VARIABLES = ["KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT", "POD_NAMESPACE"] as const;
/** Where the kubelet mounts what a pod needs to reach its API server. */
const DIRECTORY = "/var/run/secrets/kubernetes.io/serviceaccount";

/** What a pod's cluster, user and context are called. */
const NAME = "in-cluster";

/** Options of {@linkcode inClusterConfig}. An empty text is the same as an absent one. */
export interface InClusterConfigOptions extends Omit<RestConfigFromOptions, "context"> {
  /** Preferred namespace. Default `POD_NAMESPACE`, else the pod's own, else `default`. */
  namespace?: string;
  /**
   * Folder with the files `token`, `ca.crt` and `namespace`. Default
   * `/var/run/secrets/kubernetes.io/serviceaccount`; host-process containers on Windows need another one.
   */
  serviceAccountDirectory?: string;
  /** Environment variables. Default those of the process, of which only the needed ones are read. */
  env?: Environment;
}

/** A pod's way to its API server. */
export interface Pod {
  server: string;
  /** The token as it is now. */
  token: string;
}

/**
 * The settings that the kubelet gives to each pod: the service account's token, which is read again from time
 * to time, and the certificate authority, read again every five minutes. Without a `ca.crt` the runtime's own
 * authorities are believed, as in client-go; one that holds no certificate is an error here, where client-go would
 * ignore it, and while it is empty no server is believed.
 *
 * Overrides are put over these settings, all of them; client-go knows the server, the token and the file of the
 * authority here, and ignores the rest. A `token` or `tokenFile` replaces both of the pod.
 *
 * @throws {ConfigError} If this is not a pod, or its files cannot be used.
 * @see client-go `rest.InClusterConfig`, spec rest 1.5
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { inClusterConfig } from "@coxswain/kube/config";
 * await assert.rejects(inClusterConfig({ env: {} }), /KUBERNETES_SERVICE_HOST is not set/);
 * ```
 */
export async function inClusterConfig(options: InClusterConfigOptions = {}): Promise<RestConfig> {
  const pod = await findPod(options);
  if (typeof pod === "string") {
    throw new ConfigError("in-cluster configuration", pod, "Run in a pod, or use a kubeconfig");
  }
  return await podConfig(pod, options);
}

/**
 * Looks for what makes a process one in a pod (spec rest 8.6).
 *
 * @returns The pod, or why there is none.
 * @throws {ConfigError} If that cannot be found out.
 */
export async function findPod(
  { serviceAccountDirectory = DIRECTORY, env, signal }: InClusterConfigOptions,
): Promise<Pod | string> {
  const host = await readVariable("KUBERNETES_SERVICE_HOST", env, VARIABLES);
  if (host === undefined) return "KUBERNETES_SERVICE_HOST is not set";
  const port = await readVariable("KUBERNETES_SERVICE_PORT", env, VARIABLES);
  if (port === undefined) return "KUBERNETES_SERVICE_PORT is not set";
  const path = `${serviceAccountDirectory}/token`;
  const shown = quotePath(path);
  const token = await readToken(path, { shown, signal });
  if (token.outcome === "missing") return `${shown} does not exist`;
  if (token.outcome === "failed") throw new ConfigError(`token file ${shown}`, token.problem, token.remedy);
  return { server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`, token: token.text };
}

/** The settings for a pod that was found. */
export async function podConfig(pod: Pod, options: InClusterConfigOptions): Promise<RestConfig> {
  const { serviceAccountDirectory = DIRECTORY, env, overrides, signal } = options;
  const read = async (name: string): Promise<string | undefined> => {
    const path = `${serviceAccountDirectory}/${name}`;
    const shown = quotePath(path);
    const result = await readText(path, { shown, signal });
    if (result.outcome === "failed") throw new ConfigError(shown, result.problem, result.remedy);
    return result.outcome === "read" ? result.text : undefined;
  };
  const namespace = options.namespace || await readVariable("POD_NAMESPACE", env, VARIABLES) ||
    (await read("namespace"))?.trim() || "default";
  const misnamed = checkNamespace(namespace);
  if (misnamed !== undefined) throw new ConfigError("namespace", misnamed.problem, misnamed.remedy);
  const ca = await read("ca.crt");
  const caFile = `${serviceAccountDirectory}/ca.crt`;
  const user: KubeconfigUser = overrides?.user?.token || overrides?.user?.tokenFile
    ? {}
    : { token: pod.token, tokenFile: `${serviceAccountDirectory}/token` };
  const kubeconfig: Kubeconfig = {
    clusters: [{
      name: NAME,
      cluster: {
        server: pod.server,
        ...ca !== undefined && { "certificate-authority": caFile },
      },
    }],
    users: [{ name: NAME, user }],
    contexts: [{ name: NAME, context: { cluster: NAME, user: NAME } }],
  };
  try {
    return await restConfigFrom(kubeconfig, { ...options, context: NAME, namespace });
  } catch (error) {
    throw inTermsOfPods(error, caFile);
  }
}

/** Says where settings of a pod come from, which are in no kubeconfig. */
function inTermsOfPods(error: unknown, ca: string): unknown {
  if (!isConfigError(error)) return error;
  const problem = error.problem.replace(` (context "${NAME}")`, "");
  switch (error.setting) {
    case `clusters["${NAME}"].cluster.certificate-authority`:
      return new ConfigError(quotePath(ca), problem, "Check what mounts it");
    case `clusters["${NAME}"].cluster.server`:
      return new ConfigError(
        "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT",
        problem,
        "They are set by the kubelet",
      );
    default:
      return error;
  }
}
