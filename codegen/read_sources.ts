import { loadConfig, type LoadConfigOptions } from "../config/mod.ts";
import type { Stored } from "../meta/mod.ts";
import { RestClient } from "../rest/mod.ts";
import type { CustomResourceDefinition } from "../types/apiextensions_v1.ts";
import type { Definition } from "./definition.ts";
import { DefinitionError, readDefinition, readDefinitions } from "./read_definitions.ts";

/** A place that definitions come from, and its text. */
interface Source {
  name: string;
  text: string;
}

/**
 * The definitions in files, in the YAML and JSON files of folders and below, behind `https:` and `http:` addresses,
 * and in `-`, the standard input.
 *
 * @throws {DefinitionError} If one cannot be read.
 */
export async function readSources(sources: readonly string[]): Promise<Definition[]> {
  const found: Definition[] = [];
  for (const source of sources) {
    for (const { name, text } of await openSource(source)) found.push(...await readDefinitions(text, name));
  }
  return found;
}

async function openSource(source: string): Promise<Source[]> {
  if (source === "-") return [{ name: "the standard input", text: await readInput() }];
  if (/^https?:\/\//.test(source)) return [{ name: source, text: await download(source) }];
  const { readdir, readFile, stat } = await import("node:fs/promises");
  const { join } = await import("node:path");
  try {
    if (!(await stat(source)).isDirectory()) return [{ name: source, text: await readFile(source, "utf8") }];
    const names = await readdir(source, { recursive: true });
    const files = names.filter((name) => /\.(ya?ml|json)$/.test(name)).sort();
    return await Promise.all(files.map(async (name) => {
      const path = join(source, name);
      return { name: path, text: await readFile(path, "utf8") };
    }));
  } catch (cause) {
    const { code } = cause as { code?: string };
    const why = code === "ENOENT"
      ? "there is no such file"
      : cause instanceof Error
      ? cause.message
      : String(cause);
    throw new DefinitionError(source, why, { cause });
  }
}

async function readInput(): Promise<string> {
  const { default: process } = await import("node:process");
  process.stdin.setEncoding("utf8");
  let text = "";
  for await (const chunk of process.stdin) text += chunk;
  return text;
}

async function download(url: string): Promise<string> {
  let response: Response;
  try {
    response = await fetch(url);
  } catch (cause) {
    throw new DefinitionError(url, cause instanceof Error ? cause.message : String(cause), { cause });
  }
  const text = await response.text();
  if (!response.ok) {
    throw new DefinitionError(url, `the answer is ${response.status} ${response.statusText}`.trimEnd());
  }
  return text;
}

/**
 * Does something with a client for the cluster that kubectl would talk to, or the one that the options choose.
 *
 * @throws {ConfigError} If there are no settings, or they cannot work.
 */
export async function withCluster<R>(
  options: Pick<LoadConfigOptions, "kubeconfig" | "context">,
  use: (rest: RestClient) => Promise<R>,
): Promise<R> {
  const rest = new RestClient(await loadConfig(options));
  try {
    return await use(rest);
  } finally {
    await rest[Symbol.asyncDispose]();
  }
}

/**
 * The definitions that a cluster has.
 *
 * @throws {StatusError} If the server refuses; {@linkcode NetworkError} if it cannot be reached.
 */
export async function readClusterDefinitions(rest: RestClient): Promise<Definition[]> {
  const resource = { group: "apiextensions.k8s.io", version: "v1", plural: "customresourcedefinitions" };
  const response = await rest.get().resource(resource).send();
  const found: Definition[] = [];
  for await (const object of response.list<Stored<CustomResourceDefinition>>()) {
    const definition = readDefinition(object, `the definition ${object.metadata.name}`);
    if (definition !== undefined) found.push(definition);
  }
  return found;
}
