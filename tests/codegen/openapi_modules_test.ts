import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openApiModules, readOpenApi, writeModule } from "@coxswain/kube/codegen";
import { GroupDiscoveryError, type OpenApiDocument, type OpenApiSchema } from "@coxswain/kube/discovery";
import type { ResourceType } from "@coxswain/kube/meta";
import { RestClient, RestConfig } from "@coxswain/kube/rest";

const CORE = "io.k8s.api.core.v1";
const APPS = "io.k8s.api.apps.v1";
const META = "io.k8s.apimachinery.pkg.apis.meta.v1";

function ref(name: string, more: OpenApiSchema = {}): OpenApiSchema {
  return { allOf: [{ $ref: `#/components/schemas/${name}` }], ...more };
}

function kind(group: string, name: string, properties: Record<string, OpenApiSchema>): OpenApiSchema {
  return {
    description: `${name} is a kind.`,
    type: "object",
    properties: {
      apiVersion: { type: "string" },
      kind: { type: "string" },
      metadata: ref(`${META}.ObjectMeta`, { default: {} }),
      ...properties,
    },
    "x-kubernetes-group-version-kind": [{ group, version: "v1", kind: name }],
  };
}

/** The document of the core group: a kind, its list, and a kind that is only sent. */
const core: OpenApiDocument = {
  openapi: "3.0.0",
  components: {
    schemas: {
      [`${CORE}.Pod`]: kind("", "Pod", {
        spec: ref(`${CORE}.PodSpec`, { default: {} }),
        status: ref(`${CORE}.PodStatus`),
      }),
      [`${CORE}.PodList`]: kind("", "PodList", {
        metadata: ref(`${META}.ListMeta`),
        items: { type: "array", items: ref(`${CORE}.Pod`) },
      }),
      [`${CORE}.Binding`]: kind("", "Binding", { target: ref(`${CORE}.Reference`) }),
      [`${CORE}.PodSpec`]: {
        type: "object",
        required: ["containers", "port", "phase"],
        properties: {
          containers: {
            type: "array",
            items: ref(`${CORE}.Container`),
            "x-kubernetes-patch-strategy": "merge",
            "x-kubernetes-patch-merge-key": "name",
          },
          port: { type: "integer", default: 0 },
          phase: { type: "string", default: "Now" },
          policy: { type: "string", enum: ["Always", "Never"] },
          reference: ref(`${CORE}.Reference`),
          size: ref("io.k8s.apimachinery.pkg.api.resource.Quantity"),
          raw: ref("io.k8s.apimachinery.pkg.runtime.RawExtension"),
        },
      },
      [`${CORE}.PodStatus`]: {
        type: "object",
        properties: { startTime: ref(`${META}.Time`), lastProbeTime: ref(`${META}.Time`) },
      },
      [`${CORE}.Container`]: {
        type: "object",
        required: ["name"],
        properties: { name: { type: "string", default: "" } },
      },
      [`${CORE}.Reference`]: {
        type: "object",
        "x-kubernetes-map-type": "atomic",
        "x-kubernetes-unions": [{ discriminator: "kind", "fields-to-discriminateBy": { name: "Name" } }],
        properties: { name: { type: "string" } },
      },
      [`${META}.ObjectMeta`]: { type: "object" },
      [`${META}.ListMeta`]: { type: "object" },
      [`${META}.Time`]: { type: "string", format: "date-time" },
      "io.k8s.apimachinery.pkg.api.resource.Quantity": { oneOf: [{ type: "string" }, { type: "number" }] },
      "io.k8s.apimachinery.pkg.runtime.RawExtension": { type: "object" },
    },
  },
};

/** The document of another group, which alone has a type of the core group. */
const apps: OpenApiDocument = {
  openapi: "3.0.0",
  components: {
    schemas: {
      ...core.components?.schemas,
      [`${APPS}.Deployment`]: kind("apps", "Deployment", {
        template: ref(`${CORE}.Template`),
        options: ref(`${META}.Options`),
      }),
      [`${CORE}.Template`]: { type: "object", properties: { spec: ref(`${CORE}.PodSpec`) } },
      [`${META}.Options`]: { type: "object", properties: { force: { type: "boolean" } } },
    },
  },
};

