import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { InformerFactory } from "@coxswain/kube/cache";
import { Client, type ClientOf } from "@coxswain/kube/client";
import { applyIfNeeded, runController } from "@coxswain/kube/controller";
import type { ApplyConfiguration } from "@coxswain/kube/meta";
import { isConflict } from "@coxswain/kube/rest";
import { ApiServer } from "@coxswain/kube/testing";
import { Deployment } from "@coxswain/kube/types/apps/v1";
import { ConfigMap } from "@coxswain/kube/types/core/v1";
import { cleaned, type Cleanup } from "../cleanup.ts";

const fieldManager = "example.com/shop";

function setUp(t: Cleanup) {
  const server = new ApiServer();
  const client = new Client(server.restConfig());
  t.after(() => server[Symbol.asyncDispose]());
  t.after(() => client[Symbol.asyncDispose]());
  const deployments = client.resource(Deployment).namespace("default") as ClientOf<Deployment>;
  const settings = client.resource(ConfigMap).namespace("default");
  return { server, client, deployments, settings };
}

const web = (more: object = {}): ApplyConfiguration<Deployment> => ({
  metadata: { labels: { app: "web" } },
  spec: {
    replicas: 0,
    selector: { matchLabels: { app: "web" } },
    template: {
      metadata: { labels: { app: "web" } },
      spec: { containers: [{ name: "main", image: "nginx:1.29", ports: [{ containerPort: 80 }] }] },
    },
    ...more,
  },
});

