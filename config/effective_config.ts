import { ConfigError } from "../rest/mod.ts";
import {
  type Kubeconfig,
  type Located,
  locationOfOrigin,
  type NamedCluster,
  type NamedContext,
  type NamedUser,
} from "./kubeconfig.ts";
import { says } from "./lay_over.ts";
import { type ConfigOverrides, givesServer, overriddenCluster, overriddenUser } from "./overrides.ts";
import type { Problem, Report } from "./problem.ts";
import { quoteNames, quotePath } from "./quote.ts";

/** The name of what comes from overrides alone. */
const NAMELESS = "overrides";

/** Which part of a kubeconfig is meant, and what is put over it. An empty text is the same as an absent one. */
export interface EffectiveConfigOptions {
  /** Name of the context. Default the kubeconfig's `current-context`. */
  context?: string;
  /** Preferred namespace. Default the context's, else `default`. */
  namespace?: string;
  /** What is put over the settings of the cluster and the user. Default nothing. */
  overrides?: ConfigOverrides;
}

/** How a field is spelled where it comes from, and what an error says about that place, if anything. */
export type Spell = (field: string) => { setting: string; place: string };

/** What a configuration is made of, and where each of the fields comes from. */
export interface EffectiveConfig {
  /** With the names of the cluster and the user below. */
  context: NamedContext;
  spellContext: Spell;
  /** Absent if there is none, which was reported. */
  cluster?: NamedCluster;
  spellCluster: Spell;
  /** Absent if the context has none, or if there is none of that name, which was reported. */
  user?: NamedUser;
  spellUser: Spell;
}

/**
 * The context that is meant, its cluster and its user, with overrides applied (spec rest 8.4).
 *
 * @param problems Gets an entry for a cluster or user that is not there.
 * @throws {ConfigError} If there is no such context.
 */
export async function effectiveConfig(
  { clusters, users, contexts, "current-context": current }: Kubeconfig,
  options: EffectiveConfigOptions,
  problems: Problem[],
): Promise<EffectiveConfig> {
  const { namespace, overrides = {} } = options;
  const named = !options.context && !current && givesServer(overrides)
    ? { name: NAMELESS, context: {} }
    : findContext(contexts, current, options.context);
  const over = (name: keyof ConfigOverrides): Layer => ({
    prefix: `overrides.${name}.`,
    fields: overrides[name],
    place: "",
  });
  const own = (kind: "cluster" | "context" | "user", entry: Located & { name: string }, fields: object) => ({
    prefix: `${kind}s[${JSON.stringify(entry.name)}].${kind}.`,
    fields,
    place: placeOf(named, entry),
  });

  const contextLayer = own("context", named, named.context);
  const spellContext = speller(contextLayer, [
    { prefix: "", fields: { namespace }, place: "" },
    over("context"),
    contextLayer,
  ]);
  const report = reporter(spellContext, problems);
  const clusterName = overrides.context?.cluster || named.context.cluster;
  const cluster = !clusterName && givesServer(overrides)
    ? { name: NAMELESS, cluster: {} }
    : findEntry("cluster", clusters, clusterName, report);
  const userName = overrides.context?.user || named.context.user;
  const user = userName
    ? findEntry("user", users, userName, report)
    : Object.values(overrides.user ?? {}).some(says)
    ? { name: NAMELESS, user: {} }
    : undefined;

  const clusterLayer = cluster && cluster.name !== NAMELESS
    ? own("cluster", cluster, cluster.cluster)
    : over("cluster");
  const userLayer = user && user.name !== NAMELESS ? own("user", user, user.user) : over("user");
  return {
    context: {
      ...named,
      context: {
        ...named.context,
        ...cluster && { cluster: cluster.name },
        ...user && { user: user.name },
        ...namespace && { namespace },
      },
    },
    spellContext,
    ...cluster && { cluster: { ...cluster, cluster: await overriddenCluster(cluster.cluster, overrides) } },
    spellCluster: speller(clusterLayer, [over("cluster"), clusterLayer, over("clusterDefaults")]),
    ...user && { user: { ...user, user: await overriddenUser(user.user, overrides) } },
    spellUser: speller(userLayer, [over("user"), userLayer]),
  };
}

/** Reports under the name that a field has where it comes from. */
export function reporter(spell: Spell, problems: Problem[]): Report {
  return (field, problem, remedy) => {
    const { setting, place } = spell(field);
    problems.push({ setting, problem: problem + place, remedy });
  };
}

/** Fields that come from one place. */
interface Layer {
  prefix: string;
  fields: object | undefined;
  place: string;
}

/** Spells a field as the first layer does that says something about it, else as `own` does. */
function speller(own: Layer, layers: readonly Layer[]): Spell {
  return (field) => {
    const [name] = field.split(/[.[]/, 1);
    const said = layers.find(({ fields = {} }) => says((fields as Record<string, unknown>)[name]));
    const { prefix, place } = said ?? own;
    return { setting: prefix + field, place };
  };
}

/**
 * The context that is wanted, else the current one.
 *
 * @throws {ConfigError} If there is none of that name, or no name.
 */
export function findContext(
  contexts: readonly NamedContext[],
  current: string | undefined,
  wanted?: string,
): NamedContext {
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

function placeOf({ name }: NamedContext, entry: Located): string {
  const file = entry[locationOfOrigin];
  return ` (context ${JSON.stringify(name)}${file === undefined ? "" : ` in ${quotePath(file)}`})`;
}
