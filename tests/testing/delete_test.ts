import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ApiServer, ManualClock } from "@coxswain/kube/testing";
import {
  type Answer,
  CONFIG_MAPS,
  configMap,
  mergePatch,
  openWatch,
  POD_SPEC,
  PODS,
  send,
} from "./exchange.ts";

const remove = (server: ApiServer, path: string, body?: unknown): Promise<Answer> =>
  send(server, "DELETE", path, { body });

async function serverWith(path: string, body: unknown, clock = new ManualClock()): Promise<ApiServer> {
  const server = new ApiServer({ clock, garbageCollection: false });
  assert.equal((await send(server, "POST", path, { body })).code, 201);
  return server;
}

describe("delete", () => {
  it("answers with a Status that says what is gone", async () => {
    const server = await serverWith(CONFIG_MAPS, configMap("a"));
    const { uid } = (await send(server, "GET", `${CONFIG_MAPS}/a`)).body.metadata;
    const { code, body } = await remove(server, `${CONFIG_MAPS}/a`);
    assert.equal(code, 200);
    assert.deepEqual([body.kind, body.status], ["Status", "Success"]);
    assert.deepEqual(body.details, { name: "a", kind: "configmaps", uid });
    const again = await remove(server, `${CONFIG_MAPS}/a`);
    assert.deepEqual([again.code, again.body.message], [404, 'configmaps "a" not found']);
  });

  it("answers with the object for the kinds that do", async () => {
    const path = "/api/v1/namespaces/default/serviceaccounts";
    const server = await serverWith(path, { metadata: { name: "sa" } });
    const { body } = await remove(server, `${path}/sa`);
    assert.deepEqual([body.kind, body.metadata.name], ["ServiceAccount", "sa"]);
  });

  for (
    const { name, options, code, message } of [
      {
        name: "another uid",
        options: { preconditions: { uid: "other" } },
        code: 409,
        message:
          /^Operation cannot be fulfilled on ConfigMap "a": the UID in the precondition \(other\) does not match/,
      },
      {
        name: "another version",
        options: { preconditions: { resourceVersion: "1" } },
        code: 409,
        message:
          /the ResourceVersion in the precondition \(1\) does not match the ResourceVersion in record \(5\)/,
      },
      {
        name: "an unknown policy",
        options: { propagationPolicy: "Foo" },
        code: 422,
        message: /^DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "Foo"/,
      },
      {
        name: "two policies",
        options: { propagationPolicy: "Orphan", orphanDependents: true },
        code: 422,
        message: /orphanDependents and deletionPropagation cannot be both set$/,
      },
      {
        name: "bad JSON",
        options: "{bad",
        code: 400,
        message: /^couldn't get version\/kind; json parse error/,
      },
    ]
  ) {
    it(`refuses ${name}: ${code}`, async () => {
      const server = await serverWith(CONFIG_MAPS, configMap("a"));
      const answer = await remove(server, `${CONFIG_MAPS}/a`, options);
      assert.equal(answer.code, code);
      assert.match(answer.body.message ?? "", message);
      assert.equal((await send(server, "GET", `${CONFIG_MAPS}/a`)).code, 200);
    });
  }

  it("with preconditions that hold goes through", async () => {
    const server = await serverWith(CONFIG_MAPS, configMap("a"));
    const { uid, resourceVersion } = (await send(server, "GET", `${CONFIG_MAPS}/a`)).body.metadata;
    assert.equal(
      (await remove(server, `${CONFIG_MAPS}/a`, { preconditions: { uid, resourceVersion } })).code,
      200,
    );
  });

  it("only tries with dryRun=All", async () => {
    const server = await serverWith(CONFIG_MAPS, configMap("a"));
    assert.equal((await remove(server, `${CONFIG_MAPS}/a?dryRun=All`)).code, 200);
    assert.equal((await send(server, "GET", `${CONFIG_MAPS}/a`)).code, 200);
  });
});

