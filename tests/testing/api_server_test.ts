import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { defineResource, type KubernetesObject } from "@coxswain/kube/meta";
import { ApiServer, ManualClock } from "@coxswain/kube/testing";
import { CONFIG_MAPS, configMap, ORIGIN, PODS, send } from "./exchange.ts";

describe("ApiServer.fetch", () => {
  it("takes what fetch takes: text, URL or Request, and can be handed on", async () => {
    const { fetch } = new ApiServer();
    const url = `${ORIGIN}${CONFIG_MAPS}`;
    const init = {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(configMap("a")),
    };
    assert.equal((await fetch(url, init)).status, 201);
    assert.equal((await fetch(new URL(url), init)).status, 409);
    assert.equal((await fetch(new Request(url, init))).status, 409);
    const bytes = new TextEncoder().encode(JSON.stringify(configMap("b")));
    assert.equal((await fetch(url, { ...init, body: bytes })).status, 201);
    assert.equal((await fetch(new Request(`${url}/b`))).status, 200);
    assert.equal((await fetch(new Request(`${url}/b`), { method: "DELETE" })).status, 200);
  });

  it("rejects with the reason of a signal that has aborted", async () => {
    const server = new ApiServer();
    const reason = new Error("enough");
    const signal = AbortSignal.abort(reason);
    await assert.rejects(server.fetch(`${ORIGIN}${PODS}`, { signal }), (error) => error === reason);
    assert.deepEqual(server.requests, []);
  });

  it("rejects as a network does once the server is closed", async () => {
    const server = new ApiServer();
    await server[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    await assert.rejects(server.fetch(`${ORIGIN}${PODS}`), TypeError);
  });

  it("streams lists in pieces", async () => {
    const server = new ApiServer();
    const filler = "x".repeat(10_000);
    for (let index = 0; index < 30; index++) server.load(configMap(`n${index}`, { data: { filler } }));
    const reader = (await server.fetch(`${ORIGIN}${CONFIG_MAPS}`)).body!.getReader();
    const sizes: number[] = [];
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      sizes.push(chunk.value.length);
    }
    assert.ok(sizes.length >= 4, `expected several pieces, got ${sizes}`);
    assert.ok(Math.max(...sizes) < 100_000, `expected small pieces, got ${sizes}`);
  });
});

describe("the body of a list", () => {
  it("fails with the signal's reason when the client aborts", async () => {
    const server = new ApiServer();
    const controller = new AbortController();
    const { body } = await server.fetch(`${ORIGIN}${PODS}`, { signal: controller.signal });
    const reason = new Error("enough");
    controller.abort(reason);
    await assert.rejects(body!.getReader().read(), (error) => error === reason);
  });
});

