import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  formatFieldSelector,
  formatLabelSelector,
  labelRequirements,
  type LabelSelector,
  labelSelectorOf,
  matchesFields,
  matchesLabelSelector,
  parseFieldSelector,
  parseLabelSelector,
} from "@coxswain/kube/meta";

describe("labelRequirements() and labelSelectorOf()", () => {
  for (
    const { selector, text, back = selector } of [
      { selector: {}, text: "" },
      { selector: { matchLabels: { app: "web", tier: "" } }, text: "app=web,tier=" },
      {
        selector: { matchExpressions: [{ key: "a", operator: "In", values: ["x", "y"] }] },
        text: "a in (x,y)",
      },
      {
        selector: { matchExpressions: [{ key: "a", operator: "In", values: ["x"] }] },
        text: "a=x",
        back: { matchLabels: { a: "x" } },
      },
      { selector: { matchExpressions: [{ key: "a", operator: "NotIn", values: ["x"] }] }, text: "a!=x" },
      { selector: { matchExpressions: [{ key: "a", operator: "Exists" }] }, text: "a" },
      {
        selector: { matchExpressions: [{ key: "example.com/a", operator: "DoesNotExist" }] },
        text: "!example.com/a",
      },
      {
        selector: {
          matchLabels: { a: "x" },
          matchExpressions: [{ key: "a", operator: "In", values: ["y"] }],
        },
        text: "a=x,a=y",
      },
    ] as { selector: LabelSelector; text: string; back?: LabelSelector }[]
  ) {
    it(`reads and writes "${text}"`, () => {
      const requirements = labelRequirements(selector);
      assert.equal(formatLabelSelector(requirements), text);
      assert.deepEqual(labelSelectorOf(parseLabelSelector(text)), back);
      assert.deepEqual(labelSelectorOf(requirements), back);
    });
  }

  for (
    const [selector, says] of [
      [{ matchExpressions: [{ key: "a", operator: "In" }] }, /matchExpressions\[0\]: In needs values/],
      [{ matchExpressions: [{ key: "a", operator: "NotIn", values: [] }] }, /NotIn needs values/],
      [{ matchExpressions: [{ key: "a", operator: "Exists", values: ["x"] }] }, /Exists takes no values/],
      [
        { matchExpressions: [{ key: "a", operator: "Gt", values: ["1"] }] },
        /"Gt" is not a valid label selector operator/,
      ],
      [{ matchExpressions: [{ key: "-a", operator: "Exists" }] }, /name part must consist of/],
      [
        { matchExpressions: [{ key: "a", operator: "In", values: ["ok", "not ok"] }] },
        /a valid label must be/,
      ],
      [{ matchLabels: { "a/b/c": "x" } }, /a valid label key/],
      [{ matchLabels: { a: "x".repeat(64) } }, /no more than 63 bytes/],
    ] as [LabelSelector, RegExp][]
  ) {
    it(`refuses as a server does: ${says}`, () => {
      assert.throws(
        () => labelRequirements(selector),
        (error) => error instanceof TypeError && says.test(error.message),
      );
    });
  }

  it("refuses to give an object what only requests can ask for", () => {
    assert.throws(() => labelSelectorOf(parseLabelSelector("rank>3")), /for requests alone/);
  });
});

describe("matchesLabelSelector()", () => {
  it("selects everything with an empty selector, and nothing without one", () => {
    assert.ok(matchesLabelSelector({}, { app: "web" }));
    assert.ok(matchesLabelSelector({}));
    assert.ok(!matchesLabelSelector(undefined, { app: "web" }));
  });

  it("needs all conditions", () => {
    const selector = {
      matchLabels: { app: "web" },
      matchExpressions: [{ key: "tier", operator: "NotIn", values: ["test"] }, {
        key: "old",
        operator: "DoesNotExist",
      }],
    } as const;
    assert.ok(matchesLabelSelector(selector, { app: "web" }));
    assert.ok(!matchesLabelSelector(selector, { app: "web", tier: "test" }));
    assert.ok(!matchesLabelSelector(selector, { app: "web", old: "" }));
    assert.ok(!matchesLabelSelector(selector, {}));
  });
});

describe("parseFieldSelector()", () => {
  for (
    const { selector, requirements, formatted = selector } of [
      { selector: "", requirements: [] },
      { selector: "a=b", requirements: [["a", "=", "b"]] },
      { selector: "a==b", requirements: [["a", "=", "b"]], formatted: "a=b" },
      { selector: "a!=b,c=d", requirements: [["a", "!=", "b"], ["c", "=", "d"]] },
      { selector: "a=", requirements: [["a", "=", ""]] },
      { selector: ",a=b,,", requirements: [["a", "=", "b"]], formatted: "a=b" },
      { selector: "metadata.name=x\\,y\\=z\\\\", requirements: [["metadata.name", "=", "x,y=z\\"]] },
      { selector: "a=b c", requirements: [["a", "=", "b c"]] },
      { selector: "=b", requirements: [["", "=", "b"]] },
    ] as { selector: string; requirements: [string, "=" | "!=", string][]; formatted?: string }[]
  ) {
    it(`understands ${JSON.stringify(selector)}`, () => {
      const parsed = parseFieldSelector(selector);
      assert.deepEqual(parsed, requirements.map(([field, operator, value]) => ({ field, operator, value })));
      assert.equal(formatFieldSelector(parsed), formatted);
      assert.deepEqual(parseFieldSelector(formatted), parsed);
    });
  }

  for (const selector of ["a", "a b", "a=b=c", "a=b\\", "a=b\\x", "a=b,c", "a!b"]) {
    it(`refuses ${JSON.stringify(selector)}`, () =>
      assert.throws(() => parseFieldSelector(selector), SyntaxError));
  }
});

describe("matchesFields()", () => {
  it("needs all conditions, and takes an absent field for empty", () => {
    const requirements = parseFieldSelector("spec.nodeName=node-a,status.phase!=Running");
    assert.ok(matchesFields(requirements, { "spec.nodeName": "node-a" }));
    assert.ok(!matchesFields(requirements, { "spec.nodeName": "node-a", "status.phase": "Running" }));
    assert.ok(!matchesFields(requirements, {}));
    assert.ok(matchesFields(parseFieldSelector("spec.nodeName="), {}));
    assert.ok(!matchesFields(parseFieldSelector("constructor!="), {}));
  });
});
