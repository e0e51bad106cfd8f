import { ConfigError } from "../rest/mod.ts";
import { type Environment, readVariable } from "./environment.ts";
import type { Kubeconfig } from "./kubeconfig.ts";
import { mergeKubeconfigs } from "./merge_kubeconfigs.ts";
import { requireNodePath } from "./node_path.ts";
import { parseKubeconfig } from "./parse_kubeconfig.ts";
import { quotePath } from "./quote.ts";
import { readText } from "./read_text.ts";

/** What `--allow-env` needs to find a kubeconfig. */
const VARIABLES = ["KUBECONFIG", "HOME"] as const;
const WINDOWS_VARIABLES = [...VARIABLES, "USERPROFILE"] as const;

/** Which files make up the kubeconfig, and what said so. */
export interface KubeconfigFiles {
  source: "kubeconfig option" | "KUBECONFIG" | "home";
  /** Most important first. */
  files: string[];
}

/** What was in them. */
export interface ReadKubeconfigFiles {
  /** All that exist, merged. */
  kubeconfig: Kubeconfig;
  /** Those that exist. */
  found: string[];
}

/**
 * Which files to read: the option's, else those that `KUBECONFIG` lists, else `.kube/config` in the home folder
 * (spec rest 8.1).
 *
 * @throws {ConfigError} If the environment may not be read or cannot mean a path.
 */
export async function kubeconfigFiles(
  { kubeconfig, env }: { kubeconfig?: string; env?: Environment },
): Promise<KubeconfigFiles> {
  if (kubeconfig) return { source: "kubeconfig option", files: [kubeconfig] };
  const listed = await readVariable("KUBECONFIG", env, VARIABLES);
  const paths = await requireNodePath();
  if (listed !== undefined) {
    if (/^\s*\{|\n/.test(listed)) {
      throw new ConfigError(
        "KUBECONFIG",
        "it holds something other than paths, maybe the text of a kubeconfig",
        "Write that to a file and name the file, or use parseKubeconfig()",
      );
    }
    const files = listed.split(paths.delimiter).filter((file) => file !== "");
    return { source: "KUBECONFIG", files: [...new Set(files)] };
  }
  // Not os.homedir(): on Deno that is one more permission, and client-go does not look further either.
  const homes = [await readVariable("HOME", env, VARIABLES)];
  if (paths.sep === "\\") homes.push(await readVariable("USERPROFILE", env, WINDOWS_VARIABLES));
  return {
    source: "home",
    files: homes.flatMap((home) => home === undefined ? [] : [paths.join(home, ".kube", "config")]),
  };
}

/**
 * Reads and merges the files; those that do not exist are left out (spec rest 8.3).
 *
 * @throws {ConfigError} If a file exists and cannot be used, or the option's file does not exist.
 */
export async function readKubeconfigFiles(
  { source, files }: KubeconfigFiles,
  signal: AbortSignal | undefined,
): Promise<ReadKubeconfigFiles> {
  const { resolve } = await requireNodePath();
  const kubeconfigs: Kubeconfig[] = [];
  const found: string[] = [];
  for (const file of files) {
    const shown = quotePath(file);
    const result = await readText(file, { shown, signal });
    if (result.outcome === "read") {
      kubeconfigs.push(await parseKubeconfig(result.text, { file: resolve(file) }));
      found.push(file);
      if (source === "home") break; // of the possible homes, the first that has one
    } else if (result.outcome === "failed" || source === "kubeconfig option") {
      throw new ConfigError(`kubeconfig ${shown}`, result.problem, result.remedy);
    }
  }
  return { kubeconfig: mergeKubeconfigs(kubeconfigs), found };
}
