import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { it } from "node:test";
import { problemsOf, ROOT } from "./compile.ts";

for (const folder of ["tests/codegen/generated", "types"]) {
  it(`${folder}/ compiles with the strictest settings, unedited`, async () => {
    const files = readdirSync(ROOT + folder).map((name) => `${folder}/${name}`);
    assert.ok(files.length > 2);
    assert.deepEqual(await problemsOf(files), []);
  });
}

it("the settings refuse what is not strict", async () => {
  const [problem] = await problemsOf(["tests/codegen/not_strict.ts"]);
  assert.match(problem, /TS2375/); // exactOptionalPropertyTypes
});
