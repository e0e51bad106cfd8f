// Random schemas, with names and descriptions that are hard to write down, become TypeScript that compiles.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { definitionModules, readDefinition, writeModule } from "@coxswain/kube/codegen";
import type { OpenApiSchema } from "@coxswain/kube/discovery";
import { seededRandom } from "../../testing/seeded_random.ts";
import { cleaned } from "../cleanup.ts";
import { problemsOf, ROOT } from "./compile.ts";

const NAMES = [
  ...[
    "a",
    "b",
    "name",
    "spec",
    "class",
    "default",
    "a-b",
    "aB",
    "a_b",
    "x.y/z",
    "1st",
    "$ref",
    "constructor",
  ],
  ...[
    "__proto__",
    "toString",
    "é",
    "日本",
    "with space",
    'quote"',
    "back\\slash",
    "new\nline",
    "*/",
    "Record",
  ],
  ...[
    "items",
    "Item",
    "Value",
    "apiVersion",
    "kind",
    "metadata",
    "status",
    "length",
    "undefined",
    "`",
    "${x}",
  ],
];
const TEXTS = [
  ...[
    "",
    "A text.",
    "ends */ early",
    "@tag at the start",
    "{@link x} and <b>",
    "```ts\nimport x\n```",
    "- a\n- b\n   c",
  ],
  ...[
    "\ttabbed",
    "very ".repeat(60),
    "Deprecated: yes",
    "line\r\nbreak",
    "a `b` <c>",
    "*/*/",
    "\\",
    "${x}",
    "\u2028",
  ],
  ...["     ", "\n\n", "x".repeat(200), "* star\n/* open", "// @ts-ignore", "# heading", "1. one\n2. two"],
];
const KINDS = [
  ...[
    "Web",
    "WebSpec",
    "Record",
    "Function",
    "string",
    "Array",
    "Object",
    "Time",
    "ResourceType",
    "a-b",
    "Promise",
  ],
  ...[
    "MapList",
    "KubernetesObject",
    "Guarantees",
    "OpenEnum",
    "class",
    "default",
    "Partial",
    "Atomic",
    "IntOrString",
  ],
];

class Dice {
  readonly #random: () => number;
  readonly #seen: OpenApiSchema[] = [];

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  one<T>(list: readonly T[]): T {
    return list[Math.floor(this.#random() * list.length)];
  }

  luck(chance: number): boolean {
    return this.#random() < chance;
  }

  properties(depth: number): Record<string, OpenApiSchema> {
    const names = [1, 2, 3, 4].map(() => this.one(NAMES)).filter((name) => name !== "__proto__");
    return Object.fromEntries(names.map((name) => [name, this.schema(depth - 1)]));
  }

  schema(depth: number): OpenApiSchema {
    if (this.#seen.length > 0 && this.luck(0.1)) return structuredClone(this.one(this.#seen)); // parts may be shared
    const schema = this.#bare(depth);
    this.#seen.push(schema);
    if (this.luck(0.5)) schema.description = this.one(TEXTS);
    if (this.luck(0.1)) schema.nullable = true;
    if (this.luck(0.1)) {
      schema["x-kubernetes-validations"] = [{ rule: this.one(TEXTS), message: this.one(TEXTS) }];
    }
    return schema;
  }

  #bare(depth: number): OpenApiSchema {
    const scalars = ["text", "number", "either", "any", "empty"] as const;
    const nested = [
      "object",
      "object",
      "object",
      "list",
      "list",
      "map",
      "embedded",
      "open",
      "atomic",
    ] as const;
    const which = depth <= 0 ? this.one(scalars) : this.one([...nested, ...scalars]);
    switch (which) {
      case "text":
        return {
          type: "string",
          ...this.luck(0.3) && { enum: [this.one(TEXTS), this.one(NAMES), ...this.luck(0.3) ? [null] : []] },
          ...this.luck(0.2) && { format: this.one(["date-time", "byte", "uri"]) },
          ...this.luck(0.2) && { pattern: this.one(TEXTS) },
          ...this.luck(0.2) && { default: this.one(TEXTS) },
        };
      case "number":
        return {
          type: "number",
          ...this.luck(0.2) && { enum: [1.5, -2, 1e21] },
          ...this.luck(0.2) && { default: 0 },
        };
      case "either":
        return { "x-kubernetes-int-or-string": true };
      case "any":
        return { "x-kubernetes-preserve-unknown-fields": true };
      case "empty":
        return { type: "object" };
      case "map":
        return { type: "object", additionalProperties: this.luck(0.2) || this.schema(depth - 1) };
      case "embedded":
        return { type: "object", "x-kubernetes-embedded-resource": true, properties: this.properties(depth) };
      case "list": {
        const items = this.schema(depth - 1);
        const keys = [this.one(NAMES), this.one([...Object.keys(items.properties ?? {}), "a"])];
        const type = this.one(["map", "set", "atomic"]);
        return { type: "array", items, "x-kubernetes-list-type": type, "x-kubernetes-list-map-keys": keys };
      }
      default: {
        const properties = this.properties(depth);
        return {
          type: "object",
          properties,
          required: Object.keys(properties).filter(() => this.luck(0.3)),
          ...which === "open" && { "x-kubernetes-preserve-unknown-fields": true },
          ...which === "atomic" && { "x-kubernetes-map-type": "atomic" },
          ...this.luck(0.2) && { oneOf: [{ required: ["a"] }, { required: ["b"] }] },
        };
      }
    }
  }
}

it(
  "Random schemas become TypeScript that compiles with the strictest settings",
  cleaned(async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "coxswain-codegen-"));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    const files: string[] = [];
    for (let seed = 1; seed <= 20; seed++) {
      const dice = new Dice(seed);
      const kinds = new Set([1, 2, 3, 4].map(() => dice.one(KINDS)));
      const definitions = [...kinds].flatMap((kind) =>
        readDefinition({
          apiVersion: "apiextensions.k8s.io/v1",
          kind: "CustomResourceDefinition",
          spec: {
            group: `seed${seed}.example.com`,
            scope: dice.one(["Namespaced", "Cluster"]),
            names: { kind, plural: `${kind.toLowerCase()}s` },
            versions: [{
              name: "v1",
              served: true,
              schema: {
                openAPIV3Schema: {
                  type: "object",
                  properties: { ...dice.properties(2), spec: dice.schema(4) },
                },
              },
            }],
          },
        }, `seed ${seed}`) ?? []
      );
      for (const module of definitionModules(definitions)) {
        const text = writeModule(module, {
          header: [],
          doc: ["@module"],
          specifierOf: () => `${ROOT}meta/mod.ts`,
        });
        files.push(`${module.name}.ts`);
        writeFileSync(join(folder, `${module.name}.ts`), text);
      }
    }
    assert.equal(files.length, 20);
    assert.deepEqual(await problemsOf(files, folder), []);
  }),
);
