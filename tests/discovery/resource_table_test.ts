import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ApiResource, ResourceTable, type ServedApis } from "@coxswain/kube/discovery";

const version = (group: string, version: string) => ({
  groupVersion: group === "" ? version : `${group}/${version}`,
  version,
});
const resource = (name: string, kind: string, more: Partial<ApiResource> = {}): ApiResource => ({
  name,
  singularName: kind.toLowerCase(),
  namespaced: true,
  kind,
  verbs: [],
  ...more,
});
const served = (more: Partial<ServedApis>): ServedApis => ({
  groups: [],
  resources: [],
  failures: new Map(),
  ...more,
});
const versions = (table: ResourceTable) =>
  table.types.map(({ group, version }) => [group, version].filter(Boolean).join("/"));

describe("ResourceTable", () => {
  it("has the core group first, and of each group the preferred version (spec rest 17.2)", () => {
    const table = new ResourceTable(served({
      groups: [
        {
          name: "a",
          versions: [version("a", "v1beta1"), version("a", "v2"), version("a", "v1")],
          preferredVersion: version("a", "v2"),
        },
        { name: "", versions: [version("", "v1")], preferredVersion: version("", "v1") },
      ],
      resources: ["a/v1beta1", "a/v2", "a/v1", "v1"].map((groupVersion) => ({
        groupVersion,
        resources: [resource("things", "Thing")],
      })),
    }));
    assert.deepEqual(versions(table), ["v1", "a/v2", "a/v1beta1", "a/v1"]);
    assert.deepEqual(table.kinds({ kind: "Thing", group: "a" })[0].version, "v2");
    assert.deepEqual(table.resources({ resource: "things", group: "a", version: "v1" }).length, 1);
  });

  it("keeps the order of discovery where the preferred version is unknown or has no resources (spec rest 17.2)", () => {
    const resources = ["a/v1", "a/v2"].map((groupVersion) => ({
      groupVersion,
      resources: [resource("things", "Thing")],
    }));
    for (const preferredVersion of [undefined, version("a", "v3")]) {
      const group = {
        name: "a",
        versions: [version("a", "v3"), version("a", "v2"), version("a", "v1")],
        preferredVersion,
      };
      assert.deepEqual(versions(new ResourceTable(served({ groups: [group], resources }))), ["a/v2", "a/v1"]);
    }
  });

  it("has no entries for subresources, nor for the lists of a kind (spec rest 17.2)", () => {
    const table = new ResourceTable(served({
      groups: [{ name: "", versions: [version("", "v1")] }],
      resources: [{
        groupVersion: "v1",
        resources: [resource("pods", "Pod"), resource("pods/log", "Pod"), resource("x", "")],
      }],
    }));
    assert.equal(table.types.length, 1);
    assert.deepEqual(table.types[0].subresources, ["log"]);
    assert.deepEqual(table.kinds({ kind: "PodList" }), []);
    assert.deepEqual(table.kinds({ kind: "List" }), []);
  });

  it("has the others when one group and version cannot be read", () => {
    const table = new ResourceTable(served({
      groups: [{ name: "a/b", versions: [version("a/b", "v1"), version("ok", "v1")] }],
      resources: ["a/b/v1", "ok/v1"].map((groupVersion) => ({
        groupVersion,
        resources: [resource("things", "Thing")],
      })),
    }));
    assert.deepEqual(versions(table), ["ok/v1"]);
    assert.deepEqual([...table.failures.keys()], ["a/b/v1"]);
  });

  it("has a group in its exact name before one that begins so (spec rest 17.1)", () => {
    const groups = ["storage.k8s.io", "storage"].map((name) => ({ name, versions: [version(name, "v1")] }));
    const resources = groups.map(({ versions: [{ groupVersion }] }) => ({
      groupVersion,
      resources: [resource("things", "Thing", { shortNames: ["th"] })],
    }));
    const table = new ResourceTable(served({ groups, resources }));
    for (const name of ["things", "thing", "th"]) {
      assert.deepEqual(table.resources({ resource: name, group: "storage" }).map(({ group }) => group), [
        "storage",
      ], name);
      assert.deepEqual(table.resources({ resource: name, group: "stor" })[0].group, "storage.k8s.io", name);
    }
  });
});
