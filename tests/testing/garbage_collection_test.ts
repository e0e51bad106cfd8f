import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ApiServer, ManualClock } from "@coxswain/kube/testing";
import {
  type Body,
  CONFIG_MAPS,
  configMap,
  mergePatch,
  openWatch,
  POD_SPEC,
  PODS,
  send,
} from "./exchange.ts";

const NODES = "/api/v1/nodes";
const at = (name: string) => `${CONFIG_MAPS}/${name}`;

/** A server on which `owner` exists, and what its dependents say of it. */
async function serverWithOwner(garbageCollection = true): Promise<{ server: ApiServer; uid: string }> {
  const server = new ApiServer({ garbageCollection, clock: new ManualClock() });
  const { body } = await send(server, "POST", CONFIG_MAPS, { body: configMap("owner") });
  return { server, uid: body.metadata.uid };
}

const ref = (name: string, uid: string, more: object = {}) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  name,
  uid,
  ...more,
});

async function create(
  server: ApiServer,
  name: string,
  ownerReferences: object[],
  more: object = {},
): Promise<Body> {
  const { body, code } = await send(server, "POST", CONFIG_MAPS, {
    body: configMap(name, { metadata: { ownerReferences, ...more } }),
  });
  assert.equal(code, 201, body.message);
  return body;
}

async function names(server: ApiServer, path = CONFIG_MAPS): Promise<string[]> {
  return (await send(server, "GET", path)).body.items.map(({ metadata }) => metadata.name);
}

const remove = (server: ApiServer, name: string, propagationPolicy?: string) =>
  send(server, "DELETE", at(name), { body: { propagationPolicy } });

