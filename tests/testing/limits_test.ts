import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ApiServer, ManualClock } from "@coxswain/kube/testing";
import { POD_SPEC, PODS, send } from "./exchange.ts";

// The list "What it does not do" of testing/mod.ts, point by point: when one of these fails, the list is wrong.
describe("what the server does not do", () => {
  for (
    const { what, method = "GET", path } of [
      { what: "OpenAPI v2", path: "/openapi/v2" },
      { what: "the subresource pods/log", path: `${PODS}/web/log` },
      { what: "the subresource pods/exec", method: "POST", path: `${PODS}/web/exec` },
    ]
  ) {
    it(`${what}: ${method} ${path} answers 501`, async () => {
      const sending = method === "GET" ? {} : { body: {} };
      const { code, body } = await send(new ApiServer(), method, path, sending);
      assert.equal(code, 501);
      assert.equal(
        body.message,
        `the in-memory API server of @coxswain/kube/testing does not implement ${what}`,
      );
    });
  }

  it("rules for kinds that tests seldom write", async () => {
    const path = "/apis/storage.k8s.io/v1/csidrivers";
    const { code } = await send(new ApiServer(), "POST", path, {
      body: { metadata: { name: "a" }, spec: { fsGroupPolicy: "nonsense" } },
    });
    assert.equal(code, 201);
  });

  it("service accounts of pods", async () => {
    const { body } = await send(new ApiServer(), "POST", PODS, {
      body: { metadata: { name: "web" }, spec: POD_SPEC },
    });
    assert.equal(body.spec?.serviceAccountName, undefined);
  });

  it("managers of what the server itself has made, and of fixtures", async () => {
    const server = new ApiServer();
    const { body } = await send(server, "GET", "/api/v1/namespaces/default");
    assert.equal(body.metadata.managedFields, undefined);
  });

  it("a controller of disruption budgets: they allow what their status says", async () => {
    const server = new ApiServer();
    const budgets = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";
    const body = { metadata: { name: "web" }, spec: { selector: {}, minAvailable: 1 } };
    await send(server, "POST", budgets, { body });
    const { status } = (await send(server, "GET", `${budgets}/web`)).body;
    assert.equal((status as { observedGeneration?: number }).observedGeneration, undefined);
  });

  it("an end of watches that ask for none", async () => {
    const clock = new ManualClock();
    const server = new ApiServer({ clock });
    await server.fetch(`http://coxswain.test${PODS}?watch=true`);
    await clock.advance(24 * 3_600_000);
    assert.equal(server.openWatches, 1);
    await server[Symbol.asyncDispose]();
  });
});
