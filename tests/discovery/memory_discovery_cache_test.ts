import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DiscoveryClient, MemoryDiscoveryCache } from "@coxswain/kube/discovery";
import {
  aggregated,
  aggregatedGroup,
  aggregatedResource,
  type Answer,
  answering,
  status,
} from "./answers.ts";

const APPS_V1 = { groupVersion: "apps/v1", version: "v1" };
const DEPLOYMENTS = {
  name: "deployments",
  singularName: "deployment",
  namespaced: true,
  kind: "Deployment",
  verbs: ["get"],
};

const OLD: Record<string, Answer> = {
  "/api": { versions: [] },
  "/apis": { groups: [{ name: "apps", versions: [APPS_V1], preferredVersion: APPS_V1 }] },
  "/apis/apps/v1": { resources: [DEPLOYMENTS] },
};
const NEW: Record<string, Answer> = {
  "/api": aggregated(),
  "/apis": aggregated(
    aggregatedGroup("apps", { v1: [aggregatedResource("deployments", "Deployment")] }),
    aggregatedGroup("empty", { v1: [] }),
    aggregatedGroup("metrics.k8s.io", { v1: "Stale" }),
  ),
  "/apis/metrics.k8s.io/v1": { resources: [{ ...DEPLOYMENTS, name: "nodes" }] },
};

function caching(answers: Record<string, Answer>) {
  const server = answering({ ...answers });
  return { ...server, cache: new MemoryDiscoveryCache(new DiscoveryClient(server.rest)) };
}

describe("MemoryDiscoveryCache", () => {
  for (
    const { form, answers, requests } of [{ form: "aggregated", answers: NEW, requests: 2 }, {
      form: "old",
      answers: OLD,
      requests: 3,
    }]
  ) {
    it(`asks once, until it is told to forget; ${form} form (spec rest 16.5)`, async () => {
      const { cache, paths } = caching(answers);
      assert.equal(cache.fresh, false);
      assert.deepEqual(paths, []);
      for (let i = 0; i < 2; i++) {
        await cache.groups();
        assert.equal((await cache.resources("apps/v1")).resources[0].name, "deployments");
        assert.equal((await cache.all()).resources[0].groupVersion, "apps/v1");
      }
      assert.equal(cache.fresh, true);
      assert.equal(paths.length, requests);
      cache.invalidate();
      assert.equal(cache.fresh, false);
      await cache.groups();
      assert.equal(paths.length, 2 * requests);
    });
  }

  it("does not look for what the server did not list (spec rest 16.5)", async () => {
    const { cache, paths } = caching(NEW);
    await assert.rejects(cache.resources("example.com/v1"), {
      name: "NotServedError",
      message: /not found.*example\.com\/v1/,
    });
    assert.equal(paths.length, 2);
  });

  it("does not remember that the groups could not be read (spec rest 16.5)", async () => {
    const { cache, answers } = caching({ ...OLD, "/apis": () => status(403, "Forbidden") });
    await assert.rejects(cache.groups(), { code: 403 });
    assert.equal(cache.fresh, false);
    answers["/apis"] = OLD["/apis"];
    assert.equal((await cache.groups()).length, 2);
  });

  it("remembers that a group failed for good (spec rest 16.5)", async () => {
    const { cache, answers } = caching({ ...OLD, "/apis/apps/v1": () => status(403, "Forbidden") });
    await assert.rejects(cache.resources("apps/v1"), { code: 403 });
    answers["/apis/apps/v1"] = OLD["/apis/apps/v1"];
    await assert.rejects(cache.resources("apps/v1"), { code: 403 });
    assert.deepEqual([...(await cache.all()).failures.keys()], ["apps/v1"]);
    cache.invalidate();
    await cache.resources("apps/v1");
  });

  for (
    const { name, failure } of [
      { name: "503", failure: () => status(503, "ServiceUnavailable") },
      { name: "429", failure: () => status(429, "TooManyRequests") },
      {
        name: "a connection that is refused",
        failure: () => Promise.reject(new TypeError("connection refused")),
      },
    ] as { name: string; failure: () => Response | Promise<Response> }[]
  ) {
    it(`asks again after ${name}, and then has it (spec rest 16.5)`, async () => {
      const { cache, answers, paths } = caching({ ...OLD, "/apis/apps/v1": failure });
      await cache.groups();
      await assert.rejects(cache.resources("apps/v1"));
      answers["/apis/apps/v1"] = OLD["/apis/apps/v1"];
      assert.equal((await cache.all()).failures.size, 0);
      const { length } = paths;
      await cache.resources("apps/v1");
      assert.equal(paths.length, length);
    });
  }

  it("remembers that a version is stale (spec rest 16.5)", async () => {
    const { cache, paths } = caching(NEW);
    await assert.rejects(cache.resources("metrics.k8s.io/v1"), { name: "StaleGroupVersionError" });
    await assert.rejects(cache.resources("metrics.k8s.io/v1"), { name: "StaleGroupVersionError" });
    assert.equal(paths.length, 2);
  });

  it("counts an empty answer as a failure, but an empty aggregated version not (spec rest 16.5)", async () => {
    const old = caching({ ...OLD, "/apis/apps/v1": { resources: [] } });
    await assert.rejects(old.cache.resources("apps/v1"), { message: "received empty response for: apps/v1" });
    const { cache } = caching(NEW);
    assert.deepEqual(await cache.resources("empty/v1"), { groupVersion: "empty/v1", resources: [] });
  });

  it("is asked again after a call that was given up (spec rest 16.5)", async () => {
    let hang = true;
    const { cache, paths } = caching({
      ...OLD,
      "/apis": (request) =>
        hang
          ? new Promise<Response>((_, reject) =>
            request.signal.addEventListener("abort", () => reject(request.signal.reason))
          )
          : Response.json(OLD["/apis"]),
    });
    const controller = new AbortController();
    const asked = cache.groups({ signal: controller.signal });
    controller.abort(new Error("enough"));
    await assert.rejects(asked, { message: "enough" });
    assert.equal(cache.fresh, false);
    hang = false;
    assert.equal((await cache.groups()).length, 2);
    assert.ok(paths.length <= 5);
  });

  it("shares one request among those who ask at the same time (spec rest 16.5)", async () => {
    const { cache, paths } = caching(NEW);
    await Promise.all([cache.groups(), cache.resources("apps/v1"), cache.all()]);
    assert.equal(paths.length, 2);
  });

  it("does not keep what was asked for before it was told to forget", async () => {
    const gate = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    const { cache, answers } = caching({
      ...NEW,
      "/apis": async () => {
        arrived.resolve();
        await gate.promise;
        return aggregated(aggregatedGroup("old", { v1: [] }));
      },
    });
    const before = cache.groups();
    await arrived.promise;
    cache.invalidate();
    answers["/apis"] = NEW["/apis"];
    assert.equal((await cache.groups())[0].name, "apps");
    gate.resolve();
    assert.equal((await before)[0].name, "old");
    assert.equal((await cache.groups())[0].name, "apps");
  });
});
