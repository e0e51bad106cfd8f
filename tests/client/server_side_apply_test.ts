import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { applyConflicts, extractApplied } from "@coxswain/kube/client";
import type { KubernetesObject, ManagedFieldsEntry } from "@coxswain/kube/meta";
import { StatusError } from "@coxswain/kube/rest";

const conflictOf = (...causes: { message: string; field: string; reason?: string }[]) =>
  new StatusError({
    apiVersion: "v1",
    kind: "Status",
    code: 409,
    reason: "Conflict",
    details: { causes: causes.map((cause) => ({ reason: "FieldManagerConflict", ...cause })) },
  });

describe("applyConflicts()", () => {
  it("names the other managers and the fields, as the server words them", () => {
    const error = conflictOf(
      { message: 'conflict with "scaler"', field: ".spec.replicas" },
      {
        message: 'conflict with "kubectl edit \\"x\\"" using apps/v1 at 2026-01-02T03:04:05Z',
        field: ".spec.a",
      },
      {
        message: 'conflict with "hpa" with subresource "scale" using apps/v1 at 2026-01-02T03:04:05Z',
        field: ".spec.b",
      },
      { message: "something else altogether", field: ".spec.c" },
      { message: "no conflict of managers", field: ".spec.d", reason: "FieldValueInvalid" },
    );
    assert.deepEqual(applyConflicts(new Error("cannot apply", { cause: error })), [
      { manager: "scaler", field: ".spec.replicas", message: 'conflict with "scaler"' },
      {
        manager: 'kubectl edit "x"',
        field: ".spec.a",
        apiVersion: "apps/v1",
        time: "2026-01-02T03:04:05Z",
        message: 'conflict with "kubectl edit \\"x\\"" using apps/v1 at 2026-01-02T03:04:05Z',
      },
      {
        manager: "hpa",
        field: ".spec.b",
        subresource: "scale",
        apiVersion: "apps/v1",
        time: "2026-01-02T03:04:05Z",
        message: 'conflict with "hpa" with subresource "scale" using apps/v1 at 2026-01-02T03:04:05Z',
      },
      { manager: "", field: ".spec.c", message: "something else altogether" },
    ]);
  });

  it("is empty for other errors", () => {
    assert.deepEqual(applyConflicts(new Error("odd")), []);
    assert.deepEqual(applyConflicts(undefined), []);
    const stale = { apiVersion: "v1", kind: "Status", code: 409, reason: "Conflict" } as const;
    assert.deepEqual(applyConflicts(new StatusError(stale)), []);
  });
});

interface Thing extends KubernetesObject {
  spec?: Record<string, unknown>;
  status?: Record<string, unknown>;
}

/** An object that `me` has applied with these fields, beside other entries. */
const thing = (
  spec: Record<string, unknown>,
  fields: Record<string, unknown>,
  ...others: ManagedFieldsEntry[]
): Thing => ({
  apiVersion: "example.com/v1",
  kind: "Thing",
  metadata: {
    name: "a",
    namespace: "shop",
    uid: "u",
    resourceVersion: "7",
    labels: { mine: "1", theirs: "2" },
    managedFields: [
      ...others,
      {
        manager: "me",
        operation: "Apply",
        apiVersion: "example.com/v1",
        fieldsType: "FieldsV1",
        fieldsV1: { "f:spec": fields },
      },
    ],
  },
  spec,
});
const identity = { apiVersion: "example.com/v1", kind: "Thing", metadata: { name: "a", namespace: "shop" } };
const others = (fields: Record<string, unknown>): ManagedFieldsEntry => ({
  manager: "other",
  operation: "Update",
  apiVersion: "example.com/v1",
  fieldsV1: { "f:spec": fields },
});

