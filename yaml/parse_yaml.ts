import type { Document } from "yaml";
import { parseJson } from "./parse_json.ts";
import { MOST_ALIASES, plainValue } from "./plain_value.ts";
import { withYamlDocuments, yamlErrorOf } from "./yaml_documents.ts";
import { YamlError } from "./yaml_error.ts";

/**
 * The one value in a YAML or JSON text, made of nothing but plain objects, arrays and scalars; `undefined` for
 * an empty text.
 *
 * @throws {YamlError} If the text is not one YAML document.
 */
export async function parseYaml(text: string): Promise<unknown> {
  const source = text.startsWith("\ufeff") ? text.slice(1) : text;
  return plainValue(parseJson(source) ?? await parse(source));
}

async function parse(source: string): Promise<unknown> {
  const values = await withYamlDocuments(
    source,
    (documents) =>
      (documents as readonly Document[]).map((document) => {
        const [issue] = document.warnings; // errors have been thrown already
        if (issue !== undefined) throw yamlErrorOf(issue, source);
        return document.toJS({ maxAliasCount: MOST_ALIASES });
      }),
  );
  const found = values.filter((value) => value !== null);
  if (found.length > 1) {
    throw new YamlError(`it holds ${found.length} YAML documents`, "Put each into a file of its own");
  }
  return found[0];
}
