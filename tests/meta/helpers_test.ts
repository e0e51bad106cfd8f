import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  addFinalizer,
  compareVersions,
  type Condition,
  dns1035LabelProblems,
  dnsLabelProblems,
  dnsSubdomainProblems,
  findCondition,
  formatGroupKind,
  formatGroupResource,
  formatTime,
  groupVersionKindOf,
  hasFinalizer,
  isConditionFalse,
  isConditionTrue,
  isSameGroupKind,
  isSemanticallyEqual,
  labelKeyProblems,
  labelValueProblems,
  parseTime,
  removeCondition,
  removeFinalizer,
  resolveIntOrPercent,
  setCondition,
} from "@coxswain/kube/meta";

const T0 = "2026-01-01T00:00:00Z";
const NOW = new Date("2026-01-01T00:05:00.123Z");
const READY: Condition = {
  type: "Ready",
  status: "True",
  reason: "Up",
  message: "all up",
  lastTransitionTime: T0,
};
const { lastTransitionTime: _, ...NEW_READY } = READY;

describe("setCondition()", () => {
  it("adds what is not there, with the time that it says or now", () => {
    assert.deepEqual(setCondition(undefined, NEW_READY, NOW), [{
      ...READY,
      lastTransitionTime: "2026-01-01T00:05:00Z",
    }]);
    assert.deepEqual(setCondition([], READY, NOW), [READY]);
  });

  it("keeps the time while the status is the same", () => {
    const conditions = setCondition([READY], {
      ...NEW_READY,
      reason: "Still",
      message: "yes",
      observedGeneration: 2,
    }, NOW);
    assert.deepEqual(conditions, [{ ...READY, reason: "Still", message: "yes", observedGeneration: 2 }]);
    assert.deepEqual(
      setCondition([READY], { ...READY, reason: "Still", lastTransitionTime: "2026-01-02T00:00:00Z" }, NOW)[0]
        .lastTransitionTime,
      T0,
    );
  });

  it("takes a new time when the status changes", () => {
    const down = { ...NEW_READY, status: "False" };
    assert.equal(setCondition([READY], down, NOW)[0].lastTransitionTime, "2026-01-01T00:05:00Z");
    const at = "2026-01-01T00:01:00Z";
    assert.equal(setCondition([READY], { ...down, lastTransitionTime: at }, NOW)[0].lastTransitionTime, at);
  });

  it("returns the list itself when nothing changes, and never changes it", () => {
    const other = { ...READY, type: "Other" };
    const conditions: readonly Condition[] = Object.freeze([
      other,
      Object.freeze({ ...READY, observedGeneration: 1 }),
    ]);
    assert.equal(setCondition(conditions, { ...NEW_READY, observedGeneration: 1 }, NOW), conditions);
    const changed = setCondition(conditions, { ...NEW_READY, observedGeneration: 2 }, NOW);
    assert.equal(changed[0], other);
    assert.deepEqual(changed.map(({ observedGeneration }) => observedGeneration), [undefined, 2]);
  });

  it("forgets the generation when the new one has none", () => {
    assert.ok(
      !("observedGeneration" in setCondition([{ ...READY, observedGeneration: 1 }], NEW_READY, NOW)[0]),
    );
  });
});

describe("conditions", () => {
  it("are found, judged and removed by type", () => {
    const conditions = [READY, { ...READY, type: "Down", status: "False" }, {
      ...READY,
      type: "Odd",
      status: "Unknown",
    }];
    assert.equal(findCondition(conditions, "Ready"), conditions[0]);
    assert.equal(findCondition(conditions, "Nope"), undefined);
    assert.deepEqual(
      ["Ready", "Down", "Odd", "Nope"].map((
        type,
      ) => [isConditionTrue(conditions, type), isConditionFalse(conditions, type)]),
      [
        [true, false],
        [false, true],
        [false, false],
        [false, false],
      ],
    );
    assert.equal(isConditionTrue(undefined, "Ready"), false);
    assert.deepEqual(removeCondition(conditions, "Down").map(({ type }) => type), ["Ready", "Odd"]);
    assert.equal(removeCondition(conditions, "Nope"), conditions);
  });
});

