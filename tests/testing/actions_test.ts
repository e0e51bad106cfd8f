import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ApiServer, ManualClock } from "@coxswain/kube/testing";
import { type Answer, DEPLOYMENT_SPEC, mergePatch, POD_SPEC, PODS, send } from "./exchange.ts";

// Each expectation is what a real server of 1.36 answers: tests/cluster/conformance_actions.ts asks it the same and more.

const BUDGETS = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";
const ACCOUNTS = "/api/v1/namespaces/default/serviceaccounts";
const REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
const DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments";

function patch(server: ApiServer, path: string, type: string, body: unknown): Promise<Answer> {
  return send(server, "PATCH", path, { body, headers: { "content-type": `application/${type}` } });
}

describe("an eviction", () => {
  const evict = (server: ApiServer) =>
    send(server, "POST", `${PODS}/web/eviction`, { body: { metadata: { name: "web" } } });

  /** A server with a running pod, and a budget as its controller would keep it. */
  async function serverWithBudget(status: object): Promise<ApiServer> {
    const server = new ApiServer({ clock: new ManualClock() });
    const labels = { app: "web" };
    await send(server, "POST", PODS, { body: { metadata: { name: "web", labels }, spec: POD_SPEC } });
    await mergePatch(server, `${PODS}/web/status`, {
      status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] },
    });
    const spec = { selector: { matchLabels: labels }, minAvailable: 1 };
    await send(server, "POST", BUDGETS, { body: { metadata: { name: "web" }, spec } });
    await mergePatch(server, `${BUDGETS}/web/status`, { status });
    return server;
  }

  it("waits for the budget to be looked at: 429, and when to ask again", async () => {
    const { code, body, headers } = await evict(await serverWithBudget({}));
    assert.deepEqual([code, body.reason, headers.get("retry-after")], [429, "TooManyRequests", "10"]);
    assert.equal(body.message, "Cannot evict pod as it would violate the pod's disruption budget.");
  });

  it("is refused against the budget", async () => {
    const status = { observedGeneration: 1, desiredHealthy: 1, currentHealthy: 1 };
    const { code, body } = await evict(await serverWithBudget(status));
    assert.equal(code, 429);
    assert.deepEqual(body.details?.causes, [{
      reason: "DisruptionBudget",
      message: "The disruption budget web needs 1 healthy pods and has 1 currently",
    }]);
  });

  it("is counted where it is allowed", async () => {
    const status = { observedGeneration: 1, desiredHealthy: 1, currentHealthy: 3, disruptionsAllowed: 2 };
    const server = await serverWithBudget(status);
    assert.equal((await evict(server)).code, 201);
    const budget = (await send(server, "GET", `${BUDGETS}/web`)).body.status as Record<string, unknown>;
    assert.equal(budget.disruptionsAllowed, 1);
    assert.deepEqual(Object.keys(budget.disruptedPods as object), ["web"]);
    assert.equal((await send(server, "GET", `${PODS}/web`)).code, 404);
  });
});

describe("a token of a service account", () => {
  it("is a JWT that says whose it is and how long, and lets in", async () => {
    const clock = new ManualClock({ start: "2026-01-01T00:00:00Z" });
    const server = new ApiServer({ clock, users: [{ name: "admin", token: "secret" }] });
    const headers = { authorization: "Bearer secret" };
    const { body: account } = await send(server, "POST", ACCOUNTS, {
      body: { metadata: { name: "a" } },
      headers,
    });
    const { code, body } = await send(server, "POST", `${ACCOUNTS}/a/token`, {
      body: { spec: { expirationSeconds: 900 } },
      headers,
    });
    assert.equal(code, 201);
    const { token, expirationTimestamp } = body.status as { token: string; expirationTimestamp: string };
    assert.equal(expirationTimestamp, "2026-01-01T00:15:00Z");
    const [, claims] = token.split(".").map((part) => atob(part.replaceAll("-", "+").replaceAll("_", "/")));
    const { sub, exp, iat, "kubernetes.io": kubernetes } = JSON.parse(claims);
    assert.deepEqual([sub, exp - iat], ["system:serviceaccount:default:a", 900]);
    assert.equal(kubernetes.serviceaccount.uid, account.metadata.uid);
    const review = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    const who = await send(server, "POST", review, {
      body: {},
      headers: { authorization: `Bearer ${token}` },
    });
    const { userInfo } = who.body.status as { userInfo: { username: string } };
    assert.equal(userInfo.username, "system:serviceaccount:default:a");
  });

  it("is refused for less than ten minutes: 422", async () => {
    const server = new ApiServer();
    await send(server, "POST", ACCOUNTS, { body: { metadata: { name: "a" } } });
    const { code, body } = await send(server, "POST", `${ACCOUNTS}/a/token`, {
      body: { spec: { expirationSeconds: 5 } },
    });
    assert.deepEqual([code, body.message], [
      422,
      'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 5: may not specify a duration less than 10 minutes',
    ]);
  });
});

