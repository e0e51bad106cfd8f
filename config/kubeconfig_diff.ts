import {
  type Kubeconfig,
  type Located,
  locationOfOrigin,
  type NamedCluster,
  type NamedUser,
} from "./kubeconfig.ts";
import { type KubeconfigEdit, LISTS, type NamedEntry } from "./kubeconfig_edit.ts";
import type { KubeconfigSource } from "./kubeconfig_sources.ts";
import { type ChangePath, type PathField, withClusterPaths, withUserPaths } from "./local_paths.ts";
import { requireNodePath } from "./node_path.ts";
import { isSameValue } from "./same_value.ts";
import { writtenPath } from "./written_path.ts";

/** What a change of the whole has to do with its files. */
export interface KubeconfigDiffOptions {
  /** All files, most important first. */
  sources: readonly KubeconfigSource[];
  /** Path of the one that new entries and `current-context` go to. */
  defaultFile: string;
}

/**
 * What to change in which file, so that the merged kubeconfig `before` becomes `after` (spec rest 8.8): an entry in the
 * file that it came from, a new one in the default file; `current-context` in the default file, or, when it is
 * cleared, in the first that sets it; any other field in the first file that has it.
 */
export async function diffKubeconfigs(
  before: Kubeconfig,
  after: Kubeconfig,
  { sources, defaultFile }: KubeconfigDiffOptions,
): Promise<Map<string, KubeconfigEdit[]>> {
  const edits = new Map<string, KubeconfigEdit[]>();
  const add = (file: string, edit: KubeconfigEdit) => void edits.set(file, [...edits.get(file) ?? [], edit]);

  for (const list of LISTS) {
    const olds = entriesOf(before, list);
    const news = entriesOf(after, list);
    const homeOf = (name: string) =>
      sources.find(({ kubeconfig }) => entriesOf(kubeconfig, list).some((entry) => entry.name === name))
        ?.file;
    for (const { name } of olds) {
      if (!news.some((entry) => entry.name === name)) add(homeOf(name) ?? defaultFile, { list, name });
    }
    for (const entry of news) {
      const old = olds.find(({ name }) => name === entry.name);
      if (old !== undefined && isSameValue(old, entry)) continue;
      const origin = entry[locationOfOrigin];
      const known = sources.some(({ file }) => file === origin) ? origin : undefined;
      const file = homeOf(entry.name) ?? known ?? defaultFile;
      const value = await inFile(file, entry, old);
      if (old === undefined || !isSameValue(old, value)) add(file, { list, name: entry.name, value });
    }
  }

  const fields = new Set([...Object.keys(before), ...Object.keys(after)]);
  for (const field of LISTS) fields.delete(field);
  for (const field of fields) {
    const [old, value] = [fieldOf(before, field), fieldOf(after, field)];
    if (isSameValue(old, value)) continue;
    const home = sources.find(({ kubeconfig }) => fieldOf(kubeconfig, field) !== undefined)?.file;
    if (field !== "current-context") add(home ?? defaultFile, { field, value });
    else if (value !== undefined) add(defaultFile, { field, value });
    else if (home !== undefined) add(home, { field, value: "" });
  }
  return edits;
}

type Entry = NamedEntry & Located;

function entriesOf(kubeconfig: Kubeconfig, list: typeof LISTS[number]): Entry[] {
  return (kubeconfig[list] ?? []) as unknown as Entry[];
}

/** What a field says; nothing if it is empty. */
function fieldOf(kubeconfig: Kubeconfig, field: string): unknown {
  const value = (kubeconfig as unknown as Record<string, unknown>)[field];
  return value === "" || value === null ? undefined : value;
}

/** An entry as it is to be written to a file: relative paths in it start from that file's folder. */
async function inFile(file: string, entry: Entry, old: Entry | undefined): Promise<NamedEntry> {
  const { dirname, resolve } = await requireNodePath();
  // What replaces an entry, and does not say where it is from, is taken to be from the same place.
  const origin = entry[locationOfOrigin] ?? old?.[locationOfOrigin];
  const [from, to] = [origin === undefined ? resolve() : dirname(origin), dirname(file)];
  const olds = new Map<PathField, string>();
  await withPaths(old, (path, field) => {
    olds.set(field, path);
    return path;
  });
  return await withPaths(
    entry,
    (path, field) =>
      writtenPath(path, { old: olds.get(field), from, to, isCommand: field === "exec.command" }),
  ) as NamedEntry;
}

/** A copy of an entry, of whichever list, with other texts for its paths. */
async function withPaths(entry: Entry | undefined, change: ChangePath): Promise<NamedEntry | undefined> {
  if (entry === undefined) return undefined;
  const { cluster, user } = entry as Partial<NamedCluster & NamedUser>;
  return {
    ...entry,
    ...typeof cluster === "object" && { cluster: await withClusterPaths(cluster, change) },
    ...typeof user === "object" && { user: await withUserPaths(user, change) },
  };
}
