import type { KubeconfigCluster, KubeconfigContext, KubeconfigUser } from "./kubeconfig.ts";
import { layOver } from "./lay_over.ts";
import { withClusterPaths, withUserPaths } from "./local_paths.ts";
import { resolvePath } from "./read_material.ts";

/**
 * What a program puts over the settings that it finds, such as the options that its user typed: pieces of a
 * kubeconfig, spelled as there. A field that is absent, empty or `false` changes nothing, so that nothing can be
 * cleared. Relative paths start from the working directory.
 *
 * Which context and which namespace are options of their own.
 *
 * @see client-go `clientcmd.ConfigOverrides`, spec rest 8.4
 */
export interface ConfigOverrides {
  /** Names of another cluster and another user than the context's. They must exist. */
  context?: Pick<KubeconfigContext, "cluster" | "user">;
  /** What holds where the cluster's entry and the other overrides say nothing. */
  clusterDefaults?: KubeconfigCluster;
  /**
   * Fields of the cluster. A certificate authority (path or data) or `insecure-skip-tls-verify` replaces all three
   * fields; `server` replaces `tls-server-name` too. With a `server` no kubeconfig is needed.
   */
  cluster?: KubeconfigCluster;
  /**
   * Fields of the user. The path of a client certificate or key replaces its data, and the other way round. Other
   * credentials stay: a `tokenFile` of the entry still wins over `token`, as in client-go, and a `token` beside the
   * entry's `username` is an error.
   */
  user?: KubeconfigUser;
}

/** Fields of a cluster that mean something together only. */
const TRUST = ["insecure-skip-tls-verify", "certificate-authority", "certificate-authority-data"] as const;

/** Whether overrides say where the server is, so that no kubeconfig has to. */
export function givesServer({ cluster, clusterDefaults }: ConfigOverrides): boolean {
  return Boolean(cluster?.server || clusterDefaults?.server);
}

/** The settings of a cluster with everything that overrides them (spec rest 8.4). */
export async function overriddenCluster(
  cluster: KubeconfigCluster,
  overrides: ConfigOverrides,
): Promise<KubeconfigCluster> {
  const { clusterDefaults: under = {}, cluster: over = {} } = overrides;
  const fromHere = (path: string) => resolvePath(path, {});
  const base = layOver(await withClusterPaths(under, fromHere), cluster);
  const own = await withClusterPaths(over, fromHere);
  if (TRUST.some((field) => own[field])) { for (const field of TRUST) delete base[field]; }
  if (own.server) delete base["tls-server-name"]; // it is not the new server's
  return layOver(base, own);
}

/** The settings of a user with what overrides them (spec rest 8.4). */
export async function overriddenUser(
  user: KubeconfigUser,
  { user: over = {} }: ConfigOverrides,
): Promise<KubeconfigUser> {
  const own = await withUserPaths(over, (path) => resolvePath(path, {}));
  const base = { ...user };
  for (const name of ["client-certificate", "client-key"] as const) {
    if (!own[name] && !own[`${name}-data`]) continue;
    delete base[name];
    delete base[`${name}-data`];
  }
  return layOver(base, own);
}
