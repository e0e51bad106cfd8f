import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ManualClock } from "@coxswain/kube/testing";

describe("ManualClock", () => {
  it("stands still until it is advanced", async () => {
    const clock = new ManualClock({ start: "2030-05-06T07:08:09Z" });
    assert.equal(clock.now(), 0);
    assert.equal(clock.date().toISOString(), "2030-05-06T07:08:09.000Z");
    await clock.advance(1_500);
    assert.equal(clock.now(), 1_500);
    assert.equal(clock.date().toISOString(), "2030-05-06T07:08:10.500Z");
  });

  it("fires timers in order of time due, then of setting, and shows each its own time", async () => {
    const clock = new ManualClock();
    const fired: string[] = [];
    for (const [name, delay] of [["c", 30], ["a", 10], ["b", 20], ["a2", 10], ["late", 31]] as const) {
      clock.schedule(() => fired.push(`${name}@${clock.now()}`), delay);
    }
    await clock.advance(30);
    assert.deepEqual(fired, ["a@10", "a2@10", "b@20", "c@30"]);
    assert.equal(clock.timers, 1);
  });

  it("lets a woken program sleep again within the same advance", async () => {
    const clock = new ManualClock();
    const woken: number[] = [];
    const program = (async () => {
      for (let turn = 0; turn < 3; turn++) {
        await clock.sleep(10);
        woken.push(clock.now());
      }
    })();
    await clock.advance(30);
    await program;
    assert.deepEqual(woken, [10, 20, 30]);
  });

  it("does not fire what was cancelled, nor what aborted", async () => {
    const clock = new ManualClock();
    const controller = new AbortController();
    const reason = new Error("enough");
    clock.schedule(() => assert.fail("cancelled"), 1)();
    const sleep = clock.sleep(1, { signal: controller.signal });
    controller.abort(reason);
    await assert.rejects(sleep, (error) => error === reason);
    assert.equal(clock.timers, 0);
    await clock.advance(5);
  });

  it("waits until something sleeps", async () => {
    const clock = new ManualClock();
    const order: string[] = [];
    const waiting = clock.waitForTimer(2).then(() => order.push("two timers"));
    await Promise.resolve();
    order.push("first");
    clock.schedule(() => {}, 1);
    await Promise.resolve();
    order.push("second");
    clock.schedule(() => {}, 1);
    await waiting;
    assert.deepEqual(order, ["first", "second", "two timers"]);
    await clock.waitForTimer(); // at once
  });

  it("runs one timer at a time", async () => {
    const clock = new ManualClock();
    const fired: number[] = [];
    clock.schedule(() => fired.push(clock.now()), 5_000);
    clock.schedule(() => fired.push(clock.now()), 7_000);
    assert.equal(await clock.runNext(), true);
    assert.deepEqual(fired, [5_000]);
    assert.equal(await clock.runNext(), true);
    assert.equal(await clock.runNext(), false);
    assert.deepEqual(fired, [5_000, 7_000]);
  });

  it("refuses to go backwards and to start at no date", async () => {
    await assert.rejects(new ManualClock().advance(-1), RangeError);
    assert.throws(() => new ManualClock({ start: "yesterday" }), RangeError);
  });
});
