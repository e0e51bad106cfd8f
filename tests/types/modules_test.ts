import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { apiVersionOf, type ResourceType } from "@coxswain/kube/meta";

const TYPES = new URL("../../types/", import.meta.url);

/** The descriptors of a module, by their names. */
async function descriptorsOf(file: string): Promise<[string, ResourceType][]> {
  const module = await import(new URL(file, TYPES).href) as Record<string, ResourceType>;
  return Object.entries(module);
}

describe("The modules of types/", () => {
  const files = readdirSync(fileURLToPath(TYPES));

  it("are there for every group and version of a server, alpha ones too", () => {
    for (const name of ["core_v1", "apps_v1", "rbac_v1", "resource_v1beta1", "scheduling_v1alpha2"]) {
      assert.ok(files.includes(`${name}.ts`), name);
    }
    assert.ok(files.length >= 36);
  });

  it("export descriptors and nothing else that lives, each under its kind", async () => {
    let count = 0;
    for (const file of files) {
      const descriptors = await descriptorsOf(file);
      assert.ok(descriptors.length > 0, file);
      for (const [name, type] of descriptors) {
        count++;
        assert.equal(type.kind, name);
        assert.ok(Object.isFrozen(type));
        const folder = type.group === "internal.apiserver.k8s.io"
          ? "apiserverinternal"
          : type.group.split(".")[0];
        assert.equal(file, `${folder || "core"}_${type.version}.ts`, apiVersionOf(type));
        assert.equal(type.singular, type.kind.toLowerCase());
        assert.ok(type.verbs?.includes("create") || type.verbs?.includes("get"), name);
      }
    }
    assert.ok(count >= 80, `${count} kinds`);
  });

  it("can be dropped by a bundler kind by kind: nothing runs but calls that are marked as pure", () => {
    for (const file of files) {
      const text = readFileSync(new URL(file, TYPES), "utf8").replaceAll(/\/\*\*[^]*?\*\//g, "");
      for (const [, value] of text.matchAll(/^export const \w+[^=]*= ([^(]*\()/gm)) {
        assert.equal(value, "/* @__PURE__ */ defineResource(", file);
      }
      const statements = text.matchAll(/^([a-z]+ ?[a-z]*) /gm);
      for (const [, statement] of statements) {
        assert.match(statement, /^(import|import type|export (const|interface|type))$/, file);
      }
    }
  });

  it("are bundled one kind at a time", async (context) => {
    const { Bun } = globalThis as {
      Bun?: { build(options: object): Promise<{ outputs: { text(): Promise<string> }[] }> };
    };
    if (Bun === undefined) return context.skip("Bun's bundler is asked, on Bun");
    const entry = fileURLToPath(new URL("one_kind.ts", import.meta.url));
    const { outputs: [output] } = await Bun.build({ entrypoints: [entry], minify: true });
    const text = await output.text();
    assert.deepEqual(text.match(/plural:"\w+"/g), ['plural:"pods"']);
  });
});
