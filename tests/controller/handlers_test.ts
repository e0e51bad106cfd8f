import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type AdmissionDecision,
  type AdmissionRequest,
  admissionWebhook,
  allow,
  conversionWebhook,
  deny,
  healthHandler,
  mutate,
} from "@coxswain/kube/controller";
import { PrometheusMeter } from "@coxswain/kube/observe";
import type { ConfigMap } from "@coxswain/kube/types/core/v1";

const post = (body: unknown) =>
  new Request("https://localhost/", {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

describe("admissionWebhook()", () => {
  const object: ConfigMap = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "shop" },
    data: { a: "ü" },
  };
  async function answer(
    decide: (request: AdmissionRequest<ConfigMap>) => AdmissionDecision,
    logged: string[] = [],
  ) {
    const log = (message: string) => void logged.push(message);
    const handle = admissionWebhook<ConfigMap>(decide, {
      logger: { debug: log, info: log, warn: log, error: log },
    });
    const request = { uid: "7", operation: "CREATE", object, oldObject: null };
    const response = await handle(
      post({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request }),
    );
    assert.match(response.headers.get("content-type") ?? "", /^application\/json/);
    const { apiVersion, kind, response: review } = await response.json();
    assert.deepEqual([apiVersion, kind, review.uid], ["admission.k8s.io/v1", "AdmissionReview", "7"]);
    return review;
  }

  it("allows, with warnings", async () => {
    assert.deepEqual(await answer(() => allow()), { uid: "7", allowed: true });
    assert.deepEqual(await answer(() => allow("it is old")), {
      uid: "7",
      allowed: true,
      warnings: ["it is old"],
    });
  });

  it("denies, and says why", async () => {
    const status = { code: 403, reason: "Forbidden", message: "not here" };
    assert.deepEqual(await answer(() => deny("not here")), { uid: "7", allowed: false, status });
    assert.equal((await answer(() => deny("bad", { code: 422, reason: "Invalid" }))).status.code, 422);
  });

  for (const how of ["a copy", "the object itself"]) {
    it(`answers with the patch that makes what ${how} was changed to`, async () => {
      const review = await answer(({ object }) => {
        const changed = how === "a copy" ? structuredClone(object!) : object!;
        changed.data = { a: "ü", b: "→" };
        return mutate(changed, "b was added");
      });
      assert.deepEqual([review.allowed, review.patchType, review.warnings], [true, "JSONPatch", [
        "b was added",
      ]]);
      const bytes = Uint8Array.from(atob(review.patch), (character) => character.charCodeAt(0));
      assert.deepEqual(JSON.parse(new TextDecoder().decode(bytes)), [{
        op: "add",
        path: "/data/b",
        value: "→",
      }]);
    });
  }

  it("answers without a patch when nothing was changed", async () => {
    assert.deepEqual(await answer(({ object }) => mutate(object!)), { uid: "7", allowed: true });
  });

  it("refuses when it fails, and tells only the log why", async () => {
    const logged: string[] = [];
    const review = await answer(() => {
      throw new Error("secret");
    }, logged);
    assert.equal(review.allowed, false);
    assert.equal(review.status.code, 500);
    assert.doesNotMatch(JSON.stringify(review), /secret/);
    assert.deepEqual(logged, ["an admission webhook failed"]);
  });

  for (
    const { name, request, status } of [
      { name: "another method", request: new Request("https://localhost/"), status: 405 },
      { name: "no JSON", request: post("{"), status: 400 },
      { name: "null", request: post("null"), status: 400 },
      { name: "another kind", request: post({ apiVersion: "v1", kind: "Pod" }), status: 400 },
      {
        name: "another version",
        request: post({ apiVersion: "admission.k8s.io/v1beta1", kind: "AdmissionReview" }),
        status: 400,
      },
      {
        name: "no request",
        request: post({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview" }),
        status: 400,
      },
      {
        name: "too much",
        request: new Request("https://localhost/", {
          method: "POST",
          headers: { "content-length": "99999999" },
          body: "{}",
        }),
        status: 413,
      },
    ]
  ) {
    it(`refuses ${name}`, async () => {
      const response = await admissionWebhook(() => allow())(request);
      if (name === "too much" && request.headers.get("content-length") === null) return; // a runtime that hides it
      assert.equal(response.status, status);
    });
  }
});

describe("conversionWebhook()", () => {
  const review = (objects: object[]) =>
    post({
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "ConversionReview",
      request: { uid: "7", desiredAPIVersion: "example.com/v2", objects },
    });
  const one = (version: string, name: string) => ({
    apiVersion: `example.com/${version}`,
    kind: "App",
    metadata: { name },
  });

  it("converts what has another version, in order", async () => {
    const handle = conversionWebhook((object) => ({ ...object, spec: { new: true } } as typeof object));
    const answer = await (await handle(review([one("v1", "a"), one("v2", "b")]))).json();
    assert.deepEqual(answer.response, {
      uid: "7",
      convertedObjects: [{ ...one("v2", "a"), spec: { new: true } }, one("v2", "b")],
      result: { status: "Success" },
    });
  });

  it("fails for all when one fails", async () => {
    const handle = conversionWebhook(() => {
      throw new Error("no size");
    });
    const answer = await (await handle(review([one("v1", "a")]))).json();
    assert.deepEqual(answer.response, {
      uid: "7",
      convertedObjects: [],
      result: { status: "Failure", message: "no size" },
    });
  });
});

describe("healthHandler()", () => {
  const meter = new PrometheusMeter();
  meter.counter({ name: "shop_orders_total", help: "Orders taken." }).add(1);
  const failing = () => Promise.reject(new Error("secret"));
  const handle = healthHandler({
    live: { ping: () => {} },
    ready: { caches: () => {}, database: failing },
    metrics: meter,
  });
  const get = async (path: string, method = "GET") => {
    const response = await handle(new Request(`http://localhost${path}`, { method }));
    return { status: response.status, text: await response.text() };
  };

  for (
    const { path, status, text } of [
      { path: "/healthz", status: 200, text: "ok" },
      { path: "/livez", status: 200, text: "ok" },
      { path: "/healthz?verbose", status: 200, text: "[+]ping ok\nhealthz check passed\n" },
      {
        path: "/readyz",
        status: 500,
        text: "[+]caches ok\n[-]database failed: reason withheld\nreadyz check failed\n",
      },
      { path: "/readyz?exclude=database", status: 200, text: "ok" },
      { path: "/readyz/caches", status: 200, text: "ok" },
      {
        path: "/readyz/database",
        status: 500,
        text: "[-]database failed: reason withheld\nreadyz check failed\n",
      },
      { path: "/readyz/other", status: 404, text: "not found\n" },
      { path: "/readyz/toString", status: 404, text: "not found\n" },
      { path: "/", status: 404, text: "not found\n" },
    ]
  ) {
    it(`answers ${path} with ${status}`, async () => assert.deepEqual(await get(path), { status, text }));
  }

  it("serves metrics", async () => {
    assert.match((await get("/metrics")).text, /shop_orders_total 1/);
    assert.equal((await healthHandler({})(new Request("http://localhost/metrics"))).status, 404);
    assert.equal((await get("/healthz", "POST")).status, 405);
  });
});
