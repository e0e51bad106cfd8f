import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ApiServer, ManualClock } from "@coxswain/kube/testing";
import {
  type Answer,
  CONFIG_MAPS,
  configMap,
  DEPLOYMENT_SPEC,
  mergePatch,
  POD_SPEC,
  PODS,
  send,
  WEB_APPS,
  WebApp,
} from "./exchange.ts";

const LEASES = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
const DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments";
const STALE = "the object has been modified; please apply your changes to the latest version and try again";

const create = (server: ApiServer, path: string, body: unknown): Promise<Answer> =>
  send(server, "POST", path, { body });
const replace = (server: ApiServer, path: string, body: unknown): Promise<Answer> =>
  send(server, "PUT", path, { body });

describe("create", () => {
  it("sets what the server sets, and takes nothing of that from the client", async () => {
    const server = new ApiServer({ clock: new ManualClock({ start: "2026-02-03T04:05:06.789Z" }) });
    const { code, body } = await create(server, PODS, {
      metadata: {
        name: "web",
        uid: "mine",
        generation: 7,
        creationTimestamp: "2020-01-01T00:00:00Z",
        deletionTimestamp: "2020-01-01T00:00:00Z",
        deletionGracePeriodSeconds: 3,
        selfLink: "/x",
      },
      spec: POD_SPEC,
      status: { phase: "Running" },
    });
    assert.equal(code, 201);
    const { uid, managedFields: _, ...metadata } = body.metadata;
    assert.match(uid, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.deepEqual(metadata, {
      name: "web",
      namespace: "default",
      resourceVersion: "5",
      generation: 1,
      creationTimestamp: "2026-02-03T04:05:06Z",
    });
    assert.deepEqual(body.status, { phase: "Pending", qosClass: "BestEffort" });
    assert.deepEqual([body.kind, body.apiVersion], ["Pod", "v1"]);
  });

  it("writes built-in kinds in the order of their structs, custom ones alphabetically", async () => {
    const server = new ApiServer({ resources: [WebApp] });
    const pod = await create(server, CONFIG_MAPS, {
      data: { b: "1" },
      metadata: { labels: { z: "1" }, name: "a" },
    });
    assert.match(pod.text, /^{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a","namespace":/);
    const body = {
      kind: "WebApp",
      apiVersion: "example.com/v1",
      spec: { z: 1, a: { y: 1, b: 2 } },
      metadata: { name: "a" },
    };
    const custom = await create(server, WEB_APPS, body);
    assert.match(
      custom.text,
      /^{"apiVersion":"example.com\/v1","kind":"WebApp","metadata":{"creationTimestamp":/,
    );
    assert.match(custom.text, /"spec":{"a":{"b":2,"y":1},"z":1}}$/);
  });

  it("makes names from generateName, the same ones from the same seed", async () => {
    const names = async (seed: number) => {
      const server = new ApiServer({ seed });
      const sent = { metadata: { generateName: "job-" } };
      const answers = [await create(server, CONFIG_MAPS, sent), await create(server, CONFIG_MAPS, sent)];
      return answers.map(({ body }) => body.metadata.name);
    };
    const [first, second] = await names(1);
    assert.match(first, /^job-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    assert.notEqual(first, second);
    assert.deepEqual(await names(1), [first, second]);
    assert.notDeepEqual(await names(2), [first, second]);
  });

  for (
    const { name, path = CONFIG_MAPS, body, code, reason, message } of [
      {
        name: "an object that exists",
        body: configMap("there"),
        code: 409,
        reason: "AlreadyExists",
        message: 'configmaps "there" already exists',
      },
      {
        name: "a namespace that does not exist",
        path: "/api/v1/namespaces/none/configmaps",
        body: configMap("a"),
        code: 404,
        reason: "NotFound",
        message: 'namespaces "none" not found',
      },
      {
        name: "another namespace than the path's",
        body: configMap("a", { metadata: { namespace: "kube-system" } }),
        code: 400,
        reason: "BadRequest",
        message: "the namespace of the provided object does not match the namespace sent on the request",
      },
      {
        name: "no name",
        path: LEASES,
        body: {},
        code: 422,
        reason: "Invalid",
        message:
          'Lease.coordination.k8s.io "" is invalid: metadata.name: Required value: name or generateName is required',
      },
      {
        name: "a malformed name",
        body: configMap("Web_0"),
        code: 422,
        reason: "Invalid",
        message:
          /^ConfigMap "Web_0" is invalid: metadata.name: Invalid value: "Web_0": a lowercase RFC 1123 subdomain/,
      },
      {
        name: "a malformed label",
        body: configMap("a", { metadata: { labels: { "a b": "x y" } } }),
        code: 422,
        reason: "Invalid",
        message:
          /is invalid: \[metadata.labels: Invalid value: "a b": name part .*, metadata.labels: Invalid value: "x y"/,
      },
      {
        name: "a finalizer without a domain",
        body: configMap("a", { metadata: { finalizers: ["x"] } }),
        code: 422,
        reason: "Invalid",
        message:
          /metadata.finalizers\[0\]: Invalid value: "x": name is neither a standard finalizer name nor/,
      },
      {
        name: "a resourceVersion",
        body: configMap("a", { metadata: { resourceVersion: "5" } }),
        code: 500,
        reason: undefined,
        message: "resourceVersion should not be set on objects to be created",
      },
      {
        name: "text that is no JSON",
        body: "{bad",
        code: 400,
        reason: "BadRequest",
        message:
          /^the object provided is unrecognized \(must be of type ConfigMap\): couldn't get version\/kind/,
      },
      {
        name: "a name that is no text",
        body: { metadata: { name: 5 } },
        code: 400,
        reason: "BadRequest",
        message: /cannot unmarshal number into Go struct field ObjectMeta.metadata.name of type string$/,
      },
      {
        name: "labels that are no texts",
        body: { metadata: { name: "a", labels: { a: 1 } } },
        code: 400,
        reason: "BadRequest",
        message: /cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string$/,
      },
      {
        name: "another kind",
        body: { apiVersion: "v1", kind: "Secret", metadata: { name: "a" } },
        code: 400,
        reason: "BadRequest",
        message:
          'Secret in version "v1" cannot be handled as a ConfigMap: converting (v1.Secret) to (core.ConfigMap): unknown conversion',
      },
      {
        name: "another version",
        body: { apiVersion: "v2", kind: "ConfigMap", metadata: { name: "a" } },
        code: 400,
        reason: "BadRequest",
        message:
          'ConfigMap in version "v2" cannot be handled as a ConfigMap: no kind "ConfigMap" is registered for version "v2" in scheme "pkg/runtime/scheme.go:111"',
      },
      {
        name: "a custom object without a kind",
        path: WEB_APPS,
        body: { metadata: { name: "a" } },
        code: 400,
        reason: "BadRequest",
        message: /\(must be of type WebApp\): Object 'Kind' is missing in '{"metadata":{"name":"a"}}'/,
      },
      {
        name: "a custom object of another kind",
        path: WEB_APPS,
        body: { apiVersion: "example.com/v1", kind: "Other", metadata: { name: "x" } },
        code: 422,
        reason: "Invalid",
        message: 'Other.example.com "x" is invalid: kind: Invalid value: "Other": must be WebApp',
      },
      {
        name: "a custom object of another version",
        path: WEB_APPS,
        body: { apiVersion: "example.com/v2", kind: "WebApp", metadata: { name: "x" } },
        code: 400,
        reason: "BadRequest",
        message:
          "the API version in the data (example.com/v2) does not match the expected API version (example.com/v1)",
      },
      {
        name: "a dry run of an unknown sort",
        path: `${CONFIG_MAPS}?dryRun=Some`,
        body: configMap("a"),
        code: 422,
        reason: "Invalid",
        message:
          'CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["Some"]: supported values: "All"',
      },
    ]
  ) {
    it(`refuses ${name}: ${code}`, async () => {
      const server = new ApiServer({ resources: [WebApp] });
      await create(server, CONFIG_MAPS, configMap("there"));
      const answer = await create(server, path, body);
      assert.equal(answer.code, code);
      assert.equal(answer.body.reason, reason);
      if (typeof message === "string") assert.equal(answer.body.message, message);
      else assert.match(answer.body.message ?? "", message);
    });
  }

  it("tells what a refusal is about, and in which fields", async () => {
    const server = new ApiServer();
    const missing = await send(server, "GET", `${DEPLOYMENTS}/web`);
    assert.deepEqual([missing.code, missing.body.message], [404, 'deployments.apps "web" not found']);
    assert.deepEqual(missing.body.details, { name: "web", group: "apps", kind: "deployments" });
    const { details } = (await create(server, CONFIG_MAPS, { metadata: {} })).body;
    const message = "Required value: name or generateName is required";
    assert.deepEqual(details, {
      kind: "ConfigMap",
      causes: [{ reason: "FieldValueRequired", message, field: "metadata.name" }],
    });
  });

  it("only tries with dryRun=All", async () => {
    const server = new ApiServer();
    const tried = await create(server, `${CONFIG_MAPS}?dryRun=All`, configMap("a"));
    assert.equal(tried.code, 201);
    assert.equal(tried.body.metadata.resourceVersion, undefined);
    assert.equal((await send(server, "GET", `${CONFIG_MAPS}/a`)).code, 404);
    await create(server, CONFIG_MAPS, configMap("a"));
    assert.equal((await create(server, `${CONFIG_MAPS}?dryRun=All`, configMap("a"))).code, 409);
  });

  it("makes namespaces that are active and know their name", async () => {
    const { body } = await create(new ApiServer(), "/api/v1/namespaces", { metadata: { name: "shop" } });
    assert.deepEqual(body.metadata.labels, { "kubernetes.io/metadata.name": "shop" });
    assert.deepEqual([body.spec, body.status], [{ finalizers: ["kubernetes"] }, { phase: "Active" }]);
  });
});

describe("update", () => {
  it("replaces the object under a new version", async () => {
    const server = new ApiServer();
    const before = await create(server, CONFIG_MAPS, configMap("a", { data: { x: "1" } }));
    const after = await replace(server, `${CONFIG_MAPS}/a`, { ...before.body, data: { y: "2" } });
    assert.equal(after.code, 200);
    assert.deepEqual(after.body.data, { y: "2" });
    assert.equal(after.body.metadata.uid, before.body.metadata.uid);
    assert.ok(Number(after.body.metadata.resourceVersion) > Number(before.body.metadata.resourceVersion));
    assert.deepEqual((await send(server, "GET", `${CONFIG_MAPS}/a`)).body, after.body);
  });

  it("makes no new version of what stays the same", async () => {
    const server = new ApiServer();
    const { body } = await create(server, CONFIG_MAPS, configMap("a", { data: { x: "1", y: "2" } }));
    const again = await replace(server, `${CONFIG_MAPS}/a`, { ...body, data: { y: "2", x: "1" } });
    assert.equal(again.body.metadata.resourceVersion, body.metadata.resourceVersion);
  });

  it("without a version replaces whatever there is, except for kinds that must say", async () => {
    const server = new ApiServer({ resources: [WebApp] });
    await create(server, CONFIG_MAPS, configMap("a"));
    assert.equal((await replace(server, `${CONFIG_MAPS}/a`, configMap("a", { data: { x: "1" } }))).code, 200);
    await create(server, LEASES, { metadata: { name: "lock" } });
    const lease = await replace(server, `${LEASES}/lock`, { metadata: { name: "lock" } });
    assert.equal(lease.code, 422);
    assert.equal(
      lease.body.message,
      'leases.coordination.k8s.io "lock" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
    );
    const webApp = { apiVersion: "example.com/v1", kind: "WebApp", metadata: { name: "one" } };
    await create(server, WEB_APPS, webApp);
    assert.equal((await replace(server, `${WEB_APPS}/one`, webApp)).code, 422);
  });

  it("creates what does not exist, for kinds that are made so", async () => {
    const server = new ApiServer();
    assert.equal((await replace(server, `${LEASES}/lock`, { metadata: { name: "lock" } })).code, 201);
    const missing = await replace(server, `${CONFIG_MAPS}/a`, configMap("a"));
    assert.deepEqual([missing.code, missing.body.message], [404, 'configmaps "a" not found']);
  });

  for (
    const { name, metadata, code, message } of [
      {
        name: "a stale version",
        metadata: { name: "a", resourceVersion: "1" },
        code: 409,
        message: `Operation cannot be fulfilled on configmaps "a": ${STALE}`,
      },
      {
        name: "another uid",
        metadata: { name: "a", uid: "other" },
        code: 409,
        message: /AdditionalErrorMsg: Precondition failed: UID in precondition: other, UID in object meta: /,
      },
      {
        name: "another name",
        metadata: { name: "b" },
        code: 400,
        message: "the name of the object (b) does not match the name on the URL (a)",
      },
      {
        name: "no name",
        metadata: {},
        code: 400,
        message: "the name of the object (a based on URL) was undeterminable: name must be provided",
      },
      {
        name: "another namespace",
        metadata: { name: "a", namespace: "kube-system" },
        code: 400,
        message: "the namespace of the provided object does not match the namespace sent on the request",
      },
    ]
  ) {
    it(`refuses ${name}: ${code}`, async () => {
      const server = new ApiServer();
      await create(server, CONFIG_MAPS, configMap("a"));
      const { code: got, body } = await replace(server, `${CONFIG_MAPS}/a`, { metadata });
      assert.equal(got, code);
      if (typeof message === "string") assert.equal(body.message, message);
      else assert.match(body.message ?? "", message);
    });
  }

  it("counts changes of the desired state in generation, and no others", async () => {
    const server = new ApiServer();
    const path = `${DEPLOYMENTS}/web`;
    const generations = [
      (await create(server, DEPLOYMENTS, { metadata: { name: "web" }, spec: DEPLOYMENT_SPEC })).body,
    ];
    for (
      const change of [
        { metadata: { labels: { a: "b" } } },
        { spec: { replicas: 3 } },
        { status: { replicas: 3 } },
        { metadata: { annotations: { a: "b" } } }, // deployments copy them into their ReplicaSets
      ]
    ) generations.push((await mergePatch(server, path, change)).body);
    assert.deepEqual(generations.map(({ metadata }) => metadata.generation), [1, 1, 2, 2, 3]);
    const { body } = await create(server, CONFIG_MAPS, configMap("a"));
    assert.equal(body.metadata.generation, undefined);
  });

  it("through the object leaves status alone, through status all else", async () => {
    const server = new ApiServer({ resources: [WebApp] });
    const sent = {
      apiVersion: "example.com/v1",
      kind: "WebApp",
      metadata: { name: "one" },
      spec: { size: 1 },
    };
    await create(server, WEB_APPS, { ...sent, status: { ready: true } });
    const path = `${WEB_APPS}/one`;
    const plain = await mergePatch(server, path, { spec: { size: 2 }, status: { ready: true } });
    assert.deepEqual([plain.body.spec, plain.body.status], [{ size: 2 }, undefined]);
    const status = await mergePatch(server, `${path}/status`, {
      metadata: { labels: { a: "b" } },
      spec: { size: 3 },
      status: { ready: true },
    });
    assert.deepEqual([status.body.spec, status.body.status], [{ size: 2 }, { ready: true }]);
    assert.equal(status.body.metadata.labels, undefined);
    assert.equal(status.body.metadata.generation, 2);
    const put = await replace(server, `${path}/status`, { ...status.body, status: { ready: false } });
    assert.deepEqual(put.body.status, { ready: false });
    assert.deepEqual((await send(server, "GET", `${path}/status`)).body, put.body);
    assert.equal((await replace(server, `${path}/status`, { ...status.body, status: {} })).code, 409);
  });

  it("only tries with dryRun=All", async () => {
    const server = new ApiServer();
    await create(server, CONFIG_MAPS, configMap("a", { data: { x: "1" } }));
    const tried = await replace(server, `${CONFIG_MAPS}/a?dryRun=All`, configMap("a", { data: { x: "2" } }));
    assert.deepEqual([tried.code, tried.body.data], [200, { x: "2" }]);
    assert.deepEqual((await send(server, "GET", `${CONFIG_MAPS}/a`)).body.data, { x: "1" });
  });
});

describe("get", () => {
  it("answers 504 for a version that has not come yet [rest 4]", async () => {
    const server = new ApiServer();
    await create(server, CONFIG_MAPS, configMap("a"));
    const { code, headers, body } = await send(server, "GET", `${CONFIG_MAPS}/a?resourceVersion=999`);
    assert.deepEqual([code, headers.get("retry-after")], [504, "1"]);
    assert.equal(body.message, "Timeout: Too large resource version: 999, current: 5");
    assert.deepEqual(body.details, {
      causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
      retryAfterSeconds: 1,
    });
  });
});
