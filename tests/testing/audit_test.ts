import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import { Client } from "@coxswain/kube";
import { ApiServer } from "@coxswain/kube/testing";
import { Deployment } from "@coxswain/kube/types/apps/v1";
import { Secret } from "@coxswain/kube/types/core/v1";
import { cleaned } from "../cleanup.ts";
import { CONFIG_MAPS, configMap, send } from "./exchange.ts";

describe("the requests of a server", () => {
  it(
    "say who has asked for what, and how",
    cleaned(async (t) => {
      const server = new ApiServer({ users: [{ name: "jane" }] });
      const client = new Client(server.restConfig());
      t.after(() => client[Symbol.asyncDispose]());
      const labels = { app: "web" };
      const containers = [{ name: "web", image: "web:1" }];
      const spec = {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers } },
      };
      const deployments = client.resource(Deployment).namespace("default");
      await deployments.apply("web", { spec }, { fieldManager: "shop", dryRun: "All" });
      await deployments.patchStatus("web", { merge: { status: {} } }).catch(() => {});
      const [applied, patched] = server.requests;
      assert.deepEqual({ ...applied }, {
        method: "PATCH",
        url: applied.url,
        verb: "patch",
        resource: "deployments.apps",
        subresource: "",
        namespace: "default",
        name: "web",
        user: "jane",
        dryRun: true,
        fieldManager: "shop",
        status: 201,
      });
      assert.deepEqual((applied.body as Deployment).spec!.template.spec?.containers, containers);
      assert.deepEqual([patched.subresource, patched.status], ["status", 404]);
    }),
  );

  it("say of a list that it is one, and nothing of who was not let in", async () => {
    const server = new ApiServer({ users: [] });
    await send(server, "GET", `${CONFIG_MAPS}?fieldSelector=metadata.name%3Da`);
    await send(server, "DELETE", CONFIG_MAPS);
    await send(server, "GET", "/version");
    const seen = server.requests.map(({ verb, resource, name, user }) => [verb, resource, name, user]);
    assert.deepEqual(seen, [
      ["list", "configmaps", "a", ""],
      ["deletecollection", "configmaps", "", ""],
      ["get", "", "", ""],
    ]);
  });

  it(
    "print nothing secret",
    cleaned(async (t) => {
      const server = new ApiServer({ users: [{ name: "jane", token: "hidden-token" }] });
      const client = new Client(server.restConfig());
      t.after(() => client[Symbol.asyncDispose]());
      await client.resource(Secret).namespace("default").create({
        metadata: { name: "s" },
        stringData: { password: "hidden-password" },
      });
      for (
        const text of [
          inspect(server.requests, { depth: 9 }),
          JSON.stringify(server.requests),
          inspect(server),
        ]
      ) {
        assert.doesNotMatch(text, /hidden/);
      }
      assert.deepEqual((server.requests[0].body as Secret).stringData, { password: "hidden-password" });
    }),
  );

  it("keep what is no JSON as it came", async () => {
    const server = new ApiServer();
    const headers = { "content-type": "application/apply-patch+yaml" };
    const body = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n";
    await send(server, "PATCH", `${CONFIG_MAPS}/a?fieldManager=me`, { body, headers });
    await send(server, "GET", CONFIG_MAPS);
    assert.deepEqual(server.requests.map(({ body }) => body), [body, undefined]);
    await send(server, "POST", CONFIG_MAPS, { body: configMap("b") });
    assert.deepEqual(server.requests[2].body, configMap("b"));
  });
});
