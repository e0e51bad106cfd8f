import { isNotPermitted } from "./environment.ts";

/** Options of {@linkcode readText}. */
export interface ReadTextOptions {
  /** How messages spell the path. The path itself may be a secret that was put into the wrong field. */
  shown: string;
  /** Ends the wait. */
  signal?: AbortSignal;
}

/** What became of reading a file. */
export type ReadText =
  | { outcome: "read"; text: string }
  /** There is no such file. */
  | { outcome: "missing"; problem: string; remedy: string }
  /** There may be one. */
  | { outcome: "failed"; problem: string; remedy: string };

/**
 * Reads a file as UTF-8. A file that cannot be read is an outcome and not an error, as the caller knows which
 * setting named it. The runtime's own error is dropped since it repeats the path.
 *
 * @throws The signal's `reason`, when it aborts first.
 */
export async function readText(path: string, { shown, signal }: ReadTextOptions): Promise<ReadText> {
  signal?.throwIfAborted();
  const files = await import("node:fs/promises").catch(() => undefined); // the edge has none: said below
  if (files === undefined) {
    return {
      outcome: "failed",
      problem: "this runtime has no files",
      remedy: "Give the content itself instead of a path",
    };
  }
  try {
    return { outcome: "read", text: await files.readFile(path, { encoding: "utf8", signal }) };
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    return failureOf(error, shown);
  }
}

function failureOf(error: unknown, shown: string): ReadText {
  if (isNotPermitted(error)) {
    return {
      outcome: "failed",
      problem: "Deno may not read the file",
      remedy: `Run with --allow-read=${shown}`,
    };
  }
  const { code, name } = error as { code?: unknown; name?: unknown };
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return { outcome: "missing", problem: "the file does not exist", remedy: "Correct the path" };
    case "EISDIR":
      return { outcome: "failed", problem: "it is a folder", remedy: "Name a file in it" };
    case "EACCES":
    case "EPERM":
      return {
        outcome: "failed",
        problem: "this process may not read the file",
        remedy: "Check the owner and mode of the file and its folders",
      };
    default:
      return {
        outcome: "failed",
        problem: `reading the file failed with ${String(code ?? name)}`,
        remedy: "Check that it is a readable file",
      };
  }
}
