import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  DiscoveryClient,
  isAmbiguousMatch,
  isNoMatch,
  MemoryDiscoveryCache,
  type ResourceQuery,
  RestMapper,
} from "@coxswain/kube/discovery";
import type { ResourceType } from "@coxswain/kube/meta";
import { noLogger } from "@coxswain/kube/observe";
import {
  aggregated,
  aggregatedGroup,
  aggregatedResource,
  answering,
  type Answers,
  status,
} from "./answers.ts";

const CORE = aggregated(aggregatedGroup("", {
  v1: [
    aggregatedResource("pods", "Pod", { shortNames: ["po"], categories: ["all"] }),
    aggregatedResource("services", "Service", { shortNames: ["svc"], categories: ["all"] }),
    aggregatedResource("endpoints", "Endpoints", { shortNames: ["ep"] }),
    aggregatedResource("events", "Event", { shortNames: ["ev"] }),
    aggregatedResource("nodes", "Node", { scope: "Cluster" }),
  ],
}));

const APPS = aggregatedGroup("apps", {
  v1: [aggregatedResource("deployments", "Deployment", {
    shortNames: ["deploy"],
    categories: ["all"],
    subresources: [
      {
        subresource: "scale",
        responseKind: { group: "autoscaling", version: "v1", kind: "Scale" },
        verbs: ["get"],
      },
      { subresource: "status", responseKind: { group: "", version: "", kind: "Deployment" }, verbs: ["get"] },
    ],
  })],
});
const AUTOSCALING = aggregatedGroup("autoscaling", {
  v2: [aggregatedResource("horizontalpodautoscalers", "HorizontalPodAutoscaler", { shortNames: ["hpa"] })],
  v1: [aggregatedResource("horizontalpodautoscalers", "HorizontalPodAutoscaler", { shortNames: ["hpa"] })],
});
const EVENTS = aggregatedGroup("events.k8s.io", {
  v1: [aggregatedResource("events", "Event", { shortNames: ["ev"] })],
});
const STORAGE = aggregatedGroup("storage.k8s.io", {
  v1: [aggregatedResource("storageclasses", "StorageClass", { scope: "Cluster", shortNames: ["sc"] })],
});
const CUSTOM = aggregatedGroup("example.com", {
  v1: [
    // A short name that is another resource's name, and one that is another's short name.
    aggregatedResource("mypods", "MyPod", { shortNames: ["pods", "po"] }),
    aggregatedResource("policies", "Policy"),
    aggregatedResource("gases", "Gas", { singularResource: "" }),
  ],
  v1beta1: [aggregatedResource("mypods", "MyPod", { shortNames: ["po"] })],
});
const METRICS = aggregatedGroup("external.metrics.k8s.io", {
  v1beta1: [
    aggregatedResource("queue_a", "ExternalMetricValueList"),
    aggregatedResource("queue_b", "ExternalMetricValueList"),
  ],
});

function mapping(...groups: object[]): Answers & { mapper: RestMapper; warnings: string[] } {
  const server = answering({
    "/api": CORE,
    "/apis": aggregated(
      ...groups.length > 0 ? groups : [APPS, EVENTS, AUTOSCALING, STORAGE, CUSTOM, METRICS],
    ),
  });
  const warnings: string[] = [];
  const logger = { ...noLogger, warn: (message: string) => void warnings.push(message) };
  const mapper = new RestMapper(new MemoryDiscoveryCache(new DiscoveryClient(server.rest)), { logger });
  return { ...server, mapper, warnings };
}

const title = ({ plural, version, group }: ResourceType) =>
  [plural, version, group].filter(Boolean).join(".");

