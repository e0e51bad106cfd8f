import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { combineInformers, InformerFactory, type InformerFactoryOptions } from "@coxswain/kube/cache";
import { Client } from "@coxswain/kube/client";
import { defineResource, type ResourceType } from "@coxswain/kube/meta";
import { noLogger } from "@coxswain/kube/observe";
import { ApiServer, ManualClock } from "@coxswain/kube/testing";
import { ConfigMap, Namespace, Pod, Secret } from "@coxswain/kube/types/core/v1";
import { cleaned, type Cleanup } from "../cleanup.ts";

function start(
  t: Pick<Cleanup, "after">,
  options: InformerFactoryOptions = {},
  { resources, warn = () => {} }: {
    resources?: ResourceType[];
    warn?: (message: string, fields?: object) => void;
  } = {},
) {
  const clock = new ManualClock();
  const server = new ApiServer({ clock, resources });
  const accepted: string[] = [];
  const client = new Client({
    server: "http://coxswain.test",
    clock,
    logger: { ...noLogger, warn },
    fetch: (url, init) => {
      const headers = new Headers(init?.headers);
      accepted.push(headers.get("accept") ?? "");
      // The server in memory knows no metadata alone, as some that are aggregated do not.
      headers.set("accept", "application/json");
      return server.fetch(url, { ...init, headers });
    },
  });
  const informers = new InformerFactory(client, options);
  t.after(async () => {
    await informers[Symbol.asyncDispose]();
    await client[Symbol.asyncDispose]();
    assert.equal(server.openWatches, 0);
    await clock.advance(0); // a turn of the event loop ends
    assert.equal(clock.timers, 0);
    await server[Symbol.asyncDispose]();
  });
  const load = (namespace: string, name: string, more: object = {}) =>
    server.load({ apiVersion: "v1", kind: "ConfigMap", metadata: { namespace, name, ...more } });
  const requests = () => server.requests.map(({ url }) => url.slice(url.indexOf("/api")));
  return { server, client, informers, clock, load, accepted, requests };
}

const keys = (objects: readonly { metadata: { namespace?: string; name: string } }[]) =>
  objects.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).sort();

