import { fileFailure } from "./file_failure.ts";
import { editKubeconfigText } from "./edit_kubeconfig_text.ts";
import type { Environment } from "./environment.ts";
import { type Kubeconfig, locationOfOrigin } from "./kubeconfig.ts";
import { diffKubeconfigs } from "./kubeconfig_diff.ts";
import { type KubeconfigSource, readSource, writableFiles } from "./kubeconfig_sources.ts";
import { withLocks } from "./lock_files.ts";
import { mergeKubeconfigs } from "./merge_kubeconfigs.ts";
import { requireNodePath } from "./node_path.ts";
import { parseKubeconfig } from "./parse_kubeconfig.ts";
import { type FileChange, replaceFiles } from "./replace_files.ts";

/** Options of {@linkcode modifyKubeconfig}. */
export interface ModifyKubeconfigOptions {
  /** Path of the only kubeconfig to read and write; it need not exist. Default what the environment says. */
  kubeconfig?: string;
  /** Environment variables. Default those of the process, of which only the needed ones are read. */
  env?: Environment;
  /** Ends the wait, until the first file is written. */
  signal?: AbortSignal;
}

/**
 * Changes the kubeconfig and writes it back, as `kubectl config` does. An entry that was changed or removed is so in
 * the file that it came from. A new one goes to the file of the `kubeconfig` option, else to the first of those that
 * `KUBECONFIG` lists that exists (if none does, to the last), else to `~/.kube/config`; so does `current-context`,
 * but when it is emptied, it is so in the first file that sets it. Files that nothing has changed in are not written.
 * If several files have an entry of the same name, the first one's is what is changed or removed, and the next one's
 * then comes to light.
 *
 * Comments, order and unknown fields stay; indentation and blanks become even. Names and other texts that YAML could
 * take for numbers get quotes. A relative path stays relative, to the folder of its file; in a new entry it starts from
 * the working directory, and is written relative to the file if it leads to below its folder, else absolute.
 *
 * Meanwhile each of the files has a lock, a file of the same name with `.lock`, as kubectl makes it. Each file is
 * replaced at once, with mode 0600 and its owner; a symbolic link stays one. All of them are checked and written beside
 * the old ones before the first is replaced, so that a failure changes nothing. Only if a file cannot be put into its
 * place after others have, these stay changed: the error names them.
 *
 * On Deno it needs `--allow-read` and `--allow-write` for the folders of the files, and `--allow-env=KUBECONFIG,HOME`.
 *
 * @param modify Changes what it is given, or gives another kubeconfig.
 * @returns The kubeconfig as it is then, read from what was written.
 * @throws {ConfigError} If a file is locked, which is not waited for, cannot be read or written, or is no kubeconfig;
 *   if the result of `modify` is none; or if a file cannot be changed in place, as one whose anchors are used elsewhere.
 * @throws What `modify` throws; nothing is written then.
 * @see client-go `clientcmd.ModifyConfig`, spec rest 8.8
 * @example Adding a context, and making it the current one
 * ```ts
 * import assert from "node:assert/strict";
 * import { mkdtemp, readFile, rm } from "node:fs/promises";
 * import { modifyKubeconfig } from "@coxswain/kube/config";
 * const folder = await mkdtemp("/tmp/coxswain-");
 * await modifyKubeconfig((kubeconfig) => {
 *   kubeconfig.contexts.push({ name: "dev", context: { cluster: "east", namespace: "shop" } });
 *   kubeconfig["current-context"] = "dev";
 * }, { kubeconfig: `${folder}/config` });
 * assert.match(await readFile(`${folder}/config`, "utf8"), /^current-context: dev$/m);
 * await rm(folder, { recursive: true });
 * ```
 */
export async function modifyKubeconfig(
  modify: (kubeconfig: Kubeconfig) => Kubeconfig | void | Promise<Kubeconfig | void>,
  options: ModifyKubeconfigOptions = {},
): Promise<Kubeconfig> {
  const { signal } = options;
  const { files, defaultFile } = await writableFiles(options);
  signal?.throwIfAborted();
  await makeFolder(defaultFile);
  return await withLocks(files, async () => {
    const sources = await readSources(files, signal);
    const before = mergeKubeconfigs(sources.map(({ kubeconfig }) => kubeconfig));
    const copy = copyOf(before);
    const after = await checked(await modify(copy) ?? copy);
    const edits = await diffKubeconfigs(before, after, {
      sources,
      // Absent if it is another name of one that is there.
      defaultFile: sources.some(({ file }) => file === defaultFile) ? defaultFile : sources[0].file,
    });

    const changes: FileChange[] = [];
    const kubeconfigs: Kubeconfig[] = [];
    for (const { file, target, text, kubeconfig } of sources) {
      const changed = edits.get(file);
      if (changed === undefined) {
        kubeconfigs.push(kubeconfig);
        continue;
      }
      const result = await editKubeconfigText(text, changed, file);
      changes.push({ file: target, text: result });
      kubeconfigs.push(await parseKubeconfig(result, { file }));
    }
    signal?.throwIfAborted();
    await replaceFiles(changes);
    return mergeKubeconfigs(kubeconfigs);
  });
}

/** With mode 0755, as client-go makes it. */
async function makeFolder(file: string): Promise<void> {
  const { mkdir } = await import("node:fs/promises");
  const { dirname } = await requireNodePath();
  await mkdir(dirname(file), { recursive: true, mode: 0o755 }).catch((error) => {
    throw fileFailure(error, { file, doing: "making its folder" });
  });
}

/** The files, without those that are one of the others under another name. */
async function readSources(files: string[], signal: AbortSignal | undefined): Promise<KubeconfigSource[]> {
  const sources: KubeconfigSource[] = [];
  for (const file of files) {
    const source = await readSource(file, signal);
    if (!sources.some(({ target }) => target === source.target)) sources.push(source);
  }
  return sources;
}

/** A deep copy, whose entries still know where they are from. */
function copyOf(kubeconfig: Kubeconfig): Kubeconfig {
  return withOrigins(structuredClone(kubeconfig), kubeconfig);
}

/**
 * A deep copy of what a program made, without fields that say nothing.
 *
 * @throws {ConfigError} If it is no kubeconfig.
 */
async function checked(kubeconfig: Kubeconfig): Promise<Kubeconfig> {
  return withOrigins(await parseKubeconfig(JSON.stringify(kubeconfig)), kubeconfig);
}

/** Notes on each entry of a copy where the original's is from. */
function withOrigins(copy: Kubeconfig, original: Kubeconfig): Kubeconfig {
  for (const list of ["clusters", "contexts", "users"] as const) {
    for (const [index, entry] of copy[list].entries()) {
      const origin = original[list][index][locationOfOrigin];
      if (origin !== undefined) entry[locationOfOrigin] = origin;
    }
  }
  return copy;
}
