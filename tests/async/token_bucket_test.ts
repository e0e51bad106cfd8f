import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TokenBucket } from "@coxswain/kube/async";
import { ManualClock } from "@coxswain/kube/testing";

describe("TokenBucket [rest 10.1]", () => {
  it("lets its burst go at once, and then one after the other at its rate, in order", async () => {
    const clock = new ManualClock();
    const bucket = new TokenBucket({ qps: 10, burst: 2, clock });
    const gone: [number, number][] = [];
    const all = [0, 1, 2, 3, 4].map((index) => bucket.wait().then(() => gone.push([index, clock.now()])));
    await clock.advance(500);
    await Promise.all(all);
    assert.deepEqual(gone, [[0, 0], [1, 0], [2, 100], [3, 200], [4, 300]]);
  });

  it("fills up to its burst and no further", async () => {
    const clock = new ManualClock();
    const bucket = new TokenBucket({ qps: 10, burst: 2, clock });
    await clock.advance(60_000);
    assert.deepEqual([bucket.tryAccept(), bucket.tryAccept(), bucket.tryAccept()], [true, true, false]);
    await clock.advance(100);
    assert.deepEqual([bucket.tryAccept(), bucket.tryAccept()], [true, false]);
  });

  it("says how long it made wait", async () => {
    const clock = new ManualClock();
    const bucket = new TokenBucket({ qps: 4, burst: 1, clock });
    assert.equal(await bucket.wait(), 0);
    const waiting = bucket.wait();
    await clock.advance(250);
    assert.equal(await waiting, 250);
  });

  it("gives the place back of those who no longer wait", async () => {
    const clock = new ManualClock();
    const bucket = new TokenBucket({ qps: 1, burst: 1, clock });
    await bucket.wait();
    const controller = new AbortController();
    const leaving = bucket.wait({ signal: controller.signal });
    controller.abort("gone");
    await assert.rejects(leaving, (reason) => reason === "gone");
    assert.equal(clock.timers, 0);
    const staying = bucket.wait();
    await clock.advance(1_000);
    assert.equal(await staying, 1_000);
    await assert.rejects(
      bucket.wait({ signal: AbortSignal.abort("before") }),
      (reason) => reason === "before",
    );
  });

  for (const options of [{ qps: 0, burst: 1 }, { qps: 1, burst: 0 }, { qps: NaN, burst: 1 }]) {
    it(`refuses ${JSON.stringify(options)}`, () => {
      assert.throws(() => new TokenBucket(options), RangeError);
    });
  }
});
