import { withYamlDocuments, YamlError, yamlErrorOf } from "./yaml_documents.ts";

/** The most that aliases may multiply a text by; the default of npm `yaml`. */
const MOST_ALIASES = 100;
/** The most values in a text, aliases included: a thousand times a large kubeconfig. */
const MOST_VALUES = 1_000_000;
/** The deepest nesting. A kubeconfig's own is six. */
const DEEPEST = 100;

/**
 * The one value in a YAML or JSON text, made of nothing but plain objects, arrays and scalars; `undefined` for
 * an empty text.
 *
 * @throws {YamlError} If the text is not one YAML document.
 */
export async function parseYaml(text: string): Promise<unknown> {
  const source = text.startsWith("\ufeff") ? text.slice(1) : text;
  return plainCopy(parseJson(source) ?? await parse(source));
}

/** JSON is almost YAML: the indentation may be tabs. And then nothing has to be loaded. */
function parseJson(source: string): unknown {
  if (!/^\s*\{/.test(source)) return undefined;
  try {
    return JSON.parse(source);
  } catch {
    return undefined; // it may still be YAML in braces
  }
}

async function parse(source: string): Promise<unknown> {
  const values = await withYamlDocuments(source, (documents) =>
    documents.map((document) => {
      const [issue] = document.warnings; // errors have been thrown already
      if (issue !== undefined) throw yamlErrorOf(issue, source);
      return document.toJS({ maxAliasCount: MOST_ALIASES });
    }));
  const found = values.filter((value) => value !== null);
  if (found.length > 1) {
    throw new YamlError(`it holds ${found.length} YAML documents`, "Put each into a file of its own");
  }
  return found[0];
}

/**
 * Fresh values with no `__proto__` key, which would be a trap for whoever merges them. It also ends what refers
 * to itself.
 */
function plainCopy(value: unknown): unknown {
  let left = MOST_VALUES;
  const copy = (value: unknown, depth: number): unknown => {
    if (depth > DEEPEST) throw new YamlError("it is nested too deep", "Check what wrote it");
    if (left-- === 0) throw new YamlError("it holds too many values", "Check what wrote it");
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map((item) => copy(item, depth + 1));
    return Object.fromEntries(
      Object.entries(value).filter(([key]) => key !== "__proto__").map((
        [key, item],
      ) => [key, copy(item, depth + 1)]),
    );
  };
  return copy(value, 0);
}
