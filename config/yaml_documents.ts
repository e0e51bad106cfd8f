import type { Document, YAMLError as Issue } from "yaml";

/** A text that is no YAML, or more of it than a kubeconfig can be. Its message has no piece of the text. */
export class YamlError extends Error {
  /** What to do, as a sentence without its full stop. */
  readonly remedy: string;

  constructor(problem: string, remedy: string) {
    super(problem);
    this.name = "YamlError";
    this.remedy = remedy;
  }
}

/** How kubeconfigs are read and written: YAML 1.2, with merge keys as in Go's YAML. */
export const YAML_SCHEMA = { schema: "core", merge: true, resolveKnownTags: false } as const;

/**
 * Parses a text that may hold several YAML documents, and hands them to `use`.
 *
 * @throws {YamlError} If one of them has an error, or if `use` throws.
 */
export async function withYamlDocuments<T>(
  source: string,
  use: (documents: readonly Document[]) => T,
): Promise<T> {
  const { parseAllDocuments } = await import("yaml");
  return await withoutEnvironment(() => {
    try {
      const documents = [...parseAllDocuments(source, {
        ...YAML_SCHEMA,
        prettyErrors: false, // they quote lines
        logLevel: "silent",
        stringKeys: true,
      })];
      const issue = documents.flatMap(({ errors }) => errors)[0];
      if (issue !== undefined) throw yamlErrorOf(issue, source);
      return use(documents);
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
