import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  defaultBuckets,
  type Meter,
  type OtelCallback,
  type OtelMeter,
  otelMeter,
} from "@coxswain/kube/observe";

/** An OpenTelemetry meter that writes down what it is asked. */
class RecordingMeter implements OtelMeter {
  readonly calls: unknown[][] = [];
  readonly callbacks = new Set<OtelCallback>();

  #instrument(method: string) {
    const record = (...args: unknown[]) => void this.calls.push([method, ...args]);
    return { add: record, record };
  }
  createCounter(...args: unknown[]) {
    this.calls.push(["createCounter", ...args]);
    return this.#instrument("counter");
  }
  createGauge(...args: unknown[]) {
    this.calls.push(["createGauge", ...args]);
    return this.#instrument("gauge");
  }
  createHistogram(...args: unknown[]) {
    this.calls.push(["createHistogram", ...args]);
    return this.#instrument("histogram");
  }
  createObservableGauge(...args: unknown[]) {
    this.calls.push(["createObservableGauge", ...args]);
    return {
      addCallback: (callback: OtelCallback) => void this.callbacks.add(callback),
      removeCallback: (callback: OtelCallback) => void this.callbacks.delete(callback),
    };
  }
}

describe("otelMeter()", () => {
  for (
    const { name, use, calls } of [
      {
        name: "counts",
        use: (meter) => meter.counter({ name: "c_total", help: "C." }).add(2, { a: "b" }),
        calls: [["createCounter", "c_total", { description: "C.", unit: undefined }], ["counter", 2, {
          a: "b",
        }]],
      },
      {
        name: "sets gauges, with units as OpenTelemetry spells them",
        use: (meter) => meter.gauge({ name: "g", help: "G.", unit: "bytes" }).set(-1),
        calls: [["createGauge", "g", { description: "G.", unit: "By" }], ["gauge", -1, undefined]],
      },
      {
        name: "records histograms, with the bounds of their buckets",
        use: (meter) =>
          meter.histogram({ name: "h", help: "H.", unit: "seconds", buckets: [1, 2] }).record(1.5, {
            a: "b",
          }),
        calls: [
          ["createHistogram", "h", {
            description: "H.",
            unit: "s",
            advice: { explicitBucketBoundaries: [1, 2] },
          }],
          ["histogram", 1.5, { a: "b" }],
        ],
      },
      {
        name:
          "gives the bounds that are ours when a histogram has none: OpenTelemetry's are for milliseconds",
        use: (meter) => meter.histogram({ name: "h", help: "H.", unit: "pods" }),
        calls: [["createHistogram", "h", {
          description: "H.",
          unit: "pods",
          advice: { explicitBucketBoundaries: [...defaultBuckets] },
        }]],
      },
    ] as { name: string; use: (meter: Meter) => void; calls: unknown[][] }[]
  ) {
    it(name, () => {
      const recording = new RecordingMeter();
      use(otelMeter(recording));
      assert.deepEqual(recording.calls, calls);
    });
  }

  it("reads observable gauges until they are ended", () => {
    const recording = new RecordingMeter();
    const end = otelMeter(recording).observableGauge({ name: "g", help: "G." }, (report) => {
      report(1, { a: "b" });
      report(2);
    });
    const observed: unknown[][] = [];
    for (const callback of recording.callbacks) {
      callback({ observe: (...args) => void observed.push(args) });
    }
    assert.deepEqual(observed, [[1, { a: "b" }], [2, undefined]]);
    end();
    end();
    assert.equal(recording.callbacks.size, 0);
  });
});