describe("InformerFactory (spec informers 18)", () => {
  it(
    "makes one informer for each kind and selection, however often it is asked for (spec informers 18.1)",
    cleaned(async (t) => {
      const { informers, server } = start(t);
      const all = informers.informer(ConfigMap);
      assert.equal(informers.informer(ConfigMap), all);
      assert.notEqual(informers.informer(ConfigMap, { labelSelector: "app=web" }), all);
      assert.notEqual(informers.informer(ConfigMap, { namespaces: "shop" }), all);
      informers.start();
      informers.start();
      await informers.waitForSync();
      assert.equal(server.openWatches, 3);
    }),
  );

  it(
    "adds the indexes that anybody asks for, and refuses what cannot be shared",
    cleaned((t) => {
      const { informers } = start(t);
      const byA = () => ["a"];
      informers.informer(ConfigMap, { indexers: { byA } });
      informers.informer(ConfigMap, { indexers: { byA, byB: () => ["b"] } }).lister.byIndex("byB", "b");
      assert.throws(() => informers.informer(ConfigMap, { indexers: { byA: () => [] } }), TypeError);
      assert.throws(
        () => informers.informer(ConfigMap, { managedFields: "drop" }),
        /made with another managedFields/,
      );
      assert.throws(() => informers.informer(ConfigMap, { namespaces: [] }), /name at least one namespace/);
    }),
  );

  it(
    "starts what has been asked for since the last time, and syncs it",
    cleaned(async (t) => {
      const { informers, load } = start(t);
      load("shop", "one");
      informers.informer(ConfigMap);
      informers.start();
      await informers.waitForSync();
      const secrets = informers.informer(Secret);
      assert.equal(secrets.hasSynced, false);
      await assert.rejects(informers.waitForSync(), /have not been started: secrets/);
      informers.start();
      await informers.waitForSync();
      assert.equal(secrets.hasSynced, true);
    }),
  );

  it(
    "watches only what selectors select, and only in the namespaces that are named [FA-01]",
    cleaned(async (t) => {
      const { informers, load, requests, clock } = start(t, { namespaces: "shop", labelSelector: "app=web" });
      load("shop", "web", { labels: { app: "web" } });
      load("shop", "db", { labels: { app: "db" } });
      load("lab", "web", { labels: { app: "web" } });
      const settings = informers.informer(ConfigMap);
      const nodes = informers.informer(Namespace, { labelSelector: "" });
      informers.start();
      await informers.waitForSync();
      assert.deepEqual(keys(settings.lister.list()), ["shop/web"]);
      load("lab", "web", { labels: { app: "web", more: "yes" } });
      load("shop", "api", { labels: { app: "web" } });
      await clock.advance(0);
      assert.deepEqual(keys(settings.lister.list()), ["shop/api", "shop/web"]);
      assert.ok(nodes.lister.get("shop"), "a kind of the cluster is watched as a whole");
      assert.ok(requests().some((path) => path.startsWith("/api/v1/namespaces/shop/configmaps?")));
    }),
  );

  it(
    "combines several namespaces: one watch each, one handler for all, each change with its source",
    cleaned(async (t) => {
      const { informers, load, server, clock } = start(t, { namespaces: ["lab", "shop", "shop"] });
      for (const namespace of ["shop", "lab", "other"]) load(namespace, "one");
      const settings = informers.informer(ConfigMap, {
        indexers: { byName: ({ metadata }) => [metadata.name] },
      });
      const seen: string[] = [];
      const registration = settings.addEventHandler({
        onChange: ({ type, key, source, isInInitialList }) =>
          void seen.push(`${type} ${key} of ${source} ${isInInitialList}`),
      }, { resyncPeriod: 60_000 });
      informers.start();
      await informers.waitForSync();
      await registration.waitForSync();
      assert.equal(server.openWatches, 2);
      assert.deepEqual(seen.sort(), ["ADDED lab/one of lab true", "ADDED shop/one of shop true"]);
      assert.deepEqual(keys(settings.lister.list()), ["lab/one", "shop/one"]);
      assert.deepEqual(keys(settings.lister.byIndex("byName", "one")), ["lab/one", "shop/one"]);
      assert.deepEqual(keys(settings.lister.namespace("lab").list()), ["lab/one"]);
      assert.equal(settings.lister.namespace("shop").get("one")?.metadata.name, "one");
      assert.equal(settings.lister.byKey("other/one"), undefined);
      load("shop", "two");
      await settings.seen(
        await (await server.fetch(
          "http://x/api/v1/namespaces/shop/configmaps/two",
        )).json(),
      );
      await clock.advance(0);
      assert.equal(seen.at(-1), "ADDED shop/two of shop false");
      assert.equal(settings.health().size, 3);
      await clock.advance(60_000);
      assert.equal(seen.filter((one) => one.startsWith("SYNC")).length, 3);
      const loop = settings.changes();
      assert.match((await loop.next()).value!.source, /^(shop|lab)$/);
      await loop.return!();
      await registration.remove();
      load("shop", "three");
      await clock.advance(0);
      assert.ok(!seen.some((one) => one.includes("three")));
    }),
  );

  it(
    "combines clusters, whose objects may have the same keys",
    cleaned(async (t) => {
      const [one, two] = [start(t), start(t)];
      one.load("shop", "settings");
      two.load("shop", "settings");
      const combined = combineInformers({
        east: one.informers.informer(ConfigMap),
        west: two.informers.informer(ConfigMap),
      });
      const seen: string[] = [];
      combined.addEventHandler({ onChange: ({ key, source }) => void seen.push(`${source}: ${key}`) });
      combined.start();
      await combined.waitForSync();
      await one.clock.advance(0);
      assert.deepEqual(seen.sort(), ["east: shop/settings", "west: shop/settings"]);
      assert.equal(combined.lister.list().length, 2);
      assert.ok(combined.sources.get("west")?.lister.byKey("shop/settings"));
      await assert.rejects(
        combined.seen({ metadata: { namespace: "shop", resourceVersion: "1" } }),
        /ask one of "sources"/,
      );
      await combined[Symbol.asyncDispose]();
      assert.throws(() => combined.addEventHandler({}), /stopped already/);
      assert.throws(() => combineInformers({}), TypeError);
    }),
  );

  it(
    "serves a kind that is described at run time [FA-01] (spec informers 18.2)",
    cleaned(async (t) => {
      const WebApp = defineResource({
        group: "example.com",
        version: "v1",
        kind: "WebApp",
        plural: "webapps",
      });
      const { informers, server } = start(t, {}, { resources: [WebApp] });
      server.load(
        {
          apiVersion: "example.com/v1",
          kind: "WebApp",
          metadata: { namespace: "shop", name: "web" },
          spec: { image: "i" },
        } as object,
      );
      const apps = informers.informer(WebApp);
      informers.start();
      await informers.waitForSync();
      assert.deepEqual(apps.lister.namespace("shop").get("web")?.spec, { image: "i" });
      assert.equal(apps.name, "webapps.example.com");
    }),
  );

  it(
    "keeps metadata alone, whatever the server sends (spec informers 18.3)",
    cleaned(async (t) => {
      const { informers, server, accepted } = start(t);
      server.load(
        {
          apiVersion: "v1",
          kind: "ConfigMap",
          metadata: { namespace: "shop", name: "a" },
          data: { x: "y" },
        } as ConfigMap,
      );
      const metadata = informers.informer(ConfigMap, { only: "metadata" });
      const byList = informers.informer(Pod, { only: "metadata", watchList: false });
      informers.start();
      await informers.waitForSync();
      const { uid, creationTimestamp, resourceVersion } = metadata.lister.byKey("shop/a")!.metadata;
      assert.deepEqual(metadata.lister.byKey("shop/a"), {
        apiVersion: "meta.k8s.io/v1",
        kind: "PartialObjectMetadata",
        metadata: { namespace: "shop", name: "a", uid, creationTimestamp, resourceVersion },
      });
      assert.notEqual(informers.informer(ConfigMap) as object, metadata as object);
      assert.ok(byList.hasSynced);
      assert.deepEqual([...new Set(accepted)].sort(), [
        "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json",
        "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json",
      ]);
    }),
  );

  it(
    "drops managedFields, transforms, and freezes objects on their way in [SI-06] (spec informers 14.2)",
    cleaned(async (t) => {
      let transformed = 0;
      const { informers, server, load, clock } = start(t, {
        managedFields: "drop",
        freeze: true,
        transform: (
          object,
        ) => (transformed++, { ...object, metadata: { ...object.metadata, name: "hidden" } }),
      });
      load("shop", "a", { managedFields: [{ manager: "m", operation: "Update" }] });
      load("shop", "b");
      const settings = informers.informer(ConfigMap);
      informers.start();
      await informers.waitForSync();
      load("shop", "a", { labels: { changed: "yes" } });
      await clock.advance(0);
      assert.equal(transformed, 3, "once for each object that came [RF-23]");
      const one = settings.lister.byKey("shop/a")!;
      assert.equal(one.metadata.name, "hidden", "under the key that it came with");
      assert.equal(one.metadata.managedFields, undefined);
      const { metadata } = one as ConfigMap;
      assert.throws(() => metadata!.labels!.changed = "no", TypeError, "[MD-01] the stack says who");
      assert.equal(server.openWatches, 1);
    }),
  );

  it(
    "keeps objects as they came when a transform fails or an index function does [RF-35, CT-10]",
    cleaned(async (t) => {
      const { informers, load } = start(t);
      load("shop", "a");
      load("shop", "b");
      load("shop", "c");
      const settings = informers.informer(ConfigMap, {
        transform: (object) => {
          if (object.metadata.name === "a") throw new Error("a");
          return object.metadata.name === "b" ? {} : undefined as unknown as ConfigMap;
        },
        indexers: {
          bad: () => {
            throw new Error("bad");
          },
        },
      });
      informers.start();
      await informers.waitForSync();
      assert.deepEqual(keys(settings.lister.list()), ["shop/a", "shop/b", "shop/c"]);
      assert.deepEqual(keys(settings.lister.namespace("shop").list({ labelSelector: "!x" })), [
        "shop/a",
        "shop/b",
        "shop/c",
      ]);
      assert.deepEqual(settings.lister.byIndex("bad", "x"), []);
    }),
  );

  it(
    "ends a wait with the signal's reason, and logs who has not synced, sorted [WF-03, WF-05] (spec informers 16)",
    cleaned(async (t) => {
      const warned: unknown[] = [];
      const { informers, server } = start(t, {}, { warn: (_, fields) => void warned.push(fields) });
      await server[Symbol.asyncDispose]();
      informers.informer(Secret);
      informers.informer(ConfigMap);
      informers.start();
      const controller = new AbortController();
      const synced = informers.waitForSync({ signal: controller.signal });
      controller.abort("enough");
      await assert.rejects(synced, (reason) => reason === "enough");
      assert.deepEqual(warned.at(-1), { unsynced: ["configmaps", "secrets"], error: "enough" });
    }),
  );

  it(
    "waits for nothing when there is nothing to wait for [WF-01]",
    cleaned(async (t) => {
      await start(t).informers.waitForSync();
    }),
  );

  it(
    "gives no informers and starts none once it is closed; closing twice is fine",
    cleaned(async (t) => {
      const { informers } = start(t);
      informers.informer(ConfigMap);
      await informers[Symbol.asyncDispose]();
      await informers[Symbol.asyncDispose]();
      assert.throws(() => informers.informer(ConfigMap), /the factory is closed/);
      assert.throws(() => informers.start(), /the factory is closed/);
    }),
  );

  it(
    "makes another informer in the place of one that was stopped, which client-go does not (spec informers 18.1)",
    cleaned(async (t) => {
      const { informers, load } = start(t);
      load("shop", "a");
      const first = informers.informer(ConfigMap);
      informers.start();
      await first[Symbol.asyncDispose]();
      const second = informers.informer(ConfigMap);
      assert.notEqual(second, first);
      informers.start();
      await informers.waitForSync();
      assert.deepEqual(keys(second.lister.list()), ["shop/a"]);
    }),
  );

  it(
    "goes on with another token when its own has expired in the middle, without reading anew",
    cleaned(async (t) => {
      const clock = new ManualClock();
      const server = new ApiServer({ clock });
      let valid = "one";
      const watched: string[] = [];
      const errors: unknown[] = [];
      const client = new Client({
        server: "http://coxswain.test",
        clock,
        logger: noLogger,
        credentials: ({ refused }) => Promise.resolve({ bearerToken: refused === undefined ? "one" : "two" }),
        fetch: (url, init) => {
          const token = new Headers(init?.headers).get("authorization");
          watched.push(
            `${token} ${new URL(String(url)).searchParams.has("sendInitialEvents") ? "anew" : "on"}`,
          );
          return token === `Bearer ${valid}`
            ? server.fetch(url, init)
            : Promise.resolve(new Response("Unauthorized", { status: 401 }));
        },
      });
      const informers = new InformerFactory(client, { onError: (error) => void errors.push(error) });
      t.after(async () => {
        await informers[Symbol.asyncDispose]();
        await client[Symbol.asyncDispose]();
      });
      const settings = informers.informer(ConfigMap);
      informers.start();
      await informers.waitForSync();
      await clock.advance(60_000);
      valid = "two";
      server.disconnect();
      server.load({ apiVersion: "v1", kind: "ConfigMap", metadata: { namespace: "shop", name: "late" } });
      await clock.advance(0);
      assert.deepEqual(keys(settings.lister.list()), ["shop/late"]);
      assert.deepEqual(watched, ["Bearer one anew", "Bearer one on", "Bearer two on"]);
      assert.equal(errors.length, 1, "the cut, and not the token");
    }),
  );

  it(
    "says how each informer is doing, for a probe",
    cleaned(async (t) => {
      const errors: string[] = [];
      const { informers, server, clock } = start(t, { onError: (_, informer) => void errors.push(informer) });
      informers.informer(ConfigMap);
      informers.start();
      await informers.waitForSync();
      assert.equal(informers.health()[0].isConnected, true);
      await clock.advance(0);
      assert.deepEqual(
        informers.health().map(({ name, state, isConnected, staleFor }) => ({
          name,
          state,
          isConnected,
          staleFor,
        })),
        [
          { name: "configmaps", state: "watching", isConnected: true, staleFor: 0 },
        ],
      );
      await clock.advance(60_000);
      await server[Symbol.asyncDispose]();
      await clock.advance(90_000);
      const [{ isConnected, staleFor, hasSynced, error }] = informers.health();
      assert.deepEqual([isConnected, hasSynced, staleFor], [false, true, 90_000]);
      assert.ok(error);
      assert.deepEqual([...new Set(errors)], ["configmaps"]);
    }),
  );
});
