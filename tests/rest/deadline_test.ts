import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ManualClock } from "@coxswain/kube/testing";
import { Deadline } from "../../rest/deadline.ts";

/** A deadline, what has passed, and how often a timer was made for it. */
function watched() {
  const passed: string[] = [];
  let timers = 0;
  const clock = new class extends ManualClock {
    override schedule(callback: () => void, delay: number): () => void {
      timers++;
      return super.schedule(callback, delay);
    }
  }();
  const deadline = new Deadline(clock);
  const set = (delay: number, name: string) => deadline.set(delay, () => passed.push(name));
  return { clock, deadline, set, passed, timers: () => timers };
}

describe("A time-out that is set again and again", () => {
  it("passes when the last one is due, and once", async () => {
    const { clock, set, passed } = watched();
    set(100, "first");
    await clock.advance(60);
    set(100, "second");
    await clock.advance(99);
    assert.deepEqual(passed, []);
    await clock.advance(1);
    assert.deepEqual(passed, ["second"]);
    await clock.advance(1_000);
    assert.deepEqual([passed, clock.timers], [["second"], 0]);
  });

  it("passes earlier when it is set to be earlier", async () => {
    const { clock, set, passed } = watched();
    set(100, "late");
    set(10, "soon");
    await clock.advance(10);
    assert.deepEqual(passed, ["soon"]);
    await clock.advance(1_000);
    assert.deepEqual(passed, ["soon"]);
  });

  it("needs one timer for many", async () => {
    const { clock, deadline, set, passed, timers } = watched();
    for (let time = 0; time < 99; time++) {
      set(100, "never");
      await clock.advance(1);
      deadline.lift();
    }
    assert.deepEqual([timers(), passed], [1, []]);
    set(100, "in the end");
    await clock.advance(99);
    assert.deepEqual(passed, []);
    await clock.advance(1);
    assert.deepEqual(passed, ["in the end"]);
  });

  it("does not pass once it is lifted, and can be set again after that", async () => {
    const { clock, deadline, set, passed } = watched();
    set(100, "lifted");
    deadline.lift();
    await clock.advance(100);
    assert.deepEqual([passed, clock.timers], [[], 0]);
    set(5, "set");
    await clock.advance(5);
    assert.deepEqual(passed, ["set"]);
  });

  it("leaves no timer when it is cleared", async () => {
    const { clock, deadline, set, passed } = watched();
    set(100, "cleared");
    deadline.clear();
    deadline.clear();
    assert.equal(clock.timers, 0);
    await clock.advance(1_000);
    assert.deepEqual(passed, []);
  });
});
