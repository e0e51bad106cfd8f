import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { defineResource, type ManagedFieldsEntry } from "@coxswain/kube/meta";
import { ApiServer, ManualClock } from "@coxswain/kube/testing";
import { type Answer, CONFIG_MAPS, configMap, DEPLOYMENT_SPEC, mergePatch, send } from "./exchange.ts";

// Each expectation is what a real server of 1.36 answers: tests/cluster/conformance_test.ts asks it the same.

const DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments";

function apply(server: ApiServer, path: string, manager: string, body: unknown, more = ""): Promise<Answer> {
  const headers = { "content-type": "application/apply-patch+yaml" };
  return send(server, "PATCH", `${path}?fieldManager=${manager}${more}`, { body, headers });
}

const map = (data: Record<string, string>, metadata: object = {}) =>
  configMap("a", { ...(Object.keys(data).length > 0 && { data }), metadata });
/** Managers of the same second stand in the order of their names. */
const serverAtRest = () => new ApiServer({ clock: new ManualClock() });
const A = `${CONFIG_MAPS}/a`;

/** A deployment as it has to be, applied by `base`; other managers add to it. */
const DEPLOYMENT = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "a" },
  spec: DEPLOYMENT_SPEC,
};

/** Each manager with what it has: `one Apply f:data/f:a`. */
function managers({ body }: Answer): string[] {
  return (body.metadata.managedFields ?? []).map((entry: ManagedFieldsEntry) =>
    `${entry.manager} ${entry.operation}${entry.subresource ? `(${entry.subresource})` : ""} ${
      leaves(entry.fieldsV1 ?? {}).join(" ")
    }`
  );
}

function leaves(fields: Record<string, unknown>, path = ""): string[] {
  return Object.entries(fields).flatMap(([step, below]) => {
    const at = path === "" ? step : `${path}/${step}`;
    return Object.keys(below as object).length === 0 ? [at] : leaves(below as Record<string, unknown>, at);
  });
}