describe("extractApplied() [rest 22.2]", () => {
  for (
    const [what, spec, fields, expected] of [
      ["scalars, also those that are empty", { a: 0, b: false, c: "", d: 1 }, {
        "f:a": {},
        "f:b": {},
        "f:c": {},
      }, {
        a: 0,
        b: false,
        c: "",
      }],
      ["fields of maps", { data: { a: 1, b: 2 }, x: 1 }, { "f:data": { ".": {}, "f:b": {} } }, {
        data: { b: 2 },
      }],
      ["fields with dots and slashes in their names", { l: { "a.b/c": 1, d: 2 } }, {
        "f:l": { "f:a.b/c": {} },
      }, {
        l: { "a.b/c": 1 },
      }],
      ["a part that is owned as a whole", { selector: { a: 1, b: [1, 2] } }, { "f:selector": {} }, {
        selector: { a: 1, b: [1, 2] },
      }],
      ["lists that are owned as a whole", { args: ["-v", "-x"] }, { "f:args": {} }, { args: ["-v", "-x"] }],
      ["null", { a: null }, { "f:a": {} }, { a: null }],
      [
        "items by key, in the order of the list",
        {
          containers: [
            { name: "side", image: "s" },
            { name: "main", image: "m", tty: true },
            { name: "last", image: "l" },
          ],
        },
        {
          "f:containers": {
            'k:{"name":"last"}': { ".": {}, "f:name": {} },
            'k:{"name":"main"}': { ".": {}, "f:image": {}, "f:name": {} },
          },
        },
        { containers: [{ name: "main", image: "m" }, { name: "last" }] },
      ],
      [
        "items by a key of which a part is a default",
        { ports: [{ port: 80, protocol: "TCP" }, { port: 80, protocol: "UDP" }] },
        { "f:ports": { 'k:{"port":80,"protocol":"UDP"}': { ".": {}, "f:port": {} } } },
        { ports: [{ port: 80 }] },
      ],
      [
        "items by key, of which the key is not owned",
        { c: [{ name: "main", image: "m" }] },
        { "f:c": { 'k:{"name":"main"}': { "f:image": {} } } },
        { c: [{ name: "main", image: "m" }] },
      ],
      [
        "the being there of an item",
        { c: [{ name: "main", image: "m" }] },
        { "f:c": { 'k:{"name":"main"}': { ".": {} } } },
        { c: [{ name: "main" }] },
      ],
      [
        "an atomic item, as an owner reference is",
        { c: [{ uid: "1", name: "main" }, { uid: "2", name: "other" }] },
        { "f:c": { 'k:{"uid":"1"}': {} } },
        { c: [{ uid: "1", name: "main" }] },
      ],
      ["items of sets", { f: ["a", "b", 3] }, { "f:f": { 'v:"b"': {}, "v:3": {} } }, { f: ["b", 3] }],
      ["items by place", { l: ["a", "b"] }, { "f:l": { "i:1": {} } }, { l: ["b"] }],
      ["items that are gone", { c: [] }, { "f:c": { 'k:{"name":"main"}': { "f:image": {} } } }, { c: [] }],
      ["fields that are gone", { x: 1 }, { "f:a": {}, "f:b": { "f:c": {} }, "f:x": {} }, { x: 1 }],
      ["what has become something else", { a: "text", x: 1 }, { "f:a": { "f:b": {} }, "f:x": {} }, { x: 1 }],
      ["empty maps that were made", { dir: {}, x: 1 }, { "f:dir": {} }, { dir: {} }],
      ["keys of a kind to come", { l: [1], x: 1 }, { "f:l": { "z:?": {} }, "f:x": {} }, { l: [], x: 1 }],
    ] as [string, Record<string, unknown>, Record<string, unknown>, Record<string, unknown>][]
  ) {
    it(`takes ${what}`, () => {
      const object = thing(spec, fields);
      const before = structuredClone(object);
      const extracted = extractApplied(object, "me");
      assert.deepEqual(extracted, { ...identity, spec: expected });
      assert.deepEqual(object, before);
    });
  }

  it("takes a part in which others own fields for one that was just made", () => {
    const object = thing({ data: { theirs: 1 } }, { "f:data": {} }, others({ "f:data": { "f:theirs": {} } }));
    assert.deepEqual(extractApplied(object, "me").spec, { data: {} });
    const list = thing({ l: ["a"] }, { "f:l": {} }, others({ "f:l": { 'v:"a"': {} } }));
    assert.deepEqual(extractApplied(list, "me").spec, { l: [] });
  });

  it("takes labels, and nothing else of the metadata that was not applied", () => {
    const object = thing({}, {});
    object.metadata!.managedFields![0].fieldsV1 = { "f:metadata": { "f:labels": { "f:mine": {} } } };
    assert.deepEqual(extractApplied(object, "me"), {
      ...identity,
      metadata: { ...identity.metadata, labels: { mine: "1" } },
    });
  });

  it("says which object it is, and no more, when the manager has applied nothing", () => {
    const object = thing({ a: 1 }, { "f:a": {} }, others({ "f:a": {} }));
    assert.deepEqual(extractApplied(object, "nobody"), identity);
    assert.deepEqual(extractApplied(object, "other"), identity); // an update is no apply
    assert.deepEqual(extractApplied({ ...object, metadata: { name: "a" } }, "me"), {
      ...identity,
      metadata: { name: "a" },
    });
  });

  it("keeps what was applied to a subresource apart", () => {
    const object: Thing = { ...thing({ a: 1 }, { "f:a": {} }), status: { phase: "Up" } };
    object.metadata!.managedFields!.push({
      manager: "me",
      operation: "Apply",
      subresource: "status",
      fieldsV1: { "f:status": { "f:phase": {} } },
    });
    assert.deepEqual(extractApplied(object, "me"), { ...identity, spec: { a: 1 } });
    assert.deepEqual(extractApplied(object, "me", { subresource: "status" }), {
      ...identity,
      status: { phase: "Up" },
    });
  });

  it("refuses what it cannot know", () => {
    assert.throws(() => extractApplied({ kind: "Thing", metadata: { name: "a" } }, "me"), TypeError);
    assert.throws(
      () => extractApplied({ ...thing({}, {}), apiVersion: "example.com/v2" }, "me"),
      /"me" did so in example\.com\/v1.*Read the object in that version/,
    );
  });

  it("is not led astray by names that objects have", () => {
    const spec = JSON.parse('{"__proto__":{"a":1},"constructor":2}');
    const extracted = extractApplied(
      thing(spec, { "f:__proto__": {}, "f:constructor": {}, "f:toString": {} }),
      "me",
    );
    assert.deepEqual(JSON.stringify(extracted.spec), '{"__proto__":{"a":1},"constructor":2}');
    assert.equal(({} as Record<string, unknown>).a, undefined);
  });
});
