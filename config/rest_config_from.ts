import { consoleLogger } from "../observe/mod.ts";
import { ConfigError, isConfigError, RestConfig } from "../rest/mod.ts";
import { checkNamespace } from "./check_namespace.ts";
import { type ClientSettings, clientSettings } from "./client_settings.ts";
import { clusterSettings } from "./cluster_settings.ts";
import { effectiveConfig, type EffectiveConfigOptions, reporter, type Spell } from "./effective_config.ts";
import { execClusterOf } from "./exec_credential.ts";
import type { PluginOptions } from "./exec_source.ts";
import { fieldOfImpersonation } from "./impersonation_of.ts";
import { type Kubeconfig, locationOfOrigin, type NamedUser } from "./kubeconfig.ts";
import { persisting, pluginPolicies } from "./loaded_later.ts";
import type { AuthProviderOptions } from "./oidc_source.ts";
import { configErrorOf, type Problem } from "./problem.ts";
import { fieldOf, userSettings } from "./user_settings.ts";

/** Options of {@linkcode restConfigFrom}. An empty text is the same as an absent one. */
export interface RestConfigFromOptions extends EffectiveConfigOptions, ClientSettings {
  /** How credential plugins are run, and which. Default: as the kubeconfig says, and any. */
  plugins?: PluginOptions;
  /**
   * How auth providers are used. By default new tokens are written to the kubeconfig file that the old ones came from
   * (on Deno that needs `--allow-write` for its folder), and are kept in memory alone if there is none.
   */
  authProvider?: AuthProviderOptions;
  /** Ends the wait. */
  signal?: AbortSignal;
}

/**
 * The settings for one context of a kubeconfig. Files that it names are read now; files with a token or a client
 * certificate are read again from time to time. A credential plugin is not run before a request needs it, and
 * only for a user that has no other credentials. Only the context, its cluster and its user have to be right; a
 * context without a user makes anonymous requests.
 *
 * As in client-go, credentials, certificates and `tls-server-name` are left out if the server's URL does not
 * start with `https://`: anybody on the way could read them.
 *
 * @throws {ConfigError} If there is no such context; else one for everything that is wrong with the context,
 *   its cluster and its user.
 * @see client-go `clientcmd.DirectClientConfig`, spec rest 8.5, 8.7
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseKubeconfig, restConfigFrom } from "@coxswain/kube/config";
 * const kubeconfig = await parseKubeconfig(`
 * current-context: dev
 * clusters: [{ name: dev, cluster: { server: "http://localhost:8001" } }]
 * contexts: [{ name: dev, context: { cluster: dev } }]
 * `);
 * const config = await restConfigFrom(kubeconfig, { namespace: "shop" });
 * assert.equal(config.namespace, "shop");
 * ```
 */
export async function restConfigFrom(
  kubeconfig: Kubeconfig,
  options: RestConfigFromOptions = {},
): Promise<RestConfig> {
  const { clock, meter, logger = consoleLogger(), signal, plugins } = options;
  const onError = (error: Error) =>
    logger.error("Cannot renew settings, going on with the old ones", { error });
  if (plugins?.policy) await (await pluginPolicies()).checkPluginPolicy(plugins.policy);
  const problems: Problem[] = [];
  const effective = await effectiveConfig(kubeconfig, options, problems);
  const { context, spellContext, cluster, spellCluster, user, spellUser } = effective;
  const { namespace = "" } = context.context;
  const misnamed = namespace === "" ? undefined : checkNamespace(namespace);
  if (misnamed !== undefined) {
    reporter(spellContext, problems)("namespace", misnamed.problem, misnamed.remedy);
  }
  const server = cluster && await clusterSettings(cluster.cluster, {
    entry: cluster,
    report: reporter(spellCluster, problems),
    signal,
    clock,
    meter,
    onError,
  });
  const identity = user && await userSettings(user.user, {
    entry: user,
    report: reporter(spellUser, problems),
    signal,
    clock,
    onError,
    authProvider: { persist: persistTo(user, spellUser), ...options.authProvider },
    plugins: { onError, ...plugins, meter, cluster: cluster && execClusterOf(cluster.cluster, server?.ca) },
    secure: server?.secure ?? true,
  });

  if (server === undefined || problems.length > 0) {
    throw configErrorOf(`context ${JSON.stringify(context.name)}`, problems);
  }
  const { secure: _, ca, authorities, serverName, insecure, ...connection } = server;
  const { cert, key, credentials, ...fixed } = identity ?? {};
  try {
    const config = new RestConfig({
      ...clientSettings(options),
      ...connection,
      ...namespace && { namespace },
      ...fixed,
      // A file that is empty will be filled; until then no server is believed (spec rest 7.5).
      tls: { ca: authorities && ca?.trim() === "" ? undefined : ca, cert, key, serverName, insecure },
    });
    // What is checked is what is there now; what is used is what gives it as it changes.
    const tls = { ca: authorities ?? ca, serverName, insecure };
    if (credentials === undefined) {
      return authorities === undefined ? config : config.with({ tls: { ...tls, cert, key } });
    }
    return config.with({
      bearerToken: undefined,
      username: undefined,
      password: undefined,
      tls,
      credentials,
    });
  } catch (error) {
    throw inTermsOfFields(error, (setting) => {
      switch (setting) {
        case "server":
          return spellCluster("server");
        case "proxy":
          return spellCluster("proxy-url");
        case "tls.ca":
          return spellCluster(
            `certificate-authority${cluster?.cluster["certificate-authority"] ? "" : "-data"}`,
          );
        case "tls.serverName":
          return spellCluster("tls-server-name");
        case "tls.insecure":
          return spellCluster("insecure-skip-tls-verify");
        case "tls.cert":
        case "tls.key": {
          const field = user &&
            fieldOf(user.user, setting === "tls.key" ? "client-key" : "client-certificate");
          return field && spellUser(field);
        }
        case "bearerToken":
          return spellUser("token");
        default: {
          const field = fieldOfImpersonation(setting);
          return field && spellUser(field);
        }
      }
    });
  }
}

/** Writes an auth provider's new settings to where the user's come from; to nowhere if they are overrides. */
function persistTo(user: NamedUser, spell: Spell): AuthProviderOptions["persist"] {
  const file = user[locationOfOrigin];
  const isOverridden = spell("auth-provider").place === "";
  if (file === undefined || isOverridden) return undefined;
  return async (config) => {
    const { persistAuthProvider } = await persisting();
    await persistAuthProvider(file, user.name, config);
  };
}

/** `RestConfig` checks what this module does not, and calls the settings by its own names. */
function inTermsOfFields(
  error: unknown,
  spell: (setting: string) => ReturnType<Spell> | "" | undefined,
): unknown {
  const found = isConfigError(error) && spell(error.setting);
  return found ? new ConfigError(found.setting, error.problem + found.place, error.remedy) : error;
}
