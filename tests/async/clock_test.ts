import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Backoff, onAbort, systemClock } from "@coxswain/kube/async";
import { ManualClock } from "@coxswain/kube/testing";

describe("systemClock", () => {
  it("calls back once the delay has passed, and not when cancelled before", async () => {
    const calls: string[] = [];
    const cancel = systemClock.schedule(() => calls.push("cancelled"), 1);
    cancel();
    cancel();
    await new Promise<void>((resolve) => systemClock.schedule(resolve, 5));
    assert.deepEqual(calls, []);
  });

  it("holds delays that are longer than a timer can be", () => {
    const fired: string[] = [];
    const cancel = systemClock.schedule(() => fired.push("at once"), 2 ** 40);
    cancel();
    assert.deepEqual(fired, []);
  });

  it("grows", () => {
    const before = systemClock.now();
    assert.ok(systemClock.now() >= before);
    assert.ok(systemClock.date() instanceof Date);
  });
});

describe("Clock.sleep()", () => {
  it("rejects with the signal's reason, and leaves no timer behind", async () => {
    const clock = new ManualClock();
    const controller = new AbortController();
    const sleep = clock.sleep(1_000, { signal: controller.signal });
    assert.equal(clock.timers, 1);
    const reason = new Error("enough");
    controller.abort(reason);
    await assert.rejects(sleep, (error) => error === reason);
    assert.equal(clock.timers, 0);
  });

  it("rejects at once when the signal had aborted before", async () => {
    await assert.rejects(
      systemClock.sleep(1_000_000, { signal: AbortSignal.abort("no") }),
      (reason) => reason === "no",
    );
  });

  it("resolves when its time has come", async () => {
    const clock = new ManualClock();
    let woken = false;
    const sleep = clock.sleep(1_000).then(() => woken = true);
    await clock.advance(999);
    assert.equal(woken, false);
    await clock.advance(1);
    await sleep;
    assert.equal(woken, true);
  });
});

describe("Backoff [rest 10.3]", () => {
  it("grows by its factor up to its cap, and begins anew after a reset", () => {
    const backoff = new Backoff({ initial: 800, factor: 2, cap: 3_000, jitter: 0 });
    assert.deepEqual([1, 2, 3, 4].map(() => backoff.next()), [800, 1_600, 3_000, 3_000]);
    backoff.reset();
    assert.equal(backoff.next(), 800);
  });

  it("adds at most its share of jitter", () => {
    const most = new Backoff({ initial: 100, jitter: 0.5, random: () => 0.999 });
    assert.ok(Math.abs(most.next() - 150) < 1);
    const none = new Backoff({ initial: 100, jitter: 0.5, random: () => 0 });
    assert.equal(none.next(), 100);
  });

  for (
    const options of [{ initial: 0 }, { factor: 0.5 }, { initial: 10, cap: 5 }, { jitter: -1 }, {
      initial: NaN,
    }]
  ) {
    it(`refuses ${JSON.stringify(options)}`, () => {
      assert.throws(() => new Backoff(options), RangeError);
    });
  }
});

describe("onAbort()", () => {
  it("calls at once for a signal that has aborted", () => {
    const reasons: unknown[] = [];
    onAbort(AbortSignal.abort("gone"), (reason) => reasons.push(reason))();
    assert.deepEqual(reasons, ["gone"]);
  });

  it("no longer calls once it was forgotten", () => {
    const controller = new AbortController();
    const reasons: unknown[] = [];
    onAbort(controller.signal, (reason) => reasons.push(reason))();
    controller.abort("late");
    assert.deepEqual(reasons, []);
  });

  it("does nothing without a signal", () => {
    onAbort(undefined, () => assert.fail("called"))();
  });
});
