import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { noMeter } from "@coxswain/kube/observe";

describe("noMeter", () => {
  it("gives the same instruments for all metrics, which take anything", () => {
    const [a, b] = ["a", "a b"].map((name) => ({ name, help: "" }));
    assert.equal(noMeter.counter(a), noMeter.counter(b));
    assert.equal(noMeter.gauge(a), noMeter.gauge(b));
    assert.equal(noMeter.histogram(a), noMeter.histogram(b));
    noMeter.counter(a).add(-1, { "": "" });
    noMeter.gauge(a).set(NaN);
    noMeter.histogram(a).record(NaN);
  });

  it("never reads an observable gauge", () => {
    const end = noMeter.observableGauge({ name: "a", help: "" }, () => assert.fail("was read"));
    end();
    end();
  });
});
