import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  ApplyManifestsError,
  type ApplyManifestsOptions,
  Client,
  ManifestError,
  type ManifestResult,
} from "@coxswain/kube/client";
import type { KubernetesObject } from "@coxswain/kube/meta";
import { ApiServer } from "@coxswain/kube/testing";
import { cleaned, type Cleanup } from "../cleanup.ts";

/** A server that takes what is applied, though without owners of fields, and what it was asked to change. */
function setUp(t: Cleanup) {
  const server = new ApiServer();
  const asked: string[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const { origin, pathname, searchParams } = new URL(String(input));
    if (init?.method !== undefined && init.method !== "GET") {
      asked.push(`${init.method} ${pathname.split("/").slice(-2).join("/")}`);
    }
    if (pathname.endsWith("/unreadable") && (init?.method ?? "GET") === "GET") {
      const status = { kind: "Status", apiVersion: "v1", status: "Failure", code: 403, reason: "Forbidden" };
      return Response.json(status, { status: 403 });
    }
    if (new Headers(init?.headers).get("content-type") !== "application/apply-patch+yaml") {
      return await server.fetch(input, init);
    }
    const object = JSON.parse(init?.body as string) as KubernetesObject;
    if (object.metadata?.labels?.refused !== undefined) {
      const status = { kind: "Status", apiVersion: "v1", status: "Failure", code: 422, message: "no" };
      return Response.json(status, { status: 422 });
    }
    const headers = { "content-type": "application/json" };
    const query = searchParams.has("dryRun") ? "?dryRun=All" : "";
    const found = await server.fetch(origin + pathname);
    if (found.status === 404) {
      const collection = origin + pathname.replace(/\/[^/]+$/, "");
      return await server.fetch(collection + query, { method: "POST", headers, body: init?.body });
    }
    const before = await found.json();
    const merged = { ...before, ...object, metadata: { ...before.metadata, ...object.metadata } };
    return await server.fetch(origin + pathname + query, {
      method: "PUT",
      headers,
      body: JSON.stringify(merged),
    });
  };
  const client = new Client({ server: "http://coxswain.test", fetch, namespace: "default" });
  t.after(async () => {
    await client[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });
  const apply = (manifests: string | KubernetesObject[], options: Partial<ApplyManifestsOptions> = {}) =>
    client.applyManifests(manifests, { fieldManager: "shop-cli", ...options });
  return { apply, asked, client };
}

const map = (name: string, more: KubernetesObject["metadata"] = {}, data: Record<string, string> = {}) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, ...more },
  data,
});
const namespace = (name: string) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
const told = (results: readonly ManifestResult[]) =>
  results.map(({ outcome, kind, name }) => `${outcome} ${kind} ${name}`);