describe("finalizers", () => {
  it("are added and removed, and the object is the same when nothing changes", () => {
    const object = { metadata: { name: "a", finalizers: ["x"] } };
    const two = addFinalizer(object, "y");
    assert.deepEqual(two.metadata.finalizers, ["x", "y"]);
    assert.equal(addFinalizer(two, "y"), two);
    assert.deepEqual(removeFinalizer(two, "x").metadata.finalizers, ["y"]);
    assert.equal(removeFinalizer(object, "y"), object);
    assert.deepEqual(object.metadata.finalizers, ["x"]);
    assert.equal(hasFinalizer({ metadata: {} }, "x"), false);
    assert.deepEqual(addFinalizer({ metadata: { name: "a" } }, "x"), {
      metadata: { name: "a", finalizers: ["x"] },
    });
  });
});

describe("kinds", () => {
  it("are taken from objects and written as messages have them", () => {
    const kind = groupVersionKindOf({ apiVersion: "apps/v1", kind: "Deployment" });
    assert.deepEqual(kind, { group: "apps", version: "v1", kind: "Deployment" });
    assert.equal(formatGroupKind(kind), "Deployment.apps");
    assert.equal(formatGroupKind({ group: "", kind: "Pod" }), "Pod");
    assert.equal(formatGroupResource({ group: "apps", plural: "deployments" }), "deployments.apps");
    assert.equal(formatGroupResource({ group: "", plural: "pods" }), "pods");
    assert.ok(isSameGroupKind(kind, { group: "apps", kind: "Deployment" }));
    assert.ok(!isSameGroupKind(kind, { group: "extensions", kind: "Deployment" }));
    assert.throws(() => groupVersionKindOf({ kind: "Pod" }), TypeError);
  });
});

describe("compareVersions()", () => {
  it("has Kubernetes' order (spec rest 17)", () => {
    const sorted = [
      "v10",
      "v2",
      "v1",
      "v11beta2",
      "v10beta3",
      "v3beta1",
      "v12alpha1",
      "v11alpha2",
      "foo1",
      "foo10",
      "v0",
      "v1beta",
    ];
    const plain = ["foo1", "foo10", "v0", "v1beta"].sort();
    assert.deepEqual([...sorted].sort().sort(compareVersions), [...sorted.slice(0, 8), ...plain]);
    assert.equal(compareVersions("v1", "v1"), 0);
    assert.equal(compareVersions("x", "x"), 0);
  });
});

describe("formatTime() and parseTime()", () => {
  for (
    const [text, milliseconds] of [
      ["2026-01-01T00:00:00Z", Date.UTC(2026, 0, 1)],
      ["2026-01-01T01:30:00+01:30", Date.UTC(2026, 0, 1)],
      ["2025-12-31T19:00:00-05:00", Date.UTC(2026, 0, 1)],
      ["2026-01-01T00:00:00.123456789Z", Date.UTC(2026, 0, 1, 0, 0, 0, 123)],
      ["2026-01-01T00:00:00.5Z", Date.UTC(2026, 0, 1, 0, 0, 0, 500)],
      ["2024-02-29T00:00:00Z", Date.UTC(2024, 1, 29)],
      ["1969-12-31T23:59:59Z", -1000],
    ] as const
  ) {
    it(`reads ${text}`, () => assert.equal(parseTime(text).getTime(), milliseconds));
  }

  it("reads the years of old", () => {
    assert.equal(formatTime(parseTime("0001-01-01T00:00:00Z")), "0001-01-01T00:00:00Z"); // Go's zero time
  });

  for (
    const text of [
      "",
      "2026-01-01",
      "2026-01-01 00:00:00Z",
      "2026-01-01T00:00:00",
      "2026-01-01T00:00Z",
      "2026-02-29T00:00:00Z",
      "2026-00-01T00:00:00Z",
      "2026-04-31T00:00:00Z",
      "1900-02-29T00:00:00Z",
      "2026-01-01T24:00:00Z",
      "2026-01-01T00:60:00Z",
      "2026-01-01T00:00:00+24:00",
      "2026-01-01t00:00:00z",
      "Thu, 01 Jan 2026 00:00:00 GMT",
    ]
  ) {
    it(`refuses ${JSON.stringify(text)}`, () => assert.throws(() => parseTime(text), SyntaxError));
  }

  it("cuts off what is left of a second, also before 1970", () => {
    assert.equal(formatTime(new Date("2026-01-01T00:00:00.999Z")), "2026-01-01T00:00:00Z");
    assert.equal(formatTime(new Date(-1)), "1969-12-31T23:59:59Z");
    assert.throws(() => formatTime(new Date(NaN)), RangeError);
    assert.throws(() => formatTime(new Date(Date.UTC(12026, 0))), RangeError);
  });
});

