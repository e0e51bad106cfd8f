import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type HistogramDefinition,
  type Labels,
  OPENMETRICS_CONTENT_TYPE,
  PROMETHEUS_CONTENT_TYPE,
  PrometheusMeter,
} from "@coxswain/kube/observe";

/** The lines of samples, without those that describe metrics. */
const samples = (text: string) => text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));

describe("PrometheusMeter.text()", () => {
  it("is empty before anything is recorded", () => {
    const meter = new PrometheusMeter();
    meter.counter({ name: "orders_total", help: "Orders." });
    assert.equal(meter.text(), "");
  });

  it("shows metrics by name and series by labels, however they were recorded", () => {
    const meter = new PrometheusMeter();
    const orders = meter.counter({ name: "orders_total", help: "Orders." });
    meter.gauge({ name: "depth", help: "How many wait." }).set(-2.5);
    orders.add(1, { shop: "south", kind: "b" });
    orders.add(1, { shop: "north", kind: "b" });
    orders.add(2, { kind: "b", shop: "south" });
    assert.equal(
      meter.text(),
      "# HELP depth How many wait.\n# TYPE depth gauge\ndepth -2.5\n" +
        "# HELP orders_total Orders.\n# TYPE orders_total counter\n" +
        'orders_total{kind="b",shop="north"} 1\norders_total{kind="b",shop="south"} 3\n',
    );
  });

  for (
    const [name, value, written] of [
      ["a backslash", "a\\b", "a\\\\b"],
      ["a quote", 'a"b', 'a\\"b'],
      ["a line break", "a\nb", "a\\nb"],
      ["what looks escaped", "\\n", "\\\\n"],
      ["what looks like another label", '",b="c', '\\",b=\\"c'],
      ["text beyond ASCII", "Zürich 💝", "Zürich 💝"],
      ["nothing", "", ""],
    ]
  ) {
    it(`escapes ${name} in a label`, () => {
      const meter = new PrometheusMeter();
      meter.gauge({ name: "g", help: "" }).set(1, { a: value });
      assert.deepEqual(samples(meter.text()), [`g{a="${written}"} 1`]);
    });
  }

  it("escapes backslashes and line breaks in help, and leaves quotes", () => {
    const meter = new PrometheusMeter();
    meter.gauge({ name: "g", help: 'a "b"\n\\c' }).set(1);
    assert.equal(meter.text().split("\n")[0], '# HELP g a "b"\\n\\\\c');
  });

  for (
    const [value, written] of [
      [0, "0"],
      [-0, "-0"],
      [1, "1"],
      [-1.5, "-1.5"],
      [0.1 + 0.2, "0.30000000000000004"],
      [0.0001, "0.0001"],
      [0.00001234, "1.234e-05"],
      [999_999, "999999"],
      [123_456.75, "123456.75"],
      [1_000_000, "1e+06"],
      [16_777_216, "1.6777216e+07"],
      [1e21, "1e+21"],
      [5e-324, "5e-324"],
      [Number.MAX_VALUE, "1.7976931348623157e+308"],
      [Infinity, "+Inf"],
      [-Infinity, "-Inf"],
      [NaN, "NaN"],
    ] as const
  ) {
    it(`writes ${Object.is(value, -0) ? "-0" : value} as Go does: ${written}`, () => {
      const meter = new PrometheusMeter();
      meter.gauge({ name: "g", help: "" }).set(value);
      assert.deepEqual(samples(meter.text()), [`g ${written}`]);
    });
  }

  it("keeps series apart whose labels could be confused when joined", () => {
    const meter = new PrometheusMeter();
    const gauge = meter.gauge({ name: "g", help: "" });
    const all: Labels[] = [{ a: "b,c" }, { a: "b", c: "" }, { a: "b" }, {}, { a: 'b",c="' }];
    for (const [index, labels] of all.entries()) gauge.set(index, labels);
    assert.equal(samples(meter.text()).length, all.length);
  });

  it("is served with the content type of its version", () => {
    assert.equal(PROMETHEUS_CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8");
    assert.equal(OPENMETRICS_CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8");
  });
});

describe("PrometheusMeter.histogram()", () => {
  const definition: HistogramDefinition = { name: "h", help: "", buckets: [0.5, 1, 4_194_304] };

  it("counts up to each bound, the bound included", () => {
    const meter = new PrometheusMeter();
    const histogram = meter.histogram(definition);
    for (const value of [0.25, 0.5, 0.75, 1, 2, 5_000_000]) histogram.record(value, { verb: "GET" });
    assert.deepEqual(samples(meter.text()), [
      'h_bucket{verb="GET",le="0.5"} 2',
      'h_bucket{verb="GET",le="1"} 4',
      'h_bucket{verb="GET",le="4.194304e+06"} 5',
      'h_bucket{verb="GET",le="+Inf"} 6',
      'h_sum{verb="GET"} 5.0000045e+06',
      'h_count{verb="GET"} 6',
    ]);
  });

  it("puts what exceeds all bounds, and what is no number, into +Inf alone", () => {
    const meter = new PrometheusMeter();
    const histogram = meter.histogram({ ...definition, buckets: [1] });
    for (const value of [Infinity, NaN]) histogram.record(value);
    assert.deepEqual(samples(meter.text()), [
      'h_bucket{le="1"} 0',
      'h_bucket{le="+Inf"} 2',
      "h_sum NaN",
      "h_count 2",
    ]);
  });

  it("takes bounds that end with infinity, and none at all", () => {
    const meter = new PrometheusMeter();
    meter.histogram({ name: "a", help: "", buckets: [1, Infinity] }).record(0);
    meter.histogram({ name: "b", help: "", buckets: [] }).record(0);
    const bounds = samples(meter.text()).filter((line) => line.includes("le="));
    assert.deepEqual(bounds, ['a_bucket{le="1"} 1', 'a_bucket{le="+Inf"} 1', 'b_bucket{le="+Inf"} 1']);
  });

  it("has Prometheus' buckets when none are given", () => {
    const meter = new PrometheusMeter();
    meter.histogram({ name: "h", help: "" }).record(0.03);
    assert.equal(samples(meter.text()).length, 11 + 1 + 2);
  });

  for (const buckets of [[1, 1], [2, 1], [NaN], [1, NaN]]) {
    it(`refuses the bounds ${buckets}`, () => {
      assert.throws(() => new PrometheusMeter().histogram({ ...definition, buckets }), RangeError);
    });
  }
});

describe("PrometheusMeter.observableGauge()", () => {
  it("asks at each export, until it is ended", () => {
    const meter = new PrometheusMeter();
    let age = 1;
    const end = meter.observableGauge(
      { name: "age_seconds", help: "" },
      (report) => report(age, { queue: "a" }),
    );
    const endOther = meter.observableGauge(
      { name: "age_seconds", help: "" },
      (report) => report(9, { queue: "b" }),
    );
    assert.deepEqual(samples(meter.text()), ['age_seconds{queue="a"} 1', 'age_seconds{queue="b"} 9']);
    age = 2;
    endOther();
    endOther();
    assert.deepEqual(samples(meter.text()), ['age_seconds{queue="a"} 2']);
    end();
    assert.equal(meter.text(), "");
  });

  it("keeps the last of two values with the same labels", () => {
    const meter = new PrometheusMeter();
    meter.observableGauge({ name: "g", help: "" }, (report) => {
      report(1);
      report(2);
    });
    assert.deepEqual(samples(meter.text()), ["g 2"]);
  });
});

describe("A metric of a PrometheusMeter", () => {
  it("is shared by those who ask for the same one", () => {
    const meter = new PrometheusMeter();
    for (let client = 0; client < 2; client++) {
      meter.counter({ name: "c_total", help: "C." }).add(1);
      meter.histogram({ name: "h", help: "H.", buckets: [1] }).record(1);
    }
    assert.deepEqual(samples(meter.text()), [
      "c_total 2",
      'h_bucket{le="1"} 2',
      'h_bucket{le="+Inf"} 2',
      "h_sum 2",
      "h_count 2",
    ]);
  });

  for (
    const [difference, ask] of [
      ["kind", (meter) => meter.gauge({ name: "m", help: "M." })],
      ["help", (meter) => meter.histogram({ name: "m", help: "N.", buckets: [1] })],
      ["buckets", (meter) => meter.histogram({ name: "m", help: "M.", buckets: [2] })],
      ["labels", (meter) => meter.histogram({ name: "m", help: "M.", buckets: [1], labels: ["a"] })],
    ] as [string, (meter: PrometheusMeter) => unknown][]
  ) {
    it(`is not another one's of the same name: another ${difference}`, () => {
      const meter = new PrometheusMeter();
      meter.histogram({ name: "m", help: "M.", buckets: [1] });
      assert.throws(() => ask(meter), { name: "TypeError", message: /Cannot measure m: .* a histogram/ });
    });
  }

  it("is there from the start, at 0, when it says that it has no labels", () => {
    const meter = new PrometheusMeter();
    meter.counter({ name: "c_total", help: "", labels: [] });
    meter.histogram({ name: "h", help: "", labels: [], buckets: [] });
    meter.gauge({ name: "g", help: "", labels: [] }); // 0 would be a statement
    assert.deepEqual(samples(meter.text()), ["c_total 0", 'h_bucket{le="+Inf"} 0', "h_sum 0", "h_count 0"]);
  });

  for (const labels of [undefined, {}, { verb: "GET" }, { verb: "GET", method: "GET" }] as Labels[]) {
    it(`refuses labels other than it says: ${JSON.stringify(labels)}`, () => {
      const counter = new PrometheusMeter().counter({ name: "c_total", help: "", labels: ["verb", "host"] });
      assert.throws(() => counter.add(1, labels), TypeError);
    });
  }

  for (const name of ["", "a-b", "1a", "__a", "le", "a.b", "ä", "a\n"]) {
    it(`refuses the label ${JSON.stringify(name)}`, () => {
      const gauge = new PrometheusMeter().gauge({ name: "g", help: "" });
      assert.throws(() => gauge.set(1, { [name]: "x" }), TypeError);
    });
  }

  for (const name of ["", "1a", "a-b", "a b", "ä", "a\n"]) {
    it(`refuses the name ${JSON.stringify(name)}`, () => {
      assert.throws(() => new PrometheusMeter().counter({ name, help: "" }), TypeError);
    });
  }

  for (const amount of [-1, NaN]) {
    it(`does not count ${amount}`, () => {
      const counter = new PrometheusMeter().counter({ name: "c_total", help: "" });
      assert.throws(() => counter.add(amount), { name: "RangeError", message: /c_total/ });
    });
  }
});

describe("PrometheusMeter.openMetricsText()", () => {
  it("names counters without _total, says units, tells numbers from counts, and ends", () => {
    const meter = new PrometheusMeter();
    meter.counter({ name: "c_total", help: 'say "hi"' }).add(3);
    meter.counter({ name: "calls", help: "" }).add(1e6);
    meter.gauge({ name: "g", help: "", unit: "bytes" }).set(Infinity);
    meter.histogram({ name: "h_seconds", help: "", unit: "seconds", buckets: [1] }).record(2);
    assert.equal(
      meter.openMetricsText(),
      [
        ...['# HELP c say \\"hi\\"', "# TYPE c counter", "c_total 3.0"],
        ...["# HELP calls ", "# TYPE calls counter", "calls_total 1e+06"],
        ...["# HELP g ", "# TYPE g gauge", "g +Inf"],
        ...["# HELP h_seconds ", "# TYPE h_seconds histogram", "# UNIT h_seconds seconds"],
        ...['h_seconds_bucket{le="1.0"} 0', 'h_seconds_bucket{le="+Inf"} 1', "h_seconds_sum 2.0"],
        ...["h_seconds_count 1", "# EOF", ""],
      ].join("\n"),
    );
  });

  it("is an end alone before anything is recorded", () => {
    assert.equal(new PrometheusMeter().openMetricsText(), "# EOF\n");
  });
});
