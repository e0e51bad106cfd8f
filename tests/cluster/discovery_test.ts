import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { systemClock } from "@coxswain/kube/async";
import { loadConfig } from "@coxswain/kube/config";
import {
  type ApiResource,
  DiscoveryClient,
  DiskDiscoveryCache,
  httpCache,
  isNoMatch,
  MemoryDiscoveryCache,
  OpenApiClient,
  preferredResources,
  requireComplete,
  resourceTypes,
  RestMapper,
  serverVersion,
  versionSkew,
} from "@coxswain/kube/discovery";
import { apiVersionOf, defineResource } from "@coxswain/kube/meta";
import { type Middleware, RestClient, type RestConfig } from "@coxswain/kube/rest";
import { ApiServer } from "@coxswain/kube/testing";
import { cluster } from "./cluster.ts";

/** Each kind has a group of its own, so that none finds what another has left. */
const groupOf = (kind: string) => `${kind.toLowerCase()}.coxswain.test`;

/** A definition of a custom resource with all that discovery tells of one. */
function definition(kind: string, shortName: string, group = groupOf(kind)) {
  const plural = `${kind.toLowerCase()}s`;
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: { kind, plural, shortNames: [shortName], categories: ["sailing"] },
      versions: ["v1beta1", "v1"].map((name) => ({
        name,
        served: true,
        storage: name === "v1",
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: {
              spec: { type: "object", properties: { size: { type: "integer" } } },
              status: { type: "object", properties: { size: { type: "integer" } } },
            },
          },
        },
        subresources: {
          status: {},
          scale: { specReplicasPath: ".spec.size", statusReplicasPath: ".status.size" },
        },
      })),
    },
  };
}

/** Looks again until something has come: discovery follows a definition within a moment, and tells nobody. */
async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 300; tries++) {
    const found = await look();
    if (found !== undefined) return found;
    await systemClock.sleep(100);
  }
  throw new Error("It did not come within 30 s");
}

