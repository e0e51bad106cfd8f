// What a schema becomes, feature by feature. That all of it compiles strictly is seen in strict_test.ts, that a server
// takes what the types let through in tests/cluster/codegen_test.ts.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { definitionModules, readDefinition, writeModule } from "@coxswain/kube/codegen";
import type { OpenApiSchema as Schema } from "@coxswain/kube/discovery";

/** The module of a kind whose field `field` has this schema, and what its types do not say. */
function generate(
  field: Schema,
  { required = [] as string[], openEnums = true } = {},
): { text: string; notes: string[] } {
  const definition = readDefinition({
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    spec: {
      group: "example.com",
      scope: "Namespaced",
      names: { kind: "Web", plural: "webs" },
      versions: [{
        name: "v1",
        served: true,
        schema: { openAPIV3Schema: { type: "object", required, properties: { field } } },
      }],
    },
  }, "a test");
  const [module] = definitionModules(definition ? [definition] : [], { openEnums });
  return {
    text: writeModule(module, { header: [], doc: ["@module"], specifierOf: (name) => name }),
    notes: module.notes.map(({ what, path }) => `${what} ${path}`),
  };
}

/** How the field is declared, and the comment before it without its stars. */
function fieldOf(text: string): { line: string; doc: string } {
  const match = /((?: {2}\/\*\*(?:(?!\*\/)[^])*\*\/\n))( {2}field\??:[^;]*;)/.exec(text);
  assert.ok(match, text);
  const doc = match[1].replace(/^ *\/\*\*/, "").replace(/\*\/\n$/, "").replaceAll(/^ *\* ?/gm, "").trim();
  return { line: match[2].trim().replaceAll(/\s+/g, " "), doc };
}

const text: Schema = { type: "string" };

