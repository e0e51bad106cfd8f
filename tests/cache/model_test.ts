import assert from "node:assert/strict";
import { describe, it } from "node:test";
import process from "node:process";
import { runModel } from "./model.ts";

/** Node's test runner follows each promise, so that one costs ten times as much. */
const FEW = process.versions.bun === undefined && process.versions.deno === undefined;

/** How many seeds are run, and the first one: COXSWAIN_MODEL_SEEDS=10000, or 10000@5 to begin with seed 5. */
const [count, first = 1] = (process.env.COXSWAIN_MODEL_SEEDS ?? (FEW ? "30@1000" : "300")).split("@").map(
  Number,
);

describe("an informer, whatever writers, readers and the weather do (spec informers 9, 12, 13, 14)", () => {
  it(`shows what the server has, and tells readers a history that can be: ${count} seeds`, async () => {
    for (let seed = first; seed < first + count; seed++) await runModel(seed);
  });

  it("does the same again with the same seed", async () => {
    for (const seed of [1, 2, 3]) assert.deepEqual(await runModel(seed), await runModel(seed));
  });
});
