import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  DiscoveryClient,
  type DiscoveryClientOptions,
  isGroupDiscoveryError,
  requireComplete,
  type ServedApis,
} from "@coxswain/kube/discovery";
import { isForbidden, isNetworkError, isNotFound } from "@coxswain/kube/rest";
import { ManualClock } from "@coxswain/kube/testing";
import {
  AGGREGATED,
  aggregated,
  aggregatedGroup,
  aggregatedResource,
  type Answer,
  answering,
  status,
} from "./answers.ts";

const PODS = {
  name: "pods",
  singularName: "pod",
  namespaced: true,
  kind: "Pod",
  verbs: ["get"],
  shortNames: ["po"],
};
const JOBS = { name: "jobs", singularName: "job", namespaced: true, kind: "Job", verbs: ["get"] };
const APPS_V1 = { groupVersion: "apps/v1", version: "v1" };
const BATCH_V1 = { groupVersion: "batch/v1", version: "v1" };
const BATCH_V2 = { groupVersion: "batch/v2", version: "v2" };

/** A server that knows the old form only. */
const OLD: Record<string, Answer> = {
  "/api": { kind: "APIVersions", versions: ["v1"] },
  "/api/v1": { kind: "APIResourceList", groupVersion: "v1", resources: [PODS] },
  "/apis": {
    kind: "APIGroupList",
    groups: [
      { name: "apps", versions: [APPS_V1], preferredVersion: APPS_V1 },
      { name: "batch", versions: [BATCH_V2, BATCH_V1], preferredVersion: BATCH_V1 },
    ],
  },
  "/apis/apps/v1": { kind: "APIResourceList", groupVersion: "apps/v1", resources: null },
  "/apis/batch/v1": { kind: "APIResourceList", groupVersion: "batch/v1", resources: [JOBS] },
  "/apis/batch/v2": { kind: "APIResourceList", groupVersion: "batch/v2", resources: [JOBS] },
};

const CORE = aggregatedGroup("", { v1: [aggregatedResource("pods", "Pod", { shortNames: ["po"] })] });

function discovering(answers: Record<string, Answer>, options: DiscoveryClientOptions = {}) {
  const server = answering(answers);
  return { ...server, discovery: new DiscoveryClient(server.rest, options) };
}

const outline = ({ groups, resources, failures }: ServedApis) => ({
  groups: groups.map(({ name, versions }) => `${name}: ${versions.map(({ version }) => version)}`),
  resources: resources.map(({ groupVersion, resources }) =>
    `${groupVersion}: ${resources.map(({ name }) => name)}`
  ),
  failures: [...failures].map(([groupVersion, { message }]) => `${groupVersion}: ${message}`),
});

describe("DiscoveryClient.all(), from a server that knows the old form only", () => {
  it("asks for each group and version, and keeps the server's order (spec rest 16.3)", async () => {
    const { discovery, paths } = discovering(OLD);
    assert.deepEqual(outline(await discovery.all()), {
      groups: [": v1", "apps: v1", "batch: v2,v1"],
      resources: ["v1: pods", "apps/v1: ", "batch/v2: jobs", "batch/v1: jobs"],
      failures: [],
    });
    assert.deepEqual([...paths].sort(), [
      "/api",
      "/api/v1",
      "/apis",
      "/apis/apps/v1",
      "/apis/batch/v1",
      "/apis/batch/v2",
    ]);
  });

  it("puts an empty core group first when there are no versions of it (spec rest 16.3)", async () => {
    const { discovery } = discovering({ ...OLD, "/api": { kind: "APIVersions", versions: [] } });
    assert.deepEqual((await discovery.groups())[0], { name: "", versions: [] });
  });

  it("has what can be had, and says what could not (spec rest 16.4)", async () => {
    const { discovery, paths } = discovering({
      ...OLD,
      "/apis/batch/v1": () => status(503, "ServiceUnavailable"),
    });
    const served = await discovery.all();
    assert.deepEqual(outline(served).resources, ["v1: pods", "apps/v1: ", "batch/v2: jobs"]);
    assert.deepEqual(outline(served).failures, ["batch/v1: ServiceUnavailable"]);
    assert.equal(paths.filter((path) => path === "/apis/batch/v1").length, 2); // exactly two attempts
  });

  it("tries all of it a second time when some groups fail (spec rest 16.4)", async () => {
    let failures = 1;
    const { discovery, paths } = discovering({
      ...OLD,
      "/apis/batch/v1": () =>
        failures-- > 0 ? status(503, "ServiceUnavailable") : Response.json(OLD["/apis/batch/v1"]),
    });
    assert.equal((await discovery.all()).failures.size, 0);
    assert.equal(paths.filter((path) => path === "/apis").length, 2);
  });

  it("tries what fails as a whole once (spec rest 16.4)", async () => {
    const { discovery, paths } = discovering({ ...OLD, "/apis": () => status(500, "InternalError") });
    await assert.rejects(discovery.all(), { code: 500 });
    assert.equal(paths.filter((path) => path === "/apis").length, 1);
  });
});