describe("resolveIntOrPercent()", () => {
  for (
    const [value, total, rounding, result] of [
      [3, 10, "up", 3],
      [0, 10, "down", 0],
      ["25%", 10, "up", 3],
      ["25%", 10, "down", 2],
      ["0%", 10, "up", 0],
      ["100%", 7, "down", 7],
      ["150%", 4, "up", 6],
      ["33%", 1, "down", 0],
    ] as const
  ) {
    it(`is ${result} for ${value} of ${total}, rounded ${rounding}`, () => {
      assert.equal(resolveIntOrPercent(value, total, rounding), result);
    });
  }

  for (const value of ["25", "%", "x%", "2.5%", "25%%", "", 1.5, NaN]) {
    it(`refuses ${JSON.stringify(value)}`, () =>
      assert.throws(() => resolveIntOrPercent(value, 10, "up"), TypeError));
  }
});

describe("names", () => {
  const long = (length: number) => "a".repeat(length);
  for (
    const { check, good, bad } of [
      {
        check: dnsLabelProblems,
        good: ["a", "web-0", "0", long(63)],
        bad: ["", "-a", "a-", "A", "a_b", "a.b", long(64), "ü"],
      },
      {
        check: dnsSubdomainProblems,
        good: ["a", "a.b-c.d", long(253)],
        bad: ["", ".a", "a.", "a..b", "A.b", "a_b", long(254)],
      },
      { check: dns1035LabelProblems, good: ["a", "a-0"], bad: ["", "0a", "a.b", "A", long(64)] },
      {
        check: labelKeyProblems,
        good: ["a", "A_b.c-d", "example.com/a", `${long(63)}`, `${long(253)}/b`],
        bad: ["", "-a", "a/", "/a", "a/b/c", "Example.com/a", "a b", long(64), `${long(254)}/b`],
      },
      {
        check: labelValueProblems,
        good: ["", "a", "A_b.c-d", "0", long(63)],
        bad: ["-a", "a-", "a b", "a/b", long(64)],
      },
    ]
  ) {
    it(`are judged by ${check.name}() as on the server`, () => {
      for (const name of good) assert.deepEqual(check(name), [], JSON.stringify(name));
      for (const name of bad) assert.notDeepEqual(check(name), [], JSON.stringify(name));
    });
  }

  it("are refused in the server's words", () => {
    assert.deepEqual(dnsLabelProblems("a.b"), ["must not contain dots"]);
    assert.deepEqual(dnsLabelProblems("A".repeat(64)), [
      "must be no more than 63 characters",
      "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    ]);
    assert.deepEqual(labelKeyProblems("/a"), ["prefix part must be non-empty"]);
    assert.equal(labelKeyProblems("a/").length, 2);
  });
});

describe("isSemanticallyEqual()", () => {
  for (
    const [a, b, equal] of [
      [{ a: 1, b: [1, { c: null }] }, { b: [1, {}], a: 1 }, true],
      [{ a: [] }, {}, true],
      [{ a: null }, { a: undefined }, true],
      [{ emptyDir: {} }, {}, false],
      [{ a: 0 }, {}, false],
      [{ a: "" }, {}, false],
      [{ a: false }, {}, false],
      [[1, 2], [2, 1], false],
      [[1], [1, undefined], false],
      [{ a: [] }, { a: {} }, false],
      [{ 0: 1 }, [1], false],
      ["1", 1, false],
      [{}, { constructor: Object }, false],
      [null, undefined, true],
    ] as const
  ) {
    it(`${equal ? "takes" : "does not take"} ${JSON.stringify(a)} for ${JSON.stringify(b)}`, () => {
      assert.equal(isSemanticallyEqual(a, b), equal);
      assert.equal(isSemanticallyEqual(b, a), equal);
    });
  }
});
