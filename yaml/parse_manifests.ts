import type { Document, LineCounter } from "yaml";
import { parseJson } from "./parse_json.ts";
import { MOST_ALIASES, plainValue } from "./plain_value.ts";
import { withYamlDocuments, yamlErrorOf } from "./yaml_documents.ts";
import { MANIFEST_SCHEMA } from "./yaml_schema.ts";

/** A value in a text of several, and where it is. */
export interface ManifestValue {
  /** Plain objects, arrays and scalars. */
  value: unknown;
  /** Which document it is in, from 1; those without content count. */
  document: number;
  /** The line that it begins in, from 1. */
  line: number;
}

/**
 * The values in a text of YAML documents, or in one of JSON. Words and numbers mean what they mean to kubectl. A list
 * of Kubernetes (a value with `items` whose kind ends in `List`) counts as its items, each with its own line. Documents
 * without content are left out.
 *
 * @throws {YamlError} If one of the documents cannot be read, naming the line.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseManifests } from "@coxswain/kube/yaml";
 * const values = await parseManifests("kind: A\n---\n# nothing\n---\nkind: B\nmode: 0644\n");
 * assert.deepEqual(values, [
 *   { value: { kind: "A" }, document: 1, line: 1 },
 *   { value: { kind: "B", mode: 0o644 }, document: 3, line: 5 },
 * ]);
 * ```
 */
export async function parseManifests(text: string): Promise<ManifestValue[]> {
  const source = text.startsWith("\ufeff") ? text.slice(1) : text;
  const json = parseJson(source);
  const values = json !== undefined
    ? valuesIn(json, 1, () => 1)
    : await withYamlDocuments(source, (documents, lines) =>
      (documents as readonly Document[]).flatMap(read(source, lines as LineCounter)), MANIFEST_SCHEMA);
  return values.map((found) => ({ ...found, value: plainValue(found.value) }));
}

const read = (source: string, lines: LineCounter) => (document: Document, index: number): ManifestValue[] => {
  const [issue] = document.warnings; // errors have been thrown already
  if (issue !== undefined) throw yamlErrorOf(issue, source);
  return valuesIn(document.toJS({ maxAliasCount: MOST_ALIASES }), index + 1, (item) => {
    const node = item === undefined ? undefined : document.getIn(["items", item], true);
    const { range } = (node ?? document.contents ?? {}) as { range?: [number, number, number] };
    return range ? lines.linePos(range[0]).line : 1;
  });
};

/** What a document has: its value, or the items of its list. */
function valuesIn(value: unknown, document: number, lineOf: (item?: number) => number): ManifestValue[] {
  if (value === null || value === undefined) return [];
  const { kind, apiVersion, items } = value as { kind?: unknown; apiVersion?: unknown; items?: unknown };
  if (typeof kind !== "string" || !kind.endsWith("List") || !Array.isArray(items)) {
    return [{ value, document, line: lineOf() }];
  }
  // A list of one kind may leave it to itself to say what its items are.
  const itemKind = kind.slice(0, -"List".length);
  return items.map((item: unknown, index) => ({
    value: itemKind === "" || typeof item !== "object" || item === null
      ? item
      : { apiVersion, kind: itemKind, ...item },
    document,
    line: lineOf(index),
  }));
}