describe("DiscoveryClient.overview()", () => {
  for (
    const { name, api, apis, rejects } of [
      { name: "tolerates a server without core group", api: 404, apis: undefined, rejects: undefined },
      {
        name: "is refused when the core group is forbidden",
        api: 403,
        apis: undefined,
        rejects: isForbidden,
      },
      { name: "fails when the core group does", api: 500, apis: undefined, rejects: undefined },
      { name: "fails when there are no groups", api: undefined, apis: 404, rejects: isNotFound },
      { name: "is refused when the groups are forbidden", api: undefined, apis: 403, rejects: isForbidden },
    ]
  ) {
    it(`${name} (spec rest 16.2)`, async () => {
      const { discovery } = discovering({
        ...OLD,
        ...(api &&
          {
            "/api": () =>
              status(
                api,
                ({ 403: "Forbidden", 404: "NotFound" } as Record<number, string>)[api] ?? "InternalError",
              ),
          }),
        ...(apis && { "/apis": () => status(apis, apis === 403 ? "Forbidden" : "NotFound") }),
      });
      if (api === 404) {
        assert.deepEqual((await discovery.groups()).map(({ name }) => name), ["apps", "batch"]);
      } else await assert.rejects(discovery.overview(), rejects ?? { code: 500 });
    });
  }

  it("has resources only when both endpoints tell them (spec rest 16.2)", async () => {
    const both = discovering({ "/api": aggregated(CORE), "/apis": aggregated() });
    assert.deepEqual([...(await both.discovery.overview()).resources!.keys()], ["v1"]);
    const one = discovering({ ...OLD, "/api": aggregated(CORE) });
    assert.equal((await one.discovery.overview()).resources, undefined);
    const other = discovering({ ...OLD, "/apis": aggregated(aggregatedGroup("apps", { v1: [] })) });
    assert.equal((await other.discovery.overview()).resources, undefined);
    assert.deepEqual(outline(await other.discovery.all()).resources, ["v1: pods", "apps/v1: "]);
  });

  it("counts an absent core group as told (spec rest 16.2)", async () => {
    const { discovery, paths } = discovering({ "/apis": aggregated(aggregatedGroup("apps", { v1: [] })) });
    assert.deepEqual(outline(await discovery.all()).resources, ["apps/v1: "]);
    assert.deepEqual([...paths].sort(), ["/api", "/apis"]);
  });

  for (const body of ["[]", "null", "7", '"x"', "{", "", '{"groups":7}', "<html>"]) {
    it(`rejects an answer of ${JSON.stringify(body)} (spec rest 16.3)`, async () => {
      const { discovery } = discovering({ ...OLD, "/apis": new Response(body) });
      await assert.rejects(discovery.overview(), /SyntaxError|TypeError/);
      const core = discovering({ ...OLD, "/api": new Response(body) });
      if (body !== '{"groups":7}') await assert.rejects(core.discovery.overview(), /SyntaxError|TypeError/);
    });
  }

  it("gets over odd values within an answer", async () => {
    const odd = aggregated({
      metadata: null,
      versions: [null, { version: "v1", resources: [7, { resource: "a", responseKind: 3 }] }],
    }, null as unknown as object);
    const { discovery } = discovering({ "/api": odd, "/apis": aggregated() });
    assert.deepEqual(outline(await discovery.all()).resources, ["v1: "]);
    const old = discovering({
      ...OLD,
      "/apis": {
        groups: [null, { name: "x", versions: [null, { version: "v1" }] }, {
          name: "apps",
          versions: [APPS_V1],
        }],
      },
    });
    assert.deepEqual(
      (await old.discovery.groups()).map(({ name, versions }) => `${name} ${versions.length}`),
      [" 1", "x 0", "apps 1"],
    );
  });
});

