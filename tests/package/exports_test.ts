import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { exportedFiles, run } from "../../tools/project.ts";
import { runtime } from "../../tools/runtimes.ts";

const { exports } = JSON.parse(Deno.readTextFileSync(new URL("../../deno.json", import.meta.url))) as {
  exports: Record<string, string>;
};
const names = Object.keys(exports).map((path) => `@coxswain/kube${path.slice(1)}`);

/** A command beside being a module: run by itself, it says what it lacks. */
const COMMAND = "./codegen/mod.ts";

describe("Importing the package's sources", () => {
  it(`needs no permission of Deno: ${COMMAND}`, async () => {
    const command = [Deno.execPath(), "run", "--no-prompt", "--no-check", "--quiet", COMMAND];
    const { code, output } = await run(command, { capture: true, limit: 30_000 });
    assert.match(output, /^No definitions to read: .*\nTry --help\n$/);
    assert.equal(code, 2);
  });

  for (const file of exportedFiles().filter((file) => file !== COMMAND)) {
    it(`needs no permission of Deno, prints nothing and ends: ${file}`, async () => {
      const command = [Deno.execPath(), "run", "--no-prompt", "--no-check", "--quiet", file];
      assert.deepEqual(await run(command, { capture: true, limit: 30_000 }), { code: 0, output: "" });
    });
  }

  for (const name of ["node", "bun"] as const) {
    it(`works by the package's own name on ${name}`, async () => {
      const program = names.map((specifier) => `await import("${specifier}");`).join("\n");
      const command = [await runtime(name), "-e", program];
      assert.deepEqual(await run(command, { capture: true, limit: 30_000 }), { code: 0, output: "" });
    });
  }
});
