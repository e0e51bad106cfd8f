import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ApiServer } from "@coxswain/kube/testing";
import { ORIGIN, send } from "./exchange.ts";

const EVENTS = "/api/v1/namespaces/default/events";
const NEW_EVENTS = "/apis/events.k8s.io/v1/namespaces/default/events";
const SCALERS = "/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers";
const NEW_SCALERS = "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers";

function watch(server: ApiServer, path: string): Promise<Response> {
  return server.fetch(`${ORIGIN}${path}?watch=true&timeoutSeconds=1`);
}

describe("versions of a built-in kind are views of the same objects", () => {
  it("an event of v1 is one of events.k8s.io/v1, with other names of fields", async () => {
    const server = new ApiServer();
    const seen = watch(server, NEW_EVENTS);
    await send(server, "POST", EVENTS, {
      body: {
        metadata: { name: "e" },
        involvedObject: { kind: "Pod", name: "web", namespace: "default" },
        reason: "Pulled",
        message: "image is there",
        source: { component: "kubelet", host: "node-a" },
        count: 3,
      },
    });
    const { body } = await send(server, "GET", `${NEW_EVENTS}/e`) as { body: unknown } as {
      body: Record<string, unknown>;
    };
    assert.deepEqual([body.apiVersion, body.kind], ["events.k8s.io/v1", "Event"]);
    assert.deepEqual(body.regarding, { kind: "Pod", name: "web", namespace: "default" });
    assert.deepEqual([body.note, body.message, body.deprecatedCount], ["image is there", undefined, 3]);
    assert.deepEqual(body.deprecatedSource, { component: "kubelet", host: "node-a" });
    const { object } = JSON.parse((await (await seen).text()).split("\n")[0]);
    assert.deepEqual([object.apiVersion, object.note], ["events.k8s.io/v1", "image is there"]);
    await server[Symbol.asyncDispose]();
  });

  it("an event is selected by the fields of the version that is asked", async () => {
    const server = new ApiServer();
    await send(server, "POST", NEW_EVENTS, {
      body: {
        metadata: { name: "e" },
        regarding: { kind: "Pod", name: "web", namespace: "default" },
        reason: "Pulled",
        reportingController: "example.com/kubelet",
        reportingInstance: "node-a",
        action: "Pull",
        type: "Normal",
        eventTime: "2026-01-02T03:04:05.000000Z",
      },
    });
    for (
      const [path, selector, count] of [
        [EVENTS, "involvedObject.name=web", 1],
        [EVENTS, "involvedObject.name=other", 0],
        [EVENTS, "reportingComponent=example.com/kubelet", 1],
        [NEW_EVENTS, "regarding.name=web", 1],
        [NEW_EVENTS, "regarding.name=other", 0],
      ] as const
    ) {
      const { body } = await send(server, "GET", `${path}?fieldSelector=${encodeURIComponent(selector)}`);
      assert.equal(body.items.length, count, selector);
    }
    assert.equal((await send(server, "GET", `${EVENTS}?fieldSelector=regarding.name=web`)).code, 400);
    await server[Symbol.asyncDispose]();
  });

  it("a field of the old autoscaler is a metric of the new one, and back", async () => {
    const server = new ApiServer();
    await send(server, "POST", SCALERS, {
      body: {
        metadata: { name: "web" },
        spec: {
          scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
          maxReplicas: 5,
          targetCPUUtilizationPercentage: 70,
        },
      },
    });
    const { body } = await send(server, "GET", `${NEW_SCALERS}/web`);
    const target = { type: "Utilization", averageUtilization: 70 };
    assert.deepEqual(body.spec?.metrics, [{ type: "Resource", resource: { name: "cpu", target } }]);
    const memory = { type: "Resource", resource: { name: "memory", target: { ...target } } };
    const metrics = [...body.spec?.metrics as object[], memory];
    await send(server, "PUT", `${NEW_SCALERS}/web`, { body: { ...body, spec: { ...body.spec, metrics } } });
    const old = (await send(server, "GET", `${SCALERS}/web`)).body;
    assert.equal(old.spec?.targetCPUUtilizationPercentage, 70);
    assert.match(old.metadata.annotations?.["autoscaling.alpha.kubernetes.io/metrics"] ?? "", /memory/);
    const back = (await send(server, "GET", `${NEW_SCALERS}/web`)).body;
    assert.deepEqual(back.spec?.metrics, metrics);
    assert.equal(back.metadata.annotations, undefined);
    await server[Symbol.asyncDispose]();
  });

  it("those of a preview have the other version's name, and are served to who asks for it", async () => {
    const path = "/apis/networking.k8s.io/v1beta1/servicecidrs";
    assert.equal((await send(new ApiServer(), "GET", path)).code, 404);
    const server = new ApiServer({ previewVersions: true });
    await send(server, "POST", path, { body: { metadata: { name: "a" }, spec: { cidrs: ["10.0.0.0/8"] } } });
    const { body } = await send(server, "GET", "/apis/networking.k8s.io/v1/servicecidrs/a");
    assert.deepEqual([body.apiVersion, body.spec?.cidrs], ["networking.k8s.io/v1", ["10.0.0.0/8"]]);
    await server[Symbol.asyncDispose]();
  });
});

