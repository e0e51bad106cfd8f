// Everything that must hold before a change goes in, step by step; a failed step does not keep the others from running.
// A step that passes says so in one line, a test run also its own closing lines; one that fails shows all it printed.
//
// Run: deno run -A tools/test.ts [step …]     without a name, all of them; "quick" stands for those that take seconds
import { exportedFiles, files, run, withoutColours } from "./project.ts";

interface Step {
  name: string;
  /** What holds when it passes. */
  says: string;
  /** Takes seconds and runs no code of the library. */
  quick?: boolean;
  command: () => string[];
}

const deno = Deno.execPath();
const suite = (runner: string): string[] => [deno, "run", "-A", "tools/suite.ts", runner];

const STEPS: readonly Step[] = [
  {
    name: "format",
    says: "every file is as deno fmt writes it",
    quick: true,
    command: () => [deno, "fmt", "--check"],
  },
  { name: "lint", says: "deno lint has nothing to say", quick: true, command: () => [deno, "lint"] },
  {
    name: "types",
    says: "all code type-checks, tests, tools, benchmarks and examples included",
    quick: true,
    command: () => [deno, "check", ...files("", (path) => path.endsWith(".ts"))],
  },
  {
    name: "web-types",
    says: "the library compiles with ECMAScript's and the web's types alone",
    quick: true,
    command: () => [deno, "run", "-A", "tools/web_types.ts"],
  },
  {
    name: "docs",
    says: "every export is documented",
    quick: true,
    command: () => [deno, "doc", "--lint", ...exportedFiles()],
  },
  {
    name: "architecture",
    says: "floors, faces, globals and dependencies are as laid down",
    quick: true,
    command: () => [deno, "test", "-A", "--no-check", "tests/architecture_test.ts"],
  },
  {
    name: "examples",
    says: "the examples in doc comments run, those in README.md and docs/ type-check",
    command: () => [deno, "run", "-A", "tools/doc_examples.ts"],
  },
  {
    name: "publish",
    says: "deno publish would take it, without slow types",
    command: () => [deno, "publish", "--dry-run", "--allow-dirty"],
  },
  { name: "deno", says: "the suite passes on Deno", command: () => suite("deno") },
  { name: "bun", says: "the suite passes on Bun", command: () => suite("bun") },
  { name: "node", says: "the suite passes on Node", command: () => suite("node") },
  {
    name: "package",
    says: "the packed package works on Deno, Node, Bun and workerd",
    command: () => [...suite("deno"), "tests/package"],
  },
];

/** A step that takes longer hangs. In milliseconds; a little more than tools/suite.ts gives a runner. */
const LIMIT = 41 * 60_000;

/** The lines with which `deno test`, `bun test` and `node --test` close, and ours. */
const CLOSING = /^(ok|FAILED) \| |^ *\d+ (pass|fail)$|^ℹ (tests|pass|fail|cancelled) |^[a-z]+: \d+ passed, /;

async function runStep({ name, says, command }: Step): Promise<boolean> {
  console.log(`\n== ${name}: ${says}`);
  const start = performance.now();
  const { code, output: coloured } = await run(command(), { capture: true, limit: LIMIT });
  const output = withoutColours(coloured);
  if (code !== 0) console.log(output.trimEnd());
  else for (const line of output.split("\n")) if (CLOSING.test(line)) console.log(line.trim());
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(code === 0 ? `ok, ${seconds} s` : `FAILED with exit code ${code}, ${seconds} s`);
  return code === 0;
}

function chosen(names: readonly string[]): readonly Step[] {
  const unknown = names.find((name) => name !== "quick" && !STEPS.some((step) => step.name === name));
  if (unknown !== undefined) {
    console.error(
      `No step is called "${unknown}". One of: quick, ${STEPS.map(({ name }) => name).join(", ")}`,
    );
    Deno.exit(2);
  }
  // The suite holds the architecture test too: all steps together need not run it once more.
  if (names.length === 0) return STEPS.filter(({ name }) => name !== "architecture");
  return STEPS.filter(({ name, quick }) => names.includes(name) || (quick && names.includes("quick")));
}

const failed: string[] = [];
const start = performance.now();
for (const step of chosen(Deno.args)) {
  if (!await runStep(step)) failed.push(step.name);
}
const seconds = ((performance.now() - start) / 1000).toFixed(0);
if (Deno.args.length === 0) {
  console.log("\nLeft out: the tests against a real API server, deno task test:cluster (it needs Go).");
}
console.log(
  failed.length === 0 ? `\nAll passed in ${seconds} s.` : `\nFailed: ${failed.join(", ")} (${seconds} s).`,
);
Deno.exit(failed.length === 0 ? 0 : 1);
