import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { KubernetesObject } from "@coxswain/kube/meta";
import { ApiServer } from "@coxswain/kube/testing";
import { type Answer, DEFINITIONS, mergePatch, openWatch, send } from "./exchange.ts";

// Each expectation is what a real server of 1.36 answers: tests/cluster/conformance_test.ts asks it the same.

const APPS = "/apis/example.com/v1/namespaces/default/webapps";

const version = (name: string, properties: object, more: object = {}) => ({
  name,
  served: true,
  storage: name === "v1",
  schema: {
    openAPIV3Schema: {
      type: "object",
      properties: { spec: { type: "object", required: ["size"], properties } },
    },
  },
  ...more,
});
const SPEC = {
  size: { type: "integer", minimum: 1 },
  color: { type: "string", enum: ["red", "blue"], default: "red" },
  ports: {
    type: "array",
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["port"],
    items: {
      type: "object",
      required: ["port"],
      properties: { port: { type: "integer" }, name: { type: "string" } },
    },
  },
};
const definition = (versions: object[] = [version("v1", SPEC)]) => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "webapps.example.com" },
  spec: {
    group: "example.com",
    scope: "Namespaced",
    names: { kind: "WebApp", plural: "webapps", shortNames: ["wa"] },
    versions,
  },
});
const app = (spec: object, apiVersion = "example.com/v1") => ({
  apiVersion,
  kind: "WebApp",
  metadata: { name: "a" },
  spec,
});

async function serverWith(versions?: object[]): Promise<ApiServer> {
  const server = new ApiServer();
  assert.equal((await send(server, "POST", DEFINITIONS, { body: definition(versions) })).code, 201);
  return server;
}

function apply(server: ApiServer, manager: string, body: unknown): Promise<Answer> {
  const headers = { "content-type": "application/apply-patch+yaml" };
  return send(server, "PATCH", `${APPS}/a?fieldManager=${manager}`, { body, headers });
}

describe("CustomResourceDefinition", () => {
  it("makes its kind served, in discovery too, and is Established", async () => {
    const server = new ApiServer();
    assert.equal((await send(server, "GET", APPS)).code, 404);
    await send(server, "POST", DEFINITIONS, { body: definition() });
    const { body } = await send(server, "GET", `${DEFINITIONS}/webapps.example.com`);
    const { conditions } = body.status as { conditions: { type: string; status: string }[] };
    assert.deepEqual(conditions.map(({ type, status }) => `${type} ${status}`), [
      "NamesAccepted True",
      "Established True",
    ]);
    assert.equal((await send(server, "GET", APPS)).body.kind, "WebAppList");
    const served = await send(server, "GET", "/apis/example.com/v1");
    assert.match(served.text, /"name":"webapps","singularName":"webapp".*"shortNames":\["wa"\]/);
    assert.equal((await send(server, "POST", APPS, { body: app({ size: 1 }) })).code, 201);
  });

  it("does so when it is loaded, so that its objects can follow", async () => {
    const server = new ApiServer();
    server.load(definition() as KubernetesObject, {
      ...app({ size: 1 }),
      metadata: { name: "a", namespace: "default" },
    });
    assert.deepEqual((await send(server, "GET", `${APPS}/a`)).body.spec, { color: "red", size: 1 });
  });

  it("takes its kind and all objects with it, which watches see", async () => {
    const server = await serverWith();
    await send(server, "POST", APPS, { body: app({ size: 1 }) });
    const watch = await openWatch(server, APPS);
    assert.match((await watch.take(1))[0], /^ADDED a@/);
    const { body } = await send(server, "DELETE", `${DEFINITIONS}/webapps.example.com`);
    assert.notEqual(body.metadata.deletionTimestamp, undefined);
    assert.match((await watch.take(1))[0], /^DELETED a@/);
    await watch.close();
    assert.equal((await send(server, "GET", `${DEFINITIONS}/webapps.example.com`)).code, 404);
    const gone = await send(server, "GET", APPS);
    assert.deepEqual([gone.code, gone.text], [404, "404 page not found\n"]);
    assert.equal((await send(server, "GET", "/apis/example.com")).code, 404);
  });

  it("changes what is served when it changes", async () => {
    const server = await serverWith();
    const size = { type: "integer", maximum: 3 };
    await mergePatch(server, `${DEFINITIONS}/webapps.example.com`, {
      spec: { versions: [version("v1", { size }), version("v2", { size })] },
    });
    assert.equal((await send(server, "POST", APPS, { body: app({ size: 4 }) })).code, 422);
    assert.equal((await send(server, "GET", APPS.replace("v1", "v2"))).code, 200);
  });

  it("has versions that are views of the same objects, in lists and watches too", async () => {
    const server = await serverWith([version("v1", SPEC), version("v2", SPEC)]);
    const other = APPS.replace("v1", "v2");
    await send(server, "POST", APPS, { body: app({ size: 1 }) });
    assert.equal((await send(server, "GET", `${other}/a`)).body.apiVersion, "example.com/v2");
    assert.equal((await send(server, "GET", other)).body.items[0].apiVersion, "example.com/v2");
    const watch = await openWatch(server, other);
    assert.equal((await watch.next())?.object.apiVersion, "example.com/v2");
    await watch.close();
    const stored = await send(server, "PUT", `${other}/a`, {
      body: {
        ...app({ size: 2 }, "example.com/v2"),
        metadata: (await send(server, "GET", `${other}/a`)).body.metadata,
      },
    });
    assert.deepEqual([stored.code, stored.body.apiVersion], [200, "example.com/v2"]);
    assert.deepEqual((await send(server, "GET", `${APPS}/a`)).body.spec, { color: "red", size: 2 });
  });

  for (
    const { name, body, message } of [
      {
        name: "another name",
        body: { ...definition(), metadata: { name: "x" } },
        message: /metadata.name: Invalid value: "x": must be spec.names.plural\+"."\+spec.group$/,
      },
      {
        name: "no schema",
        body: definition([{ name: "v1", served: true, storage: true }]),
        message: /spec.versions\[0\].schema.openAPIV3Schema: Required value$/,
      },
    ]
  ) {
    it(`is refused with ${name}: 422`, async () => {
      const answer = await send(new ApiServer(), "POST", DEFINITIONS, { body });
      assert.equal(answer.code, 422);
      assert.match(answer.body.message ?? "", message);
    });
  }
});

