import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { OpenApiClient } from "@coxswain/kube/discovery";
import { RestClient } from "@coxswain/kube/rest";
import { ApiServer } from "@coxswain/kube/testing";
import { DEFINITIONS, ORIGIN, send, widgetDefinition } from "./exchange.ts";

// That the schemas are those of a real server, tests/cluster/kubectl_test.ts shows, and `deno task generate` sees to.

function definition(properties: object): Record<string, unknown> {
  const openAPIV3Schema = { type: "object", description: "A widget.", properties };
  return widgetDefinition({ schema: { openAPIV3Schema }, subresources: { status: {} } });
}

async function get(server: ApiServer, path: string, headers: Record<string, string> = {}) {
  const answer = await server.fetch(ORIGIN + path, { headers });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: text === "" ? undefined : JSON.parse(text) };
}

describe("OpenAPI v3", () => {
  it("has a document for each group and version, whose references lead somewhere", async () => {
    const server = new ApiServer({ previewVersions: true });
    const { paths } = (await get(server, "/openapi/v3")).body as {
      paths: Record<string, { serverRelativeURL: string }>;
    };
    assert.ok("api/v1" in paths && "apis/apps/v1" in paths && "apis/resource.k8s.io/v1beta1" in paths);
    for (const { serverRelativeURL } of Object.values(paths)) {
      const { body } = await get(server, serverRelativeURL);
      const text = JSON.stringify(body);
      for (const [, name] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
        assert.ok(name in body.components.schemas, `${serverRelativeURL} ${name}`);
      }
      assert.ok(Object.keys(body.paths).length > 0, serverRelativeURL);
    }
  });

  it("says what a kind consists of, for clients that ask for one", async () => {
    const server = new ApiServer();
    const rest = new RestClient(server.restConfig());
    const { schema, resolve } = await new OpenApiClient(rest).schema({
      group: "apps",
      version: "v1",
      kind: "Deployment",
    });
    assert.match(schema.description!, /^Deployment enables/);
    const spec = resolve(schema.properties!.spec);
    assert.deepEqual(spec.required, ["selector", "template"]);
    await rest[Symbol.asyncDispose]();
  });

  it("says how a kind is patched, and with which options", async () => {
    const { body } = await get(new ApiServer(), "/openapi/v3/apis/apps/v1");
    const { patch } = body.paths["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"];
    assert.deepEqual(patch["x-kubernetes-group-version-kind"], {
      group: "apps",
      version: "v1",
      kind: "Deployment",
    });
    assert.ok("application/strategic-merge-patch+json" in patch.requestBody.content);
    assert.deepEqual(patch.parameters.map(({ name }: { name: string }) => name), [
      "dryRun",
      "fieldManager",
      "fieldValidation",
      "force",
    ]);
  });

  it("has custom kinds as soon as they are defined, and another hash when they change", async () => {
    const server = new ApiServer();
    const urlOf = async () =>
      (await get(server, "/openapi/v3")).body.paths["apis/example.com/v1"]?.serverRelativeURL;
    assert.equal(await urlOf(), undefined);
    const port = { "x-kubernetes-int-or-string": true };
    await send(server, "POST", DEFINITIONS, {
      body: definition({ spec: { type: "object", properties: { port } } }),
    });
    const url = await urlOf();
    const { body } = await get(server, url);
    const schema = body.components.schemas["com.example.v1.Widget"];
    assert.equal(schema.description, "A widget.");
    assert.deepEqual(Object.keys(schema.properties), ["apiVersion", "kind", "metadata", "spec"]);
    assert.deepEqual(schema.properties.spec.properties.port, {
      anyOf: [{ type: "integer" }, { type: "string" }],
      ...port,
    });
    assert.deepEqual(schema["x-kubernetes-group-version-kind"], [
      { group: "example.com", kind: "Widget", version: "v1" },
    ]);
    assert.ok("com.example.v1.WidgetList" in body.components.schemas);
    assert.ok("/apis/example.com/v1/namespaces/{namespace}/widgets/{name}/status" in body.paths);
    const { body: defined } = await send(server, "GET", `${DEFINITIONS}/widgets.example.com`);
    const { spec } = definition({});
    await send(server, "PUT", `${DEFINITIONS}/widgets.example.com`, { body: { ...defined, spec } });
    const changed = await urlOf();
    assert.notEqual(changed, url);
    const old = await get(server, url);
    assert.deepEqual([old.status, old.headers.get("location")], [301, changed]);
  });

  it("need not be sent again to who has it", async () => {
    const server = new ApiServer();
    const { headers } = await get(server, "/openapi/v3/apis/batch/v1");
    const etag = headers.get("etag")!;
    assert.equal((await get(server, "/openapi/v3/apis/batch/v1", { "if-none-match": etag })).status, 304);
    const hash = etag.replaceAll('"', "");
    const kept = await get(server, `/openapi/v3/apis/batch/v1?hash=${hash}`);
    assert.equal(kept.headers.get("cache-control"), "public, immutable");
  });

  for (
    const { path, accept = "*/*", status } of [
      { path: "/openapi/v3/apis/nope/v1", status: 404 },
      { path: "/openapi/v3/apis/batch/v1", accept: "text/html", status: 406 },
      { path: "/openapi/v3/apis/batch/v1", accept: "application/json", status: 200 },
    ]
  ) {
    it(`answers ${path} for ${accept} with ${status}`, async () => {
      const answer = await new ApiServer().fetch(ORIGIN + path, { headers: { accept } });
      await answer.body?.cancel();
      assert.equal(answer.status, status);
    });
  }
});