describe("applyManifests()", () => {
  it(
    "creates what others need first, and says what became of each",
    cleaned(async (t) => {
      const { apply, asked } = setUp(t);
      const text = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {replicas: 1, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: b}]}}}
---
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: ConfigMap, metadata: {name: b, namespace: shop}}
- {apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: shop}}
- {apiVersion: v1, kind: Secret, metadata: {name: s, namespace: shop}}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop}
`;
      const seen: ManifestResult[] = [];
      const results = await apply(text, { onResult: (result) => seen.push(result) });
      assert.deepEqual(told(results), [
        "created Namespace shop",
        "created Secret s",
        "created ConfigMap b",
        "created ConfigMap a",
        "created Deployment web",
      ]);
      assert.deepEqual(seen, results);
      assert.deepEqual(results.map(({ where }) => where), [
        "document 3, line 14",
        "document 2, line 12",
        "document 2, line 10",
        "document 2, line 11",
        "document 1, line 2",
      ]);
      assert.deepEqual(asked, [
        "PATCH namespaces/shop",
        "PATCH secrets/s",
        "PATCH configmaps/b",
        "PATCH configmaps/a",
        "PATCH deployments/web",
      ]);
      assert.deepEqual(
        new Set(told(await apply(text)).map((one) => one.split(" ")[0])),
        new Set(["unchanged"]),
      );
    }),
  );

  it(
    "takes objects in place of a text, without changing them, and knows where they go",
    cleaned(async (t) => {
      const { apply, client } = setUp(t);
      const objects = [map("a"), map("b", { namespace: "kube-system" })];
      const before = structuredClone(objects);
      const results = await apply(objects, { namespace: "kube-public" });
      assert.deepEqual(results.map(({ namespace, where }) => [namespace, where]), [
        ["kube-public", "object 1"],
        ["kube-system", "object 2"],
      ]);
      assert.deepEqual(objects, before);
      assert.equal((await apply(objects))[0].namespace, "default");
      const list = {
        apiVersion: "v1",
        kind: "ConfigMapList",
        items: [{ metadata: { name: "c" } }],
      } as KubernetesObject;
      const [{ kind, where }] = await apply([list]);
      assert.deepEqual([kind, where], ["ConfigMap", "object 1, items[0]"]);
      const maps = client.resource(await client.find("cm")).namespace("default");
      assert.equal((await maps.get("c")).kind, "ConfigMap");
    }),
  );

  it(
    "tells configured from unchanged, also in a dry run",
    cleaned(async (t) => {
      const { apply } = setUp(t);
      await apply([map("a", {}, { a: "1" })]);
      assert.deepEqual(told(await apply([map("a", {}, { a: "1" }), map("b")], { dryRun: "All" })), [
        "unchanged ConfigMap a",
        "created ConfigMap b",
      ]);
      const changed = [map("a", {}, { a: "2" }), map("b")];
      assert.deepEqual(told(await apply(changed, { dryRun: "All" })), [
        "configured ConfigMap a",
        "created ConfigMap b",
      ]);
      assert.deepEqual(told(await apply(changed)), ["configured ConfigMap a", "created ConfigMap b"]);
      // Who may apply may not always read.
      assert.deepEqual(told(await apply([map("unreadable")])), ["configured ConfigMap unreadable"]);
    }),
  );

  it(
    "goes on after a failure, or stops; either way it throws in the end, with all that it has done",
    cleaned(async (t) => {
      const { apply } = setUp(t);
      const objects = [map("a"), map("b", { labels: { refused: "yes" } }), map("c"), namespace("shop")];
      await assert.rejects(apply(objects), (error) => {
        assert.ok(error instanceof ApplyManifestsError);
        assert.deepEqual(told(error.results), [
          "created Namespace shop",
          "created ConfigMap a",
          "failed ConfigMap b",
          "created ConfigMap c",
        ]);
        assert.equal(
          error.message,
          'Could not apply 1 of 4 objects: ConfigMap "b" in namespace "default" (object 2): no',
        );
        return true;
      });
      await assert.rejects(apply(objects, { onFailure: "stop" }), (error) => {
        assert.deepEqual(told((error as ApplyManifestsError).results).slice(-1), ["failed ConfigMap b"]);
        return true;
      });
      const unknown = { apiVersion: "example.org/v1", kind: "Nothing", metadata: { name: "a" } };
      await assert.rejects(apply([unknown]), /Nothing "a" \(object 1\): no matches for kind "Nothing"/);
    }),
  );

  it("stops when the server cannot be reached", async () => {
    let asked = 0;
    const fetch = () =>
      Promise.reject(new TypeError(`fetch failed ${++asked}`, { cause: new Error("ECONNREFUSED") }));
    const client = new Client({ server: "http://coxswain.test", fetch, maxRetries: 0 });
    await assert.rejects(client.applyManifests([map("a"), map("b")], { fieldManager: "me" }), (error) => {
      assert.deepEqual(told((error as ApplyManifestsError).results), ["failed ConfigMap a"]);
      return true;
    });
    assert.ok(asked > 0);
    await client[Symbol.asyncDispose]();
  });

  it(
    "prunes what was applied with the same set before, and only when all went well",
    cleaned(async (t) => {
      const { apply } = setUp(t);
      const prune = { applySet: "shop" };
      await apply([map("a"), map("b"), map("c", { namespace: "kube-public" })], { prune });
      await apply([map("d")]);
      const failing = [map("a"), map("e", { labels: { refused: "yes" } })];
      await assert.rejects(apply(failing, { prune }), (error) => {
        assert.ok(told((error as ApplyManifestsError).results).every((text) => !text.startsWith("pruned")));
        return true;
      });
      const results = await apply([map("a")], { prune });
      assert.deepEqual(told(results).sort(), [
        "pruned ConfigMap b",
        "pruned ConfigMap c",
        "unchanged ConfigMap a",
      ]);
      assert.deepEqual(told(await apply([map("a")], { prune })), ["unchanged ConfigMap a"]);
      assert.deepEqual(told(await apply([], { prune })), ["pruned ConfigMap a"]);
      assert.deepEqual(told(await apply([map("d")])), ["unchanged ConfigMap d"]);
    }),
  );

  for (
    const [what, text, where, problem] of [
      ["what is no object", "- a\n", "document 1, line 1", "it is no object"],
      ["an object without a kind", "apiVersion: v1\n", "document 1, line 1", "it does not say its kind"],
      [
        "one without a version",
        "---\n---\nkind: A\n",
        "document 2, line 3",
        "it does not say its apiVersion",
      ],
      [
        "a version that is none",
        "kind: A\napiVersion: a/b/c\n",
        "document 1, line 1",
        /is neither "group\/version"/,
      ],
      ["one without metadata", "kind: A\napiVersion: v1\n", "document 1, line 1", "it has no metadata"],
      [
        "one without a name",
        "kind: A\napiVersion: v1\nmetadata: {}\n",
        "document 1, line 1",
        "it has no name",
      ],
      [
        "one that leaves its name to the server",
        "kind: A\napiVersion: v1\nmetadata: {generateName: a-}\n",
        "document 1, line 1",
        /generateName in place of a name/,
      ],
      [
        "a name that is a number",
        "kind: A\napiVersion: v1\nmetadata: {name: 12}\n",
        "document 1, line 1",
        "its name is no text: quote it",
      ],
      [
        "a name that cannot be one",
        "kind: A\napiVersion: v1\nmetadata: {name: a/b}\n",
        "document 1, line 1",
        'its name "a/b" cannot be one',
      ],
      [
        "a namespace that is no text",
        "kind: A\napiVersion: v1\nmetadata: {name: a, namespace: on}\n",
        "document 1, line 1",
        "its namespace is no text: quote it",
      ],
      [
        "what was read from a server",
        "kind: A\napiVersion: v1\nmetadata: {name: a, managedFields: []}\n",
        "document 1, line 1",
        /managedFields, so it was read as a whole/,
      ],
      ["a mistake in the YAML", "kind: A\n  bad: [\n", "the text", /it is not YAML at line 1/],
    ] as const
  ) {
    it(
      `says where there is ${what}, and sends nothing`,
      cleaned(async (t) => {
        const { apply, asked } = setUp(t);
        await assert.rejects(apply(text), (error) => {
          assert.ok(error instanceof ManifestError);
          assert.equal(error.mistakes[0].where, where);
          if (typeof problem === "string") assert.equal(error.mistakes[0].problem, problem);
          else assert.match(error.mistakes[0].problem, problem);
          assert.ok(error.message.includes(`${where}: `));
          return true;
        });
        assert.deepEqual(asked, []);
      }),
    );
  }

  it(
    "tells all mistakes at once",
    cleaned(async (t) => {
      const { apply } = setUp(t);
      await assert.rejects(apply("kind: A\n---\napiVersion: v1\n"), (error) => {
        assert.equal((error as ManifestError).mistakes.length, 2);
        return true;
      });
      const labelled = map("a", { labels: { "applyset.kubernetes.io/part-of": "x" } });
      await assert.rejects(apply([labelled], { prune: { applySet: "shop" } }), ManifestError);
      await assert.rejects(apply([], { fieldManager: "" }), TypeError);
      assert.deepEqual(await apply([]), []);
      assert.deepEqual(await apply("# nothing\n"), []);
    }),
  );

  it(
    "ends with the signal's reason, and does no more",
    cleaned(async (t) => {
      const { apply, asked } = setUp(t);
      const controller = new AbortController();
      const onResult = () => controller.abort("enough");
      const applying = apply([map("a"), map("b")], { signal: controller.signal, onResult });
      await assert.rejects(applying, (reason) => reason === "enough");
      assert.deepEqual(asked, ["PATCH configmaps/a"]);
      await assert.rejects(apply([map("a")], { signal: controller.signal }), (reason) => reason === "enough");
    }),
  );
});
