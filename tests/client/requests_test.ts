import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Client, type ClientOf } from "@coxswain/kube/client";
import { defineResource, type KubernetesObject, type ResourceType } from "@coxswain/kube/meta";

interface Sent {
  method: string;
  url: string;
  body?: unknown;
  contentType?: string;
  accept: string;
}

/** A client whose server notes what it is asked, and gives the same answer to everything. */
function recording(answer: unknown = { apiVersion: "v1", kind: "FlipList", metadata: {}, items: [] }) {
  const sent: Sent[] = [];
  const client = new Client({
    server: "http://coxswain.test",
    fetch: (url, init) => {
      const headers = new Headers(init?.headers);
      const { pathname, search } = new URL(String(url));
      const body = init?.body as string | undefined;
      sent.push({
        method: init?.method ?? "GET",
        url: pathname + search,
        accept: headers.get("accept") ?? "",
        ...(body === undefined
          ? {}
          : { body: JSON.parse(body), contentType: headers.get("content-type") ?? "" }),
      });
      return Promise.resolve(Response.json(answer));
    },
  });
  return { client, sent };
}

interface Flip extends KubernetesObject {
  spec?: { turns?: number };
  status?: { turned?: number };
}
const Flip: ResourceType<Flip, "Namespaced"> = defineResource<Flip>({
  group: "gymnastics.example",
  version: "v1",
  kind: "Flip",
  plural: "flips",
});
const Hall = defineResource<Flip, "Cluster">({
  group: "",
  version: "v1",
  kind: "Hall",
  plural: "halls",
  scope: "Cluster",
});

const FLIPS = "/apis/gymnastics.example/v1/namespaces/tang/flips";
const WHAT = { apiVersion: "gymnastics.example/v1", kind: "Flip" };
const NAMED = { ...WHAT, metadata: { name: "mips" } };
const JSON_TYPE = "application/json";
const DELETE = { apiVersion: "v1", kind: "DeleteOptions" };

type Golden = Partial<Sent> & Pick<Sent, "method" | "url">;
type Call = [what: string, call: (flips: ClientOf<Flip>) => Promise<unknown>, golden: Golden];

const everything = { labelSelector: "a=b", fieldSelector: "metadata.name=c", shardSelector: "shardRange(x)" };
const EVERYTHING =
  "fieldSelector=metadata.name%3Dc&labelSelector=a%3Db&limit=5&resourceVersion=42&resourceVersionMatch=Exact&shardSelector=shardRange%28x%29";

