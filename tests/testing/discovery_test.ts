import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { defineResource } from "@coxswain/kube/meta";
import { ApiServer } from "@coxswain/kube/testing";

const AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
const WebApp = (version: string) =>
  defineResource({
    group: "example.com",
    version,
    kind: "WebApp",
    plural: "webapps",
    shortNames: ["wa"],
    subresources: ["status"],
  });

function server(): ApiServer {
  return new ApiServer({ resources: ["v1beta1", "v2", "v1"].map(WebApp) });
}

async function get(server: ApiServer, path: string, headers: Record<string, string> = {}) {
  const answer = await server.fetch(`http://coxswain.test${path}`, { headers });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: text === "" ? undefined : JSON.parse(text) };
}

// That all of it is what a real server says of the same resources, tests/cluster/discovery_test.ts shows.
describe("discovery of the server in memory", () => {
  it("lists groups, versions and resources in the old form", async () => {
    const one = server();
    assert.deepEqual((await get(one, "/api")).body.versions, ["v1"]);
    const groups = (await get(one, "/apis")).body.groups as { name: string }[];
    assert.deepEqual([groups[0].name, groups.at(-1)!.name], ["apiregistration.k8s.io", "example.com"]);
    const versions = ["v2", "v1", "v1beta1"].map((version) => ({
      groupVersion: `example.com/${version}`,
      version,
    }));
    assert.deepEqual((await get(one, "/apis/example.com")).body, {
      kind: "APIGroup",
      apiVersion: "v1",
      name: "example.com",
      versions,
      preferredVersion: versions[0],
    });
    assert.deepEqual(
      (await get(one, "/apis/example.com/v1/")).body.resources.map(({ name }: { name: string }) => name),
      [
        "webapps",
        "webapps/status",
      ],
    );
    const core = (await get(one, "/api/v1")).body;
    assert.equal(
      core.resources.find(({ name }: { name: string }) => name === "pods/eviction").group,
      "policy",
    );
  });

  it("has everything in two answers for who asks for that, whatever else they take", async () => {
    for (
      const accept of [
        AGGREGATED,
        `application/json,${AGGREGATED}`,
        `${AGGREGATED};profile=nopeer,application/json`,
      ]
    ) {
      const { headers, body } = await get(server(), "/apis", { accept });
      assert.equal(headers.get("content-type"), AGGREGATED);
      assert.equal(body.kind, "APIGroupDiscoveryList");
      assert.equal(body.items.at(-1).versions[0].resources[0].responseKind.group, "example.com");
    }
    assert.equal((await get(server(), "/api", { accept: AGGREGATED })).body.items.length, 1);
  });

  it("does not send again what a client has, by its tag", async () => {
    const one = server();
    const etag = (await get(one, "/apis", { accept: AGGREGATED })).headers.get("etag")!;
    const { status, body } = await get(one, "/apis", { accept: AGGREGATED, "if-none-match": etag });
    assert.deepEqual([status, body], [304, undefined]);
    assert.equal((await get(one, "/apis", { accept: AGGREGATED, "if-none-match": '"other"' })).status, 200);
    assert.equal(
      (await get(new ApiServer(), "/apis", { accept: AGGREGATED, "if-none-match": etag })).status,
      200,
    );
  });

  for (
    const { method = "GET", path, accept = "*/*", status } of [
      { path: "/apis/apps/v1", accept: AGGREGATED, status: 406 },
      { path: "/apis", accept: AGGREGATED.replace("v=v2", "v=v2beta1"), status: 406 },
      { path: "/apis", accept: "text/plain", status: 406 },
      { path: "/apis", accept: "application/*", status: 200 },
      { method: "POST", path: "/api", status: 405 },
      { method: "DELETE", path: "/apis/apps/v1", status: 405 },
      { path: "/apis/nope.io", status: 404 },
      { path: "/apis/apps/v9", status: 404 },
      { path: "/api/v2", status: 404 },
    ]
  ) {
    it(`answers ${status} to ${method} ${path} for ${accept}`, async () => {
      const answer = await server().fetch(`http://coxswain.test${path}`, { method, headers: { accept } });
      await answer.body?.cancel();
      assert.equal(answer.status, status);
    });
  }

  it("does not tell of a kind that is not served", async () => {
    assert.ok(!JSON.stringify((await get(new ApiServer(), "/apis")).body).includes("example.com"));
  });
});
