import type { YAMLError as Issue } from "yaml";
import { YamlError } from "./yaml_error.ts";
import { YAML_SCHEMA } from "./yaml_schema.ts";

/**
 * Parses a text that may hold several YAML documents, and hands them to `use`: at once, and only for as long as that
 * runs, as nothing of npm `yaml` may run later (see below).
 *
 * @param use Gets npm `yaml`'s documents and its counter of lines.
 * @param schema What to make of words and numbers: options of npm `yaml`. Default {@linkcode YAML_SCHEMA}.
 * @throws {YamlError} If one of them has an error, or if `use` throws.
 */
export async function withYamlDocuments<T>(
  source: string,
  use: (documents: readonly object[], lines: object) => T,
  schema: object = YAML_SCHEMA,
): Promise<T> {
  const { LineCounter, parseAllDocuments } = await import("yaml");
  return await withoutEnvironment(() => {
    try {
      const lineCounter = new LineCounter();
      const documents = [...parseAllDocuments(source, {
        ...schema,
        lineCounter,
        prettyErrors: false, // they quote lines
        logLevel: "silent",
        stringKeys: true,
      })];
      const issue = documents.flatMap(({ errors }) => errors)[0];
      if (issue !== undefined) throw yamlErrorOf(issue, source);
      return use(documents, lineCounter);
    } catch (error) {
      throw error instanceof YamlError ? error : unexpected(error);
    }
  });
}

/** The parser's own word for an issue, and where it is. Its message quotes the text. */
export function yamlErrorOf({ code, pos }: Issue, source: string): YamlError {
  const why = code.toLowerCase().replaceAll("_", " ");
  return new YamlError(`it is not YAML at ${position(source, pos[0])} (${why})`, "Correct it there");
}

/**
 * npm `yaml` looks at `LOG_TOKENS` and `LOG_STREAM` while it parses, and prints what it reads when they are
 * set: here that would be secrets. On Deno each of the two would need a permission, too. So the environment is
 * empty for as long as the parser runs, which no other code can see as nothing is awaited meanwhile.
 */
async function withoutEnvironment<T>(run: () => T): Promise<T> {
  const module = await import("node:process").catch(() => undefined); // the edge has no environment to hide
  if (module === undefined) return run();
  const process = module.default;
  const environment = process.env;
  process.env = {};
  try {
    return run();
  } finally {
    process.env = environment;
  }
}

/** The parser's own errors quote the text, so they are told in other words. */
function unexpected(error: unknown): YamlError {
  if (error instanceof RangeError) return new YamlError("it is nested too deep", "Check what wrote it");
  if (error instanceof ReferenceError && error.message.startsWith("Excessive alias")) {
    return new YamlError("its aliases expand to too much", "Write it without aliases");
  }
  return new YamlError("it has an alias without an anchor, or one that cannot be used", "Quote texts with *");
}

function position(source: string, offset: number): string {
  const before = source.slice(0, offset).split("\n");
  return `line ${before.length}, column ${before[before.length - 1].length + 1}`;
}
