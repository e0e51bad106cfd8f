import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { it } from "node:test";
import { fileURLToPath } from "node:url";
import { Client } from "@coxswain/kube/client";
import type { KubernetesObject, ResourceType } from "@coxswain/kube/meta";
import { ApiServer } from "@coxswain/kube/testing";

const TYPES = new URL("../../types/", import.meta.url);

/** A fixture of most kinds is content with a name, and one is not. */
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
  const server = new ApiServer({ previewVersions: true });
  const client = new Client(server.restConfig().with({ onWarning: () => {} })); // some will go
  let count = 0;
  for (const file of readdirSync(fileURLToPath(TYPES))) {
    const module = await import(new URL(file, TYPES).href) as Record<string, ResourceType>;
    for (const type of Object.values(module)) {
      if (!type.verbs?.includes("get")) continue; // reviews are answered, not stored
      const resource = client.resource(type);
      const objects = type.scope === "Namespaced" ? resource.namespace("default") : resource;
      if (type.kind === "ComponentStatus") continue;
      // Versions of a kind have their objects in common: each has a name of its own.
      const small = { metadata: { name: type.version === "v1" ? "a" : `a-${type.version}` } };
      const object = type.kind === "CustomResourceDefinition" ? DEFINITION : small;
      if (type.kind === "Event") object.metadata.name += file.slice(0, 1);
      const apiVersion = type.group === "" ? type.version : `${type.group}/${type.version}`;
      server.load({ apiVersion, kind: type.kind, ...object });
      const stored: KubernetesObject & Record<string, unknown> = {
        ...await objects.get(object.metadata.name),
      };
      count++;
      for (const field of guaranteed(file, type.kind)) {
        assert.equal(typeof stored[field], "object", `${type.kind}.${field}`);
      }
    }
  }
  assert.ok(count > 80, `${count} kinds`);
  await client[Symbol.asyncDispose]();
});