describe("server-side apply", () => {
  it("creates what does not exist: 201, and 200 from then on", async () => {
    const server = serverAtRest();
    const created = await apply(server, A, "one", map({ a: "1" }));
    assert.deepEqual([created.code, created.body.data, managers(created)], [201, { a: "1" }, [
      "one Apply f:data/f:a",
    ]]);
    const again = await apply(server, A, "one", map({ a: "1" }));
    assert.deepEqual([again.code, again.text], [200, created.text]);
  });

  it("takes YAML", async () => {
    const yaml = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\ndata: { a: '1' }\n";
    assert.deepEqual((await apply(serverAtRest(), A, "one", yaml)).body.data, { a: "1" });
  });

  it("takes away what its manager no longer says, unless somebody else says it", async () => {
    const server = serverAtRest();
    await apply(server, A, "one", map({ a: "1", b: "2", c: "3" }));
    await apply(server, A, "two", map({ b: "2" }));
    const answer = await apply(server, A, "one", map({ a: "1" }));
    assert.deepEqual(answer.body.data, { a: "1", b: "2" });
    // Who changed nothing by applying has no time, and comes first.
    assert.deepEqual(managers(answer), ["two Apply f:data/f:b", "one Apply f:data/f:a"]);
  });

  it("refuses to change another's fields: 409 with each of them", async () => {
    const server = serverAtRest();
    await apply(server, A, "one", map({ a: "1", b: "1" }));
    const { code, body } = await apply(server, A, "two", map({ a: "2", b: "2", c: "2" }));
    assert.deepEqual([code, body.reason], [409, "Conflict"]);
    assert.equal(body.message, 'Apply failed with 2 conflicts: conflicts with "one":\n- .data.a\n- .data.b');
    assert.deepEqual(body.details, {
      causes: [
        { reason: "FieldManagerConflict", message: 'conflict with "one"', field: ".data.a" },
        { reason: "FieldManagerConflict", message: 'conflict with "one"', field: ".data.b" },
      ],
    });
    assert.deepEqual((await send(server, "GET", A)).body.data, { a: "1", b: "1" });
  });

  it("takes them with force", async () => {
    const server = serverAtRest();
    await apply(server, A, "one", map({ a: "1", b: "1" }));
    const answer = await apply(server, A, "two", map({ a: "2" }), "&force=true");
    assert.deepEqual(answer.body.data, { a: "2", b: "1" });
    assert.deepEqual(managers(answer), ["one Apply f:data/f:b", "two Apply f:data/f:a"]);
  });

  it("shares fields on whose values all agree", async () => {
    const server = serverAtRest();
    await apply(server, A, "one", map({ a: "1" }));
    const answer = await apply(server, A, "two", map({ a: "1" }));
    assert.deepEqual(managers(answer), ["two Apply f:data/f:a", "one Apply f:data/f:a"]);
  });

  it("knows containers by their names and keeps those of others", async () => {
    const server = serverAtRest();
    const deployment = (...containers: object[]) => ({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "a" },
      spec: { template: { spec: { containers } } },
    });
    await apply(server, `${DEPLOYMENTS}/a`, "base", DEPLOYMENT);
    await apply(server, `${DEPLOYMENTS}/a`, "one", deployment({ name: "web", image: "x" }));
    await apply(server, `${DEPLOYMENTS}/a`, "mesh", deployment({ name: "side", image: "y" }));
    const answer = await apply(
      server,
      `${DEPLOYMENTS}/a`,
      "one",
      deployment({ name: "web", image: "z", ports: [{ containerPort: 80 }] }),
    );
    const { template } = answer.body.spec as {
      template: { spec: { containers: { name: string; image: string }[] } };
    };
    assert.deepEqual(template.spec.containers.map(({ name, image }) => `${name} ${image}`), [
      "main web:1",
      "web z",
      "side y",
    ]);
    const base = "f:spec/f:template/f:spec/f:containers";
    assert.deepEqual(managers(answer).filter((one) => !one.startsWith("base ")), [
      `mesh Apply ${base}/k:{"name":"side"}/. ${base}/k:{"name":"side"}/f:image ${base}/k:{"name":"side"}/f:name`,
      [
        `one Apply ${base}/k:{"name":"web"}/.`,
        `${base}/k:{"name":"web"}/f:image`,
        `${base}/k:{"name":"web"}/f:name`,
        `${base}/k:{"name":"web"}/f:ports/k:{"containerPort":80,"protocol":"TCP"}/.`,
        `${base}/k:{"name":"web"}/f:ports/k:{"containerPort":80,"protocol":"TCP"}/f:containerPort`,
      ].join(" "),
    ]);
  });

  it("merges sets, whose elements have managers of their own", async () => {
    const server = serverAtRest();
    await apply(server, A, "one", map({}, { finalizers: ["x.io/a"] }));
    const both = await apply(server, A, "two", map({}, { finalizers: ["x.io/b"] }));
    assert.deepEqual(both.body.metadata.finalizers, ["x.io/a", "x.io/b"]);
    assert.deepEqual((await apply(server, A, "one", map({}))).body.metadata.finalizers, ["x.io/b"]);
  });

  it("of the status has a manager of its own", async () => {
    const server = serverAtRest();
    await apply(server, `${DEPLOYMENTS}/a`, "base", DEPLOYMENT);
    const deployment = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "a" } };
    await apply(server, `${DEPLOYMENTS}/a`, "one", {
      ...deployment,
      spec: { replicas: 2 },
      status: { replicas: 9 },
    });
    const answer = await apply(server, `${DEPLOYMENTS}/a/status`, "one", {
      ...deployment,
      spec: { replicas: 3 },
      status: { replicas: 1 },
    });
    assert.equal(answer.body.spec?.replicas, 2);
    assert.deepEqual(answer.body.status, { replicas: 1 });
    assert.deepEqual(managers(answer).filter((one) => !one.startsWith("base ")), [
      "one Apply f:spec/f:replicas",
      "one Apply(status) f:status/f:replicas",
    ]);
  });

  it("of a custom resource without a schema takes each list as one value", async () => {
    const WebApp = defineResource({ group: "example.com", version: "v1", kind: "WebApp", plural: "webapps" });
    const server = new ApiServer({ resources: [WebApp] });
    const path = "/apis/example.com/v1/namespaces/default/webapps/a";
    const app = (spec: object) => ({
      apiVersion: "example.com/v1",
      kind: "WebApp",
      metadata: { name: "a" },
      spec,
    });
    await apply(server, path, "one", app({ size: 1, hosts: [{ name: "a" }] }));
    const { code, body } = await apply(server, path, "two", app({ hosts: [{ name: "b" }] }));
    assert.deepEqual([code, body.message], [
      409,
      'Apply failed with 1 conflict: conflict with "one": .spec.hosts',
    ]);
  });

  for (
    const { name, path = A, query = "fieldManager=one", body, code, message } of [
      {
        name: "no manager",
        query: "",
        body: map({}),
        code: 422,
        message:
          'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
      },
      {
        name: "managedFields",
        body: map({}, { managedFields: [] }),
        code: 400,
        message: "metadata.managedFields must be nil",
      },
      {
        name: "another kind",
        body: { ...map({}), kind: "Secret" },
        code: 400,
        message: "invalid object type: /v1, Kind=Secret",
      },
      {
        name: "an unknown field",
        body: { ...map({}), foo: 1 },
        code: 500,
        message:
          "failed to create typed patch object (/a; /v1, Kind=ConfigMap): .foo: field not declared in schema",
      },
      {
        name: "a wrong type",
        body: { ...map({}), data: { a: 1 } },
        code: 500,
        message:
          "failed to create typed patch object (/a; /v1, Kind=ConfigMap): .data.a: expected string, got &value.valueUnstructured{Value:1}",
      },
      { name: "what is no YAML", body: "{a", code: 400, message: "error decoding YAML: invalid YAML" },
      {
        name: "a status of nothing",
        path: `${DEPLOYMENTS}/a/status`,
        body: { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "a" } },
        code: 404,
        message: 'deployments.apps "a" not found',
      },
    ]
  ) {
    it(`refuses ${name}: ${code}`, async () => {
      const headers = { "content-type": "application/apply-patch+yaml" };
      const answer = await send(serverAtRest(), "PATCH", `${path}?${query}`, { body, headers });
      assert.deepEqual([answer.code, answer.body.message], [code, message]);
    });
  }
});