describe("resources that are answered, not stored", () => {
  for (
    const { name, method = "GET", path, body, code, says } of [
      {
        name: "a list of reviews",
        path: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
        code: 405,
      },
      { name: "a review", path: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews/a", code: 404 },
      {
        name: "a review of a namespace without one",
        method: "POST",
        path: "/apis/authorization.k8s.io/v1/localsubjectaccessreviews",
        code: 404,
      },
      { name: "the parts of the cluster", path: "/api/v1/componentstatuses", code: 200, says: /"etcd-0"/ },
      { name: "a part of the cluster", path: "/api/v1/componentstatuses/etcd-0", code: 200, says: /"ok"/ },
      {
        name: "a part that is not there",
        path: "/api/v1/componentstatuses/x",
        code: 404,
        says: /componentstatus \\"x\\" not found/,
      },
      {
        name: "a binding",
        method: "POST",
        path: "/api/v1/namespaces/default/bindings",
        body: { metadata: { name: "web" }, target: { kind: "Node", name: "node-a" } },
        code: 201,
      },
      {
        name: "a binding of no pod",
        method: "POST",
        path: "/api/v1/namespaces/default/bindings",
        body: { metadata: { name: "none" }, target: { name: "node-a" } },
        code: 404,
      },
      { name: "bindings", path: "/api/v1/namespaces/default/bindings", code: 405 },
      { name: "bindings of all namespaces", path: "/api/v1/bindings", code: 404 },
    ]
  ) {
    it(`${name}: ${code}`, async () => {
      const server = new ApiServer();
      const spec = { containers: [{ name: "main", image: "web:1" }] };
      server.load({ apiVersion: "v1", kind: "Pod", metadata: { name: "web" }, spec } as never);
      const answer = await send(server, method, path, { body });
      assert.equal(answer.code, code);
      assert.match(answer.text, says ?? /^/);
      await server[Symbol.asyncDispose]();
    });
  }
});

describe("how the server is", () => {
  for (
    const { path, code = 200, text } of [
      { path: "/healthz/ping", text: "ok" },
      { path: "/healthz/nope", code: 404, text: "404 page not found\n" },
      { path: "/healthz?verbose", text: "[+]ping ok\n[+]log ok\n[+]etcd ok\nhealthz check passed\n" },
      {
        path: "/livez?verbose&exclude=etcd&exclude=nope",
        text: "[+]ping ok\n[+]log ok\n[+]etcd excluded: ok\n" +
          'warn: some health checks cannot be excluded: no matches for "nope"\nlivez check passed\n',
      },
      { path: "/readyz/shutdown", text: "ok" },
      { path: "/livez/shutdown", code: 404, text: "404 page not found\n" },
    ]
  ) {
    it(`${path}: ${code}`, async () => {
      const answer = await send(new ApiServer(), "GET", path);
      assert.deepEqual([answer.code, answer.text], [code, text]);
    });
  }

  it("its root tells the paths", async () => {
    const { paths } = JSON.parse((await send(new ApiServer(), "GET", "/")).text);
    for (const path of ["/api/v1", "/apis/apps/v1", "/livez/ping", "/openapi/v3", "/version"]) {
      assert.ok(paths.includes(path), path);
    }
  });
});

it("Who asks for a kind that will go is told so", async () => {
  const server = new ApiServer();
  const { headers } = await send(server, "GET", "/api/v1/namespaces/default/endpoints");
  const text = "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice";
  assert.equal(headers.get("warning"), `299 - "${text}"`);
  assert.equal(
    (await send(server, "GET", "/api/v1/namespaces/default/services")).headers.get("warning"),
    null,
  );
});
