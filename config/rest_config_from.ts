import type { Clock } from "../async/mod.ts";
import { ConfigError, type Credentials, isConfigError, RestConfig } from "../rest/mod.ts";
import { checkNamespace } from "./check_namespace.ts";
import { clusterSettings } from "./cluster_settings.ts";
import { combinedSource } from "./combined_source.ts";
import { type Kubeconfig, type Located, locationOfOrigin, type NamedContext } from "./kubeconfig.ts";
import { configErrorOf, type Problem, type Report } from "./problem.ts";
import { quoteNames, quotePath } from "./quote.ts";
import { fieldOf, userSettings } from "./user_settings.ts";

/** Options of {@linkcode restConfigFrom}. An empty text is the same as an absent one. */
export interface RestConfigFromOptions {
  /** Name of the context. Default the kubeconfig's `current-context`. */
  context?: string;
  /** Preferred namespace. Default the context's, else `default`. */
  namespace?: string;
  /** The clock of the configuration and of its token file. Default the runtime's. */
  clock?: Clock;
  /** Ends the wait. */
  signal?: AbortSignal;
}

/**
 * The settings for one context of a kubeconfig. Files that it names are read now; a token file is read again
 * from time to time. Only the context, its cluster and its user have to be right; a context without a user
 * makes anonymous requests.
 *
 * As in client-go, credentials, certificates and `tls-server-name` are left out if the server's URL does not
 * start with `https://`: anybody on the way could read them.
 *
 * @throws {ConfigError} If there is no such context; else one for everything that is wrong with the context,
 *   its cluster and its user, where `exec`, `auth-provider`, `as…` and `proxy-url` are not supported yet.
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
  const { clock, signal } = options;
  const named = findContext(kubeconfig, options.context);
  const { name, context } = named;
  const problems: Problem[] = [];
  const reporter = (prefix: string, entry: Located): Report => (field, problem, remedy) =>
    problems.push({ setting: `${prefix}.${field}`, problem: `${problem} (${placeOf(name, entry)})`, remedy });

  const contextPrefix = `contexts[${JSON.stringify(name)}].context`;
  const report = reporter(contextPrefix, named);
  const namespace = options.namespace || context.namespace || "default";
  const misnamed = checkNamespace(namespace);
  if (misnamed !== undefined && options.namespace) problems.push({ setting: "namespace", ...misnamed });
  else if (misnamed !== undefined) report("namespace", misnamed.problem, misnamed.remedy);

  const cluster = findEntry("cluster", kubeconfig.clusters, context.cluster, report);
  const clusterPrefix = `clusters[${JSON.stringify(context.cluster)}].cluster`;
  const server = cluster && await clusterSettings(cluster.cluster, {
    entry: cluster,
    report: reporter(clusterPrefix, cluster),
    signal,
  });

  const user = context.user ? findEntry("user", kubeconfig.users, context.user, report) : undefined;
  const userPrefix = `users[${JSON.stringify(context.user)}].user`;
  const identity = user && await userSettings(user.user, {
    entry: user,
    report: reporter(userPrefix, user),
    signal,
    clock,
    secure: server?.secure ?? true,
  });

  if (server === undefined || problems.length > 0) {
    throw configErrorOf(`context ${JSON.stringify(name)}`, problems);
  }
  const { secure: _, server: url, ca, serverName, insecure } = server;
  const { cert, key, sources = [], ...credentials } = identity ?? {};
  try {
    const config = new RestConfig({
      server: url,
      namespace,
      ...credentials,
      tls: { ca, cert, key, serverName, insecure },
      clock,
    });
    if (sources.length === 0) return config;
    const fixed: Credentials = { ...credentials, cert, key }; // and found to be good, or there were no config
    return config.with({
      username: undefined,
      password: undefined,
      tls: { ca, serverName, insecure },
      credentials: combinedSource(Object.values(fixed).some(Boolean) ? [() => fixed, ...sources] : sources),
    });
  } catch (error) {
    const caField = cluster?.cluster["certificate-authority"] ? "" : "-data";
    throw inTermsOfFields(error, {
      server: [`${clusterPrefix}.server`, placeOf(name, cluster)],
      "tls.ca": [`${clusterPrefix}.certificate-authority${caField}`, placeOf(name, cluster)],
      "tls.cert": [`${userPrefix}.${user && fieldOf(user.user, "client-certificate")}`, placeOf(name, user)],
      "tls.key": [`${userPrefix}.${user && fieldOf(user.user, "client-key")}`, placeOf(name, user)],
      bearerToken: [`${userPrefix}.token`, placeOf(name, user)],
    });
  }
}

/** @throws {ConfigError} If there is none of that name, or no name. */
function findContext({ contexts, "current-context": current }: Kubeconfig, wanted?: string): NamedContext {
  const name = wanted || current;
  const found = contexts.find((entry) => entry.name === name);
  if (name && found !== undefined) return found;
  const [setting, remedy] = wanted
    ? [`context ${JSON.stringify(wanted)}`, "Choose"]
    : ["current-context", "Pass the context option with"];
  const problem = !name
    ? "it is not set"
    : wanted
    ? "there is no such context"
    : `there is no context ${JSON.stringify(current)}`;
  const names = contexts.map((entry) => entry.name);
  throw new ConfigError(
    setting,
    problem,
    names.length === 0 ? "There are no contexts at all" : `${remedy} one of ${quoteNames(names)}`,
  );
}

function findEntry<Entry extends { name: string }>(
  field: "cluster" | "user",
  entries: readonly Entry[],
  name: string | undefined,
  report: Report,
): Entry | undefined {
  if (!name) return void report(field, "it is not set", `Name one of the ${field}s`);
  const found = entries.find((entry) => entry.name === name);
  if (found !== undefined) return found;
  const names = entries.map((entry) => entry.name);
  const remedy = names.length === 0 ? `There are no ${field}s at all` : `Choose one of ${quoteNames(names)}`;
  report(field, `there is no ${field} ${JSON.stringify(name)}`, remedy);
}

function placeOf(context: string, entry?: Located): string {
  const file = entry?.[locationOfOrigin];
  return `context ${JSON.stringify(context)}${file === undefined ? "" : ` in ${quotePath(file)}`}`;
}

/** `RestConfig` checks what this module does not, and calls the settings by its own names. */
function inTermsOfFields(error: unknown, fields: Record<string, [setting: string, place: string]>): unknown {
  if (!isConfigError(error) || !Object.hasOwn(fields, error.setting)) return error;
  const [setting, place] = fields[error.setting];
  return new ConfigError(setting, `${error.problem} (${place})`, error.remedy);
}
