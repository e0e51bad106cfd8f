import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { defineResource } from "@coxswain/kube/meta";
import { ApiServer } from "@coxswain/kube/testing";
import { CONFIG_MAPS, configMap, jsonPatch, mergePatch, send } from "./exchange.ts";

/** Fixtures may have keys that a server would not take, and keep them. */
function serverWith(data: Record<string, string>): ApiServer {
  const server = new ApiServer();
  server.load(configMap("a", { data }));
  return server;
}

describe("merge patch", () => {
  for (
    const { name, patch, data } of [
      { name: "sets and removes fields", patch: { data: { x: null, z: "3" } }, data: { y: "2", z: "3" } },
      { name: "removes a whole branch", patch: { data: null }, data: undefined },
      { name: "drops nulls in new branches", patch: { data: null, other: { a: null } }, data: undefined },
      { name: "changes nothing when empty", patch: {}, data: { x: "1", y: "2" } },
    ]
  ) {
    it(name, async () => {
      const { code, body } = await mergePatch(
        serverWith({ x: "1", y: "2" }),
        `${CONFIG_MAPS}/a`,
        patch,
      );
      assert.equal(code, 200);
      assert.deepEqual(body.data, data);
    });
  }

  for (
    const { name, patch, code, message } of [
      {
        name: "a stale version",
        patch: { metadata: { resourceVersion: "1" } },
        code: 409,
        message: /modified/,
      },
      {
        name: "another name",
        patch: { metadata: { name: "z" } },
        code: 400,
        message: /object \(z\) does not match/,
      },
      { name: "no metadata", patch: { metadata: null }, code: 400, message: /was undeterminable/ },
      {
        name: "another uid",
        patch: { metadata: { uid: "z" } },
        code: 422,
        message: /metadata.uid: .* immutable$/,
      },
      {
        name: "a value of another type",
        patch: { data: "text" },
        code: 422,
        message:
          /: json: cannot unmarshal string into Go struct field ConfigMap.data of type map\[string\]string$/,
      },
      {
        name: "another kind",
        patch: { kind: "Secret" },
        code: 422,
        message: /^ "" is invalid: patch: Invalid value/,
      },
      { name: "bad JSON", patch: "{bad", code: 400, message: /^error decoding patch/ },
      {
        name: "an array",
        patch: "[]",
        code: 400,
        message: /^error decoding patch: json: cannot unmarshal array/,
      },
    ]
  ) {
    it(`refuses ${name}: ${code}`, async () => {
      const answer = await mergePatch(serverWith({}), `${CONFIG_MAPS}/a`, patch);
      assert.equal(answer.code, code);
      assert.match(answer.body.message ?? "", message);
    });
  }

  it("of an object that does not exist: 404", async () => {
    const { code, body } = await mergePatch(new ApiServer(), `${CONFIG_MAPS}/a`, {});
    assert.deepEqual([code, body.message], [404, 'configmaps "a" not found']);
  });
});