describe("RestMapper.resource()", () => {
  for (
    const { query, found, spec = "rest 17.1" } of [
      { query: "pods", found: "pods.v1" },
      { query: "pod", found: "pods.v1" },
      { query: "Pods", found: "pods.v1" },
      { query: "PO", found: "pods.v1", spec: "rest 17.4" },
      { query: "services", found: "services.v1" },
      { query: "service", found: "services.v1" },
      { query: "endpoints", found: "endpoints.v1" },
      { query: "policy", found: "policies.v1.example.com" },
      { query: "gas", found: "gases.v1.example.com", spec: "rest 17.2" },
      { query: "events", found: "events.v1", spec: "rest 17.2" },
      { query: "events.events.k8s.io", found: "events.v1.events.k8s.io" },
      { query: "ev.events.k8s.io", found: "events.v1.events.k8s.io", spec: "rest 17.4" },
      { query: "deploy", found: "deployments.v1.apps", spec: "rest 17.4" },
      { query: "deploy.apps", found: "deployments.v1.apps", spec: "rest 17.4" },
      { query: "deployments.v1.apps", found: "deployments.v1.apps" },
      { query: "Deployment.v1.apps", found: "deployments.v1.apps" },
      { query: "hpa", found: "horizontalpodautoscalers.v2.autoscaling", spec: "rest 17.2" },
      { query: "hpa.v1.autoscaling", found: "horizontalpodautoscalers.v1.autoscaling" },
      { query: "hpa.autoscal", found: "horizontalpodautoscalers.v2.autoscaling", spec: "rest 17.4" },
      { query: "storageclass.storage", found: "storageclasses.v1.storage.k8s.io" },
      { query: "mypods", found: "mypods.v1.example.com" },
      { query: { resource: "mypods", version: "v1beta1" }, found: "mypods.v1beta1.example.com" },
      { query: { resource: "events", group: "events.k8s.io" }, found: "events.v1.events.k8s.io" },
      { query: { resource: "storageclasses", group: "storage", version: "v1" }, found: undefined },
      { query: { resource: "pods", version: "v2" }, found: undefined, spec: "rest 17, version mismatch" },
      { query: { resource: "deployments", group: "batch" }, found: undefined },
      { query: "nothing", found: undefined },
    ] as { query: string | ResourceQuery; found?: string; spec?: string }[]
  ) {
    it(`finds ${found ?? "nothing"} for ${JSON.stringify(query)} (spec ${spec})`, async () => {
      const { mapper } = mapping();
      if (found === undefined) await assert.rejects(mapper.resource(query), isNoMatch);
      else assert.equal(title(await mapper.resource(query)), found);
    });
  }

  it("gives a whole descriptor, ready for a client (spec rest 16.2)", async () => {
    const { mapper } = mapping();
    assert.deepEqual(await mapper.resource("deploy"), {
      group: "apps",
      version: "v1",
      kind: "Deployment",
      plural: "deployments",
      singular: "deployment",
      scope: "Namespaced",
      shortNames: ["deploy"],
      categories: ["all"],
      verbs: ["get", "list"],
      subresources: ["scale", "status"],
    });
    assert.equal((await mapper.resource("nodes")).scope, "Cluster");
  });

  it("takes the group whose preferred version comes first, and discovery's order where none is preferred (spec rest 17)", async () => {
    const { mapper } = mapping(
      aggregatedGroup("b.example.com", { v1: [aggregatedResource("things", "Thing")] }),
      aggregatedGroup("a.example.com", { v2: [aggregatedResource("things", "Thing")] }),
    );
    assert.deepEqual((await mapper.resources("things")).map(title), [
      "things.v1.b.example.com",
      "things.v2.a.example.com",
    ]);
  });

  it("does not let a short name take the place of a resource's name (spec rest 17.4)", async () => {
    const { mapper } = mapping();
    assert.equal(title(await mapper.resource("pods")), "pods.v1");
    assert.equal(
      title(await mapper.resource({ resource: "pods", group: "example.com" })),
      "mypods.v1.example.com",
    );
  });

  it("says once that a short name could mean something else too, but not for versions of the same (spec rest 17.4)", async () => {
    const { mapper, warnings } = mapping();
    await mapper.resource("po");
    await mapper.resource("po");
    await mapper.resource("hpa");
    assert.deepEqual(warnings, [
      'short name "po" could also match lower priority resource mypods.example.com',
    ]);
  });
});