describe("A schema", () => {
  for (
    const { is, schema, becomes } of [
      { is: "a text", schema: text, becomes: "string" },
      { is: "a whole number", schema: { type: "integer", format: "int64" }, becomes: "number" },
      { is: "a number", schema: { type: "number" }, becomes: "number" },
      { is: "yes or no", schema: { type: "boolean" }, becomes: "boolean" },
      { is: "a time", schema: { type: "string", format: "date-time" }, becomes: "Time" },
      { is: "bytes", schema: { type: "string", format: "byte" }, becomes: "Base64" },
      { is: "another format", schema: { type: "string", format: "ipv4" }, becomes: "string" },
      { is: "a number or a text", schema: { "x-kubernetes-int-or-string": true }, becomes: "IntOrString" },
      {
        is: "a number or a text with types outside",
        schema: { "x-kubernetes-int-or-string": true, anyOf: [{ type: "integer" }, { type: "string" }] },
        becomes: "IntOrString",
      },
      {
        is: "a number or a text with types outside, in allOf",
        schema: {
          "x-kubernetes-int-or-string": true,
          allOf: [{ anyOf: [{ type: "integer" }, { type: "string" }] }],
        },
        becomes: "IntOrString",
      },
      { is: "any JSON", schema: { "x-kubernetes-preserve-unknown-fields": true }, becomes: "unknown" },
      {
        is: "any object",
        schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
        becomes: "Record<string, unknown>",
      },
      { is: "an object without fields", schema: { type: "object" }, becomes: "Record<string, never>" },
      {
        is: "a map",
        schema: { type: "object", additionalProperties: text },
        becomes: "Record<string, string>",
      },
      {
        is: "a map of lists",
        schema: { type: "object", additionalProperties: { type: "array", items: text } },
        becomes: "Record<string, string[]>",
      },
      {
        is: "a map of objects",
        schema: { type: "object", additionalProperties: { type: "object", properties: { a: text } } },
        becomes: "Record<string, WebFieldValue>",
      },
      {
        is: "a map of anything",
        schema: { type: "object", additionalProperties: true },
        becomes: "Record<string, unknown>",
      },
      { is: "a list", schema: { type: "array", items: text }, becomes: "string[]" },
      {
        is: "a list of lists",
        schema: { type: "array", items: { type: "array", items: { type: "integer" } } },
        becomes: "number[][]",
      },
      {
        is: "a list of what may be null",
        schema: { type: "array", items: { ...text, nullable: true } },
        becomes: "(string | null)[]",
      },
      {
        is: "a list of objects",
        schema: { type: "array", items: { type: "object", properties: { a: text } } },
        becomes: "WebFieldItem[]",
      },
      {
        is: "a list that merges by key",
        schema: {
          type: "array",
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["a", "b", "c"],
          items: {
            type: "object",
            required: ["a", "b"],
            properties: { a: text, b: { ...text, default: "x" }, c: text },
          },
        },
        becomes: 'MapList<WebFieldItem, "a">',
      },
      {
        is: "a list that merges by keys that have defaults",
        schema: {
          type: "array",
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["a"],
          items: { type: "object", properties: { a: { ...text, default: "x" } } },
        },
        becomes: "MapList<WebFieldItem, never>",
      },
      {
        is: "a list that merges by key, of what may be null",
        schema: {
          type: "array",
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["a"],
          items: { type: "object", nullable: true, required: ["a"], properties: { a: text } },
        },
        becomes: "(WebFieldItem | null)[]",
      },
      {
        is: "a list that is replaced",
        schema: {
          type: "array",
          "x-kubernetes-list-type": "atomic",
          items: { type: "object", properties: { a: text } },
        },
        becomes: "WebFieldItem[]",
      },
      { is: "an object", schema: { type: "object", properties: { a: text } }, becomes: "WebField" },
      {
        is: "an object that is replaced",
        schema: { type: "object", "x-kubernetes-map-type": "atomic", properties: { a: text } },
        becomes: "Atomic<WebField>",
      },
      {
        is: "an object that may be null",
        schema: { type: "object", nullable: true, properties: { a: text } },
        becomes: "WebField | null",
      },
      {
        is: "an object of another kind",
        schema: {
          type: "object",
          "x-kubernetes-embedded-resource": true,
          "x-kubernetes-preserve-unknown-fields": true,
        },
        becomes: "EmbeddedObject",
      },
      { is: "one of some texts", schema: { ...text, enum: ["a", "b"] }, becomes: 'OpenEnum<"a" | "b">' },
      {
        is: "one of some texts or null",
        schema: { ...text, nullable: true, enum: ["a", null] },
        becomes: 'OpenEnum<"a"> | null',
      },
      { is: "one of some numbers", schema: { type: "integer", enum: [1, 2] }, becomes: "1 | 2" },
      {
        is: "one of some objects",
        schema: { type: "object", enum: [{ a: 1 }] },
        becomes: "Record<string, unknown>",
      },
      { is: "nothing in particular", schema: {}, becomes: "unknown" },
    ]
  ) {
    it(`of ${is} becomes ${becomes}`, () => {
      assert.equal(fieldOf(generate(schema).text).line, `field?: ${becomes};`);
    });
  }

  it("of some texts alone takes no others when enums are closed", () => {
    const { text: generated } = generate({ ...text, enum: ["a", "b"] }, { openEnums: false });
    assert.equal(fieldOf(generated).line, 'field?: "a" | "b";');
  });

  it("that is required is, unless the server fills it in", () => {
    const required = ["field"];
    assert.equal(fieldOf(generate(text, { required }).text).line, "field: string;");
    const withDefault = generate({ ...text, default: "" }, { required });
    assert.equal(fieldOf(withDefault.text).line, "field?: string;");
    assert.equal(fieldOf(withDefault.text).doc, 'The field `field`.\n\nDefault: `""`.');
  });

  it("with a default is always there in what is stored", () => {
    for (const required of [[], ["field"]]) {
      const { text: generated } = generate({ ...text, default: "a" }, { required });
      assert.match(generated, /Guarantees<"field", "Namespaced">/);
    }
    assert.match(generate(text).text, /Guarantees<never, "Namespaced">/);
  });

  it("with known and unknown fields has both", () => {
    const { text: generated } = generate({
      type: "object",
      "x-kubernetes-preserve-unknown-fields": true,
      properties: { a: text },
    });
    assert.match(generated, /interface WebField \{[^}]*a\?: string;[^}]*\[field: string\]: unknown;\n\}/);
  });

  it("of an object of another kind says what it is, and has the fields that are listed", () => {
    const { text: generated } = generate({
      type: "object",
      "x-kubernetes-embedded-resource": true,
      required: ["data"],
      properties: { kind: text, data: { type: "object", additionalProperties: text } },
    });
    assert.match(
      generated,
      /WebField \{[^}]*apiVersion: string;[^}]*kind: string;[^}]*metadata\?: ObjectMeta;[^}]*data: Record<string, string>;\n\}/,
    );
  });

  it("has names that are no identifiers, or reserved", () => {
    const { text: generated } = generate({
      type: "object",
      properties: { "a-b": text, class: text, "1": text, $ref: text, 'quote"d': text },
    });
    for (
      const line of [
        '"a-b"?: string;',
        "class?: string;",
        '"1"?: string;',
        "$ref?: string;",
        '"quote\\"d"?: string;',
      ]
    ) {
      assert.ok(generated.includes(`\n  ${line}\n`), line);
    }
  });

  it("gives two parts that would have one name different ones", () => {
    const part = (name: string): Schema => ({ type: "object", properties: { [name]: text } });
    const { text: generated } = generate({ type: "object", properties: { "x-y": part("a"), xY: part("b") } });
    assert.match(generated, /"x-y"\?: WebFieldXY;/);
    assert.match(generated, /xY\?: WebFieldXY2;/);
    assert.match(generated, /interface WebFieldXY2 \{/);
  });
});

