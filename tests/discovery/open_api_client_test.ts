import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { OpenApiClient, type OpenApiDocument, resolveSchema } from "@coxswain/kube/discovery";
import { type Answer, answering, status } from "./answers.ts";

const gvk = (group: string, version: string, kind: string) => ({
  "x-kubernetes-group-version-kind": [{ group, version, kind }],
});

const CORE: OpenApiDocument = {
  openapi: "3.0.0",
  components: {
    schemas: {
      "io.k8s.api.core.v1.Pod": {
        type: "object",
        properties: {
          metadata: {
            description: "Of the pod.",
            default: {},
            allOf: [{ $ref: "#/components/schemas/Meta" }],
          },
        },
        ...gvk("", "v1", "Pod"),
      },
      Meta: { type: "object", description: "Metadata.", properties: { name: { type: "string" } } },
    },
  },
};
const APPS: OpenApiDocument = {
  openapi: "3.0.0",
  components: { schemas: { Deployment: { type: "object", ...gvk("apps", "v1", "Deployment") } } },
};

const ROOT = (urls: Record<string, string>) => ({
  paths: Object.fromEntries(Object.entries(urls).map(([path, url]) => [path, { serverRelativeURL: url }])),
});
const URLS = {
  "api": "/openapi/v3/api?hash=0",
  "version": "/openapi/v3/version?hash=0",
  "apis/batch": "/openapi/v3/apis/batch?hash=0",
  "apis/batch/v1": "/openapi/v3/apis/batch/v1?hash=2",
  "apis/apps/v1": "/openapi/v3/apis/apps/v1?hash=1",
  "api/v1": "/openapi/v3/api/v1?hash=1",
  ".well-known/openid-configuration": "/openapi/v3/.well-known/openid-configuration?hash=0",
};
const ANSWERS: Record<string, Answer> = {
  "/openapi/v3": ROOT(URLS),
  "/openapi/v3/api/v1?hash=1": CORE,
  "/openapi/v3/apis/apps/v1?hash=1": APPS,
  "/openapi/v3/apis/batch/v1": () => status(500, "InternalError"),
};

function asking(answers: Record<string, Answer> = ANSWERS, server = "http://coxswain.test") {
  const found = answering({ ...answers }, { server });
  return { ...found, openApi: new OpenApiClient(found.rest) };
}

const POD = { group: "", version: "v1", kind: "Pod" };
const DEPLOYMENT = { group: "apps", version: "v1", kind: "Deployment" };