describe("finalizers", () => {
  it("keep an object until the last one is taken off", async () => {
    const server = await serverWith(
      CONFIG_MAPS,
      configMap("a", { metadata: { finalizers: ["x.io/a", "x.io/b"] } }),
    );
    const path = `${CONFIG_MAPS}/a`;
    const watch = await openWatch(server, `${CONFIG_MAPS}?resourceVersion=5`);
    const marked = (await remove(server, path)).body.metadata;
    assert.equal(marked.deletionTimestamp, "2026-01-01T00:00:00Z");
    assert.equal(marked.deletionGracePeriodSeconds, 0);
    assert.equal((await remove(server, path)).body.metadata.resourceVersion, marked.resourceVersion);
    const added = await mergePatch(server, path, { metadata: { finalizers: ["x.io/a", "x.io/c"] } });
    assert.equal(added.code, 422);
    assert.match(added.body.message ?? "", /no new finalizers can be added if the object is being deleted/);
    const kept = await mergePatch(server, path, {
      metadata: { finalizers: ["x.io/a"], deletionTimestamp: null },
    });
    assert.equal(kept.body.metadata.deletionTimestamp, "2026-01-01T00:00:00Z");
    assert.equal((await mergePatch(server, path, { metadata: { finalizers: null } })).code, 200);
    assert.equal((await send(server, "GET", path)).code, 404);
    assert.deepEqual(await watch.take(3), ["MODIFIED a@6", "MODIFIED a@7", "DELETED a@8"]);
    await watch.close();
  });

  for (
    const { policy, finalizers } of [
      { policy: "Foreground", finalizers: ["foregroundDeletion"] },
      { policy: "Orphan", finalizers: ["orphan"] },
    ]
  ) {
    it(`are what propagationPolicy=${policy} leaves to the garbage collector`, async () => {
      const server = await serverWith(CONFIG_MAPS, configMap("a"));
      const { body } = await remove(server, `${CONFIG_MAPS}/a?propagationPolicy=${policy}`);
      assert.deepEqual(body.metadata.finalizers, finalizers);
      assert.equal(
        (await remove(server, `${CONFIG_MAPS}/a?propagationPolicy=Background`)).body.kind,
        "Status",
      );
      assert.equal((await send(server, "GET", `${CONFIG_MAPS}/a`)).code, 404);
    });
  }
});

describe("deletion of pods", () => {
  it("is immediate when they run nowhere, and watchers see both steps", async () => {
    const server = await serverWith(PODS, { metadata: { name: "web" }, spec: POD_SPEC });
    const watch = await openWatch(server, `${PODS}?resourceVersion=5`);
    const { body } = await remove(server, `${PODS}/web`);
    assert.deepEqual([body.kind, body.metadata.generation], ["Pod", 2]);
    assert.deepEqual(await watch.take(2), ["MODIFIED web@6", "DELETED web@7"]);
    await watch.close();
  });

  it("waits for the kubelet when they run somewhere, and may be shortened but not prolonged", async () => {
    const clock = new ManualClock();
    const spec = { ...POD_SPEC, nodeName: "node-a" };
    const server = await serverWith(PODS, { metadata: { name: "web" }, spec }, clock);
    const seen: unknown[] = [];
    for (const grace of ["", "?gracePeriodSeconds=50", "?gracePeriodSeconds=20"]) {
      const { metadata } = (await remove(server, `${PODS}/web${grace}`)).body;
      seen.push([metadata.deletionTimestamp, metadata.deletionGracePeriodSeconds]);
    }
    assert.deepEqual(seen, [
      ["2026-01-01T00:00:30Z", 30],
      ["2026-01-01T00:00:30Z", 30],
      ["2026-01-01T00:00:20Z", 20],
    ]);
    assert.equal((await remove(server, `${PODS}/web?gracePeriodSeconds=0`)).code, 200);
    assert.equal((await send(server, "GET", `${PODS}/web`)).code, 404);
  });
});

describe("deletion of namespaces", () => {
  const path = "/api/v1/namespaces/shop";

  it("waits for finalize, and lets nothing new in", async () => {
    const server = await serverWith("/api/v1/namespaces", { metadata: { name: "shop" } });
    const { body } = await remove(server, path);
    assert.deepEqual(body.status, { phase: "Terminating" });
    const late = await send(server, "POST", `${path}/configmaps`, { body: configMap("late") });
    assert.equal(late.code, 403);
    assert.equal(
      late.body.message,
      'configmaps "late" is forbidden: unable to create new content in namespace shop because it is being terminated',
    );
    const done = await send(server, "PUT", `${path}/finalize`, {
      body: { metadata: { name: "shop" }, spec: { finalizers: [] } },
    });
    assert.equal(done.code, 200);
    assert.equal((await send(server, "GET", path)).code, 404);
  });

  it("is refused for those that the server needs", async () => {
    const { code, body } = await remove(new ApiServer(), "/api/v1/namespaces/default");
    assert.equal(code, 403);
    assert.equal(body.message, 'namespaces "default" is forbidden: this namespace may not be deleted');
  });
});

describe("deletion of a collection", () => {
  it("takes what the selectors select, and answers with it", async () => {
    const server = new ApiServer();
    for (const [name, app] of [["a", "web"], ["b", "api"], ["c", "web"]]) {
      server.load(configMap(name, { metadata: { namespace: "default", labels: { app } } }));
    }
    const { code, body } = await remove(server, `${CONFIG_MAPS}?labelSelector=app%3Dweb`);
    assert.equal(code, 200);
    assert.deepEqual(body.items.map(({ metadata }) => metadata.name), ["a", "c"]);
    const left = await send(server, "GET", CONFIG_MAPS);
    assert.deepEqual(left.body.items.map(({ metadata }) => metadata.name), ["b"]);
  });
});