describe("Parts of a kind", () => {
  const part = (name: string): Schema => ({ type: "object", properties: { [name]: text } });
  const namesIn = (generated: string): string[] =>
    [...generated.matchAll(/^export interface (\w+) \{/gm)].map(([, name]) => name);

  it("that are the same under one name are one type, named after what their places have in common", () => {
    const job = { type: "object", properties: { template: part("image"), count: { type: "integer" } } };
    const { text: generated, notes } = generate({
      type: "object",
      properties: {
        first: { ...job, description: "The first." },
        second: { type: "object", properties: { job: { ...job, nullable: true } } },
        template: { ...part("image"), default: {} },
        list: { type: "array", items: { type: "object", properties: { job } } },
      },
    });
    assert.deepEqual(namesIn(generated), [
      "WebField",
      "WebFieldFirst",
      "WebTemplate",
      "WebFieldListItem",
      "WebJob",
      "WebFieldSecond",
    ]);
    assert.match(generated, /Of `Web`: `field\.list\[\]\.job`, `field\.second\.job`\./);
    assert.match(generated, /Of `Web`: `field\.first\.template`, `[^`]+`, `[^`]+` and 1 more\./);
    assert.match(generated, /job\?: WebJob \| null;/);
    assert.deepEqual(notes, []);
  });

  it("that differ, or only look the same, are types of their own", () => {
    const described = (description: string): Schema => ({
      type: "array",
      items: { ...part("image"), description },
    });
    const { text: generated } = generate({
      type: "object",
      properties: {
        a: { type: "object", properties: { x: part("image"), list: described("One.") } },
        b: { type: "object", properties: { x: part("command"), list: described("Another.") } },
        c: part("image"),
      },
    });
    assert.deepEqual(namesIn(generated), [
      "WebField",
      ...["WebFieldA", "WebFieldAListItem", "WebFieldAX"],
      ...["WebFieldB", "WebFieldBListItem", "WebFieldBX"],
      "WebFieldC",
    ]);
  });

  it("are told apart although their paths could be read as one", () => {
    const { text: generated } = generate({
      type: "object",
      properties: {
        "a.b": part("one"),
        a: { type: "object", properties: { b: part("two") } },
        c: { type: "object", properties: { b: part("two") } },
      },
    });
    assert.match(generated, /"a\.b"\?: WebFieldAB;/);
    assert.match(generated, /interface WebFieldAB \{[^}]*one\?: string;/);
    assert.match(generated, /interface WebB \{[^}]*two\?: string;/);
  });

  it("do not take the name of another kind or of each other", () => {
    const { text: generated } = generate({
      type: "object",
      properties: {
        a: {
          type: "object",
          properties: { x: part("one"), y: { type: "object", properties: { x: part("two") } } },
        },
        b: {
          type: "object",
          properties: { x: part("one"), y: { type: "object", properties: { z: part("two") } } },
        },
        c: { type: "object", properties: { x: part("two") } },
      },
    });
    const names = namesIn(generated);
    assert.equal(new Set(names).size, names.length);
    assert.ok(!names.includes("WebX"), "two parts would have this name");
  });
});

describe("What types do not say", () => {
  for (
    const { name, schema, says, notes } of [
      {
        name: "a pattern",
        schema: { ...text, pattern: "^a`b$" },
        says: "Pattern: `` ^a`b$ ``.",
        notes: ["pattern field"],
      },
      {
        name: "a format",
        schema: { ...text, format: "uri" },
        says: "Format: `uri`.",
        notes: ["format field"],
      },
      {
        name: "a range",
        schema: { type: "integer", minimum: 1, maximum: 5 },
        says: "At least 1, at most 5.",
        notes: ["range field"],
      },
      {
        name: "an open range",
        schema: { type: "number", minimum: 0, exclusiveMinimum: true },
        says: "More than 0.",
        notes: ["range field"],
      },
      {
        name: "a length",
        schema: { ...text, minLength: 1, maxLength: 63 },
        says: "1 to 63 characters.",
        notes: ["length field"],
      },
      {
        name: "the length of a list",
        schema: { type: "array", items: text, minItems: 1 },
        says: "At least 1 item.",
        notes: ["length field"],
      },
      {
        name: "what items have to be",
        schema: { type: "array", items: { ...text, maxLength: 3 } },
        says: "Each item: at most 3 characters.",
        notes: ["length field"],
      },
      {
        name: "that items differ",
        schema: { type: "array", items: text, "x-kubernetes-list-type": "set" },
        says: "No item may be there twice.",
        notes: ["uniqueness field"],
      },
      {
        name: "a rule with a message",
        schema: { ...text, "x-kubernetes-validations": [{ rule: "self != 'x'", message: "no x" }] },
        says: "Rule: No x. (`self != 'x'`)",
        notes: ["rule field"],
      },
      {
        name: "a rule over several lines",
        schema: { ...text, "x-kubernetes-validations": [{ rule: "self != 'x'\n  && self != 'y'\n" }] },
        says: "Rule: `self != 'x' && self != 'y'`.",
        notes: ["rule field"],
      },
      {
        name: "which fields exclude each other",
        schema: {
          type: "object",
          properties: { a: text, b: text },
          oneOf: [{ required: ["a"] }, { required: ["b"] }],
        },
        says: "Exactly one of `a`, `b` is there.",
        notes: ["oneOf field"],
      },
      {
        name: "of which fields one is needed",
        schema: {
          type: "object",
          properties: { a: text, b: text, c: text },
          anyOf: [{ required: ["a", "b"] }, { required: ["c"] }],
        },
        says: "At least one of `a` and `b`; `c` is there.",
        notes: ["anyOf field"],
      },
      {
        name: "which fields do not go together",
        schema: { type: "object", properties: { a: text, b: text }, not: { required: ["a", "b"] } },
        says: "Not all of `a` and `b` are there.",
        notes: ["not field"],
      },
      {
        name: "other conditions",
        schema: { ...text, allOf: [{ pattern: "a" }, { pattern: "b" }] },
        says: 'All of these hold: `[{"pattern":"a"},{"pattern":"b"}]`.',
        notes: ["allOf field"],
      },
      {
        name: "an enum of objects",
        schema: { type: "object", enum: [{ a: 1 }], "x-kubernetes-preserve-unknown-fields": true },
        says: undefined,
        notes: ["an enum of objects or lists field"],
      },
    ]
  ) {
    it(`is said in a comment, and noted: ${name}`, () => {
      const generated = generate(schema);
      const expected = says === undefined ? "The field `field`." : `The field \`field\`.\n\n${says}`;
      assert.equal(fieldOf(generated.text).doc, expected);
      assert.deepEqual(generated.notes, notes);
    });
  }

  it("notes where in the object it is", () => {
    const item: Schema = { type: "object", properties: { a: { ...text, pattern: "x" } } };
    const { notes } = generate({
      type: "object",
      properties: {
        list: { type: "array", items: item },
        map: { type: "object", additionalProperties: item },
      },
    });
    assert.deepEqual(notes, ["pattern field.list[].a", "pattern field.map.*.a"]);
  });

  it("does not take the two types of a number or a text for a condition", () => {
    const anyOf = [{ type: "integer" }, { type: "string" }];
    assert.deepEqual(generate({ "x-kubernetes-int-or-string": true, anyOf }).notes, []);
    assert.deepEqual(generate({ "x-kubernetes-int-or-string": true, allOf: [{ anyOf }] }).notes, []);
  });
});

describe("A description", () => {
  for (
    const { does, description, doc } of [
      {
        does: "joins lines that were broken for width",
        description: "One line\nthat goes on.\n\nAnother.",
        doc: "One line that goes on.\n\nAnother.",
      },
      { does: "quotes the field's own name", description: "Field is a name.", doc: "`field` is a name." },
      { does: "quotes what would be markup", description: "Is <host>:<port>.", doc: "Is `<host>`:`<port>`." },
      {
        does: "leaves out marks for generators",
        description: "A name.\n+optional\n+kubebuilder:default=1",
        doc: "A name.",
      },
      { does: "has no spaces that look like none", description: "a\u00a0b\u2028c", doc: "a b c" },
      { does: "cannot end the comment", description: "Ends */ here.", doc: "Ends *\\/ here." },
      {
        does: "is no tag",
        description: "@param is\n\n@see {@link x}",
        doc: "\\@param is\n\n\\@see { @link x}",
      },
      { does: "keeps lists", description: "Either\n- a\n  and more\n- b", doc: "Either\n- a and more\n- b" },
      {
        does: "keeps code, and is no example to run",
        description: "So:\n```yaml\na:\n  b: 1\n```\nDone.",
        doc: "So:\n\n    a:\n      b: 1\n\nDone.",
      },
      {
        does: "makes what is deprecated known to editors",
        description: "A name. Deprecated: use names.",
        doc: "A name.\n\n@deprecated use names.",
      },
    ]
  ) {
    it(`${does}`, () => {
      assert.equal(fieldOf(generate({ ...text, description }).text).doc, doc);
    });
  }

  it("is broken between words, and no line begins with what would be a tag or a list", () => {
    const long = `${"word ".repeat(21)}@tag ${"word ".repeat(20)}- not an item`;
    const { text: generated } = generate({ ...text, description: long });
    assert.ok(generated.split("\n").every((line) => line.length <= 115), generated);
    assert.doesNotMatch(generated, /^ {3}\* [@-]/m);
  });
});
