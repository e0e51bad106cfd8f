import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  apiVersionOf,
  defineResource,
  formatKey,
  isStatus,
  parseApiVersion,
  parseKey,
} from "@coxswain/kube/meta";

describe("keys (spec informers 2, KEY-04)", () => {
  for (const [key, namespace, name] of [["shop/web-0", "shop", "web-0"], ["node-a", "", "node-a"]]) {
    it(`reads and writes "${key}"`, () => {
      assert.deepEqual(parseKey(key), { namespace, name });
      assert.equal(formatKey({ namespace, name }), key);
    });
  }

  it("refuses a key with two slashes", () => {
    assert.throws(() => parseKey("a/b/c"), TypeError);
  });
});

describe("parseApiVersion()", () => {
  for (const [apiVersion, group, version] of [["v1", "", "v1"], ["apps/v1", "apps", "v1"]]) {
    it(`reads and writes "${apiVersion}"`, () => {
      assert.deepEqual(parseApiVersion(apiVersion), { group, version });
      assert.equal(apiVersionOf({ group, version }), apiVersion);
    });
  }

  for (const apiVersion of ["", "a/b/c", "apps/", "/v1"]) {
    it(`refuses "${apiVersion}"`, () => {
      assert.throws(() => parseApiVersion(apiVersion), TypeError);
    });
  }
});

describe("defineResource()", () => {
  it("is namespaced unless it says otherwise, and cannot be changed", () => {
    const type = defineResource({ group: "example.com", version: "v1", kind: "WebApp", plural: "webapps" });
    assert.equal(type.scope, "Namespaced");
    assert.throws(() => {
      (type as { plural: string }).plural = "pods";
    }, TypeError);
  });

  for (const field of ["version", "kind", "plural"]) {
    it(`refuses a ${field} that would change the path`, () => {
      const definition = {
        group: "example.com",
        version: "v1",
        kind: "WebApp",
        plural: "webapps",
        [field]: "../pods",
      };
      assert.throws(() => defineResource(definition), { name: "TypeError", message: new RegExp(field) });
    });
  }
});

describe("isStatus()", () => {
  it("knows a Status by its kind, also without an apiVersion [rest 4]", () => {
    assert.ok(isStatus({ kind: "Status", apiVersion: "v1" }));
    assert.ok(isStatus({ kind: "Status" }));
    assert.ok(!isStatus({ kind: "Status", apiVersion: "example.com/v1" }));
    assert.ok(!isStatus({ kind: "Pod" }));
    assert.ok(!isStatus(null));
  });
});
