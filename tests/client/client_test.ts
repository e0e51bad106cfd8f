import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Client } from "@coxswain/kube/client";
import { defineResource, type KubernetesObject } from "@coxswain/kube/meta";
import { isAlreadyExists, isConflict, isExpired, isInvalid, isNotFound } from "@coxswain/kube/rest";
import { ApiServer } from "@coxswain/kube/testing";
import { ConfigMap, Namespace, Pod } from "@coxswain/kube/types/core/v1";
import { cleaned, type Cleanup } from "../cleanup.ts";

interface WebApp extends KubernetesObject {
  spec: { image: string };
}
const WebApp = defineResource<WebApp>({
  group: "example.com",
  version: "v1",
  kind: "WebApp",
  plural: "webapps",
});

function setUp(
  t: Cleanup,
  options: ConstructorParameters<typeof ApiServer>[0] = {},
) {
  const server = new ApiServer(options);
  const client = new Client(server.restConfig());
  t.after(async () => {
    await client[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });
  return { server, client, settings: client.resource(ConfigMap).namespace("default") };
}

const map = (
  name: string,
  data: Record<string, string> = {},
  labels?: Record<string, string>,
): ConfigMap => ({
  metadata: { name, labels },
  data,
});

describe("a resource client", () => {
  it(
    "creates, reads, replaces, changes and deletes an object",
    cleaned(async (t) => {
      const { settings } = setUp(t);
      const created = await settings.create(map("shop", { currency: "EUR" }));
      assert.deepEqual([created.apiVersion, created.kind, created.metadata.name], [
        "v1",
        "ConfigMap",
        "shop",
      ]);
      assert.ok(
        created.metadata.uid && created.metadata.resourceVersion && created.metadata.creationTimestamp,
      );

      const updated = await settings.update({ ...created, data: { currency: "USD" } });
      assert.notEqual(updated.metadata.resourceVersion, created.metadata.resourceVersion);
      assert.deepEqual(await settings.get("shop"), updated);

      const merged = await settings.patch("shop", { merge: { data: { currency: null, language: "en" } } });
      assert.deepEqual(merged.data, { language: "en" });
      const stepped = await settings.patch("shop", {
        json: [{ op: "add", path: "/data/zone", value: "eu" }],
      });
      assert.deepEqual(stepped.data, { language: "en", zone: "eu" });

      await settings.delete("shop");
      await assert.rejects(settings.get("shop"), isNotFound);
    }),
  );

  it(
    "says what the server refuses",
    cleaned(async (t) => {
      const { settings } = setUp(t);
      const created = await settings.create(map("shop"));
      await settings.update({ ...created, data: { a: "1" } });
      await assert.rejects(settings.create(map("shop")), isAlreadyExists);
      await assert.rejects(settings.update({ ...created, data: { a: "2" } }), isConflict);
      await assert.rejects(settings.get("other"), { message: `configmaps "other" not found` });
      await assert.rejects(settings.delete("shop", { preconditions: { uid: "another" } }), isConflict);
      await assert.rejects(
        settings.patch("shop", { json: [{ op: "test", path: "/data/a", value: "9" }] }),
        (error) => isInvalid(error) || isConflict(error),
      );
    }),
  );

  it(
    "does nothing in a dry run",
    cleaned(async (t) => {
      const { settings } = setUp(t);
      await settings.create(map("shop"), { dryRun: "All" });
      await assert.rejects(settings.get("shop"), isNotFound);
      await settings.create(map("shop"));
      await settings.delete("shop", { dryRun: "All" });
      await settings.get("shop");
    }),
  );

  it(
    "selects by labels and fields",
    cleaned(async (t) => {
      const { settings } = setUp(t);
      for (const [name, app] of [["a", "web"], ["b", "api"], ["c", "web"]]) {
        await settings.create(map(name, {}, { app }));
      }
      const { items } = await settings.list({ labelSelector: "app in (web),app!=api" });
      assert.deepEqual(items.map(({ metadata }) => metadata.name), ["a", "c"]);
      const one = await settings.list({ fieldSelector: "metadata.name=b" });
      assert.deepEqual(one.items.map(({ kind, apiVersion, metadata }) => [kind, apiVersion, metadata.name]), [
        [
          "ConfigMap",
          "v1",
          "b",
        ],
      ]);
    }),
  );

  it(
    "reads all namespaces, or one",
    cleaned(async (t) => {
      const { client, settings } = setUp(t);
      await client.resource(Namespace).create({ metadata: { name: "ops" } });
      await client.resource(ConfigMap).namespace("ops").create(map("there"));
      await settings.create(map("here"));
      const names = async (from: AsyncIterable<ConfigMap>) =>
        (await Array.fromAsync(from)).map(({ metadata }) => metadata?.name).sort();
      assert.deepEqual(await names(client.resource(ConfigMap).items()), ["here", "there"]);
      assert.deepEqual(await names(settings.items()), ["here"]);
    }),
  );

  it(
    "reads in pages what is too much for one answer, as of one moment",
    cleaned(async (t) => {
      const { server, settings } = setUp(t);
      for (let i = 0; i < 25; i++) await settings.create(map(`m-${String(i).padStart(2, "0")}`));
      const names: string[] = [];
      for await (const { metadata } of settings.items({ limit: 10 })) {
        if (names.push(metadata.name) === 5) await settings.create(map("m-99"));
      }
      assert.equal(names.length, 25);
      assert.deepEqual(names, [...names].sort());
      assert.equal(server.requests.filter(({ method }) => method === "GET").length, 3);
      const page = await settings.list({ limit: 10 });
      assert.ok(page.metadata.continue);
      const rest = await settings.list({ limit: 100, continue: page.metadata.continue });
      assert.equal(page.items.length + rest.items.length, 26);
    }),
  );

  it(
    "says that a page has come too late",
    cleaned(async (t) => {
      const { server, settings } = setUp(t);
      for (const name of ["a", "b", "c"]) await settings.create(map(name));
      const { metadata } = await settings.list({ limit: 1 });
      server.compact();
      await settings.create(map("d"));
      server.compact();
      await assert.rejects(settings.list({ limit: 1, continue: metadata.continue }), isExpired);
    }),
  );

  it(
    "serves custom resources like built-in ones",
    cleaned(async (t) => {
      const { client } = setUp(t, { resources: [WebApp] });
      const apps = client.resource(WebApp).namespace("default");
      const created = await apps.create({ metadata: { name: "shop" }, spec: { image: "nginx" } });
      assert.deepEqual([created.apiVersion, created.kind, created.spec.image], [
        "example.com/v1",
        "WebApp",
        "nginx",
      ]);
      assert.equal((await apps.list()).kind, "WebAppList");
    }),
  );

  it(
    "changes a status alone, and the rest alone",
    cleaned(async (t) => {
      const { client } = setUp(t);
      const pods = client.resource(Pod).namespace("default");
      const pod = await pods.create({
        metadata: { name: "web-0" },
        spec: { containers: [{ name: "main", image: "nginx" }] },
      });
      const running = await pods.updateStatus({
        ...pod,
        spec: { containers: [{ name: "main", image: "lost" }] },
        status: { phase: "Running" },
      });
      assert.deepEqual([running.status?.phase, running.spec.containers[0].image], ["Running", "nginx"]);
      const labelled = await pods.update({
        ...running,
        metadata: { ...running.metadata, labels: { kept: "yes" } },
        status: { phase: "Failed" },
      });
      assert.deepEqual([labelled.metadata.labels, labelled.status?.phase], [{ kept: "yes" }, "Running"]);
    }),
  );

  it(
    "follows changes from where a list was, through a cut connection",
    cleaned(async (t) => {
      const { server, settings } = setUp(t);
      await settings.create(map("before"));
      const controller = new AbortController();
      const seen: string[] = [];
      for await (const { type, object } of settings.watch({ signal: controller.signal })) {
        seen.push(`${type} ${(object as ConfigMap).metadata?.name}`);
        if (seen.length === 1) await settings.create(map("new"));
        else if (seen.length === 2) {
          server.disconnect();
          await settings.patch("new", { merge: { data: { a: "1" } } });
        } else if (seen.length === 3) await settings.delete("new");
        else break;
      }
      assert.deepEqual(seen, ["ADDED before", "ADDED new", "MODIFIED new", "DELETED new"]);
    }),
  );

  it(
    "refuses what makes no sense before anything is sent",
    cleaned(async (t) => {
      const { server, client } = setUp(t);
      const everywhere = client.resource(ConfigMap) as unknown as ReturnType<typeof setUp>["settings"];
      await assert.rejects(everywhere.get("a"), /choose one with namespace\(\)/);
      await assert.rejects(everywhere.create(map("a")), /choose one with namespace\(\)/);
      assert.throws(() => client.resource(ConfigMap).namespace(""), TypeError);
      assert.throws(() => client.resource(ConfigMap).namespace("a/b"), TypeError);
      const cluster = client.resource(Namespace) as unknown as { namespace(name: string): unknown };
      assert.throws(() => cluster.namespace("shop"), TypeError);
      assert.equal(server.requests.length, 0);
    }),
  );
});
