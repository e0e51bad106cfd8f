import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Clock } from "@coxswain/kube/async";
import { ManualClock } from "@coxswain/kube/testing";
import { sharingTimer } from "../../rest/shared_timer.ts";

function shared() {
  const clock = new ManualClock();
  let made = 0;
  const counted: Clock = {
    now: () => clock.now(),
    date: () => clock.date(),
    sleep: (...wait) => clock.sleep(...wait),
    schedule(callback, delay) {
      made++;
      return clock.schedule(callback, delay);
    },
  };
  return { clock, timers: sharingTimer(counted), made: () => made };
}

describe("A timer that many share", () => {
  it("calls each when it is due, whatever the order", async () => {
    const { clock, timers } = shared();
    const called: string[] = [];
    for (const [name, delay] of [["c", 30], ["a", 10], ["b", 20], ["also b", 20]] as const) {
      timers.schedule(() => called.push(`${name} at ${clock.now()}`), delay);
    }
    assert.equal(clock.timers, 1);
    await clock.advance(100);
    assert.deepEqual(called, ["a at 10", "b at 20", "also b at 20", "c at 30"]);
    assert.equal(clock.timers, 0);
  });

  it("calls nobody who has called it off, not even at the same moment", async () => {
    const { clock, timers } = shared();
    const called: string[] = [];
    const cancels: (() => void)[] = [];
    timers.schedule(() => cancels[0](), 10);
    cancels.push(timers.schedule(() => called.push("late"), 10));
    timers.schedule(() => called.push("kept"), 10);
    timers.schedule(() => called.push("early"), 5)();
    await clock.advance(10);
    assert.deepEqual(called, ["kept"]);
  });

  it("is made once for those who wait one after another, and is gone when nobody does any more", async () => {
    const { clock, timers, made } = shared();
    for (let time = 0; time < 100; time++) {
      const cancel = timers.schedule(() => assert.fail(), 1_000);
      await undefined;
      cancel();
      cancel();
      await undefined;
    }
    assert.equal(made(), 1);
    for (let step = 0; step < 100; step++) await undefined;
    assert.equal(clock.timers, 0);
  });

  it("stays for who still waits", async () => {
    const { clock, timers } = shared();
    let isCalled = false;
    timers.schedule(() => assert.fail(), 1_000)();
    timers.schedule(() => isCalled = true, 2_000);
    for (let step = 0; step < 100; step++) await undefined;
    assert.equal(clock.timers, 1);
    await clock.advance(1_999);
    assert.equal(isCalled, false);
    await clock.advance(1);
    assert.equal(isCalled, true);
  });
});