describe("discovery of a real API server", () => {
  let config: RestConfig;
  let rest: RestClient;

  const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  const define = async (kind: string, shortName: string) => {
    await (await rest.post().absolutePath(definitions).body(definition(kind, shortName)).send()).json();
  };
  const undefine = async (kind: string) => {
    await (await rest.delete().absolutePath(`${definitions}/${kind.toLowerCase()}s.${groupOf(kind)}`).send())
      .json();
    await eventually(async () => (await has(kind)) ? undefined : true);
  };
  /** Whether discovery tells of both versions of a kind, in both forms: each is put together by itself. */
  const has = async (kind: string): Promise<boolean> => {
    const lists = await Promise.all((["aggregated", "legacy"] as const).map(async (form) => {
      const { groups, resources } = await new DiscoveryClient(rest, { form }).all();
      if (!groups.some(({ name }) => name === groupOf(kind))) return [];
      return resources.filter(({ groupVersion }) => groupVersion.startsWith(`${groupOf(kind)}/`));
    }));
    return lists.every((found) => found.length === 2 && found.every(({ resources }) => resources.length > 0));
  };

  before(async () => {
    config = await loadConfig({ kubeconfig: cluster().kubeconfig });
    rest = new RestClient(config);
  });
  after(async () => {
    await rest[Symbol.asyncDispose]();
  });

  it("tells the same in its new form and in the old one (spec rest 16.2, 16.3)", async () => {
    const aggregated = requireComplete(await new DiscoveryClient(rest).all());
    const legacy = requireComplete(await new DiscoveryClient(rest, { form: "legacy" }).all());
    assert.deepEqual(aggregated.groups, legacy.groups);
    // The old form has hashes, and no singular of subresources; the new one has the kind of each by group and version.
    const common = ({ name, namespaced, kind, verbs, shortNames, categories }: ApiResource) => ({
      name,
      namespaced,
      kind,
      verbs,
      shortNames,
      categories,
    });
    const outline = ({ resources }: typeof legacy) =>
      resources.map((list) => ({ ...list, resources: list.resources.map(common) }));
    assert.deepEqual(outline(aggregated), outline(legacy));
    assert.equal(legacy.groups[0].name, "");
  });

  it("answers who asks not to hear of peers (spec rest 16.2)", async () => {
    const { groups } = await new DiscoveryClient(rest, { noPeers: true }).overview();
    assert.ok(groups.some(({ name }) => name === "apps"));
  });

  it("maps every kind to its resource and back (spec rest 17)", async () => {
    const cache = new MemoryDiscoveryCache(new DiscoveryClient(rest));
    const mapper = new RestMapper(cache);
    const types = preferredResources(await cache.all()).flatMap(resourceTypes);
    assert.ok(types.length > 60);
    for (const type of types) {
      assert.equal(
        (await mapper.kind({ apiVersion: apiVersionOf(type), kind: type.kind })).plural,
        type.plural,
      );
      for (const resource of [type.plural, type.singular!, ...type.shortNames!]) {
        assert.equal((await mapper.resource({ resource, group: type.group })).kind, type.kind, resource);
      }
    }
    const all = (await mapper.category("all")).map(({ plural }) => plural);
    assert.deepEqual(all.slice(0, 3), ["pods", "replicationcontrollers", "services"]);
  });

  it("has a version that this package knows (spec rest 16)", async () => {
    const version = await serverVersion(rest);
    assert.equal(version.major, "1");
    assert.deepEqual(versionSkew(version), { known: "1.36", server: "1.36", minors: 0, supported: true });
  });

  it("is asked again by a mapper for a kind that was defined a second ago (spec rest 17.3)", async () => {
    const mapper = new RestMapper(new MemoryDiscoveryCache(new DiscoveryClient(rest)));
    await mapper.resource("pods");
    await assert.rejects(mapper.kind({ apiVersion: `${groupOf("Sloop")}/v1`, kind: "Sloop" }), isNoMatch);
    await define("Sloop", "slp");
    try {
      await eventually(async () => await has("Sloop") || undefined);
      const found = await mapper.resource("slp");
      assert.deepEqual(found, {
        group: groupOf("Sloop"),
        version: "v1",
        kind: "Sloop",
        plural: "sloops",
        singular: "sloop",
        scope: "Namespaced",
        shortNames: ["slp"],
        categories: ["sailing"],
        verbs: ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"],
        subresources: ["status", "scale"],
      });
      assert.deepEqual(await mapper.kind({ apiVersion: `${groupOf("Sloop")}/v1`, kind: "Sloop" }), found);
      assert.equal(
        (await mapper.kind({ kind: "Sloop", group: groupOf("Sloop"), versions: ["v1beta1"] })).version,
        "v1beta1",
      );
      assert.deepEqual((await mapper.category("sailing")).map(({ kind }) => kind), ["Sloop"]);
    } finally {
      await undefine("Sloop");
    }
  });

  it("is what the server in memory says of the same resources", async () => {
    await define("Ketch", "kch");
    try {
      await eventually(async () => await has("Ketch") || undefined);
      const server = new ApiServer({
        resources: ["v1beta1", "v1"].map((version) =>
          defineResource({
            group: groupOf("Ketch"),
            version,
            kind: "Ketch",
            plural: "ketchs",
            shortNames: ["kch"],
            categories: ["sailing"],
            subresources: ["status", "scale"],
          })
        ),
      });
      const memory = new RestClient(server.restConfig());
      for (const form of ["aggregated", "legacy"] as const) {
        const expected = await new DiscoveryClient(rest, { form }).all();
        const actual = await new DiscoveryClient(memory, { form }).all();
        const served = new Map(expected.resources.map((list) => [list.groupVersion, list.resources]));
        for (const { groupVersion, resources } of actual.resources) {
          const named = new Map(served.get(groupVersion)!.map((one) => [one.name, one]));
          for (const resource of resources) {
            const [ours, theirs] = [resource, named.get(resource.name)!].map((one) =>
              // Without a definition, two versions of a resource are two resources, each stored.
              groupVersion.startsWith(groupOf("Ketch")) ? { ...one, storageVersionHash: "" } : one
            );
            assert.deepEqual(ours, theirs, `${form} ${groupVersion} ${resource.name}`);
          }
        }
        const missing = expected.resources.map(({ groupVersion }) => groupVersion).filter((groupVersion) =>
          !/example|coxswain\.test/.test(groupVersion) && // what other tests define
          !actual.resources.some((list) => list.groupVersion === groupVersion)
        );
        assert.deepEqual(missing, [], form);
        const inMemory = new Set(actual.groups.map(({ name }) => name));
        assert.deepEqual(
          expected.groups.map(({ name }) => name).filter((name) => inMemory.has(name)),
          actual.groups.map(({ name }) => name),
        );
        const versions = actual.groups.find(({ name }) => name === groupOf("Ketch"));
        assert.deepEqual(versions, expected.groups.find(({ name }) => name === groupOf("Ketch")));
      }
      await memory[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    } finally {
      await undefine("Ketch");
    }
  });

  it("is remembered on disk, revalidated by its tag, and not asked for by the next run (spec rest 16.6)", async () => {
    const folder = await mkdtemp(join(tmpdir(), "discovery-"));
    const seen: string[] = [];
    const spy: Middleware = async (request, next) => {
      const answer = await next(request);
      seen.push(`${new URL(request.url).pathname} ${answer.status}`);
      return answer;
    };
    const run = async (maxAge?: number) => {
      seen.length = 0;
      const own = new RestClient(config.with({ middleware: [httpCache({ folder: `${folder}/http` }), spy] }));
      try {
        const cache = new DiskDiscoveryCache(new DiscoveryClient(own), {
          folder: `${folder}/discovery`,
          maxAge,
        });
        const { kind } = await new RestMapper(cache).resource("deploy");
        const openApi = new OpenApiClient(own);
        const { schema } = await openApi.schema({
          group: "coordination.k8s.io",
          version: "v1",
          kind: "Lease",
        });
        assert.deepEqual([kind, schema.type], ["Deployment", "object"]);
        return seen.map((one) => one.replace(/\?.*/, "")).sort();
      } finally {
        await own[Symbol.asyncDispose]();
      }
    };
    try {
      assert.deepEqual(await run(), [
        "/api 200",
        "/apis 200",
        "/openapi/v3 200",
        "/openapi/v3/apis/coordination.k8s.io/v1 200",
      ]);
      // The root of OpenAPI has no tag; its documents are good for a year by their hash.
      assert.deepEqual(await run(), ["/openapi/v3 200"]);
      assert.deepEqual(await run(0), ["/api 304", "/apis 304", "/openapi/v3 200"]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe("OpenAPI of a real API server", () => {
  let rest: RestClient;
  before(async () => {
    rest = new RestClient(await loadConfig({ kubeconfig: cluster().kubeconfig }));
  });
  after(async () => {
    await rest[Symbol.asyncDispose]();
  });

  it("has a schema for every kind that can be created, and its references lead somewhere (spec rest 21)", async () => {
    const openApi = new OpenApiClient(rest);
    const { groups, resources } = await new DiscoveryClient(rest).all();
    const versions = await openApi.groupVersions();
    for (const { groupVersion } of groups.flatMap(({ versions }) => versions)) {
      assert.ok(versions.includes(groupVersion));
    }
    for (const type of resources.flatMap(resourceTypes).filter(({ verbs }) => verbs?.includes("create"))) {
      const { schema, resolve } = await openApi.schema(type);
      assert.equal(schema.type, "object", type.kind);
      const metadata = schema.properties?.metadata;
      if (metadata !== undefined) assert.equal(resolve(metadata).type, "object", type.kind);
    }
  });

  it("is read anew when a document has changed since its hash was read (spec rest 21)", async () => {
    const GROUP = groupOf("Rig");
    const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    const create = async (kind: string) =>
      await (await rest.post().absolutePath(path).body(
        definition(kind, kind.toLowerCase().slice(0, 4), GROUP),
      )
        .send()).json();
    const remove = async (kind: string) =>
      await (await rest.delete().absolutePath(`${path}/${kind.toLowerCase()}s.${GROUP}`).send()).json();
    const kind = (kind: string) => ({ group: GROUP, version: "v1", kind });
    const hasSchema = async (name: string) => {
      const fresh = new OpenApiClient(rest);
      if (!(await fresh.groupVersions()).includes(`${GROUP}/v1`)) return undefined;
      return await fresh.schema(kind(name)).catch(() => undefined);
    };
    await create("Cutter");
    try {
      await eventually(() => hasSchema("Cutter"));
      const openApi = new OpenApiClient(rest);
      const before = (await openApi.paths()).get(`apis/${GROUP}/v1`);
      await create("Yawl");
      try {
        await eventually(() => hasSchema("Yawl"));
        // The hash that it has is of the past by now: the server says so, and it reads the new ones.
        assert.equal((await openApi.schema(kind("Yawl"))).schema.type, "object");
        assert.notEqual((await openApi.paths()).get(`apis/${GROUP}/v1`), before);
      } finally {
        await remove("Yawl");
      }
    } finally {
      await remove("Cutter");
    }
  });
});