describe("ApiServer", () => {
  it("starts with the namespaces that every cluster has", async () => {
    const { body } = await send(new ApiServer(), "GET", "/api/v1/namespaces");
    const names = body.items.map(({ metadata }) => metadata.name);
    assert.deepEqual(names, ["default", "kube-node-lease", "kube-public", "kube-system"]);
  });

  it("is the same from the same seed, and another from another", async () => {
    const uid = async (seed?: number) => {
      const server = new ApiServer({ seed, clock: new ManualClock() });
      return (await send(server, "POST", CONFIG_MAPS, { body: configMap("a") })).body.metadata.uid;
    };
    assert.equal(await uid(7), await uid(7));
    assert.notEqual(await uid(7), await uid(8));
  });

  it("shows the latest requests, without headers", async () => {
    const server = new ApiServer({ users: [{ name: "admin", token: "secret-token" }] });
    const headers = { authorization: "Bearer secret-token" };
    await send(server, "GET", `${PODS}?limit=5`, { headers });
    await send(server, "POST", CONFIG_MAPS, { body: configMap("a"), headers });
    await send(server, "GET", PODS);
    assert.deepEqual(server.requests.map(({ method, url, status }) => [method, url, status]), [
      ["GET", `${PODS}?limit=5`, 200],
      ["POST", CONFIG_MAPS, 201],
      ["GET", PODS, 401],
    ]);
    for (let count = 0; count < 1_100; count++) await send(server, "GET", "/healthz");
    assert.equal(server.requests.length, 1_000);
  });

  it("gives a configuration that leads to it", async () => {
    const server = new ApiServer({ users: [{ name: "admin", token: "secret-token" }] });
    const config = server.restConfig();
    assert.equal(config.fetch, server.fetch);
    assert.equal(config.bearerToken, "secret-token");
    const answer = await config.fetch!(`${config.server}healthz`, {
      headers: { authorization: `Bearer ${config.bearerToken}` },
    });
    assert.equal(await answer.text(), "ok");
  });

  it("takes the descriptor of a built-in kind for what it is, and serves cluster-scoped custom ones", async () => {
    const Pod = defineResource({ group: "", version: "v1", kind: "Pod", plural: "pods" });
    const Zone = defineResource<KubernetesObject, "Cluster">({
      group: "example.com",
      version: "v1",
      kind: "Zone",
      plural: "zones",
      scope: "Cluster",
    });
    const server = new ApiServer({ resources: [Pod, Zone] });
    server.load({ apiVersion: "v1", kind: "Pod", metadata: { name: "web" } });
    server.load({ apiVersion: "example.com/v1", kind: "Zone", metadata: { name: "north" } });
    assert.equal((await send(server, "GET", PODS)).body.items[0].kind, undefined);
    const zone = await send(server, "GET", "/apis/example.com/v1/zones/north");
    assert.deepEqual([zone.body.kind, zone.body.metadata.namespace], ["Zone", undefined]);
  });

  it("refuses to remember nothing", () => {
    assert.throws(() => new ApiServer({ historySize: 0 }), RangeError);
  });
});

describe("ApiServer.load()", () => {
  it("keeps what a fixture says, and makes its namespace", async () => {
    const server = new ApiServer({ clock: new ManualClock() });
    const pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: {
        name: "web",
        namespace: "shop",
        uid: "u-1",
        creationTimestamp: "2020-01-01T00:00:00Z",
        generation: 4,
      },
      status: { phase: "Running" },
    };
    server.load(pod);
    const { body } = await send(server, "GET", "/api/v1/namespaces/shop/pods/web");
    assert.deepEqual(body.metadata, { ...pod.metadata, resourceVersion: "6" });
    assert.deepEqual(body.status, { phase: "Running" });
    assert.equal((await send(server, "GET", "/api/v1/namespaces/shop")).code, 200);
  });

  it("puts what names no namespace into default, and replaces what exists", async () => {
    const server = new ApiServer();
    server.load(configMap("a"));
    const { uid } = (await send(server, "GET", `${CONFIG_MAPS}/a`)).body.metadata;
    server.load(configMap("a", { data: { x: "1" } }));
    const { body } = await send(server, "GET", `${CONFIG_MAPS}/a`);
    assert.deepEqual([body.metadata.uid, body.data], [uid, { x: "1" }]);
  });

  it("is not affected by later changes of the fixture", async () => {
    const server = new ApiServer();
    const data = { x: "1" };
    server.load(configMap("a", { data }));
    data.x = "2";
    assert.deepEqual((await send(server, "GET", `${CONFIG_MAPS}/a`)).body.data, { x: "1" });
  });

  for (
    const { name, object, message } of [
      {
        name: "of an unknown kind",
        object: { apiVersion: "v1", kind: "Nope" },
        message: /"v1" serves no kind "Nope"/,
      },
      {
        name: "without a name",
        object: { apiVersion: "v1", kind: "Pod" },
        message: /name or generateName is required/,
      },
    ]
  ) {
    it(`refuses an object ${name}`, () => {
      assert.throws(() => new ApiServer().load(object), { name: "TypeError", message });
    });
  }
});