describe("RestMapper.kind()", () => {
  it("finds the resource of an object (spec rest 17.2)", async () => {
    const { mapper } = mapping();
    assert.equal(
      title(await mapper.kind({ apiVersion: "apps/v1", kind: "Deployment" })),
      "deployments.v1.apps",
    );
    assert.equal(title(await mapper.kind({ apiVersion: "v1", kind: "Pod" })), "pods.v1");
    assert.equal(title(await mapper.kind({ apiVersion: "v1", kind: "pod" })), "pods.v1");
  });

  it("takes the preferred version when none is given, and the first that exists of those given (spec rest 17)", async () => {
    const { mapper } = mapping();
    const hpa = { kind: "HorizontalPodAutoscaler", group: "autoscaling" };
    assert.equal((await mapper.kind(hpa)).version, "v2");
    assert.equal((await mapper.kind({ ...hpa, versions: ["v3", "v1", "v2"] })).version, "v1");
    assert.equal((await mapper.kind({ kind: "HorizontalPodAutoscaler" })).group, "autoscaling");
  });

  it("takes the first group in the order of discovery when two have the kind (spec rest 17)", async () => {
    const { mapper } = mapping();
    assert.equal((await mapper.kind({ kind: "Event" })).group, "");
    assert.equal((await mapper.kind({ kind: "Event", group: "events.k8s.io" })).group, "events.k8s.io");
  });

  it("refuses to choose among resources of one version that have the same kind (spec rest 17.1)", async () => {
    const { mapper } = mapping();
    const query = { apiVersion: "external.metrics.k8s.io/v1beta1", kind: "ExternalMetricValueList" };
    await assert.rejects(mapper.kind(query), (error) => {
      assert.ok(isAmbiguousMatch(error));
      assert.match(error.message, /queue_a .*queue_b /);
      return true;
    });
  });
});

describe("NoMatchError", () => {
  for (
    const { query, says } of [
      {
        query: { apiVersion: "apps/v1beta1", kind: "Deployment" },
        says: 'no matches for kind "Deployment" in version "apps/v1beta1". The server has it in apps/v1',
      },
      {
        query: { apiVersion: "apps/v1", kind: "Deplyoment" },
        says: 'no matches for kind "Deplyoment" in version "apps/v1". Nearest: Deployment in apps/v1',
      },
      {
        query: { kind: "Pod", group: "", versions: ["v3", "v2"] },
        says: 'no matches for kind "Pod" in versions ["v2" "v3"]. The server has it in v1',
      },
      {
        query: { kind: "Widget", group: "example.com" },
        says:
          'no matches for kind "Widget" in group "example.com". The server has other kinds of the group "example.com"',
      },
      {
        query: { kind: "Widget", group: "widgets.io" },
        says:
          'no matches for kind "Widget" in group "widgets.io". Is its CustomResourceDefinition installed?',
      },
    ]
  ) {
    it(`says: ${says} (spec rest 17.1)`, async () => {
      const { mapper } = mapping();
      await assert.rejects(mapper.kind(query), { name: "NoMatchError", message: says });
    });
  }

  for (const name of ["", ".", ".apps", "/pods"]) {
    it(`is not for ${JSON.stringify(name)}, which is no name`, async () => {
      const { mapper, paths } = mapping();
      await assert.rejects(mapper.resource(name), TypeError);
      await assert.rejects(mapper.kind({ kind: name, apiVersion: "v1" }), TypeError);
      assert.deepEqual(paths, []);
    });
  }

  it("proposes resources by any of their names", async () => {
    const { mapper } = mapping();
    await assert.rejects(mapper.resource("deploymnets"), {
      message: /Nearest: deployments in apps\/v1, deployment in apps\/v1$/,
    });
    await assert.rejects(mapper.resource("hpa.v3.autoscaling"), {
      message:
        'no matches for resource "hpa" in group "autoscaling" in version "v3". The server has it in autoscaling/v2, autoscaling/v1',
    });
  });

  it("tells when discovery failed where the kind would be", async () => {
    const { mapper } = mapping(aggregatedGroup("metrics.k8s.io", { v1beta1: "Stale" }));
    await assert.rejects(mapper.kind({ apiVersion: "metrics.k8s.io/v1beta1", kind: "PodMetrics" }), {
      message: /could not say what it has in metrics\.k8s\.io\/v1beta1: stale GroupVersion discovery/,
    });
  });
});