describe("custom resources with a schema", () => {
  it("lose what the schema does not have, and get its defaults", async () => {
    const server = await serverWith();
    const body = { ...app({ size: 1, foo: 1, color: null, ports: [{ port: 80, x: 1 }] }), bar: 1 };
    const { code, headers, body: made } = await send(server, "POST", APPS, { body });
    assert.deepEqual([code, made.spec], [201, { color: "red", ports: [{ port: 80 }], size: 1 }]);
    assert.deepEqual(headers.get("warning")?.match(/\\"[\w.[\]]+\\"/g), [
      '\\"bar\\"',
      '\\"spec.foo\\"',
      '\\"spec.ports[0].x\\"',
    ]);
  });

  for (
    const { spec, cause } of [
      { spec: {}, cause: "FieldValueRequired spec.size Required value" },
      { spec: { size: null }, cause: "FieldValueRequired spec.size Required value" },
      {
        spec: { size: "x" },
        cause:
          'FieldValueTypeInvalid spec.size Invalid value: "string": spec.size in body must be of type integer: "string"',
      },
      {
        spec: { size: 0 },
        cause:
          "FieldValueInvalid spec.size Invalid value: 0: spec.size in body should be greater than or equal to 1",
      },
      {
        spec: { size: 1, color: "x" },
        cause: 'FieldValueNotSupported spec.color Unsupported value: "x": supported values: "red", "blue"',
      },
      {
        spec: { size: 1, ports: [{ port: 1 }, { port: 1 }] },
        cause: 'FieldValueDuplicate spec.ports[1] Duplicate value: {"port":1}',
      },
    ]
  ) {
    it(`are refused: ${cause}`, async () => {
      const { code, body } = await send(await serverWith(), "POST", APPS, { body: app(spec) });
      assert.equal(code, 422);
      assert.deepEqual(
        body.details?.causes?.map(({ reason, field, message }) => `${reason} ${field} ${message}`),
        [
          cause,
        ],
      );
    });
  }

  it("are refused after a patch too, which changes nothing", async () => {
    const server = await serverWith();
    await send(server, "POST", APPS, { body: app({ size: 1 }) });
    assert.equal((await mergePatch(server, `${APPS}/a`, { spec: { size: 0 } })).code, 422);
    assert.equal((await send(server, "GET", `${APPS}/a`)).body.spec?.size, 1);
  });

  it("are applied by it: items of lists by their keys", async () => {
    const server = await serverWith();
    await apply(server, "one", app({ size: 1, ports: [{ port: 80, name: "http" }] }));
    const { code, body } = await apply(server, "two", app({ size: 1, ports: [{ port: 81 }] }));
    assert.deepEqual([code, body.spec?.ports], [200, [{ name: "http", port: 80 }, { port: 81 }]]);
    const refused = await apply(server, "two", app({ size: 1, ports: [{ port: 80, name: "x" }] }));
    assert.equal(
      refused.body.message,
      'Apply failed with 1 conflict: conflict with "one": .spec.ports[port=80].name',
    );
  });
});
