import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { it } from "node:test";
import { fileURLToPath } from "node:url";
import { Client } from "@coxswain/kube/client";
import type { KubernetesObject, ResourceType } from "@coxswain/kube/meta";
import { isNotFound } from "@coxswain/kube/rest";
import { ApiServer } from "@coxswain/kube/testing";

const TYPES = new URL("../../types/", import.meta.url);

/** What most kinds are content with, and one is not. */
const SMALLEST = { metadata: { name: "a" } };
const DEFINITION = {
  metadata: { name: "apps.example.com" },
  spec: {
    group: "example.com",
    scope: "Namespaced",
    names: { kind: "App", plural: "apps" },
    versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }],
  },
};

/** The fields that are always there in what a server returns, as the interface says. */
function guaranteed(file: string, kind: string): string[] {
  const text = readFileSync(new URL(file, TYPES), "utf8");
  const fields = new RegExp(`interface ${kind}\\s+extends[^{]*Guarantees<([^,>]*)`).exec(text)?.[1] ?? "";
  return [...fields.matchAll(/"(\w+)"/g)].map(([, field]) => field);
}

it("An API server in memory returns what the types say is always there", async () => {
  const client = new Client(new ApiServer().restConfig());
  let count = 0;
  for (const file of readdirSync(fileURLToPath(TYPES))) {
    const module = await import(new URL(file, TYPES).href) as Record<string, ResourceType>;
    for (const type of Object.values(module)) {
      const resource = client.resource(type);
      const objects = type.scope === "Namespaced" ? resource.namespace("default") : resource;
      let stored: KubernetesObject & Record<string, unknown>;
      try {
        stored = {
          ...await objects.create(type.kind === "CustomResourceDefinition" ? DEFINITION : SMALLEST),
        };
      } catch (error) {
        if (isNotFound(error)) continue; // it does not serve everything
        throw error;
      }
      count++;
      for (const field of guaranteed(file, type.kind)) {
        assert.equal(typeof stored[field], "object", `${type.kind}.${field}`);
      }
    }
  }
  assert.ok(count > 30, `${count} kinds`);
  await client[Symbol.asyncDispose]();
});
