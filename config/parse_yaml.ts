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
  const { parseAllDocuments } = await import("yaml");
  const values = await withoutEnvironment(() => {
    try {
      return parseAllDocuments(source, {
        prettyErrors: false, // they quote lines
        logLevel: "silent",
        schema: "core",
        merge: true, // as Go's YAML does
        resolveKnownTags: false,
        stringKeys: true,
      }).map((document) => {
        const [issue] = [...document.errors, ...document.warnings];
        if (issue !== undefined) {
          throw new YamlError(
            `it is not YAML at ${position(source, issue.pos[0])} (${
              issue.code.toLowerCase().replaceAll("_", " ")
            })`,
            "Correct it there",
          );
        }
        return document.toJS({ maxAliasCount: MOST_ALIASES });
      });
    } catch (error) {
      throw error instanceof YamlError ? error : unexpected(error);
    }
  });
  const found = values.filter((value) => value !== null);
  if (found.length > 1) {
    throw new YamlError(`it holds ${found.length} YAML documents`, "Put each into a file of its own");
  }
  return found[0];
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
