import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ApiServer, ManualClock } from "@coxswain/kube/testing";
import { mergePatch, POD_SPEC, PODS, send } from "./exchange.ts";

// Each expectation is what a real server of 1.36 answers: tests/cluster/conformance_test.ts asks it the same.

const DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments";
const SCALE = `${DEPLOYMENTS}/a/scale`;

async function serverWithDeployment(): Promise<ApiServer> {
  const server = new ApiServer({ clock: new ManualClock({ start: "2026-01-01T00:00:00Z" }) });
  const labels = { app: "web", tier: "1", anything: "x" };
  const selector = {
    matchLabels: { app: "web" },
    matchExpressions: [
      { key: "tier", operator: "In", values: ["2", "1"] },
      { key: "anything", operator: "Exists" },
    ],
  };
  await send(server, "POST", DEPLOYMENTS, {
    body: { metadata: { name: "a" }, spec: { selector, template: { metadata: { labels }, spec: POD_SPEC } } },
  });
  return server;
}

describe("scale", () => {
  it("shows replicas and selector", async () => {
    const { code, body } = await send(await serverWithDeployment(), "GET", SCALE);
    assert.deepEqual([code, body.kind, body.apiVersion], [200, "Scale", "autoscaling/v1"]);
    assert.deepEqual(body.spec, { replicas: 1 });
    assert.deepEqual(body.status, { replicas: 0, selector: "anything,app=web,tier in (1,2)" });
  });

  it("sets them, by updates and patches, with a manager of its own", async () => {
    const server = await serverWithDeployment();
    const scale = { metadata: { name: "a" }, spec: { replicas: 3 } };
    assert.equal((await send(server, "PUT", SCALE, { body: scale })).body.spec?.replicas, 3);
    const patched = await mergePatch(server, `${SCALE}?fieldManager=two`, { spec: { replicas: 5 } });
    assert.deepEqual([patched.code, patched.body.kind, patched.body.spec], [200, "Scale", { replicas: 5 }]);
    const { body } = await send(server, "GET", `${DEPLOYMENTS}/a`);
    assert.deepEqual([body.spec?.replicas, body.metadata.generation], [5, 3]);
    assert.deepEqual(body.metadata.managedFields?.[0], {
      manager: "two",
      operation: "Update",
      apiVersion: "apps/v1",
      fieldsType: "FieldsV1",
      fieldsV1: { "f:spec": { "f:replicas": {} } },
      subresource: "scale",
    });
  });

  for (
    const { name, body, code, message } of [
      {
        name: "fewer than none",
        body: { metadata: { name: "a" }, spec: { replicas: -1 } },
        code: 422,
        message:
          'Scale.autoscaling "a" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
      },
      {
        name: "a stale version",
        body: { metadata: { name: "a", resourceVersion: "1" }, spec: { replicas: 3 } },
        code: 409,
        message:
          'Operation cannot be fulfilled on deployments.apps "a": the object has been modified; please apply your changes to the latest version and try again',
      },
      {
        name: "another name",
        body: { metadata: { name: "b" }, spec: { replicas: 3 } },
        code: 400,
        message: "the name of the object (b) does not match the name on the URL (a)",
      },
    ]
  ) {
    it(`refuses ${name}: ${code}`, async () => {
      const answer = await send(await serverWithDeployment(), "PUT", SCALE, { body });
      assert.deepEqual([answer.code, answer.body.message], [code, message]);
    });
  }

  it("of what does not exist: 404", async () => {
    const { code, body } = await send(new ApiServer(), "GET", SCALE);
    assert.deepEqual([code, body.message], [404, 'deployments.apps "a" not found']);
  });
});

describe("binding and eviction of pods", () => {
  const binding = { metadata: { name: "a" }, target: { kind: "Node", name: "node-a" } };
  const pods = async () => {
    const server = new ApiServer({ clock: new ManualClock({ start: "2026-01-01T00:00:00Z" }) });
    await send(server, "POST", PODS, { body: { metadata: { name: "a" }, spec: POD_SPEC } });
    return server;
  };
  const typesOf = (status: unknown) =>
    (status as { conditions: { type: string }[] }).conditions.map(({ type }) => type);

  it("a binding gives a pod its node, once", async () => {
    const server = await pods();
    const { code, body } = await send(server, "POST", `${PODS}/a/binding`, { body: binding });
    assert.deepEqual([code, body.kind, body.status], [201, "Status", "Success"]);
    const pod = await send(server, "GET", `${PODS}/a`);
    assert.equal(pod.body.spec?.nodeName, "node-a");
    assert.deepEqual(typesOf(pod.body.status), ["PodScheduled"]);
    const again = await send(server, "POST", `${PODS}/a/binding`, { body: binding });
    assert.deepEqual([again.code, again.body.message], [
      409,
      'Operation cannot be fulfilled on pods/binding "a": pod a is already assigned to node "node-a"',
    ]);
  });

  it("an eviction deletes a pod as gracefully as a deletion, and says why", async () => {
    const server = await pods();
    await send(server, "POST", `${PODS}/a/binding`, { body: binding });
    const { code } = await send(server, "POST", `${PODS}/a/eviction`, { body: { metadata: { name: "a" } } });
    assert.equal(code, 201);
    const { body } = await send(server, "GET", `${PODS}/a`);
    assert.equal(body.metadata.deletionTimestamp, "2026-01-01T00:00:30Z");
    assert.deepEqual(typesOf(body.status), ["PodScheduled", "DisruptionTarget"]);
  });

  it("a dry run of either changes nothing", async () => {
    const server = await pods();
    const before = (await send(server, "GET", `${PODS}/a`)).text;
    assert.equal((await send(server, "POST", `${PODS}/a/binding?dryRun=All`, { body: binding })).code, 201);
    const eviction = { metadata: { name: "a" }, deleteOptions: { dryRun: ["All"] } };
    assert.equal((await send(server, "POST", `${PODS}/a/eviction`, { body: eviction })).code, 201);
    assert.equal((await send(server, "GET", `${PODS}/a`)).text, before);
  });

  for (const subresource of ["binding", "eviction"]) {
    it(`${subresource} of what does not exist: 404`, async () => {
      const { code, body } = await send(new ApiServer(), "POST", `${PODS}/a/${subresource}`, {
        body: binding,
      });
      assert.deepEqual([code, body.message], [404, 'pods "a" not found']);
    });
  }
});