const resources: ResourceType[] = [
  {
    group: "",
    version: "v1",
    kind: "Binding",
    plural: "bindings",
    singular: "binding",
    scope: "Namespaced",
    verbs: ["create"],
  },
  {
    group: "",
    version: "v1",
    kind: "Pod",
    plural: "pods",
    singular: "pod",
    scope: "Namespaced",
    verbs: ["watch", "create", "delete", "deletecollection", "get", "list", "patch", "update"],
    shortNames: ["po"],
    categories: ["all"],
    subresources: ["status", "log"],
  },
  {
    group: "apps",
    version: "v1",
    kind: "Deployment",
    plural: "deployments",
    singular: "deployment",
    scope: "Namespaced",
    verbs: ["get", "list"],
  },
];

function texts(documents: readonly OpenApiDocument[] = [core, apps]): Record<string, string> {
  return Object.fromEntries(
    openApiModules(documents, resources).map((module) => [
      module.name,
      writeModule(module, { header: [], doc: ["@module"], specifierOf: (name) => `./${name}.ts` }),
    ]),
  );
}

/** The declaration of an interface, without comments. */
function interfaceOf(text: string, name: string): string {
  const found = new RegExp(`export interface ${name} [^]*?\\n}`).exec(text)?.[0] ?? `no ${name} in ${text}`;
  return found.replaceAll(/ *\/\*\*[^]*?\*\/\n/g, "").replaceAll(/\s+/g, " ");
}