const CALLS: Call[] = [
  ["get", (flips) => flips.get("mips"), { method: "GET", url: `${FLIPS}/mips` }],
  ["get as of a version", (flips) => flips.get("mips", { resourceVersion: "0" }), {
    method: "GET",
    url: `${FLIPS}/mips?resourceVersion=0`,
  }],
  ["list", (flips) => flips.list(), { method: "GET", url: FLIPS }],
  [
    "list with all options",
    (flips) => flips.list({ ...everything, limit: 5, resourceVersion: "42", resourceVersionMatch: "Exact" }),
    { method: "GET", url: `${FLIPS}?${EVERYTHING}` },
  ],
  ["list from a page on", (flips) => flips.list({ continue: "t1", limit: 0 }), {
    method: "GET",
    url: `${FLIPS}?continue=t1`,
  }],
  ["list within a time [rest 22]", (flips) => flips.list({ timeoutSeconds: 21 }), {
    method: "GET",
    url: `${FLIPS}?timeout=21s&timeoutSeconds=21`,
  }],
  ["create", (flips) => flips.create({ metadata: { name: "mips" } }), {
    method: "POST",
    url: FLIPS,
    body: NAMED,
    contentType: JSON_TYPE,
  }],
  [
    "create with all options",
    (flips) => flips.create(NAMED, { dryRun: "All", fieldManager: "me", fieldValidation: "Strict" }),
    {
      method: "POST",
      url: `${FLIPS}?dryRun=All&fieldManager=me&fieldValidation=Strict`,
      body: NAMED,
      contentType: JSON_TYPE,
    },
  ],
  [
    "create of another version, as it says itself",
    (flips) => flips.create({ ...NAMED, apiVersion: "x/v2" }),
    {
      method: "POST",
      url: FLIPS,
      body: { ...NAMED, apiVersion: "x/v2" },
    },
  ],
  ["update", (flips) => flips.update({ metadata: { name: "mips" }, spec: { turns: 1 } }), {
    method: "PUT",
    url: `${FLIPS}/mips`,
    body: { ...NAMED, spec: { turns: 1 } },
    contentType: JSON_TYPE,
  }],
  ["updateStatus", (flips) => flips.updateStatus(NAMED, { fieldManager: "me" }), {
    method: "PUT",
    url: `${FLIPS}/mips/status?fieldManager=me`,
    body: NAMED,
  }],
  ["patch, JSON", (flips) => flips.patch("mips", { json: [{ op: "remove", path: "/spec" }] }), {
    method: "PATCH",
    url: `${FLIPS}/mips`,
    body: [{ op: "remove", path: "/spec" }],
    contentType: "application/json-patch+json",
  }],
  ["patch, merge", (flips) => flips.patch("mips", { merge: { spec: null } }, { dryRun: "All" }), {
    method: "PATCH",
    url: `${FLIPS}/mips?dryRun=All`,
    body: { spec: null },
    contentType: "application/merge-patch+json",
  }],
  ["patch, strategic", (flips) => flips.patch("mips", { strategic: { spec: { turns: 2 } } }), {
    method: "PATCH",
    url: `${FLIPS}/mips`,
    body: { spec: { turns: 2 } },
    contentType: "application/strategic-merge-patch+json",
  }],
  ["patchStatus", (flips) => flips.patchStatus("mips", { merge: { status: { turned: 3 } } }), {
    method: "PATCH",
    url: `${FLIPS}/mips/status`,
    body: { status: { turned: 3 } },
  }],
  ["apply", (flips) => flips.apply("mips", { spec: { turns: 1 } }, { fieldManager: "me", force: true }), {
    method: "PATCH",
    url: `${FLIPS}/mips?fieldManager=me&force=true`,
    body: { ...NAMED, spec: { turns: 1 } },
    contentType: "application/apply-patch+yaml",
  }],
  [
    "apply, whose name is the argument and not that of the object",
    (flips) =>
      flips.apply("mips", { metadata: { name: "other", labels: { a: "b" } } }, { fieldManager: "me" }),
    {
      method: "PATCH",
      url: `${FLIPS}/mips?fieldManager=me`,
      body: { ...WHAT, metadata: { name: "mips", labels: { a: "b" } } },
    },
  ],
  ["applyStatus", (flips) => flips.applyStatus("mips", { status: { turned: 1 } }, { fieldManager: "me" }), {
    method: "PATCH",
    url: `${FLIPS}/mips/status?fieldManager=me`,
    body: { ...NAMED, status: { turned: 1 } },
    contentType: "application/apply-patch+yaml",
  }],
  ["delete [rest 22: with a body in any case]", (flips) => flips.delete("mips"), {
    method: "DELETE",
    url: `${FLIPS}/mips`,
    body: DELETE,
    contentType: JSON_TYPE,
  }],
  [
    "delete with all options",
    (flips) =>
      flips.delete("mips", {
        dryRun: "All",
        gracePeriodSeconds: 0,
        preconditions: { uid: "u", resourceVersion: "7" },
        propagationPolicy: "Foreground",
        ignoreStoreReadErrorWithClusterBreakingPotential: true,
      }),
    {
      method: "DELETE",
      url: `${FLIPS}/mips`,
      body: {
        ...DELETE,
        dryRun: ["All"],
        gracePeriodSeconds: 0,
        preconditions: { uid: "u", resourceVersion: "7" },
        propagationPolicy: "Foreground",
        ignoreStoreReadErrorWithClusterBreakingPotential: true,
      },
    },
  ],
  [
    "deleteCollection",
    (flips) => flips.deleteCollection({ labelSelector: "a=b", timeoutSeconds: 21, dryRun: "All" }),
    {
      method: "DELETE",
      url: `${FLIPS}?labelSelector=a%3Db&timeout=21s&timeoutSeconds=21`,
      body: { ...DELETE, dryRun: ["All"] },
      contentType: JSON_TYPE,
    },
  ],
  [
    "any subresource, created",
    (flips) => flips.subresource("fin").create("mips", NAMED, { fieldValidation: "Warn" }),
    { method: "POST", url: `${FLIPS}/mips/fin?fieldValidation=Warn`, body: NAMED },
  ],
  ["any subresource, read", (flips) => flips.subresource("fin").get("mips"), {
    method: "GET",
    url: `${FLIPS}/mips/fin`,
  }],
  ["any subresource, replaced", (flips) => flips.subresource("fin").update("mips", {}), {
    method: "PUT",
    url: `${FLIPS}/mips/fin`,
    body: WHAT,
  }],
  ["any subresource, changed", (flips) => flips.subresource("fin").patch("mips", { merge: { spec: null } }), {
    method: "PATCH",
    url: `${FLIPS}/mips/fin`,
    body: { spec: null },
  }],
  [
    "any subresource, applied",
    (flips) => flips.subresource("fin").apply("mips", { spec: {} }, { fieldManager: "me" }),
    { method: "PATCH", url: `${FLIPS}/mips/fin?fieldManager=me`, body: { ...NAMED, spec: {} } },
  ],
  ["a scale, read [rest 20]", (flips) => flips.scale("mips").get({ resourceVersion: "0" }), {
    method: "GET",
    url: `${FLIPS}/mips/scale?resourceVersion=0`,
  }],
  ["a scale, replaced [rest 20]", (flips) => flips.scale("mips").update({ spec: { replicas: 3 } }), {
    method: "PUT",
    url: `${FLIPS}/mips/scale`,
    body: {
      apiVersion: "autoscaling/v1",
      kind: "Scale",
      metadata: { name: "mips", namespace: "tang" },
      spec: { replicas: 3 },
    },
  }],
  ["a scale, changed [rest 20]", (flips) => flips.scale("mips").patch({ merge: { spec: { replicas: 3 } } }), {
    method: "PATCH",
    url: `${FLIPS}/mips/scale`,
    body: { spec: { replicas: 3 } },
    contentType: "application/merge-patch+json",
  }],
  [
    "a scale, applied",
    (flips) => flips.scale("mips").apply({ spec: { replicas: 3 } }, { fieldManager: "me" }),
    {
      method: "PATCH",
      url: `${FLIPS}/mips/scale?fieldManager=me`,
      body: {
        apiVersion: "autoscaling/v1",
        kind: "Scale",
        metadata: { name: "mips" },
        spec: { replicas: 3 },
      },
    },
  ],
  ["evict [rest 22.3]", (flips) => flips.evict("mips", { gracePeriodSeconds: 5, dryRun: "All" }), {
    method: "POST",
    url: `${FLIPS}/mips/eviction`,
    body: {
      apiVersion: "policy/v1",
      kind: "Eviction",
      metadata: { name: "mips", namespace: "tang" },
      deleteOptions: { gracePeriodSeconds: 5, dryRun: ["All"] },
    },
  }],
  ["bind [rest 22.3]", (flips) => flips.bind("mips", "node-a"), {
    method: "POST",
    url: `${FLIPS}/mips/binding`,
    body: {
      apiVersion: "v1",
      kind: "Binding",
      metadata: { name: "mips", namespace: "tang" },
      target: { apiVersion: "v1", kind: "Node", name: "node-a" },
    },
  }],
  ["createToken [rest 22.3]", (flips) => flips.createToken("mips", { expirationSeconds: 600 }), {
    method: "POST",
    url: `${FLIPS}/mips/token`,
    body: {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      spec: { expirationSeconds: 600 },
    },
  }],
];

