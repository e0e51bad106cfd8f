import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Pacer } from "@coxswain/kube/cache";
import type { Clock } from "@coxswain/kube/async";
import { ManualClock } from "@coxswain/kube/testing";

/** A clock on which each step of work takes a millisecond. */
class WorkClock extends ManualClock implements Clock {
  worked = 0;
  override now(): number {
    return super.now() + this.worked;
  }
}

describe("Pacer (spec informers 25.4)", () => {
  it("lets those who work through much take turns, and timers between them", async () => {
    const clock = new WorkClock();
    const pacer = new Pacer(clock);
    const turns: string[] = [];
    let longest = 0;
    let last = 0;
    const tick = () => {
      longest = Math.max(longest, clock.worked - last);
      last = clock.worked;
      if (turns.length < 9) clock.schedule(tick, 0);
    };
    clock.schedule(tick, 0);
    const work = async (name: string) => {
      for (let left = 33; left > 0; left--) {
        clock.worked++;
        if (turns.at(-1) !== name) turns.push(name);
        if (pacer.isDue()) await pacer.pause();
      }
    };
    const working = Promise.all([work("a"), work("b"), work("c")]);
    await clock.advance(0);
    await working;
    // Eleven steps are one turn: whoever has it uses it up. The first one is shared by all.
    assert.deepEqual(turns, ["a", "b", "c", "a", "b", "c", "a", "b", "c", "b", "c"]);
    assert.ok(longest <= 14, `somebody was kept waiting for ${longest} steps`);
  });
});
