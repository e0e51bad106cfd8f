import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ApiServer, ManualClock } from "@coxswain/kube/testing";
import { configMap, mergePatch, openWatch, send } from "./exchange.ts";

const SHOP = "/api/v1/namespaces/shop";

function serverWithShop(garbageCollection = true): ApiServer {
  const server = new ApiServer({ garbageCollection, clock: new ManualClock() });
  server.load({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "shop" } });
  return server;
}

async function conditions(server: ApiServer): Promise<Record<string, string>> {
  const { status } = (await send(server, "GET", SHOP)).body;
  const { conditions = [] } = status as { conditions?: { type: string; status: string; message: string }[] };
  return Object.fromEntries(conditions.map(({ type, status, message }) => [type, `${status}: ${message}`]));
}

describe("a namespace that is deleted", () => {
  it("is emptied, and goes", async () => {
    const server = serverWithShop();
    const watch = await openWatch(
      server,
      `/api/v1/namespaces?fieldSelector=metadata.name=shop&resourceVersion=6`,
    );
    const { code, body } = await send(server, "DELETE", SHOP);
    assert.equal(code, 200);
    assert.deepEqual(body.status, { phase: "Terminating" });
    assert.equal((await send(server, "GET", SHOP)).code, 404);
    assert.equal((await send(server, "GET", `${SHOP}/configmaps/a`)).code, 404);
    const types = (await watch.take(3)).map((line) => line.split("@")[0]);
    assert.deepEqual(types, ["MODIFIED shop", "MODIFIED shop", "DELETED shop"]);
    await watch.close();
  });

  it("waits for finalizers of its content, says so, and lets nothing in", async () => {
    const server = serverWithShop();
    await mergePatch(server, `${SHOP}/configmaps/a`, { metadata: { finalizers: ["example.com/hold"] } });
    await send(server, "DELETE", SHOP);
    assert.deepEqual(await conditions(server), {
      NamespaceDeletionDiscoveryFailure: "False: All resources successfully discovered",
      NamespaceDeletionGroupVersionParsingFailure: "False: All legacy kube types successfully parsed",
      NamespaceDeletionContentFailure:
        "False: All content successfully deleted, may be waiting on finalization",
      NamespaceContentRemaining: "True: Some resources are remaining: configmaps. has 1 resource instances",
      NamespaceFinalizersRemaining:
        "True: Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances",
    });
    const refused = await send(server, "POST", `${SHOP}/configmaps`, { body: configMap("late") });
    assert.equal(refused.code, 403);
    assert.equal(refused.body.details?.causes?.[0].reason, "NamespaceTerminating");
    await mergePatch(server, `${SHOP}/configmaps/a`, { metadata: { finalizers: null } });
    assert.equal((await send(server, "GET", SHOP)).code, 404);
  });

  it("waits for pods that a kubelet has to end, before all else", async () => {
    const server = serverWithShop();
    const running = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "web", namespace: "shop" },
      spec: { nodeName: "node-a", containers: [{ name: "main", image: "web:1" }] },
    };
    server.load(running);
    await send(server, "DELETE", SHOP);
    const pod = (await send(server, "GET", `${SHOP}/pods/web`)).body;
    assert.equal(pod.metadata.deletionGracePeriodSeconds, 30);
    const { metadata } = (await send(server, "GET", `${SHOP}/configmaps/a`)).body;
    assert.equal(metadata.deletionTimestamp, undefined);
    await send(server, "DELETE", `${SHOP}/pods/web?gracePeriodSeconds=0`); // as a kubelet does in the end
    assert.equal((await send(server, "GET", SHOP)).code, 404);
  });

  it("waits for a finalizer of its own", async () => {
    const server = serverWithShop();
    await mergePatch(server, SHOP, { metadata: { finalizers: ["example.com/hold"] } });
    await send(server, "DELETE", SHOP);
    assert.equal((await send(server, "GET", `${SHOP}/configmaps/a`)).code, 404);
    const { spec } = (await send(server, "GET", SHOP)).body;
    assert.deepEqual(spec, {});
    await mergePatch(server, SHOP, { metadata: { finalizers: null } });
    assert.equal((await send(server, "GET", SHOP)).code, 404);
  });

  it("stays Terminating where no controllers run", async () => {
    const server = serverWithShop(false);
    await send(server, "DELETE", SHOP);
    const { body } = await send(server, "GET", SHOP);
    assert.deepEqual([body.status, body.spec], [{ phase: "Terminating" }, { finalizers: ["kubernetes"] }]);
    assert.equal((await send(server, "GET", `${SHOP}/configmaps/a`)).code, 200);
  });
});