describe("applyIfNeeded() (spec rest 22.2)", () => {
  it(
    "creates what is not there, and then asks for nothing, although others and the server have added fields",
    cleaned(async (t) => {
      const { server, deployments } = setUp(t);
      const created = await applyIfNeeded(deployments, "web", web(), { current: undefined, fieldManager });
      assert.equal(created?.spec?.replicas, 0);
      assert.equal(
        await applyIfNeeded(deployments, "web", web(), { current: created, fieldManager }),
        undefined,
      );

      await deployments.patch("web", { merge: { metadata: { annotations: { seen: "yes" } } } });
      await deployments.applyStatus("web", { status: { replicas: 3 } }, { fieldManager: "other" });
      const current = await deployments.get("web");
      const before = server.requests.length;
      assert.equal(await applyIfNeeded(deployments, "web", web(), { current, fieldManager }), undefined);
      assert.equal(
        await applyIfNeeded(deployments, "web", {
          ...web(),
          metadata: { labels: { app: "web" }, finalizers: [] },
        }, {
          ...{ current, fieldManager },
        }),
        undefined,
        "an empty list is none",
      );
      assert.equal(server.requests.length, before);
    }),
  );

  it(
    "knows owner references, which are owned as a whole",
    cleaned(async (t) => {
      const { server, settings } = setUp(t);
      const { metadata: { uid } } = await settings.create({ metadata: { name: "owner" } });
      const owned = (more: object = {}): ApplyConfiguration<ConfigMap> => ({
        metadata: { ownerReferences: [{ apiVersion: "v1", kind: "ConfigMap", name: "owner", uid, ...more }] },
      });
      const current = await applyIfNeeded(settings, "map", owned(), { current: undefined, fieldManager });
      const before = server.requests.length;
      assert.equal(await applyIfNeeded(settings, "map", owned(), { current, fieldManager }), undefined);
      assert.equal(server.requests.length, before);
      const changed = await applyIfNeeded(settings, "map", owned({ controller: true }), {
        current,
        fieldManager,
      });
      assert.equal(changed?.metadata.ownerReferences?.[0].controller, true);
    }),
  );

  it(
    "applies what has changed, what is new, and what is left out",
    cleaned(async (t) => {
      const { settings } = setUp(t);
      let current = await applyIfNeeded(settings, "shop", { data: { a: "1", b: "2" } }, {
        ...{ current: undefined, fieldManager },
      });
      const becomes = async (data: Record<string, string>) => {
        current = await applyIfNeeded(settings, "shop", { data }, { current, fieldManager });
        assert.deepEqual(current?.data, data);
      };
      await becomes({ a: "1", b: "3" });
      await becomes({ a: "1", b: "3", c: "4" });
      await becomes({ a: "1" });
    }),
  );

  it(
    "takes back what another has changed, by force alone",
    cleaned(async (t) => {
      const { settings } = setUp(t);
      const fields = { data: { a: "1" } };
      await settings.apply("shop", fields, { fieldManager });
      const current = await settings.patch("shop", { merge: { data: { a: "2" } } });
      await assert.rejects(applyIfNeeded(settings, "shop", fields, { current, fieldManager }), isConflict);
      const healed = await applyIfNeeded(settings, "shop", fields, { current, fieldManager, force: true });
      assert.equal(healed?.data?.a, "1");
    }),
  );

  it(
    "applies what is there already with these values, but is somebody else's",
    cleaned(async (t) => {
      const { settings } = setUp(t);
      const fields = { data: { a: "1" } };
      const current = await settings.create({ metadata: { name: "shop" }, ...fields });
      const owned = await applyIfNeeded(settings, "shop", fields, { current, fieldManager });
      assert.ok(owned?.metadata.managedFields?.some(({ manager }) => manager === fieldManager));
    }),
  );

  it(
    "applies the status apart from the rest",
    cleaned(async (t) => {
      const { deployments, settings } = setUp(t);
      let current = await deployments.apply("web", web(), { fieldManager });
      const status: ApplyConfiguration<Deployment> = { status: { replicas: 3, observedGeneration: 1 } };
      const applied = await applyIfNeeded(deployments, "web", status, {
        ...{ current, fieldManager, subresource: "status" },
      });
      assert.equal(applied?.status?.replicas, 3);
      current = await deployments.get("web");
      assert.equal(
        await applyIfNeeded(deployments, "web", status, { current, fieldManager, subresource: "status" }),
        undefined,
      );
      assert.equal(await applyIfNeeded(deployments, "web", web(), { current, fieldManager }), undefined);
      await assert.rejects(
        applyIfNeeded({ apply: settings.apply }, "shop", {}, {
          ...{ current: undefined, fieldManager, subresource: "status" },
        }),
        /has no applyStatus/,
      );
    }),
  );

  it(
    "applies in doubt: after an apply in another version, and to an object without managedFields",
    cleaned(async (t) => {
      const { settings } = setUp(t);
      const fields = { data: { a: "1" } };
      const current = await settings.apply("shop", fields, { fieldManager });
      const { managedFields = [], ...metadata } = current.metadata;
      const [entry] = managedFields;
      for (const before of [undefined, [{ ...entry, apiVersion: "v1beta1" }]]) {
        const object = { ...current, metadata: { ...metadata, managedFields: before } };
        const applied = await applyIfNeeded(settings, "shop", fields, { current: object, fieldManager });
        assert.equal(
          applied?.metadata.resourceVersion,
          current.metadata.resourceVersion,
          "nothing has changed",
        );
      }
    }),
  );

  it(
    "refuses another object than it is to apply",
    cleaned(async (t) => {
      const { settings } = setUp(t);
      const current = await settings.create({ metadata: { name: "other" } });
      await assert.rejects(
        applyIfNeeded(settings, "shop", {}, { current, fieldManager }),
        /current is "other"/,
      );
    }),
  );

  it(
    "reads what a cache holds, which is frozen",
    cleaned(async (t) => {
      const { client, settings } = setUp(t);
      const fields = { data: { a: "1" } };
      await settings.apply("shop", fields, { fieldManager });
      const informers = new InformerFactory(client, { freeze: true });
      t.after(() => informers[Symbol.asyncDispose]());
      const informer = informers.informer(ConfigMap);
      informers.start();
      await informer.waitForSync();
      const current = informer.lister.byKey("default/shop");
      assert.ok(Object.isFrozen(current?.metadata));
      assert.equal(await applyIfNeeded(settings, "shop", fields, { current, fieldManager }), undefined);
    }),
  );

  it(
    "lets a reconciler come to rest: one write for each change of what is wanted",
    cleaned(async (t) => {
      const { server, client, settings } = setUp(t);
      await settings.create({ metadata: { name: "shop" }, data: { currency: "EUR" } });
      const stop = new AbortController();
      let calls = 0;
      await runController(client, {
        for: ConfigMap,
        predicate: ({ key }) => key === "default/shop",
        reconcile: async ({ name }, { client, object, signal }) => {
          const settings = client.resource(ConfigMap).namespace("default");
          const fields = { data: { of: object?.data?.currency ?? "?" } };
          await applyIfNeeded(settings, name, fields, { current: object, fieldManager, signal });
          if (++calls === 5) stop.abort();
          return { requeueAfter: 1 };
        },
      }, { signal: stop.signal });
      assert.equal(server.requests.filter(({ method }) => method === "PATCH").length, 1);
    }),
  );
});
