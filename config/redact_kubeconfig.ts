import type { Kubeconfig, KubeconfigCluster, KubeconfigUser, Located } from "./kubeconfig.ts";
import { locationOfOrigin } from "./kubeconfig.ts";

const REDACTED = "REDACTED";
const OMITTED = "DATA+OMITTED";

/**
 * A copy that may be shown: tokens, passwords, keys, arguments and variables of plugins, settings of auth
 * providers, and passwords in URLs read `REDACTED`, certificates `DATA+OMITTED`, as `kubectl config view` prints
 * them. What is not a field of {@linkcode Kubeconfig} may be secret too and is left out, like all extensions.
 *
 * @see client-go `clientcmdapi.RedactSecrets`, `clientcmdapi.ShortenConfig`, spec rest 8.9
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseKubeconfig, redactKubeconfig } from "@coxswain/kube/config";
 * const kubeconfig = await parseKubeconfig("users: [{ name: ci, user: { token: abc123 } }]");
 * assert.equal(redactKubeconfig(kubeconfig).users[0].user.token, "REDACTED");
 * ```
 */
export function redactKubeconfig(kubeconfig: Kubeconfig): Kubeconfig {
  const { apiVersion, kind, "current-context": currentContext, clusters, users, contexts } = kubeconfig;
  return present({
    apiVersion,
    kind,
    "current-context": currentContext,
    clusters: clusters.map((entry) => ({
      name: entry.name,
      cluster: redactCluster(entry.cluster),
      ...originOf(entry),
    })),
    users: users.map((entry) => ({ name: entry.name, user: redactUser(entry.user), ...originOf(entry) })),
    contexts: contexts.map(({ name, context: { cluster, user, namespace }, ...entry }) => ({
      name,
      context: present({ cluster, user, namespace }),
      ...originOf(entry),
    })),
  });
}

function redactCluster(cluster: KubeconfigCluster): KubeconfigCluster {
  return present({
    server: redactUrl(cluster.server),
    "tls-server-name": cluster["tls-server-name"],
    "insecure-skip-tls-verify": cluster["insecure-skip-tls-verify"],
    "certificate-authority": cluster["certificate-authority"],
    "certificate-authority-data": cluster["certificate-authority-data"] && OMITTED,
    "proxy-url": redactUrl(cluster["proxy-url"]),
    "disable-compression": cluster["disable-compression"],
  });
}

function redactUser(user: KubeconfigUser): KubeconfigUser {
  const { "auth-provider": authProvider, exec } = user;
  return present({
    "client-certificate": user["client-certificate"],
    "client-certificate-data": user["client-certificate-data"] && OMITTED,
    "client-key": user["client-key"],
    "client-key-data": user["client-key-data"] && REDACTED,
    token: user.token && REDACTED,
    tokenFile: user.tokenFile,
    username: user.username,
    password: user.password && REDACTED,
    as: user.as,
    "as-uid": user["as-uid"],
    "as-groups": user["as-groups"],
    "as-user-extra": user["as-user-extra"],
    "auth-provider": authProvider && present({
      name: authProvider.name,
      config: authProvider.config &&
        Object.fromEntries(Object.keys(authProvider.config).map((key) => [key, REDACTED])),
    }),
    exec: exec && present({
      command: exec.command,
      args: exec.args?.map(() => REDACTED),
      env: exec.env?.map(({ name }) => ({ name, value: REDACTED })),
      apiVersion: exec.apiVersion,
      installHint: exec.installHint,
      provideClusterInfo: exec.provideClusterInfo,
      interactiveMode: exec.interactiveMode,
    }),
  });
}

/** What is before the last `@` of the part that may hold a user and password goes. */
function redactUrl(url: string | undefined): string | undefined {
  return url?.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/i, `$1${REDACTED}@`);
}

function originOf(entry: Located): Located {
  const origin = entry[locationOfOrigin];
  return origin === undefined ? {} : { [locationOfOrigin]: origin };
}

/** Without the fields that are `undefined`. */
function present<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as T;
}
