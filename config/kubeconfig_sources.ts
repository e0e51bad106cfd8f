import { ConfigError } from "../rest/mod.ts";
import type { Environment } from "./environment.ts";
import { type KubeconfigFiles, kubeconfigFiles } from "./kubeconfig_files.ts";
import type { Kubeconfig } from "./kubeconfig.ts";
import { requireNodePath } from "./node_path.ts";
import { parseKubeconfig } from "./parse_kubeconfig.ts";
import { quotePath } from "./quote.ts";
import { readText } from "./read_text.ts";

/** A kubeconfig file that can be written. */
export interface KubeconfigSource {
  /** Absolute path, as the environment or the options name it. */
  file: string;
  /** Where that leads, if it is a symbolic link; else the same. */
  target: string;
  /** What is in it; empty if it does not exist. */
  text: string;
  kubeconfig: Kubeconfig;
  exists: boolean;
}

/**
 * The absolute paths of all files that make up the kubeconfig, and of the one that new entries go to (spec rest 8.8):
 * the option's, else the first of the list that exists, else its last.
 *
 * @throws {ConfigError} If nothing says where a kubeconfig should be.
 */
export async function writableFiles(
  options: { kubeconfig?: string; env?: Environment },
): Promise<{ files: string[]; defaultFile: string }> {
  const found: KubeconfigFiles = await kubeconfigFiles(options);
  const { resolve } = await requireNodePath();
  const files = [...new Set(found.files.map((file) => resolve(file)))];
  if (files.length === 0) {
    throw new ConfigError(
      "kubeconfig",
      found.source === "KUBECONFIG" ? "KUBECONFIG names no file" : "neither KUBECONFIG nor HOME is set",
      "Set KUBECONFIG, or pass the kubeconfig option",
    );
  }
  const { stat } = await import("node:fs/promises");
  for (const file of files) {
    const exists = await stat(file).then(() => true, () => false); // why not will be told when it is read
    if (exists) return { files: found.source === "home" ? [file] : files, defaultFile: file };
  }
  // As kubectl does it; of two possible homes the first.
  if (found.source === "home") return { files: [files[0]], defaultFile: files[0] };
  return { files, defaultFile: files[files.length - 1] };
}

/**
 * Reads a file that may be written.
 *
 * @throws {ConfigError} If it exists and is no kubeconfig that can be read.
 */
export async function readSource(file: string, signal: AbortSignal | undefined): Promise<KubeconfigSource> {
  const shown = quotePath(file);
  const result = await readText(file, { shown, signal });
  if (result.outcome === "failed") {
    throw new ConfigError(`kubeconfig ${shown}`, result.problem, result.remedy);
  }
  const text = result.outcome === "read" ? result.text : "";
  return {
    file,
    target: await targetOf(file),
    text,
    kubeconfig: await parseKubeconfig(text, { file }),
    exists: result.outcome === "read",
  };
}

/** Where a path leads through symbolic links, though nothing may be there yet. */
async function targetOf(file: string): Promise<string> {
  const { readlink, realpath } = await import("node:fs/promises");
  const { dirname, resolve } = await requireNodePath();
  const real = await realpath(file).catch(() => undefined); // nothing is there: maybe a link that leads nowhere
  if (real !== undefined) return real;
  const next = await readlink(file).catch(() => undefined); // no link, then
  return next === undefined ? file : resolve(dirname(file), next);
}