describe("Types from OpenAPI", () => {
  it("are a module for each group and version (spec rest 21)", () => {
    assert.deepEqual(Object.keys(texts()), ["apps_v1", "core_v1"]);
  });

  it("have an interface and a descriptor under one name for each kind that is served", () => {
    const { core_v1 } = texts();
    assert.equal(
      interfaceOf(core_v1, "Pod"),
      'export interface Pod extends KubernetesObject, Guarantees<"spec", "Namespaced"> { apiVersion?: "v1"; kind?: "Pod"; ' +
        "metadata?: ObjectMeta; spec?: PodSpec; status?: PodStatus; }",
    );
    assert.match(
      core_v1,
      /export const Pod: ResourceType<Pod, "Namespaced", "log" \| "status"> = \/\* @__PURE__ \*\//,
    );
    assert.match(
      core_v1,
      /shortNames: \["po"\],\n {2}categories: \["all"\],\n {2}verbs: \["create", "delete"/,
    );
  });

  it("name the verbs of a kind that lacks some, and none of the usual ones", () => {
    const { core_v1, apps_v1 } = texts();
    assert.match(core_v1, /Binding: ResourceType<Binding, "Namespaced", never, "create">/);
    assert.match(
      apps_v1,
      /ResourceType<\s*Deployment,\s*"Namespaced",\s*never,\s*\| "get"\s*\| "list"\s*>|ResourceType<Deployment, "Namespaced", never, "get" \| "list">/,
    );
  });

  it("leave out lists, which are generic", () => assert.doesNotMatch(texts().core_v1, /PodList/));

  it("are required as the server says, and an empty default is none", () => {
    assert.equal(
      interfaceOf(texts().core_v1, "PodSpec"),
      'export interface PodSpec { containers: MapList<Container, "name">; phase?: string; policy?: OpenEnum<"Always" | "Never">; ' +
        "port: number; raw?: Record<string, unknown>; reference?: Atomic<Reference>; size?: Quantity; }",
    );
  });

  it("tell which field says what is there", () => {
    assert.match(
      texts().core_v1,
      /`kind` tells which of these is there: `name`\.\n \*\/\nexport interface Reference /,
    );
  });

  it("allow null for times that Go writes so", () => {
    assert.equal(
      interfaceOf(texts().core_v1, "PodStatus"),
      "export interface PodStatus { lastProbeTime?: Time | null; startTime?: Time; }",
    );
  });

  it("are declared once, in the module that their name tells of, whoever uses them", () => {
    const { core_v1, apps_v1 } = texts();
    assert.match(core_v1, /export interface Template /);
    assert.match(apps_v1, /import type \{ Template \} from "\.\/core_v1\.ts";/);
    assert.doesNotMatch(apps_v1, /interface (Template|PodSpec) /);
  });

  it("are declared where they are used if they belong to no group", () => {
    assert.match(texts().apps_v1, /export interface Options \{/);
  });

  it("are the same whatever the order of documents and fields", () => {
    const reversed = (document: OpenApiDocument): OpenApiDocument => ({
      openapi: "3.0.0",
      components: {
        schemas: Object.fromEntries(Object.entries(document.components?.schemas ?? {}).reverse()),
      },
    });
    assert.deepEqual(texts([reversed(apps), reversed(core)]), texts());
  });

  it("cannot be made if a document refers to what is in none", () => {
    const broken: OpenApiDocument = {
      openapi: "3.0.0",
      components: { schemas: { [`${CORE}.Pod`]: kind("", "Pod", { spec: ref(`${CORE}.Gone`) }) } },
    };
    assert.throws(() => texts([core, broken]), {
      name: "SyntaxError",
      message: /Cannot find the schema io\.k8s\.api\.core\.v1\.Gone/,
    });
  });
});

describe("readOpenApi()", () => {
  /** A server that has both documents, and what it was asked for. */
  function serve({ freshness = "Current" } = {}): { rest: RestClient; asked: string[] } {
    const asked: string[] = [];
    const discovered = ({ kind, plural, singular, scope, verbs }: ResourceType): object => ({
      resource: plural,
      responseKind: { kind },
      singularResource: singular,
      scope,
      verbs,
    });
    const list = (name: string, found: readonly ResourceType[]): object => ({
      kind: "APIGroupDiscoveryList",
      apiVersion: "apidiscovery.k8s.io/v2",
      items: [{
        metadata: { name },
        versions: [{ version: "v1", freshness, resources: found.map(discovered) }],
      }],
    });
    const answers: Record<string, unknown> = {
      "/api": { ...list("", resources.slice(0, 2)) },
      "/apis": list("apps", resources.slice(2)),
      "/openapi/v3": {
        paths: {
          ".well-known/x": { serverRelativeURL: "/openapi/v3/.well-known/x" },
          "apis/apps": { serverRelativeURL: "/openapi/v3/apis/apps" },
          "apis/apps/v1": { serverRelativeURL: "/openapi/v3/apis/apps/v1?hash=1" },
          "api/v1": { serverRelativeURL: "/openapi/v3/api/v1?hash=2" },
        },
      },
      "/openapi/v3/api/v1": core,
      "/openapi/v3/apis/apps/v1": apps,
    };
    const rest = new RestClient(
      new RestConfig({
        server: "https://cluster.example",
        fetch: (input) => {
          const { pathname } = new URL(input instanceof Request ? input.url : input);
          asked.push(pathname);
          const isDiscovery = pathname.startsWith("/api");
          const type = isDiscovery
            ? "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
            : "application/json";
          return Promise.resolve(
            Response.json(answers[pathname] ?? {}, {
              status: pathname in answers ? 200 : 404,
              headers: { "content-type": type },
            }),
          );
        },
      }),
    );
    return { rest, asked };
  }

  it("reads discovery and the document of each group and version (spec rest 21)", async () => {
    const { rest, asked } = serve();
    const { documents, resources: served } = await readOpenApi(rest);
    assert.deepEqual(asked.filter((path) => path.startsWith("/openapi")), [
      "/openapi/v3",
      "/openapi/v3/apis/apps/v1",
      "/openapi/v3/api/v1",
    ]);
    assert.deepEqual(openApiModules(documents, served).map(({ name }) => name), ["apps_v1", "core_v1"]);
    await rest[Symbol.asyncDispose]();
  });

  it("reads only the groups that are asked for", async () => {
    const { rest, asked } = serve();
    const { documents, resources: served } = await readOpenApi(rest, { groups: ["apps"] });
    assert.ok(!asked.includes("/openapi/v3/api/v1"));
    const [module, ...others] = openApiModules(documents, served, { nameOf: (group) => `my_${group}` });
    assert.deepEqual([module.name, others.length], ["my_apps", 0]);
    // What other groups have is declared here then.
    assert.ok(module.declarations.some(({ name }) => name === "PodSpec"));
    await rest[Symbol.asyncDispose]();
  });

  it("refuses what would leave out a group that could not be learnt", async () => {
    const { rest } = serve({ freshness: "Stale" });
    await assert.rejects(readOpenApi(rest), GroupDiscoveryError);
    await rest[Symbol.asyncDispose]();
  });
});
