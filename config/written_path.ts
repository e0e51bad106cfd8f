import { requireNodePath } from "./node_path.ts";

/** What is known about a path in an entry that is written. */
export interface WrittenPathOptions {
  /** What was written there before, in the same file. */
  old?: string;
  /** The folder that the path starts from, if it is relative. */
  from: string;
  /** The folder of the file that it is written to. */
  to: string;
  /** A program: a name without a folder would be looked up on `PATH`. */
  isCommand?: boolean;
}

/**
 * A path as it is written to a kubeconfig (spec rest 8.8): one that was relative stays so, unless it would lead
 * through `..`; what it means stays in any case.
 */
export async function writtenPath(path: string, options: WrittenPathOptions): Promise<string> {
  const { old, from, to, isCommand } = options;
  const { isAbsolute, relative, resolve, sep } = await requireNodePath();
  if (path === old) return path;
  if (!isAbsolute(path) && from === to) return path;
  if (isAbsolute(path) && (old === undefined || isAbsolute(old))) return path;
  const absolute = resolve(from, path);
  const below = relative(to, absolute);
  if (below === "" || below === ".." || below.startsWith(`..${sep}`) || isAbsolute(below)) return absolute;
  return isCommand && !below.includes(sep) ? `.${sep}${below}` : below;
}