describe("garbage collection", () => {
  it("takes dependents, and theirs, along when their owner goes", async () => {
    const { server, uid } = await serverWithOwner();
    const child = await create(server, "child", [ref("owner", uid)]);
    await create(server, "grandchild", [ref("child", child.metadata.uid)]);
    await create(server, "other", []);
    assert.equal((await remove(server, "owner")).code, 200);
    assert.deepEqual(await names(server), ["other"]);
  });

  it("can be switched off: then dependents stay, as on kube-apiserver by itself", async () => {
    const { server, uid } = await serverWithOwner(false);
    await create(server, "child", [ref("owner", uid)]);
    await remove(server, "owner");
    assert.deepEqual(await names(server), ["child"]);
  });

  it("tells watchers of each end, the owner's first", async () => {
    const { server, uid } = await serverWithOwner();
    await create(server, "child", [ref("owner", uid)]);
    const watch = await openWatch(server, `${CONFIG_MAPS}?resourceVersion=6`);
    await remove(server, "owner");
    assert.deepEqual(await watch.take(2), ["DELETED owner@7", "DELETED child@8"]);
    await watch.close();
  });

  it("takes the owner last, if that is asked for and dependents block it", async () => {
    const { server, uid } = await serverWithOwner();
    await create(server, "blocking", [ref("owner", uid, { blockOwnerDeletion: true })], {
      finalizers: ["example.com/hold"],
    });
    await create(server, "free", [ref("owner", uid)], { finalizers: ["example.com/hold"] });
    const { body } = await remove(server, "owner", "Foreground");
    assert.deepEqual(body.metadata.finalizers, ["foregroundDeletion"]);
    for (const name of ["owner", "blocking", "free"]) {
      const { metadata } = (await send(server, "GET", at(name))).body;
      assert.notEqual(metadata.deletionTimestamp, undefined, name);
    }
    await mergePatch(server, at("blocking"), { metadata: { finalizers: null } });
    assert.deepEqual(await names(server), ["free"]);
  });

  it("takes the owner at once, if nothing blocks it", async () => {
    const { server, uid } = await serverWithOwner();
    await create(server, "free", [ref("owner", uid)]);
    await remove(server, "owner", "Foreground");
    assert.deepEqual(await names(server), []);
  });

  it("takes a circle of owners that block each other", async () => {
    const { server, uid } = await serverWithOwner();
    const child = await create(server, "child", [ref("owner", uid, { blockOwnerDeletion: true })]);
    await mergePatch(server, at("owner"), {
      metadata: { ownerReferences: [ref("child", child.metadata.uid, { blockOwnerDeletion: true })] },
    });
    await remove(server, "owner", "Foreground");
    assert.deepEqual(await names(server), []);
  });

  it("leaves dependents without their owner, if they are to be orphans", async () => {
    const { server, uid } = await serverWithOwner();
    await create(server, "child", [ref("owner", uid), ref("default", "x", { kind: "Namespace" })]);
    // The second owner has another uid than the namespace: that reference has gone with the creation already.
    await create(server, "second", [ref("owner", uid)]);
    await remove(server, "owner", "Orphan");
    assert.deepEqual(await names(server), ["child", "second"]);
    assert.equal((await send(server, "GET", at("second"))).body.metadata.ownerReferences, undefined);
    assert.equal((await send(server, "GET", at("child"))).body.metadata.ownerReferences, undefined);
  });

  it("leaves an object that has another owner, and takes the reference away", async () => {
    const { server, uid } = await serverWithOwner();
    const second = await create(server, "second", []);
    await create(server, "child", [ref("owner", uid), ref("second", second.metadata.uid)]);
    await remove(server, "owner");
    const { body } = await send(server, "GET", at("child"));
    assert.deepEqual(body.metadata.ownerReferences, [ref("second", second.metadata.uid)]);
    await remove(server, "second");
    assert.deepEqual(await names(server), []);
  });

  for (
    const { name, reference } of [
      { name: "does not exist", reference: ref("nobody", "uid-1") },
      { name: "has another uid", reference: ref("owner", "uid-1") },
    ]
  ) {
    it(`takes an object whose owner ${name}`, async () => {
      const { server } = await serverWithOwner();
      await create(server, "child", [reference]);
      assert.deepEqual(await names(server), ["owner"]);
    });
  }

  it("looks for owners in the namespace of the object", async () => {
    const { server, uid } = await serverWithOwner();
    const elsewhere = "/api/v1/namespaces/kube-public/configmaps";
    const body = configMap("child", { metadata: { ownerReferences: [ref("owner", uid)] } });
    assert.equal((await send(server, "POST", elsewhere, { body })).code, 201);
    assert.deepEqual(await names(server, elsewhere), []);
  });

  it("takes objects along with an owner that is in no namespace, but not the other way round", async () => {
    const { server, uid } = await serverWithOwner();
    const node = await send(server, "POST", NODES, { body: { metadata: { name: "node" } } });
    await create(server, "child", [ref("node", node.body.metadata.uid, { kind: "Node" })]);
    const wrong = { metadata: { name: "wrong", ownerReferences: [ref("owner", uid)] } };
    assert.equal((await send(server, "POST", NODES, { body: wrong })).code, 201);
    await send(server, "DELETE", `${NODES}/node`);
    await remove(server, "owner");
    assert.deepEqual(await names(server), []);
    assert.deepEqual(await names(server, NODES), ["wrong"]);
  });

  it("leaves objects whose owner is of a kind that nobody knows", async () => {
    const { server } = await serverWithOwner();
    await create(server, "child", [ref("x", "uid-1", { apiVersion: "example.com/v1", kind: "X" })]);
    assert.deepEqual(await names(server), ["child", "owner"]);
  });

  it("leaves what is loaded, until its owner goes", async () => {
    const { server, uid } = await serverWithOwner();
    const load = (name: string, ownerReferences: ReturnType<typeof ref>[]) =>
      server.load({ apiVersion: "v1", kind: "ConfigMap", metadata: { name, ownerReferences } });
    load("lost", [ref("nobody", "uid-1")]);
    load("child", [ref("owner", uid)]);
    await mergePatch(server, at("lost"), { data: { a: "1" } });
    assert.deepEqual(await names(server), ["child", "lost", "owner"]);
    await remove(server, "owner");
    assert.deepEqual(await names(server), ["lost"]);
  });

  it("leaves claims that a pod uses, for as long as it does", async () => {
    const { server } = await serverWithOwner();
    const claims = "/api/v1/namespaces/default/persistentvolumeclaims";
    const spec = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } };
    for (const name of ["used", "free"]) {
      await send(server, "POST", claims, { body: { metadata: { name }, spec } });
    }
    const volumes = [{ name: "data", persistentVolumeClaim: { claimName: "used" } }];
    const pod = { metadata: { name: "web" }, spec: { ...POD_SPEC, volumes } };
    assert.equal((await send(server, "POST", PODS, { body: pod })).code, 201);
    await send(server, "DELETE", `${claims}/used`);
    await send(server, "DELETE", `${claims}/free`);
    assert.deepEqual(await names(server, claims), ["used"]);
    await send(server, "DELETE", `${PODS}/web`);
    assert.deepEqual(await names(server, claims), []);
  });

  it("leaves the pods of jobs and replication controllers, unless told otherwise", async () => {
    const { server } = await serverWithOwner();
    const path = "/api/v1/namespaces/default/replicationcontrollers";
    const template = {
      metadata: { labels: { app: "a" } },
      spec: { containers: [{ name: "main", image: "web:1" }] },
    };
    const body = { metadata: { name: "a" }, spec: { selector: { app: "a" }, template } };
    const { metadata } = (await send(server, "POST", path, { body })).body;
    await create(server, "child", [ref("a", metadata.uid, { kind: "ReplicationController" })]);
    const answer = await send(server, "DELETE", `${path}/a`);
    assert.equal(answer.code, 200);
    assert.deepEqual(await names(server), ["child", "owner"]);
    assert.deepEqual(await names(server, path), []);
  });
});