describe("JSON patch", () => {
  for (
    const { name, patch, data } of [
      {
        name: "adds",
        patch: [{ op: "add", path: "/data/z", value: "3" }],
        data: { "x": "1", "a/b": "2", "z": "3" },
      },
      { name: "removes", patch: [{ op: "remove", path: "/data/x" }], data: { "a/b": "2" } },
      {
        name: "replaces",
        patch: [{ op: "replace", path: "/data/x", value: "9" }],
        data: { "x": "9", "a/b": "2" },
      },
      {
        name: "replaces what is not there, as the server does",
        patch: [{ op: "replace", path: "/data/n", value: "9" }],
        data: { "x": "1", "a/b": "2", "n": "9" },
      },
      {
        name: "moves",
        patch: [{ op: "move", from: "/data/x", path: "/data/n" }],
        data: { "a/b": "2", "n": "1" },
      },
      {
        name: "copies, and reads escaped slashes",
        patch: [{ op: "copy", from: "/data/a~1b", path: "/data/x" }],
        data: { "x": "2", "a/b": "2" },
      },
      {
        name: "goes on when a test holds",
        patch: [{ op: "test", path: "/data/x", value: "1" }, { op: "remove", path: "/data/x" }],
        data: { "a/b": "2" },
      },
      {
        name: "takes what is absent for null in a test",
        patch: [{ op: "test", path: "/data/y", value: null }, { op: "remove", path: "/data/x" }],
        data: { "a/b": "2" },
      },
    ]
  ) {
    it(name, async () => {
      const { code, body } = await jsonPatch(
        serverWith({ x: "1", "a/b": "2" }),
        `${CONFIG_MAPS}/a`,
        patch,
      );
      assert.equal(code, 200);
      assert.deepEqual(body.data, data);
    });
  }

  it("works on arrays", async () => {
    const server = new ApiServer();
    await send(server, "POST", CONFIG_MAPS, {
      body: configMap("a", { metadata: { finalizers: ["x.io/a", "x.io/b"] } }),
    });
    const { body } = await jsonPatch(server, `${CONFIG_MAPS}/a`, [
      { op: "add", path: "/metadata/finalizers/-", value: "x.io/d" },
      { op: "add", path: "/metadata/finalizers/2", value: "x.io/c" },
      { op: "remove", path: "/metadata/finalizers/0" },
    ]);
    assert.deepEqual(body.metadata.finalizers, ["x.io/b", "x.io/c", "x.io/d"]);
  });

  for (
    const { name, patch } of [
      { name: "a test that fails", patch: [{ op: "test", path: "/data/x", value: "2" }] },
      { name: "removing what is not there", patch: [{ op: "remove", path: "/data/n" }] },
      {
        name: "adding below what is not there",
        patch: [{ op: "add", path: "/metadata/annotations/n", value: "1" }],
      },
      { name: "an unknown operation", patch: [{ op: "nope", path: "/data/x" }] },
    ]
  ) {
    it(`refuses ${name}: 422, and changes nothing`, async () => {
      const server = serverWith({ x: "1" });
      const before = (await send(server, "GET", `${CONFIG_MAPS}/a`)).text;
      const steps = [{ op: "add", path: "/data/first", value: "1" }, ...patch];
      const { code, body } = await jsonPatch(server, `${CONFIG_MAPS}/a`, steps);
      assert.deepEqual([code, body.reason], [422, "Invalid"]);
      assert.equal(body.message, "the server rejected our request due to an error in our request");
      assert.equal((await send(server, "GET", `${CONFIG_MAPS}/a`)).text, before);
    });
  }

  it("refuses what is no list of operations: 400", async () => {
    const { code, body } = await jsonPatch(serverWith({}), `${CONFIG_MAPS}/a`, { op: "add" });
    assert.equal(code, 400);
    assert.match(body.message ?? "", /^error decoding patch: json: cannot unmarshal object/);
  });
});

describe("other patches", () => {
  const WebApp = defineResource({ group: "example.com", version: "v1", kind: "WebApp", plural: "webapps" });
  const webApps = "/apis/example.com/v1/namespaces/default/webapps";
  for (
    const { type, path, code, message } of [
      { type: "application/json", path: CONFIG_MAPS, code: 415, message: /^415: Unsupported Media Type$/ },
      {
        type: "application/json",
        path: webApps,
        code: 415,
        message: /include: application\/json-patch\+json, /,
      },
      {
        type: "application/strategic-merge-patch+json",
        path: webApps,
        code: 415,
        message:
          /include: application\/json-patch\+json, application\/merge-patch\+json, application\/apply-patch\+yaml$/,
      },
    ]
  ) {
    it(`of type ${type} on ${path.split("/").at(-1)}: ${code}`, async () => {
      const server = new ApiServer({ resources: [WebApp] });
      const sending = { body: {}, headers: { "content-type": type } };
      const answer = await send(server, "PATCH", `${path}/a`, sending);
      assert.equal(answer.code, code);
      assert.match(answer.body.message ?? "", message);
    });
  }
});
