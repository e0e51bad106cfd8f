import { ConfigError, isConfigError, RestConfig } from "../rest/mod.ts";
import { decodeBase64 } from "./base64.ts";
import { type Environment, readVariable } from "./environment.ts";
import {
  decodeExecCredential,
  type ExecCluster,
  type ExecCredential,
  GROUP,
  showVersion,
  VERSIONS,
} from "./exec_credential.ts";

const VARIABLE = "KUBERNETES_EXEC_INFO";
const CLIENT = "Let a client like kubectl run this plugin";

/** What {@linkcode loadExecCredential} gives. */
export interface LoadedExecCredential {
  /** What the client says. `spec.cluster.config` is what the kubeconfig has for this plugin. */
  credential: ExecCredential;
  /** How to reach the cluster, without credentials. */
  config: RestConfig;
}

/**
 * For those who write a credential plugin: what the client that runs it has to say about the cluster. The plugin
 * answers with an {@linkcode ExecCredential} as JSON on its standard output.
 *
 * @param env Environment variables. Default those of the process.
 * @throws {ConfigError} If there is nothing of the kind in `KUBERNETES_EXEC_INFO`, or nothing about a cluster.
 * @see client-go `tools/auth/exec.LoadExecCredentialFromEnv`, spec rest 9.6
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { loadExecCredential } from "@coxswain/kube/config";
 * const { config } = await loadExecCredential({
 *   KUBERNETES_EXEC_INFO: JSON.stringify({
 *     apiVersion: "client.authentication.k8s.io/v1",
 *     kind: "ExecCredential",
 *     spec: { interactive: false, cluster: { server: "https://10.0.0.1:6443" } },
 *   }),
 * });
 * assert.equal(config.server, "https://10.0.0.1:6443/");
 * ```
 */
export async function loadExecCredential(env?: Environment): Promise<LoadedExecCredential> {
  const text = await readVariable(VARIABLE, env, [VARIABLE]);
  const refuse = (problem: string, remedy: string): never => {
    throw new ConfigError(VARIABLE, problem, remedy);
  };
  if (text === undefined) return refuse("env var is unset or empty", CLIENT);
  const credential = await decodeExecCredential(text);
  if (typeof credential === "string") return refuse(`decode: ${credential}`, CLIENT);
  const { apiVersion = "", kind = "", spec } = credential;
  const [group, version] = apiVersion.split("/");
  if (group !== GROUP || kind !== "ExecCredential") {
    const got = showVersion(`${group}/v1`) === `${group}/v1` && /^\w{1,63}$/.test(kind)
      ? `${kind}.${group}`
      : "another";
    return refuse(`invalid group/kind: wanted ExecCredential.${GROUP}, got ${got}`, CLIENT);
  }
  if (!VERSIONS.includes(apiVersion)) {
    return refuse(`decode: unknown version ${showVersion(version ?? "")}`, `Use ${VERSIONS.join(" or ")}`);
  }
  if (spec?.cluster === undefined) {
    return refuse(
      "ExecCredential does not contain cluster information",
      "Set provideClusterInfo for the plugin in the kubeconfig",
    );
  }
  return { credential: { ...credential, apiVersion, kind }, config: configOf(spec.cluster) };
}

function configOf(cluster: ExecCluster): RestConfig {
  try {
    const { server = "", "certificate-authority-data": data } = cluster;
    if (cluster["proxy-url"]) {
      throw new ConfigError("proxy-url", "proxies are not supported yet", "Use a cluster without one");
    }
    const ca = data ? decodeBase64(data) : undefined;
    if (data && ca === undefined) {
      throw new ConfigError("certificate-authority-data", "it is not base64", "Encode the PEM file");
    }
    return new RestConfig({
      server,
      tls: {
        ca,
        serverName: cluster["tls-server-name"],
        insecure: cluster["insecure-skip-tls-verify"],
      },
    });
  } catch (error) {
    if (!isConfigError(error)) throw error;
    throw new ConfigError(
      VARIABLE,
      `cannot create rest.Config: ${error.setting}: ${error.problem}`,
      error.remedy,
    );
  }
}