describe("RestMapper", () => {
  it("asks nothing before it is asked, and then once", async () => {
    const { mapper, paths } = mapping();
    assert.deepEqual(paths, []);
    await Promise.all([mapper.resource("pods"), mapper.kind({ apiVersion: "v1", kind: "Pod" })]);
    await mapper.resource("deploy");
    assert.deepEqual(paths, ["/api", "/apis"]);
  });

  it("finds a kind that came since, with one more discovery (spec rest 17.3)", async () => {
    const { mapper, paths, answers } = mapping(APPS);
    await mapper.resource("pods");
    answers["/apis"] = aggregated(APPS, CUSTOM);
    assert.equal(
      title(await mapper.kind({ apiVersion: "example.com/v1", kind: "MyPod" })),
      "mypods.v1.example.com",
    );
    assert.equal(title(await mapper.resource("mypod")), "mypods.v1.example.com");
    assert.equal(paths.length, 4);
  });

  it("finds a short name that came since (spec rest 17.4)", async () => {
    const { mapper, answers } = mapping(APPS);
    await mapper.resource("pods");
    answers["/apis"] = aggregated(APPS, STORAGE);
    assert.equal(title(await mapper.resource("sc")), "storageclasses.v1.storage.k8s.io");
  });

  it("does not ask again for what the discovery of a moment ago did not have (spec rest 17.3)", async () => {
    const { mapper, paths } = mapping();
    await assert.rejects(mapper.resource("nothing"), isNoMatch);
    assert.equal(paths.length, 2);
    await assert.rejects(mapper.resource("nothing"), isNoMatch);
    assert.equal(paths.length, 4);
  });

  it("shares one discovery among those who miss at the same time", async () => {
    const { mapper, paths } = mapping();
    await mapper.resource("pods");
    await Promise.allSettled(["a-1", "b-2", "c-3"].map((name) => mapper.resource(name)));
    assert.equal(paths.length, 4);
  });

  it("shares one more discovery among those who miss in what a cache had before (spec rest 17.3)", async () => {
    const { rest, paths } = mapping();
    const cache = new MemoryDiscoveryCache(new DiscoveryClient(rest));
    await cache.groups();
    const mapper = new RestMapper(cache);
    await Promise.allSettled(["a-1", "b-2", "c-3"].map((name) => mapper.resource(name)));
    assert.equal(paths.length, 4);
  });

  it("rejects with the failure of discovery, and tries again at the next call (spec rest 17.3)", async () => {
    const { mapper, answers } = mapping(APPS);
    answers["/apis"] = () => status(503, "ServiceUnavailable");
    await assert.rejects(mapper.resource("pods"), { code: 503 });
    answers["/apis"] = aggregated(APPS);
    assert.equal(title(await mapper.resource("pods")), "pods.v1");
  });

  it("works with what there is when some groups fail (spec rest 17.3)", async () => {
    const { mapper } = mapping(aggregatedGroup("metrics.k8s.io", { v1beta1: "Stale" }), APPS);
    assert.equal(title(await mapper.resource("deploy")), "deployments.v1.apps");
  });

  it("forgets when it is told to (spec rest 17.3)", async () => {
    const { mapper, paths } = mapping();
    await mapper.resource("pods");
    mapper.reset();
    await mapper.resource("pods");
    assert.equal(paths.length, 4);
  });

  it("does not keep what was asked for before it was told to forget", async () => {
    const gate = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    const { mapper, answers, paths } = mapping(APPS);
    const old = answers["/apis"];
    answers["/apis"] = async () => {
      arrived.resolve();
      await gate.promise;
      return (old as Response).clone();
    };
    const before = mapper.resource("pods");
    await arrived.promise;
    mapper.reset();
    answers["/apis"] = aggregated(APPS, CUSTOM);
    assert.equal((await mapper.resource("mypods")).kind, "MyPod");
    gate.resolve();
    assert.equal((await before).kind, "Pod");
    assert.equal((await mapper.resources("mypods"))[0].kind, "MyPod");
    assert.equal(paths.length, 4);
  });

  it("lets a caller give up, and the others have their answer", async () => {
    const { mapper } = mapping();
    const controller = new AbortController();
    const first = mapper.resource("pods", { signal: controller.signal });
    const second = mapper.resource("deploy");
    controller.abort(new Error("enough"));
    await assert.rejects(first, { message: "enough" });
    assert.equal((await second).kind, "Deployment");
  });

  it("lists a category in the order of discovery, and nothing for an unknown one (spec rest 17.4)", async () => {
    const { mapper } = mapping();
    assert.deepEqual((await mapper.category("all")).map(title), [
      "pods.v1",
      "services.v1",
      "deployments.v1.apps",
    ]);
    assert.deepEqual(await mapper.category("nothing"), []);
  });
});
