import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import process from "node:process";
import { it } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** What the strictest of users has. */
const FLAGS = [
  ...["--strict", "--exactOptionalPropertyTypes", "--noPropertyAccessFromIndexSignature", "--noUnusedLocals"],
  ...["--isolatedDeclarations", "--declaration", "--erasableSyntaxOnly", "--verbatimModuleSyntax"],
  ...[
    "--target",
    "es2024",
    "--module",
    "nodenext",
    "--allowImportingTsExtensions",
    "--types",
    "",
    "--noEmit",
    "--pretty",
    "false",
  ],
];

/** What the compiler has against these files. What they import is not looked at: users have its declarations alone. */
function problems(files: readonly string[]): Promise<string[]> {
  const isDeno = "Deno" in globalThis;
  const args = [...isDeno ? ["run", "-A"] : [], "node_modules/typescript/bin/tsc", ...FLAGS, ...files];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd: ROOT }, (error, stdout, stderr) => {
      const found = stdout.split("\n").filter((line) => files.some((file) => line.startsWith(`${file}(`)));
      const ran = error === null || stdout.includes("error TS");
      if (ran) resolve(found);
      else reject(new Error(stdout + stderr, { cause: error }));
    });
  });
}

for (const folder of ["tests/codegen/generated", "types"]) {
  it(`${folder}/ compiles with the strictest settings, unedited`, async () => {
    const files = readdirSync(ROOT + folder).map((name) => `${folder}/${name}`);
    assert.ok(files.length > 2);
    assert.deepEqual(await problems(files), []);
  });
}

it("the settings refuse what is not strict", async () => {
  const [problem] = await problems(["tests/codegen/not_strict.ts"]);
  assert.match(problem, /TS2375/); // exactOptionalPropertyTypes
});