describe("OpenApiClient", () => {
  it("lists the documents, and the groups and versions among them in order (spec rest 21)", async () => {
    const { openApi, paths } = asking();
    assert.equal((await openApi.paths()).get("apis/apps/v1"), "/openapi/v3/apis/apps/v1?hash=1");
    assert.deepEqual(await openApi.groupVersions(), ["apps/v1", "batch/v1", "v1"]);
    assert.deepEqual(paths, ["/openapi/v3"]);
  });

  it("reads a document as JSON, by its URL with the hash, once (spec rest 21)", async () => {
    const { openApi, paths, requests } = asking();
    const [one, two] = await Promise.all([openApi.document("v1"), openApi.document("v1")]);
    assert.equal(one, two);
    assert.equal(await openApi.document("v1"), one);
    assert.deepEqual(one, CORE);
    assert.deepEqual(paths, ["/openapi/v3", "/openapi/v3/api/v1?hash=1"]);
    assert.equal(requests[1].headers.get("accept"), "application/json");
  });

  for (
    const { server, url, asked } of [
      {
        server: "http://coxswain.test",
        url: "/openapi/v3/api/v1?hash=1",
        asked: "/openapi/v3/api/v1?hash=1",
      },
      {
        server: "http://coxswain.test/k8s/c-1",
        url: "/openapi/v3/api/v1?hash=1",
        asked: "/k8s/c-1/openapi/v3/api/v1?hash=1",
      },
      {
        server: "http://coxswain.test/k8s/c-1",
        url: "/k8s/c-1/openapi/v3/api/v1?hash=1",
        asked: "/k8s/c-1/openapi/v3/api/v1?hash=1",
      },
      {
        server: "http://coxswain.test/k8s",
        url: "/k8s-docs/api/v1?hash=1",
        asked: "/k8s/k8s-docs/api/v1?hash=1",
      },
      { server: "http://coxswain.test", url: "/docs/v1?hash=1&x=2", asked: "/docs/v1?hash=1&x=2" },
    ]
  ) {
    it(`puts the server's path before ${url} once, for ${server} (spec rest 21)`, async () => {
      const { pathname } = new URL(server);
      const prefix = pathname === "/" ? "" : pathname;
      const { openApi, paths } = asking(
        { [`${prefix}/openapi/v3`]: ROOT({ "api/v1": url }), [asked]: CORE },
        server,
      );
      await openApi.document("v1");
      assert.deepEqual(paths, [`${prefix}/openapi/v3`, asked]);
    });
  }

  it("finds the schema of a kind, and what it refers to (spec rest 21)", async () => {
    const { openApi } = asking();
    const { name, schema, resolve } = await openApi.schema(POD);
    assert.equal(name, "io.k8s.api.core.v1.Pod");
    assert.deepEqual(resolve(schema.properties!.metadata), {
      type: "object",
      description: "Of the pod.",
      default: {},
      properties: { name: { type: "string" } },
    });
    assert.equal((await openApi.schema(DEPLOYMENT)).name, "Deployment");
  });

  it("says what it does not find (spec rest 21)", async () => {
    const { openApi } = asking();
    await assert.rejects(openApi.document("example.com/v1"), {
      name: "OpenApiNotFoundError",
      message: "GroupVersion (example.com/v1) not found as OpenAPI V3 path",
    });
    await assert.rejects(
      openApi.schema({ ...POD, kind: "Pot" }),
      /document of v1 has no schema of the kind "Pot"/,
    );
  });

  it("has the other documents when one fails, and asks for that one again (spec rest 21)", async () => {
    const { openApi, answers } = asking();
    await assert.rejects(openApi.document("batch/v1"), { code: 500 });
    await openApi.document("apps/v1");
    answers["/openapi/v3/apis/batch/v1"] = APPS;
    await openApi.document("batch/v1");
  });

  it("asks again when the list could not be read", async () => {
    const { openApi, answers } = asking({ "/openapi/v3": () => status(503, "ServiceUnavailable") });
    await assert.rejects(openApi.paths(), { code: 503 });
    answers["/openapi/v3"] = ROOT(URLS);
    assert.equal((await openApi.groupVersions()).length, 3);
  });

  it("asks after invalidate() for those alone whose hash has changed (spec rest 21)", async () => {
    const { openApi, answers, paths } = asking();
    const before = [await openApi.document("v1"), await openApi.document("apps/v1")];
    openApi.invalidate();
    answers["/openapi/v3"] = ROOT({ ...URLS, "apis/apps/v1": "/openapi/v3/apis/apps/v1?hash=2" });
    answers["/openapi/v3/apis/apps/v1?hash=2"] = { ...APPS };
    paths.length = 0;
    assert.equal(await openApi.document("v1"), before[0]);
    assert.notEqual(await openApi.document("apps/v1"), before[1]);
    assert.deepEqual(paths, ["/openapi/v3", "/openapi/v3/apis/apps/v1?hash=2"]);
  });

  it("looks at the hashes again when the server says that one is of the past", async () => {
    const { openApi, answers } = asking();
    await openApi.paths();
    answers["/openapi/v3/apis/apps/v1?hash=1"] = new Response(null, {
      status: 301,
      headers: { location: "/x" },
    });
    answers["/openapi/v3/apis/apps/v1?hash=2"] = APPS;
    answers["/openapi/v3"] = ROOT({ ...URLS, "apis/apps/v1": "/openapi/v3/apis/apps/v1?hash=2" });
    assert.deepEqual(await openApi.document("apps/v1"), APPS);
  });

  it("does not go on for ever when the server says so of the newest hash", async () => {
    const { openApi, answers, paths } = asking();
    answers["/openapi/v3/apis/apps/v1?hash=1"] = new Response(null, {
      status: 301,
      headers: { location: "/x" },
    });
    await assert.rejects(openApi.document("apps/v1"), { code: 301 });
    assert.equal(paths.length, 3);
  });

  it("ends with the signal's reason", async () => {
    const { openApi } = asking();
    await assert.rejects(openApi.document("v1", { signal: AbortSignal.abort(new Error("enough")) }), {
      message: "enough",
    });
  });

  for (const body of ["[]", '{"paths":7}', '{"paths":{"api/v1":null,"apis/x/v1":{"serverRelativeURL":7}}}']) {
    it(`has no documents when the server answers ${body}`, async () => {
      const { openApi } = asking({ "/openapi/v3": new Response(body) });
      assert.deepEqual(await openApi.groupVersions(), []);
    });
  }
});

describe("resolveSchema()", () => {
  const document = (
    schemas: Record<string, object>,
  ) => ({ openapi: "3.0.0", components: { schemas } } as OpenApiDocument);
  const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

  it("leaves alone what refers to nothing, and several that all hold", () => {
    const schema = { allOf: [ref("A"), ref("B")] };
    assert.equal(resolveSchema(document({}), schema), schema);
  });

  it("follows references to references, also with escaped names", () => {
    const schemas = {
      A: ref("B~1c%20d"),
      "B/c d": { allOf: [{ type: "string", description: "deep" }], description: "near" },
    };
    assert.deepEqual(resolveSchema(document(schemas), ref("A")), { type: "string", description: "near" });
  });

  for (
    const [name, schema] of [["nowhere", ref("C")], ["elsewhere", { $ref: "other.json#/A" }], [
      "itself",
      ref("A"),
    ], ["a prototype", ref("constructor")]] as const
  ) {
    it(`refuses a reference to ${name}`, () => {
      assert.throws(
        () => resolveSchema(document({ A: ref("B"), B: { allOf: [ref("A")] } }), schema),
        TypeError,
      );
    });
  }
});