describe("the subresources of pods", () => {
  it("ephemeralcontainers takes more of them, and nothing else", async () => {
    const server = new ApiServer();
    await send(server, "POST", PODS, { body: { metadata: { name: "web" }, spec: POD_SPEC } });
    const debug = { name: "debug", image: "tools:1", targetContainerName: "main" };
    const spec = { hostname: "other", ephemeralContainers: [debug] };
    const path = `${PODS}/web/ephemeralcontainers`;
    const { code, body } = await patch(server, path, "strategic-merge-patch+json", { spec });
    assert.equal(code, 200);
    assert.deepEqual([body.spec?.hostname, body.metadata.generation], [undefined, 2]);
    assert.equal((body.spec?.ephemeralContainers as { name: string }[])[0].name, "debug");
    const gone = await mergePatch(server, path, { spec: { ephemeralContainers: [] } });
    assert.equal(gone.code, 422);
    assert.match(gone.body.message ?? "", /existing ephemeral containers "debug" may not be removed/);
  });

  it("resize changes what containers may use, within their class of service", async () => {
    const server = new ApiServer();
    const sized = (cpu: string) => [{ ...POD_SPEC.containers[0], resources: { requests: { cpu } } }];
    await send(server, "POST", PODS, {
      body: { metadata: { name: "web" }, spec: { containers: sized("1") } },
    });
    const { code, body } = await mergePatch(server, `${PODS}/web/resize`, {
      spec: { containers: sized("2") },
    });
    assert.equal(code, 200);
    const [{ resources }] = body.spec?.containers as { resources: unknown }[];
    assert.deepEqual(resources, { requests: { cpu: "2" } });
    const none = [{ ...POD_SPEC.containers[0], resources: {} }];
    const refused = await mergePatch(server, `${PODS}/web/resize`, { spec: { containers: none } });
    assert.match(refused.body.message ?? "", /Pod QOS Class may not change as a result of resizing$/);
  });
});

it("a request for a certificate says who asks, and is approved through its subresource", async () => {
  const server = new ApiServer({ clock: new ManualClock({ start: "2026-01-01T00:00:00Z" }) });
  const request = btoa("-----BEGIN CERTIFICATE REQUEST-----\nMA==\n-----END CERTIFICATE REQUEST-----\n");
  const spec = { request, signerName: "example.com/signer", usages: ["client auth"], username: "somebody" };
  const { body } = await send(server, "POST", REQUESTS, { body: { metadata: { name: "a" }, spec } });
  assert.notEqual(body.spec?.username, "somebody");
  const conditions = [{ type: "Approved", status: "True", reason: "Test", message: "it is a test" }];
  const approved = await send(server, "PUT", `${REQUESTS}/a/approval`, {
    body: { ...body, status: { conditions } },
  });
  assert.equal(approved.code, 200);
  const time = "2026-01-01T00:00:00Z";
  assert.deepEqual(approved.body.status, {
    conditions: [{ ...conditions[0], lastUpdateTime: time, lastTransitionTime: time }],
  });
});

it("a scale is applied, and conflicts with who has applied replicas", async () => {
  const server = new ApiServer();
  const deployment = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "a" } };
  const apply = (path: string, manager: string, body: object) =>
    patch(server, `${path}?fieldManager=${manager}`, "apply-patch+yaml", body);
  await apply(`${DEPLOYMENTS}/a`, "one", { ...deployment, spec: { ...DEPLOYMENT_SPEC, replicas: 2 } });
  const scale = {
    apiVersion: "autoscaling/v1",
    kind: "Scale",
    metadata: { name: "a" },
    spec: { replicas: 3 },
  };
  const refused = await apply(`${DEPLOYMENTS}/a/scale`, "two", scale);
  assert.equal(refused.body.message, 'Apply failed with 1 conflict: conflict with "one": .spec.replicas');
  const forced = await apply(`${DEPLOYMENTS}/a/scale`, "two&force=true", scale);
  assert.deepEqual([forced.body.kind, forced.body.spec], ["Scale", { replicas: 3 }]);
});

it("a server warns of what may be a mistake", async () => {
  const server = new ApiServer();
  const ports = [{ containerPort: 80 }];
  const containers = ["a", "b"].map((name) => ({ name, image: "web:1", ports }));
  const { headers } = await send(server, "POST", PODS, {
    body: { metadata: { name: "a.b" }, spec: { containers } },
  });
  assert.equal(
    headers.get("warning"),
    '299 - "metadata.name: this is used in the Pod\'s hostname, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]", ' +
      '299 - "spec.containers[1].ports[0]: duplicate port definition with spec.containers[0].ports[0]"',
  );
});
