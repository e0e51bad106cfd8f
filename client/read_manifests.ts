import { type KubernetesObject, parseApiVersion } from "../meta/mod.ts";
import type { DynamicObject } from "./dynamic_object.ts";
import { ManifestError, type ManifestMistake } from "./manifest_error.ts";

/** An object that is to be applied, and where it was found. */
export interface Manifest {
  /** The object: it has an apiVersion, a kind and a name. */
  readonly object: DynamicObject & { apiVersion: string; kind: string; metadata: { name: string } };
  /** The group of its kind. */
  readonly group: string;
  /** Such as `document 2, line 14`. */
  readonly where: string;
}

/**
 * The objects in a text, or those given, checked for what each must have to be applied.
 *
 * @throws {ManifestError} Telling all mistakes.
 */
export async function readManifests(manifests: string | readonly KubernetesObject[]): Promise<Manifest[]> {
  const found = typeof manifests === "string" ? await parse(manifests) : flatten(manifests);
  const mistakes: ManifestMistake[] = [];
  const read = found.map(({ value, where }) => {
    const problem = problemOf(value);
    if (problem !== undefined) mistakes.push({ where, problem });
    const object = value as Manifest["object"];
    return { object, where, group: problem === undefined ? parseApiVersion(object.apiVersion).group : "" };
  });
  if (mistakes.length > 0) throw new ManifestError(mistakes);
  return read;
}

interface Found {
  value: unknown;
  where: string;
}

/** YAML is loaded when there is some to read. */
async function parse(text: string): Promise<Found[]> {
  const { parseManifests, YamlError } = await import("../yaml/mod.ts");
  try {
    const values = await parseManifests(text);
    return values.map(({ value, document, line }) => ({
      value,
      where: `document ${document}, line ${line}`,
    }));
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    throw new ManifestError([{ where: "the text", problem: `${error.message}. ${error.remedy}` }]);
  }
}

/** Lists count as their items here, too. Copies, so that no caller's object is changed or changes meanwhile. */
function flatten(objects: readonly KubernetesObject[]): Found[] {
  return objects.flatMap((object, index) => {
    const { kind, apiVersion, items } = (object ?? {}) as DynamicObject;
    const where = `object ${index + 1}`;
    if (typeof kind !== "string" || !kind.endsWith("List") || !Array.isArray(items)) {
      return [{ value: structuredClone(object), where }];
    }
    const defaults = kind === "List" ? {} : { apiVersion, kind: kind.slice(0, -"List".length) };
    return items.map((item, at) => ({
      value: structuredClone({ ...defaults, ...item }),
      where: `${where}, items[${at}]`,
    }));
  });
}

function problemOf(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "it is no object";
  const { apiVersion, kind, metadata } = value as Record<string, unknown>;
  if (typeof kind !== "string" || kind === "") return "it does not say its kind";
  if (typeof apiVersion !== "string" || apiVersion === "") return "it does not say its apiVersion";
  try {
    parseApiVersion(apiVersion);
  } catch {
    return `its apiVersion ${JSON.stringify(apiVersion)} is neither "group/version" nor "v1"`;
  }
  if (typeof metadata !== "object" || metadata === null || Array.isArray(metadata)) {
    return "it has no metadata";
  }
  const { name, generateName, namespace, managedFields } = metadata as Record<string, unknown>;
  if (name === undefined && generateName !== undefined) {
    return "it has generateName in place of a name: what is applied must be found again";
  }
  if (typeof name !== "string") {
    return name === undefined ? "it has no name" : "its name is no text: quote it";
  }
  if (name === "" || name === "." || name === ".." || /[/%]/.test(name)) {
    return `its name ${JSON.stringify(name)} cannot be one`;
  }
  if (namespace !== undefined && namespace !== null && typeof namespace !== "string") {
    return "its namespace is no text: quote it";
  }
  if (managedFields !== undefined) {
    return "it has metadata.managedFields, so it was read as a whole: leave them out";
  }
  return undefined;
}
