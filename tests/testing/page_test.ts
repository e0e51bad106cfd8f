import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";

const textOf = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

it("The program of docs/testing.md is the one that the tests run", () => {
  const [, program] = /```ts\n(.*?)```/s.exec(textOf("docs/testing.md")) ?? [];
  assert.equal(program, textOf("tests/testing/controller_test.ts"));
});
