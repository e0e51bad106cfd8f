import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Change } from "@coxswain/kube/cache";
import {
  allOf,
  annotationsChanged,
  anyOf,
  finalizersChanged,
  generationChanged,
  jsonPatchDiff,
  labelsChanged,
  not,
  ownersOf,
  type Predicate,
  resourceVersionChanged,
} from "@coxswain/kube/controller";
import type { KubernetesObject, ObjectMeta } from "@coxswain/kube/meta";
import { Deployment } from "@coxswain/kube/types/apps/v1";
import { Client } from "@coxswain/kube/client";
import { ApiServer } from "@coxswain/kube/testing";
import { seededRandom } from "../../testing/seeded_random.ts";

function change(
  type: Change<KubernetesObject>["type"],
  metadata: ObjectMeta,
  old?: ObjectMeta,
): Change<KubernetesObject> {
  const complete = (one: ObjectMeta) => ({
    name: "web",
    uid: "1",
    resourceVersion: "1",
    creationTimestamp: "",
    ...one,
  });
  return {
    type,
    key: "shop/web",
    metadata: complete(metadata),
    old: old && { metadata: complete(old) },
    oldMetadata: old && complete(old),
  } as unknown as Change<KubernetesObject>;
}

describe("predicates (spec informers 24.3)", () => {
  const table: { predicate: Predicate; name: string; same: ObjectMeta; other: ObjectMeta }[] = [
    {
      predicate: generationChanged,
      name: "generationChanged",
      same: { generation: 1 },
      other: { generation: 2 },
    },
    {
      predicate: annotationsChanged,
      name: "annotationsChanged",
      same: { annotations: { a: "1" } },
      other: { annotations: { a: "2" } },
    },
    { predicate: labelsChanged, name: "labelsChanged", same: { labels: { a: "1" } }, other: { labels: {} } },
    {
      predicate: finalizersChanged,
      name: "finalizersChanged",
      same: { finalizers: ["a"] },
      other: { finalizers: ["a", "b"] },
    },
    {
      predicate: resourceVersionChanged,
      name: "resourceVersionChanged",
      same: { resourceVersion: "1" },
      other: { resourceVersion: "2" },
    },
  ];
  for (const { predicate, name, same, other } of table) {
    it(`${name} looks at its field alone, and lets what is new or gone pass`, () => {
      assert.equal(predicate(change("MODIFIED", other, same)), true);
      assert.equal(predicate(change("MODIFIED", { ...same, selfLink: "new" }, same)), false);
      assert.equal(predicate(change("SYNC", same, same)), false);
      assert.equal(predicate(change("ADDED", same)), true);
      assert.equal(predicate(change("DELETED", same)), true);
    });
  }

  it("combine", () => {
    const [yes, no]: Predicate[] = [() => true, () => false];
    const any = change("MODIFIED", {}, {});
    assert.deepEqual([anyOf(no, yes)(any), anyOf(no, no)(any), anyOf()(any)], [true, false, false]);
    assert.deepEqual([allOf(yes, yes)(any), allOf(yes, no)(any), allOf()(any)], [true, false, true]);
    assert.equal(not(no)(any), true);
  });
});

describe("ownersOf() (spec informers 24.6)", () => {
  const reference = (more: object) => ({
    apiVersion: "apps/v1",
    kind: "Deployment",
    name: "web",
    uid: "1",
    ...more,
  });
  for (
    const { name, references, owners, keys } of [
      { name: "finds the controller", references: [{ controller: true }], keys: ["shop/web"] },
      { name: "leaves out other owners", references: [{}], keys: [] },
      {
        name: "finds other owners when told to",
        references: [{}],
        owners: "all" as const,
        keys: ["shop/web"],
      },
      {
        name: "takes any version of the group",
        references: [{ controller: true, apiVersion: "apps/v1beta2" }],
        keys: ["shop/web"],
      },
      {
        name: "leaves out other groups",
        references: [{ controller: true, apiVersion: "example.com/v1" }],
        keys: [],
      },
      { name: "leaves out other kinds", references: [{ controller: true, kind: "ReplicaSet" }], keys: [] },
    ]
  ) {
    it(name, () => {
      const metadata = {
        namespace: "shop",
        name: "web-0",
        ownerReferences: references.map(reference),
      } as ObjectMeta;
      const mapper = ownersOf(Deployment, { owners });
      const found = [...mapper(change("ADDED", metadata).metadata, change("ADDED", metadata))];
      assert.deepEqual(found.map(({ namespace, name }) => `${namespace}/${name}`), keys);
    });
  }

  it("finds owners that belong to the cluster without a namespace", () => {
    const type = { group: "apps", kind: "Deployment", scope: "Cluster" as const };
    const metadata = { namespace: "shop", ownerReferences: [reference({ controller: true })] } as ObjectMeta;
    assert.deepEqual([...ownersOf(type)(change("ADDED", metadata).metadata, change("ADDED", metadata))], [
      { namespace: "", name: "web" },
    ]);
  });
});

describe("jsonPatchDiff()", () => {
  it("escapes keys, and leaves alone what is equal", () => {
    assert.deepEqual(jsonPatchDiff({ "a/b": 1, "c~d": [{ e: null }] }, { "a/b": 2, "c~d": [{ e: null }] }), [
      { op: "replace", path: "/a~1b", value: 2 },
    ]);
    assert.deepEqual(jsonPatchDiff({ a: { b: 1 } }, { a: { b: 1, c: undefined } }), []);
  });

  it("makes what was wanted, on a server: 300 seeded pairs", async () => {
    const random = seededRandom(7);
    const below = (count: number) => Math.floor(random() * count);
    const value = (depth: number): unknown => {
      const kind = below(depth > 2 ? 3 : 5);
      if (kind < 3) return [below(3), ["x", "y", ""][below(3)], random() < 0.5][kind];
      if (kind === 3) return Array.from({ length: below(4) }, () => value(depth + 1));
      return Object.fromEntries(
        ["a", "b/c", "d~e", "", "é"].filter(() => random() < 0.5).map((key) => [key, value(depth + 1)]),
      );
    };
    const client = new Client(new ApiServer({ resources: [Anything] }).restConfig());
    const things = client.resource(Anything).namespace("default");
    for (let pair = 0; pair < 300; pair++) {
      const [from, to] = [{ spec: { root: value(0) } }, { spec: { root: value(0) } }];
      const created = await things.create({ metadata: { name: `t-${pair}` }, ...from } as never);
      const json = jsonPatchDiff(from, to);
      const patched = json.length === 0 ? created : await things.patch(`t-${pair}`, { json });
      assert.deepEqual((patched as { spec?: unknown }).spec, to.spec, JSON.stringify({ from, to, json }));
    }
    await client[Symbol.asyncDispose]();
  });
});

const Anything = {
  group: "example.com",
  version: "v1",
  kind: "Anything",
  plural: "anythings",
  scope: "Namespaced",
} as const;