describe("managedFields", () => {
  it("tell who created and who changed, through what and when", async () => {
    const clock = new ManualClock({ start: "2026-01-01T00:00:00Z" });
    const server = new ApiServer({ clock });
    await send(server, "POST", CONFIG_MAPS, {
      body: map({ a: "1", b: "1" }),
      headers: { "user-agent": "shop/2" },
    });
    await clock.advance(1_000);
    const answer = await mergePatch(server, `${A}?fieldManager=two`, { data: { b: "2" } });
    assert.deepEqual(managers(answer), ["shop Update f:data/. f:data/f:a", "two Update f:data/f:b"]);
    assert.deepEqual((answer.body.metadata.managedFields ?? []).map(({ time }) => time), [
      "2026-01-01T00:00:00Z",
      "2026-01-01T00:00:01Z",
    ]);
  });

  it("stay as they are when nothing changes, and so does the version", async () => {
    const clock = new ManualClock({ start: "2026-01-01T00:00:00Z" });
    const server = new ApiServer({ clock });
    const created = await apply(server, A, "one", map({ a: "1" }));
    await clock.advance(60_000);
    assert.equal((await apply(server, A, "one", map({ a: "1" }))).text, created.text);
    assert.equal(
      (await mergePatch(server, `${A}?fieldManager=two`, { data: { a: "1" } })).text,
      created.text,
    );
  });

  it("can be emptied by an update, and are then kept no more until something is applied", async () => {
    const server = new ApiServer();
    await apply(server, A, "one", map({ a: "1" }));
    const emptied = await send(server, "PUT", A, { body: map({ a: "1" }, { managedFields: [{}] }) });
    assert.deepEqual(managers(emptied), []);
    assert.deepEqual(managers(await send(server, "PUT", A, { body: map({ a: "2" }) })), []);
    const applied = await apply(server, A, "one", map({ a: "3" }), "&force=true");
    assert.deepEqual(managers(applied), ["one Apply f:data/f:a", "before-first-apply Update f:data"]);
  });

  it("join the oldest updaters when there are more than ten", async () => {
    const clock = new ManualClock();
    const server = new ApiServer({ clock });
    await send(server, "POST", `${CONFIG_MAPS}?fieldManager=m0`, { body: map({ k0: "" }) });
    let last: Answer | undefined;
    for (let index = 1; index < 12; index++) {
      await clock.advance(1_000);
      last = await mergePatch(server, `${A}?fieldManager=m${index}`, { data: { [`k${index}`]: "" } });
    }
    const names = (last?.body.metadata.managedFields ?? []).map(({ manager }) => manager);
    assert.equal(names.length, 10);
    assert.equal(names[0], "ancient-changes");
  });

  it("of kubectl move from what it applied itself to what the server applies", async () => {
    const server = new ApiServer();
    const annotations = {
      "kubectl.kubernetes.io/last-applied-configuration": JSON.stringify(map({ a: "1" })),
    };
    const query = "?fieldManager=kubectl-client-side-apply";
    await send(server, "POST", CONFIG_MAPS + query, { body: map({ a: "1" }, { annotations }) });
    const other = await apply(server, A, "other", map({ a: "2" }));
    assert.equal(other.code, 409);
    const answer = await apply(server, A, "kubectl", map({ a: "2" }));
    assert.deepEqual([answer.code, answer.body.data], [200, { a: "2" }]);
  });
});

describe("fields that a kind does not have", () => {
  const body = { ...map({ a: "1" }), foo: 1, bar: { a: 1 } };
  for (const query of ["", "?fieldValidation=Warn"]) {
    it(`are dropped, with a warning for each${query === "" ? "" : ", when asked for"}`, async () => {
      const { code, headers, text } = await send(new ApiServer(), "POST", CONFIG_MAPS + query, { body });
      assert.equal(code, 201);
      assert.doesNotMatch(text, /foo|bar/);
      assert.equal(
        headers.get("warning"),
        '299 - "unknown field \\"foo\\"", 299 - "unknown field \\"bar\\""',
      );
    });
  }

  it("are dropped in silence when they are to be ignored", async () => {
    const query = "?fieldValidation=Ignore";
    const { code, headers } = await send(new ApiServer(), "POST", CONFIG_MAPS + query, { body });
    assert.deepEqual([code, headers.get("warning")], [201, null]);
  });

  it("are refused when that is asked for", async () => {
    const query = "?fieldValidation=Strict";
    const { code, body: status } = await send(new ApiServer(), "POST", CONFIG_MAPS + query, { body });
    assert.equal(code, 400);
    assert.equal(
      status.message,
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "foo", unknown field "bar"',
    );
  });
});
