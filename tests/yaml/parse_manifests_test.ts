import assert from "node:assert/strict";
import process from "node:process";
import { describe, it } from "node:test";
import { parseManifests, YamlError } from "@coxswain/kube/yaml";

const valueOf = async (text: string) => {
  const [{ value }] = await parseManifests(`v: ${text}\n`);
  return (value as { v: unknown }).v;
};

describe("parseManifests()", () => {
  for (
    const [text, expected] of [
      // As go.yaml.in/yaml/v2 resolves them, which is kubectl's.
      ["yes", true],
      ["Off", false],
      ["on", true],
      ["NO", false],
      ["y", true],
      ["N", false],
      ["True", true],
      ["tRUE", "tRUE"],
      ["yEs", "yEs"],
      ["'yes'", "yes"],
      ["0644", 420],
      ["-017", -15],
      ["0o17", 15],
      ["0O17", 15],
      ["0x1F", 31],
      ["0b101", 5],
      ["08", 8],
      ["1_000", 1000],
      ["0", 0],
      ["-0", 0],
      ["+12", 12],
      ["1.5", 1.5],
      ["1e3", 1000],
      [".5", 0.5],
      ["1.", 1],
      ["12:30:45", "12:30:45"],
      ["2026-01-02", "2026-01-02"],
      ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"],
      ["100m", "100m"],
      ["0x", "0x"],
      ["0b_", "0b_"],
      ["1.2.3", "1.2.3"],
      ["~", null],
      ["Null", null],
      ["", null],
      ['"0644"', "0644"],
      ["!!str 0644", "0644"],
      ["9007199254740991", 9007199254740991],
    ] as const
  ) {
    it(`reads ${text || "nothing"} as kubectl does`, async () => {
      const value = await valueOf(text);
      assert.equal(typeof value === "number" ? value + 0 : value, expected);
    });
  }

  it("refuses numbers that it would have to change", async () => {
    await assert.rejects(valueOf("9007199254740993"), /more than 53 bits.*/);
    await assert.rejects(valueOf(".inf"), /infinite or none/);
    await assert.rejects(valueOf(".nan"), YamlError);
  });

  it("reads several documents, and says where each is", async () => {
    const text = `# a comment
kind: A
---
---
# nothing
--- # another
kind: B
...
---
{"kind": "C"}
`;
    const found = await parseManifests(text);
    assert.deepEqual(found, [
      { value: { kind: "A" }, document: 1, line: 2 },
      { value: { kind: "B" }, document: 4, line: 7 },
      { value: { kind: "C" }, document: 5, line: 10 },
    ]);
    for (const nothing of ["", "---\n", "# only a comment\n", "null", "\ufeff"]) {
      assert.deepEqual(await parseManifests(nothing), []);
    }
  });

  it("takes lists apart", async () => {
    const text = `
apiVersion: v1
kind: List
items:
- kind: A
  a: 1
- kind: B
---
apiVersion: v1
kind: ConfigMapList
items:
- metadata: {name: a}
- metadata: {name: b}
  kind: Other
`;
    assert.deepEqual(await parseManifests(text), [
      { value: { kind: "A", a: 1 }, document: 1, line: 5 },
      { value: { kind: "B" }, document: 1, line: 7 },
      { value: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } }, document: 2, line: 12 },
      { value: { apiVersion: "v1", kind: "Other", metadata: { name: "b" } }, document: 2, line: 13 },
    ]);
  });

  it("reads JSON, also with tabs, and its lists", async () => {
    assert.deepEqual(await parseManifests('{\n\t"kind": "List",\n\t"items": [{"kind": "A"}]\n}'), [
      { value: { kind: "A" }, document: 1, line: 1 },
    ]);
  });

  it("knows anchors, merge keys and blocks of text", async () => {
    const [{ value }] = await parseManifests(`
base: &base {a: 1, b: 2}
own: {<<: *base, b: 3}
text: |
  one
  two
folded: >-
  one
  two
`);
    assert.deepEqual(value, {
      base: { a: 1, b: 2 },
      own: { a: 1, b: 3 },
      text: "one\ntwo\n",
      folded: "one two",
    });
  });

  it("takes keys for text as they are written", async () => {
    const [{ value }] = await parseManifests("y: 1\n0644: 2\ntrue: 3\n");
    assert.deepEqual(value, { y: 1, "0644": 2, true: 3 });
  });

  for (
    const [what, text, where] of [
      ["a mistake", "kind: A\n---\nkind: B\n  bad: [1,\n", /line 3/],
      ["a key twice", "kind: A\na: 1\na: 2\n", /line 3, column 1 \(duplicate key\)/],
      ["a tab", "kind: A\nspec:\n\ta: 1\n", /line 3/],
      ["a tag that nobody knows", "kind: A\na: !secret hunter2\n", /line 2/],
      ["an alias without an anchor", "a: *b\n", /alias without an anchor/],
    ] as const
  ) {
    it(`says where ${what} is, and nothing of the text`, async () => {
      await assert.rejects(parseManifests(text), (error) => {
        assert.ok(error instanceof YamlError);
        assert.match(error.message, where);
        assert.doesNotMatch(String(error.stack), /hunter2/);
        return true;
      });
    });
  }

  it("is no bomb", async () => {
    const lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x,x]"];
    for (let i = 1; i < 10; i++) lines.push(`a${i}: &a${i} [${Array(10).fill(`*a${i - 1}`).join(",")}]`);
    await assert.rejects(parseManifests(lines.join("\n")), YamlError);
    await assert.rejects(parseManifests(`a: ${"[".repeat(500)}${"]".repeat(500)}`), YamlError);
  });

  it("makes no key a trap, and leaves the environment as it was", async () => {
    const before = process.env;
    const [{ value }] = await parseManifests("__proto__: {polluted: yes}\na: 1\n");
    assert.deepEqual(Object.keys(value as object), ["a"]);
    assert.equal(({} as Record<string, unknown>).polluted, undefined);
    assert.equal(process.env, before);
  });
});
