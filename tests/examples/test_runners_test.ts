import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import process from "node:process";
import { it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { cleaned } from "../cleanup.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const IMPORT = 'import { test } from "node:test";\n';

/** The runtime's own runner: what stands in the place of the import, and how it is started. */
function runner(): { line: string; args: (file: string) => string[]; passed: RegExp } {
  const { deno, bun } = process.versions;
  if (deno !== undefined) {
    const args = (file: string) => ["test", "-A", "--no-check", `--config=${ROOT}deno.json`, file];
    return { line: "const test = Deno.test;\n", args, passed: /1 passed/ };
  }
  if (bun !== undefined) {
    return { line: 'import { test } from "bun:test";\n', args: (file) => ["test", file], passed: /1 pass/ };
  }
  return { line: IMPORT, args: (file) => ["--test", "--test-reporter=tap", file], passed: /# pass 1/ };
}

it(
  "The test of docs/testing.md runs with the runtime's own runner, with one line changed as the page says",
  cleaned(async (t) => {
    const page = await readFile(`${ROOT}docs/testing.md`, "utf8");
    const [, program] = /```ts\n(.*?)```/s.exec(page) ?? [];
    assert.ok(program.includes(IMPORT));
    const { line, args, passed } = runner();
    if (line !== IMPORT) assert.ok(page.includes(`\`${line.trim().replace(/;$/, "")}\``), line);
    await mkdir(`${ROOT}.cache`, { recursive: true }); // inside the package, which is how it is found
    const folder = await mkdtemp(`${ROOT}.cache/runner-`);
    t.after(() => rm(folder, { recursive: true }));
    const file = `${folder}/webapp_test.ts`;
    await writeFile(file, program.replace(IMPORT, line));
    const { NODE_TEST_CONTEXT: _, ...env } = process.env; // a run of its own, not a part of this one
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args(file), { cwd: ROOT, env });
    assert.match(stdout + stderr, passed);
  }),
);