describe("requests of a resource client [rest 18, 22]", () => {
  for (const [what, call, golden] of CALLS) {
    it(`are as client-go's: ${what}`, async () => {
      const { client, sent } = recording();
      await call(client.resource(Flip).namespace("tang") as ClientOf<Flip>);
      assert.equal(sent.length, 1);
      const { accept, ...request } = sent[0];
      assert.deepEqual({ ...request, ...golden }, request);
      assert.equal(golden.body === undefined, request.body === undefined); // GETs have no Content-Type
      assert.ok(accept.startsWith("application/json"));
      await client[Symbol.asyncDispose]();
    });
  }

  it("have no namespace at cluster scope", async () => {
    const { client, sent } = recording();
    const halls = client.resource(Hall);
    await halls.get("mips");
    await halls.create(NAMED);
    await halls.deleteCollection();
    await halls.scale("mips").get();
    assert.deepEqual(sent.map(({ method, url }) => `${method} ${url}`), [
      "GET /api/v1/halls/mips",
      "POST /api/v1/halls",
      "DELETE /api/v1/halls",
      "GET /api/v1/halls/mips/scale",
    ]);
  });

  it("are answered by what the server sent, also if that is a list [rest 18]", async () => {
    const list = { apiVersion: "v1", kind: "FlipList", metadata: {}, items: [{ metadata: { name: "a" } }] };
    const { client } = recording(list);
    assert.deepEqual(await client.resource(Flip).namespace("tang").get("mips"), list);
    const [item] = (await client.resource(Flip).list()).items;
    assert.deepEqual(item, { apiVersion: "v1", kind: "Flip", metadata: { name: "a" } });
  });

  it("are not sent for a name or a namespace that is none [rest 18, 22]", async () => {
    const { client, sent } = recording();
    const flips = client.resource(Flip).namespace("tang") as ClientOf<Flip>;
    const manager = { fieldManager: "me" };
    for (const name of ["", ".", "..", "a/b", "a%2Fb"]) {
      const calls: (() => Promise<unknown>)[] = [
        () => flips.get(name),
        () => flips.update({ metadata: { name } }),
        () => flips.updateStatus({ metadata: { name } }),
        () => flips.patch(name, { merge: {} }),
        () => flips.apply(name, {}, manager),
        () => flips.applyStatus(name, {}, manager),
        () => flips.delete(name),
        () => flips.waitFor(name, "deleted"),
        () => flips.modify(name, () => {}),
        () => flips.subresource("fin").get(name),
        () => flips.subresource("fin").create(name, {}),
        () => flips.scale(name).get(),
        () => flips.evict(name),
        () => flips.bind(name, "node-a"),
        () => flips.createToken(name),
        () => flips.metadata().get(name),
        () => flips.table().get(name),
      ];
      for (const call of calls) await assert.rejects(call, TypeError, `${JSON.stringify(name)}: ${call}`);
      assert.throws(() => client.resource(Flip).namespace(name), TypeError);
    }
    await assert.rejects(flips.update({} as Flip & { metadata: { name: string } }), /name may not be empty/);
    assert.deepEqual(sent, []);
  });

  it("are not sent to apply nothing, for nobody, or what was read as a whole [rest 18, 22]", async () => {
    const { client, sent } = recording();
    const flips = client.resource(Flip).namespace("tang");
    const manager = { fieldManager: "me" };
    await assert.rejects(
      flips.apply("mips", null as unknown as Flip, manager),
      /there is no object to apply/,
    );
    await assert.rejects(
      flips.apply("mips", {}, { fieldManager: "" }),
      /say with fieldManager who is applying/,
    );
    await assert.rejects(
      flips.apply("mips", { metadata: { managedFields: [] } } as object, manager),
      /it has metadata\.managedFields.*extractApplied\(\)/,
    );
    assert.deepEqual(sent, []);
  });
});
