import { decodeBase64 } from "./base64.ts";
import { type Located, locationOfOrigin } from "./kubeconfig.ts";
import { nodePath } from "./node_path.ts";
import type { Report } from "./problem.ts";
import { readText } from "./read_text.ts";

/** Where an entry's files are and where to report. */
export interface MaterialOptions {
  /** The entry that the fields belong to. */
  entry: Located;
  /** Told what is wrong. */
  report: Report;
  /** Ends the wait. */
  signal?: AbortSignal;
}

/**
 * What the pair of fields `field` (a path) and `field`-data (base64) stands for; `undefined` if neither is set,
 * or if something is wrong with them, which is reported. Whether it is PEM is for `RestConfig` to say.
 */
export async function readMaterial(
  field: string,
  { path, data }: { path?: string; data?: string },
  options: MaterialOptions,
): Promise<string | undefined> {
  const { report } = options;
  if (path && data) return void report(field, `${field}-data is there too`, "Leave one of them out");
  if (path) return await readNamedFile(field, await resolvePath(path, options.entry), options);
  if (!data) return undefined;
  const text = decodeBase64(data);
  if (text === undefined) report(`${field}-data`, "it is not base64", `Encode the PEM file, or use ${field}`);
  return text;
}

/**
 * The content of the file that a field names, or `undefined` if it cannot be read, which is reported. The path
 * does not appear in the report: people put keys and tokens into fields that are meant for paths.
 */
export async function readNamedFile(
  field: string,
  path: string,
  { report, signal }: MaterialOptions,
  read: typeof readText = readText,
): Promise<string | undefined> {
  const result = await read(path, { shown: `<what ${field} names>`, signal });
  if (result.outcome === "read") return result.text;
  const remedy = result.outcome === "missing"
    ? "Correct the path; a relative one starts in the folder of its kubeconfig"
    : result.remedy;
  report(field, result.problem, remedy);
}

/** Makes a path absolute that an entry means relative to the folder of its own file. */
export async function resolvePath(path: string, { [locationOfOrigin]: origin }: Located): Promise<string> {
  const paths = await nodePath();
  if (paths === undefined) return path; // readText says what the matter is
  return origin === undefined ? paths.resolve(path) : paths.resolve(paths.dirname(origin), path);
}