describe("aggregated discovery", () => {
  it("is told in two requests, with groups, versions and resources in order (spec rest 16.2)", async () => {
    const { discovery, paths } = discovering({
      "/api": aggregated(CORE),
      "/apis": aggregated(
        aggregatedGroup("batch", {
          v2: [aggregatedResource("jobs", "Job")],
          v1: [aggregatedResource("jobs", "Job")],
        }),
        aggregatedGroup("apps", { v1: [] }),
      ),
    });
    assert.deepEqual(outline(await discovery.all()), {
      groups: [": v1", "batch: v2,v1", "apps: v1"],
      resources: ["v1: pods", "batch/v2: jobs", "batch/v1: jobs", "apps/v1: "],
      failures: [],
    });
    assert.equal(paths.length, 2);
  });

  it("reports stale versions, and leaves them out (spec rest 16.2)", async () => {
    const stale = [
      aggregatedGroup("a", { v2: "Stale", v1: [aggregatedResource("things", "Thing")] }),
      aggregatedGroup("b", { v1: "Stale" }),
    ];
    const { discovery, paths } = discovering({ "/api": aggregated(CORE), "/apis": aggregated(...stale) });
    const served = await discovery.all();
    assert.deepEqual(outline(served), {
      groups: [": v1", "a: v1", "b: "],
      resources: ["v1: pods", "a/v1: things"],
      failures: ["a/v2: stale GroupVersion discovery: a/v2", "b/v1: stale GroupVersion discovery: b/v1"],
    });
    assert.equal(served.groups[1].preferredVersion?.version, "v1");
    assert.equal(served.groups[2].preferredVersion, undefined);
    assert.equal(paths.length, 4); // asked twice, as what fails mostly comes back
  });

  it("becomes resources and subresources as the old form has them (spec rest 16.2)", async () => {
    const kind = (kind: string) => ({ group: "", version: "", kind });
    const resources = [
      {
        resource: "deployments",
        responseKind: kind("Deployment"),
        scope: "Namespaced",
        singularResource: "deployment",
        verbs: ["get"],
        shortNames: ["deploy"],
        categories: ["all"],
        subresources: [
          {
            subresource: "scale",
            responseKind: { group: "autoscaling", version: "v1", kind: "Scale" },
            verbs: ["get"],
          },
          { subresource: "nothing", verbs: ["get"] },
        ],
      },
      {
        resource: "nodes",
        responseKind: kind("Node"),
        scope: "Cluster",
        singularResource: "node",
        verbs: null,
      },
      {
        resource: "missing",
        scope: "Namespaced",
        subresources: [{ subresource: "sub", responseKind: kind("Sub"), verbs: ["create"] }],
      },
      { resource: "empty", responseKind: kind(""), scope: "Namespaced" },
    ];
    const { discovery } = discovering({
      "/api": aggregated(),
      "/apis": aggregated(aggregatedGroup("apps", { v1: resources })),
    });
    assert.deepEqual((await discovery.all()).resources[0].resources, [
      {
        name: "deployments",
        singularName: "deployment",
        namespaced: true,
        kind: "Deployment",
        verbs: ["get"],
        shortNames: ["deploy"],
        categories: ["all"],
      },
      {
        name: "deployments/scale",
        singularName: "deployment",
        namespaced: true,
        group: "autoscaling",
        version: "v1",
        kind: "Scale",
        verbs: ["get"],
      },
      { name: "nodes", singularName: "node", namespaced: false, kind: "Node", verbs: [] },
      { name: "missing/sub", singularName: "", namespaced: true, kind: "Sub", verbs: ["create"] },
    ]);
  });

  for (
    const { type, is } of [
      { type: AGGREGATED, is: true },
      { type: "application/json;as=APIGroupDiscoveryList;v=v2;g=apidiscovery.k8s.io", is: true },
      { type: `${AGGREGATED};charset=utf-8`, is: true },
      { type: 'application/json; g="apidiscovery.k8s.io"; v=v2; as=APIGroupDiscoveryList', is: true },
      { type: "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList", is: false },
      { type: "application/json;g=example.com;v=v2;as=APIGroupDiscoveryList", is: false },
      { type: "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupList", is: false },
      { type: "application/yaml;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList", is: false },
      { type: "application/json", is: false },
      { type: "application/json;;=;g", is: false },
      { type: "", is: false },
    ]
  ) {
    it(`is ${is ? "" : "not "}taken from an answer of type ${JSON.stringify(type)} (spec rest 16.2)`, async () => {
      const body = { items: [aggregatedGroup("new", { v1: [] })], groups: [{ name: "old", versions: [] }] };
      const { discovery } = discovering({
        "/api": { versions: [] },
        "/apis": new Response(JSON.stringify(body), { headers: { "content-type": type } }),
      });
      assert.equal((await discovery.groups())[1].name, is ? "new" : "old");
    });
  }

  for (
    const { options, accept } of [
      { options: {}, accept: `${AGGREGATED},application/json` },
      { options: { form: "legacy" }, accept: "application/json" },
      { options: { noPeers: true }, accept: `${AGGREGATED};profile=nopeer,${AGGREGATED},application/json` },
      { options: { form: "legacy", noPeers: true }, accept: "application/json" },
    ] as { options: DiscoveryClientOptions; accept: string }[]
  ) {
    it(`is asked for as ${accept} with ${JSON.stringify(options)} (spec rest 16.2)`, async () => {
      const { discovery, requests } = discovering(OLD, options);
      await discovery.overview();
      assert.deepEqual(requests.map(({ headers }) => headers.get("accept")), [accept, accept]);
    });
  }
});

