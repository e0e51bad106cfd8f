// Runs the suite on one runtime with that runtime's own runner, and ends with a line such as `bun: 12 passed, 0 failed`.
//
// Run: deno run -A tools/suite.ts deno|bun|node [test files or folders] [options of that runner]
import { files, ROOT, run } from "./project.ts";
import { countTests, failedTests, formatCount, type TestCount } from "./junit.ts";
import { runtime } from "./runtimes.ts";

/** A runtime that the package supports. */
export type Runner = "bun" | "deno" | "node";

/** The runners in the order in which they run. */
export const RUNNERS: readonly Runner[] = ["deno", "bun", "node"];

/** Whether `path` is a test that needs nothing but a runtime: no cluster and no packed package. */
function isPartOfSuite(path: string): boolean {
  return path.endsWith("_test.ts") && !/^tests\/(cluster|package)\//.test(path);
}

/**
 * A runner that takes longer hangs. In milliseconds. Two cores with a load of 14 have needed five minutes on Node for
 * tests/runtimes alone; a test that hangs has a limit of its own, and is named.
 */
const LIMIT = 40 * 60_000;

/** The tests of the suite: what runs when no file is named. */
export function suite(): string[] {
  return files("tests", isPartOfSuite);
}

/** What one run of a runner came to. */
export interface SuiteResult {
  /** Its exit code; not 0 also when it ran no test. */
  code: number;
  count: TestCount;
}

/**
 * Runs test files on one runtime; what it prints goes to the terminal.
 *
 * @param paths Files, relative to the checkout.
 * @param options Passed to the runner as they are.
 */
export async function runTests(
  runner: Runner,
  paths: readonly string[],
  { options = [], env }: { options?: readonly string[]; env?: Record<string, string> } = {},
): Promise<SuiteResult> {
  const report = await Deno.makeTempFile({ prefix: "coxswain-", suffix: ".xml" });
  try {
    const { code } = await run(await commandOf(runner, paths, options, report), { env, limit: LIMIT });
    if (code === 124) {
      console.log(`\n${runner} was ended: it took more than ${LIMIT / 60_000} minutes, so something hangs`);
    }
    const text = await Deno.readTextFile(report);
    const count = countTests(text);
    // .ci/run repeats these lines at its end, where whoever sees only the end of its output finds them.
    for (const test of failedTests(text)) console.log(`${runner}: FAILED ${test.replaceAll(ROOT, "")}`);
    // A file that does not load may leave no report, and a runner that finds no test may be content: neither is.
    if (code !== 0 && count.failed === 0) count.failed = 1;
    const ranNothing = count.passed + count.failed === 0 && options.length === 0;
    return { code: code === 0 && ranNothing ? 1 : code, count };
  } finally {
    await Deno.remove(report);
  }
}

async function commandOf(
  runner: Runner,
  paths: readonly string[],
  options: readonly string[],
  report: string,
): Promise<string[]> {
  switch (runner) {
    case "deno": // types are a step of their own, in tools/test.ts
      return [Deno.execPath(), "test", "-A", "--no-check", `--junit-path=${report}`, ...options, ...paths];
    case "bun": // a path without ./ is a filter to it; its 5 s limit for a test is too short for a busy machine
      return [
        ...[
          await runtime("bun"),
          "test",
          "--timeout=60000",
          "--reporter=junit",
          `--reporter-outfile=${report}`,
        ],
        ...options,
        ...paths.map((path) => `./${path}`),
      ];
    case "node":
      return [
        // Without a limit, a test that hangs says nothing, and so does the whole run.
        ...[await runtime("node"), "--test", "--test-timeout=120000"],
        ...["--test-reporter=spec", "--test-reporter-destination=stdout"],
        ...["--test-reporter=junit", `--test-reporter-destination=${report}`],
        ...options,
        ...paths,
      ];
  }
}

/** Tells the files and folders among the arguments from the options, which belong to the runner. */
function sortArguments(args: readonly string[]): { paths: string[]; options: string[] } {
  const paths: string[] = [];
  const options: string[] = [];
  for (const argument of args) {
    const kind = argument.startsWith("-") ? undefined : kindOf(argument);
    if (kind === "file") paths.push(argument.replace(/^\.\//, ""));
    else if (kind === "folder") paths.push(...files(argument, (path) => path.endsWith("_test.ts")));
    else options.push(argument);
  }
  return { paths, options };
}

function kindOf(path: string): "file" | "folder" | undefined {
  try {
    return Deno.statSync(ROOT + path).isDirectory ? "folder" : "file";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

if (import.meta.main) {
  const [name, ...args] = Deno.args;
  const runner = RUNNERS.find((known) => known === name);
  if (runner === undefined) {
    console.error(`Which runtime? One of: ${RUNNERS.join(", ")}`);
    Deno.exit(2);
  }
  const missing = args.find((argument) => argument.endsWith(".ts") && kindOf(argument) === undefined);
  if (missing !== undefined) {
    console.error(`Cannot test ${missing}: there is no such file in ${ROOT}`);
    Deno.exit(2);
  }
  const { paths, options } = sortArguments(args);
  try {
    const { code, count } = await runTests(runner, paths.length > 0 ? paths : suite(), { options });
    console.log(formatCount(runner, count));
    Deno.exit(code);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(1);
  }
}
