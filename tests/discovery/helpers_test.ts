import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  DiscoveryClient,
  filterResources,
  isServed,
  MemoryDiscoveryCache,
  preferredResources,
  resourceTypes,
  type ServedApis,
  serverVersion,
  supportsVerbs,
  versionSkew,
} from "@coxswain/kube/discovery";
import { isForbidden } from "@coxswain/kube/rest";
import { aggregated, aggregatedGroup, aggregatedResource, answering, status } from "./answers.ts";

const resource = (name: string, more: object = {}) => ({
  name,
  singularName: "",
  namespaced: true,
  kind: name,
  verbs: ["get", "list"],
  ...more,
});
const version = (group: string, version: string) => ({
  groupVersion: group === "" ? version : `${group}/${version}`,
  version,
});

const SERVED: ServedApis = {
  groups: [
    { name: "", versions: [version("", "v1")], preferredVersion: version("", "v1") },
    {
      name: "a",
      versions: [version("a", "v2"), version("a", "v1"), version("a", "v0")],
      preferredVersion: version("a", "v1"),
    },
    { name: "b", versions: [version("b", "v2"), version("b", "v1")] },
    { name: "failed", versions: [version("failed", "v1")], preferredVersion: version("failed", "v1") },
  ],
  resources: [
    {
      groupVersion: "v1",
      resources: [resource("pods"), resource("pods/log"), resource("nodes", { namespaced: false })],
    },
    { groupVersion: "a/v2", resources: [resource("things"), resource("newer")] },
    { groupVersion: "a/v1", resources: [resource("things", { verbs: ["get"] })] },
    { groupVersion: "a/v0", resources: [resource("things")] },
    { groupVersion: "b/v2", resources: [resource("others")] },
    { groupVersion: "b/v1", resources: [resource("others")] },
  ],
  failures: new Map([["failed/v1", new Error("down")]]),
};

const outline = (lists: ServedApis["resources"]) =>
  lists.map(({ groupVersion, resources }) => `${groupVersion}: ${resources.map(({ name }) => name)}`);

describe("preferredResources()", () => {
  it("has each resource once: in the preferred version, or the first that has it (spec rest 16.4)", () => {
    assert.deepEqual(outline(preferredResources(SERVED)), [
      "v1: pods,nodes",
      "a/v2: newer",
      "a/v1: things",
      "b/v2: others",
    ]);
  });

  it("has those of one scope alone if asked (spec rest 16.4)", () => {
    assert.deepEqual(outline(preferredResources(SERVED, { scope: "Cluster" })), ["v1: nodes"]);
    assert.equal(outline(preferredResources(SERVED, { scope: "Namespaced" }))[0], "v1: pods");
  });

  it("never prefers a stale version (spec rest 16.4)", async () => {
    const { rest } = answering({
      "/api": aggregated(),
      "/apis": aggregated(aggregatedGroup("a", {
        v2: "Stale",
        v1: [aggregatedResource("things", "Thing")],
        v0: [aggregatedResource("things", "Thing")],
      })),
    });
    assert.deepEqual(outline(preferredResources(await new DiscoveryClient(rest).all())), ["a/v1: things"]);
  });
});

describe("filterResources()", () => {
  it("keeps what meets the condition, by verbs or by version (spec rest 16.4)", () => {
    assert.deepEqual(
      outline(filterResources(SERVED.resources, supportsVerbs("get", "list")))[2],
      "a/v0: things",
    );
    assert.deepEqual(outline(filterResources(SERVED.resources, (groupVersion) => groupVersion === "b/v1")), [
      "b/v1: others",
    ]);
    assert.deepEqual(filterResources(SERVED.resources, supportsVerbs("watch")), []);
  });
});

describe("resourceTypes()", () => {
  it("refuses a list whose group and version cannot be read (spec rest 16.4)", () => {
    assert.throws(() => resourceTypes({ groupVersion: "a/b/c", resources: [] }), TypeError);
  });
});

describe("isServed()", () => {
  const answers = {
    "/apis/apps/v1": { resources: [resource("deployments")] },
    "/apis/secret/v1": () => status(403, "Forbidden"),
    "/api": aggregated(),
    "/apis": aggregated(),
  };
  const deployments = { group: "apps", version: "v1", plural: "deployments" };

  it("is true for a resource that is there, and false for one that is not (spec rest 16.4)", async () => {
    const discovery = new DiscoveryClient(answering(answers).rest);
    assert.equal(await isServed(discovery, deployments), true);
    assert.equal(await isServed(discovery, { ...deployments, plural: "daemonsets" }), false);
    assert.equal(await isServed(discovery, { ...deployments, version: "v9" }), false);
  });

  it("is false for a group that a cache does not have, and fails when discovery does (spec rest 16.4)", async () => {
    const discovery = new DiscoveryClient(answering(answers).rest);
    assert.equal(await isServed(new MemoryDiscoveryCache(discovery), deployments), false);
    await assert.rejects(isServed(discovery, { ...deployments, group: "secret" }), isForbidden);
  });
});

describe("serverVersion()", () => {
  it("reads what the server says (spec rest 16)", async () => {
    const said = { major: "1", minor: "36", gitVersion: "v1.36.0", platform: "linux/amd64" };
    const { rest, paths } = answering({ "/version": said });
    assert.deepEqual(await serverVersion(rest), said);
    assert.deepEqual(paths, ["/version"]);
  });

  it("fails as the endpoint does (spec rest 16)", async () => {
    await assert.rejects(serverVersion(answering({ "/version": () => status(500, "InternalError") }).rest), {
      code: 500,
    });
  });
});

describe("versionSkew()", () => {
  for (
    const { said, server, minors, supported } of [
      {
        said: { major: "1", minor: "36", gitVersion: "v1.36.2" },
        server: "1.36",
        minors: 0,
        supported: true,
      },
      {
        said: { major: "1", minor: "35+", gitVersion: "v1.35.1-gke.5" },
        server: "1.35",
        minors: -1,
        supported: true,
      },
      {
        said: { major: "1", minor: "37", gitVersion: "v1.37.0" },
        server: "1.37",
        minors: 1,
        supported: true,
      },
      {
        said: { major: "1", minor: "28", gitVersion: "v1.28.0" },
        server: "1.28",
        minors: -8,
        supported: false,
      },
      {
        said: { major: "", minor: "", gitVersion: "v1.38.0-alpha.1" },
        server: "1.38",
        minors: 2,
        supported: false,
      },
      {
        said: { major: "1", minor: "37", gitVersion: "v1.37.0", emulationMajor: "1", emulationMinor: "36" },
        server: "1.36",
        minors: 0,
        supported: true,
      },
    ]
  ) {
    it(`is ${minors} for ${said.gitVersion}`, () => {
      assert.deepEqual(versionSkew(said), { known: "1.36", server, minors, supported });
    });
  }

  it("is not known for a server that does not say", () => {
    assert.equal(versionSkew({ major: "", minor: "", gitVersion: "unknown" }), undefined);
  });
});