describe("DiscoveryClient.resources()", () => {
  it("reads the core group and named groups (spec rest 16.3)", async () => {
    const { discovery, paths } = discovering(OLD);
    assert.deepEqual(await discovery.resources("v1"), { groupVersion: "v1", resources: [PODS] });
    assert.deepEqual(await discovery.resources("batch/v1"), { groupVersion: "batch/v1", resources: [JOBS] });
    assert.deepEqual(paths, ["/api/v1", "/apis/batch/v1"]);
  });

  it("is empty for a server without core group, and refused for any other (spec rest 16.3)", async () => {
    const { discovery } = discovering({});
    assert.deepEqual(await discovery.resources("v1"), { groupVersion: "v1", resources: [] });
    await assert.rejects(discovery.resources("apps/v1"), isNotFound);
  });

  for (const groupVersion of ["", "/", "a/b/c", "/v1", "apps/"]) {
    it(`refuses to ask for ${JSON.stringify(groupVersion)} (spec rest 16.3)`, async () => {
      const { discovery, paths } = discovering(OLD);
      await assert.rejects(discovery.resources(groupVersion), TypeError);
      assert.deepEqual(paths, []);
    });
  }
});

describe("DiscoveryClient", () => {
  it("gives up after 32 seconds, also in the middle of an answer (spec rest 16.1)", async () => {
    for (
      const hang of [
        (request: Request) =>
          new Promise<Response>((_, reject) =>
            request.signal.addEventListener("abort", () => reject(request.signal.reason))
          ),
        () =>
          new Response(
            new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode("{")) }),
          ),
      ]
    ) {
      const clock = new ManualClock();
      const { rest } = answering({ ...OLD, "/apis": hang }, { clock });
      const asked = assert.rejects(new DiscoveryClient(rest).overview(), (error) => {
        assert.ok(isNetworkError(error));
        assert.match(error.message, /^GET http:\/\/coxswain\.test\/apis failed: no answer within 32 s/);
        return true;
      });
      await clock.advance(32_000);
      await asked;
      await rest[Symbol.asyncDispose]();
    }
  });

  it("leaves no timer behind, however it ends", async () => {
    const clock = new ManualClock();
    const { rest } = answering({ ...OLD, "/apis/batch/v1": () => status(403, "Forbidden") }, { clock });
    const discovery = new DiscoveryClient(rest);
    await discovery.groups();
    await assert.rejects(discovery.resources("batch/v1"), isForbidden);
    assert.equal(clock.timers, 0);
  });

  it("has a time-out that can be changed, and none that is no duration", async () => {
    const { rest } = answering(OLD);
    assert.throws(() => new DiscoveryClient(rest, { timeout: -1 }), RangeError);
    const clock = new ManualClock();
    const hanging = answering({ ...OLD, "/apis": () => new Promise<Response>(() => {}) }, { clock });
    const asked = assert.rejects(
      new DiscoveryClient(hanging.rest, { timeout: 100 }).groups(),
      /within 0.1 s/,
    );
    await clock.advance(100);
    await asked;
  });

  it("ends with the signal's reason (spec rest 16.4)", async () => {
    const { discovery, paths } = discovering({
      ...OLD,
      "/apis/batch/v1": () => new Promise<Response>(() => {}),
    });
    const controller = new AbortController();
    const asked = discovery.all({ signal: controller.signal });
    controller.abort(new Error("enough"));
    await assert.rejects(asked, { message: "enough" });
    await assert.rejects(discovery.all({ signal: controller.signal }), { message: "enough" });
    assert.ok(paths.length <= 2);
  });

  it("tells the server of its time-out, in the words of kubectl, whose HTTP cache goes by them (spec rest A.2)", async () => {
    const { rest, requests } = answering(OLD);
    await new DiscoveryClient(rest).groups();
    await new DiscoveryClient(rest, { timeout: 0 }).resources("apps/v1");
    assert.deepEqual(requests.map(({ url }) => url).sort(), [
      "http://coxswain.test/api?timeout=32s",
      "http://coxswain.test/apis/apps/v1",
      "http://coxswain.test/apis?timeout=32s",
    ]);
  });

  it("keeps the settings of the client (spec rest 16.1)", async () => {
    const { rest, requests } = answering(OLD, { userAgent: "shop-cli/1" });
    const before = JSON.stringify(rest.config);
    await new DiscoveryClient(rest).groups();
    assert.equal(JSON.stringify(rest.config), before);
    assert.equal(requests[0].headers.get("user-agent"), "shop-cli/1");
  });
});

describe("requireComplete()", () => {
  it("lets pass what is complete, and else throws all failures in order (spec rest 16.4)", () => {
    const complete = { groups: [], resources: [], failures: new Map() };
    assert.equal(requireComplete(complete), complete);
    const failures = new Map([["b/v1", new Error("two")], ["a/v1", new Error("one")]]);
    assert.throws(() => requireComplete({ ...complete, failures }), (error) => {
      assert.ok(isGroupDiscoveryError(error));
      assert.equal(
        error.message,
        "unable to retrieve the complete list of server APIs: a/v1: one, b/v1: two",
      );
      assert.deepEqual([...error.failures.keys()], ["a/v1", "b/v1"]);
      return true;
    });
    assert.ok(!isGroupDiscoveryError(new Error("other")));
  });
});
