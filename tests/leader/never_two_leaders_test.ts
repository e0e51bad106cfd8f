// Simulated clusters of 2 to 7 candidates. A failure names its seed; this runs that one alone, and shows what happened:
//   SEED=7 deno test -A tests/leader/never_two_leaders_test.ts
// SEEDS=20000 runs as many. FIRST=… begins at another than 1.
import assert from "node:assert/strict";
import process from "node:process";
import { describe, it } from "node:test";
import { simulate } from "./simulation.ts";

const { SEED, SEEDS = "200", FIRST = "1" } = process.env;
const first = Number(SEED ?? FIRST);
const count = SEED === undefined ? Number(SEEDS) : 1;

/** Seeds in one test. */
const PART = 40;

describe("candidates on drifting clocks (±20 %), stopped, cut off, with messages late and lost (spec informers 20.3, 20.5)", () => {
  for (let from = first; from < first + count; from += PART) {
    const to = Math.min(from + PART, first + count);
    it(`are never two leaders at once, and one when all is well: seeds ${from} to ${to - 1}`, async () => {
      for (let seed = from; seed < to; seed++) {
        const { problem, log } = await simulate(seed);
        assert.equal(
          problem,
          undefined,
          `seed ${seed}:\n${log.slice(SEED === undefined ? -20 : 0).join("\n")}`,
        );
      }
    });
  }

  it("would be two with clocks that differ by more than the settings allow: the simulation can tell", async () => {
    const durations = { leaseDuration: 15_000, renewDeadline: 14_000, retryPeriod: 2_000 };
    for (let seed = 1; seed <= 100; seed++) {
      const { problem } = await simulate(seed, { durations });
      if (problem === undefined) continue;
      assert.match(problem, /^two (leaders|hold it)/);
      const again = await simulate(seed, { durations });
      assert.equal(again.problem, problem, "a seed repeats itself");
      return;
    }
    assert.fail("100 clusters with a deadline of 14 s for a lease of 15 s, and never two leaders");
  });
});
