import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { singleFlight } from "@coxswain/kube/async";

describe("singleFlight()", () => {
  it("shares one run among those who ask meanwhile, and begins anew after it", async () => {
    let runs = 0;
    const gate = Promise.withResolvers<void>();
    const read = singleFlight(async () => {
      await gate.promise;
      return ++runs;
    });
    const both = Promise.all([read(), read(new AbortController().signal)]);
    gate.resolve();
    assert.deepEqual(await both, [1, 1]);
    assert.equal(await read(), 2);
  });

  it("shares a failure too, and does not keep it", async () => {
    let runs = 0;
    const read = singleFlight(() => Promise.reject(new Error(`run ${++runs}`)));
    const outcomes = await Promise.allSettled([read(), read()]);
    assert.deepEqual(outcomes.map((outcome) => outcome.status === "rejected" && outcome.reason.message), [
      "run 1",
      "run 1",
    ]);
    await assert.rejects(read(), { message: "run 2" });
  });

  it("goes on for the others when one gives up, and ends when the last does", async () => {
    const signals: AbortSignal[] = [];
    const read = singleFlight((signal) => {
      signals.push(signal);
      return new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    });
    const [one, two] = [new AbortController(), new AbortController()];
    const first = assert.rejects(read(one.signal), { message: "one" });
    const second = assert.rejects(read(two.signal), { message: "two" });
    one.abort(new Error("one"));
    await first;
    assert.equal(signals[0].aborted, false);
    two.abort(new Error("two"));
    await second;
    assert.equal(signals[0].aborted, true);
    const third = assert.rejects(read(AbortSignal.abort(new Error("before"))), { message: "before" });
    await third;
    assert.equal(signals.length, 1);
  });
});
