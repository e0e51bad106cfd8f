import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Client, InformerFactory, runController } from "@coxswain/kube";
import type { KubernetesObject } from "@coxswain/kube/meta";
import { noLogger } from "@coxswain/kube/observe";
import { ApiServer, ManualClock, type Snapshot } from "@coxswain/kube/testing";
import { ConfigMap } from "@coxswain/kube/types/core/v1";
import { cleaned } from "../cleanup.ts";
import { CONFIG_MAPS, configMap, mergePatch, openWatch, ORIGIN, PODS, send } from "./exchange.ts";

const object = (name: string, more?: Record<string, unknown>) =>
  configMap(name, more) as unknown as KubernetesObject;

const WEBAPP = `
apiVersion: example.com/v1
kind: WebApp
metadata: { name: shop, namespace: default }
spec: { replicas: 2 }
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: webapps.example.com }
spec:
  group: example.com
  scope: Namespaced
  names: { kind: WebApp, plural: webapps }
  versions:
  - name: v1
    served: true
    storage: true
    schema: { openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true } }
---
apiVersion: v1
kind: List
items:
- { apiVersion: v1, kind: ConfigMap, metadata: { name: a } }
- { apiVersion: v1, kind: ConfigMap, metadata: { name: b, namespace: other } }
`;
const WEBAPPS = "/apis/example.com/v1/namespaces/default/webapps";

describe("ApiServer.loadYaml()", () => {
  it("loads documents and lists, definitions before what they define", async () => {
    const server = new ApiServer();
    await server.loadYaml(WEBAPP);
    assert.deepEqual((await send(server, "GET", `${WEBAPPS}/shop`)).body.spec, { replicas: 2 });
    assert.equal((await send(server, "GET", `${CONFIG_MAPS}/a`)).code, 200);
    assert.equal((await send(server, "GET", "/api/v1/namespaces/other/configmaps/b")).code, 200);
  });

  it("says what cannot be loaded", async () => {
    const server = new ApiServer();
    await assert.rejects(server.loadYaml("kind: Pod\n---\n- 1\n"), {
      name: "TypeError",
      message: "Cannot load what line 3 has: it is no object",
    });
    await assert.rejects(server.loadYaml("kind: Nope\nmetadata: { name: a }"), /serves no kind "Nope"/);
    await assert.rejects(server.loadYaml("a: [\n"), { name: "YamlError" });
  });
});

describe("ApiServer.snapshot() and restore()", () => {
  /** A few requests of all sorts, as a text of all that was answered. */
  async function exchange(server: ApiServer): Promise<string> {
    const { body } = await send(server, "POST", CONFIG_MAPS, {
      body: { metadata: { generateName: "new-" } },
    });
    const answers = [body];
    answers.push((await mergePatch(server, `${CONFIG_MAPS}/a`, { data: { more: "yes" } })).body);
    answers.push((await send(server, "DELETE", `${CONFIG_MAPS}/b`)).body);
    answers.push(
      (await send(server, "POST", WEBAPPS, {
        body: { apiVersion: "example.com/v1", kind: "WebApp", metadata: { name: "x" } },
      })).body,
    );
    answers.push((await send(server, "GET", "/api/v1/configmaps")).body);
    return JSON.stringify(answers);
  }

  it("goes back: the same requests get the same answers again", async () => {
    const server = new ApiServer({ clock: new ManualClock() });
    await server.loadYaml(WEBAPP);
    server.load(object("b", { data: { key: "value" } }));
    const before = server.snapshot();
    const first = await exchange(server);
    server.restore(before);
    assert.equal(await exchange(server), first);
    server.restore(before);
    assert.deepEqual(server.snapshot(), before);
  });

  it("is JSON, and serves another server too", async () => {
    const clock = new ManualClock();
    const server = new ApiServer({ clock });
    await server.loadYaml(WEBAPP);
    server.load(object("b"));
    const saved = JSON.stringify(server.snapshot());
    const other = new ApiServer({ clock, seed: 9 });
    other.restore(JSON.parse(saved) as Snapshot);
    assert.equal(await exchange(other), await exchange(server));
  });

  it("breaks off watches, and forgets what happened before and since", async () => {
    const server = new ApiServer();
    server.load(object("a"));
    const snapshot = server.snapshot();
    const watch = await openWatch(server, `${CONFIG_MAPS}?resourceVersion=5`);
    server.load(object("b"));
    server.restore(snapshot);
    await assert.rejects(watch.next());
    assert.equal((await send(server, "GET", `${CONFIG_MAPS}/b`)).code, 404);
    const late = await openWatch(server, `${CONFIG_MAPS}?resourceVersion=4`);
    assert.equal((await late.next())?.object.code, 410);
    const next = await openWatch(server, `${CONFIG_MAPS}?resourceVersion=5`);
    server.load(object("c"));
    assert.deepEqual(await next.take(1), ["ADDED c@6"]);
    await next.close();
  });

  it("keeps owners: what they leave behind goes", async () => {
    const server = new ApiServer();
    server.load(object("owner", { metadata: { uid: "1" } }));
    const ownerReferences = [{ apiVersion: "v1", kind: "ConfigMap", name: "owner", uid: "1" }];
    server.load(object("owned", { metadata: { ownerReferences } }));
    server.restore(server.snapshot());
    assert.equal((await send(server, "GET", `${CONFIG_MAPS}/owned`)).code, 200);
    await send(server, "DELETE", `${CONFIG_MAPS}/owner`);
    assert.equal((await send(server, "GET", `${CONFIG_MAPS}/owned`)).code, 404);
  });

  it("is not changed by what is done with it, or with the server", async () => {
    const server = new ApiServer();
    server.load(object("a", { metadata: { labels: { x: "1" } } }));
    const snapshot = server.snapshot();
    const text = JSON.stringify(snapshot);
    server.restore(snapshot);
    await mergePatch(server, `${CONFIG_MAPS}/a`, { metadata: { labels: { x: "2" } } });
    assert.equal(JSON.stringify(snapshot), text);
    for (const one of snapshot.objects) if (one.metadata) one.metadata.labels = {};
    const { body } = await send(server, "GET", `${CONFIG_MAPS}/a`);
    assert.deepEqual(body.metadata.labels, { x: "2" });
  });

  it("says that a kind is not served here", () => {
    const server = new ApiServer();
    const snapshot = {
      ...server.snapshot(),
      objects: [{ apiVersion: "x/v1", kind: "Y", metadata: { name: "z" } }],
    };
    assert.throws(() => server.restore(snapshot), {
      message: "Cannot restore a snapshot: x/v1 serves no kind Y",
    });
    assert.equal(server.openWatches, 0);
  });
});

describe("ApiServer.delivered()", () => {
  it("waits until those who watch have all that was written", async () => {
    const server = new ApiServer();
    const watch = await openWatch(server, `${CONFIG_MAPS}?resourceVersion=4`);
    server.load(object("a"), object("b"));
    let isDelivered = false;
    const delivered = server.delivered().then(() => isDelivered = true);
    assert.deepEqual(await watch.take(2), ["ADDED a@5", "ADDED b@6"]);
    await Promise.resolve();
    assert.equal(isDelivered, false); // nobody has asked for more: it may still be on its way
    const next = watch.next();
    await delivered;
    server.load(object("c"));
    assert.equal((await next)?.object.metadata.name, "c");
    await watch.close();
    await server.delivered();
  });

  it("works on a socket, and with several who wait", async () => {
    const server = new ApiServer();
    const { url } = await server.listen();
    const client = new Client({ server: url });
    const informers = new InformerFactory(client);
    const maps = informers.informer(ConfigMap);
    informers.start();
    await informers.waitForSync({});
    server.load(object("a"));
    await Promise.all([server.delivered(), server.delivered()]);
    await informers[Symbol.asyncDispose]();
    await client[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    assert.ok(maps.lister.list().length <= 1);
  });

  it("ends with its signal, and with a watch that ends", async () => {
    const server = new ApiServer();
    const watch = await openWatch(server, CONFIG_MAPS);
    server.load(object("a"));
    const stop = new AbortController();
    const waiting = server.delivered({ signal: stop.signal });
    stop.abort(new Error("enough"));
    await assert.rejects(waiting, { message: "enough" });
    const delivered = server.delivered();
    await watch.close();
    await delivered;
  });
});

describe("ApiServer.quiet()", () => {
  it(
    "moves a manual clock until a controller has nothing left to do",
    cleaned(async (t) => {
      const clock = new ManualClock();
      const server = new ApiServer({
        clock,
        faults: [{ fault: "error", code: 500, verb: "patch", times: 3 }],
      });
      const client = new Client({ server: ORIGIN, fetch: server.fetch, clock, logger: noLogger });
      t.after(() => client[Symbol.asyncDispose]());
      const stop = new AbortController();
      const running = runController(client, {
        for: ConfigMap,
        reconcile: async ({ name, namespace }, { client, object, signal }) => {
          if (object === undefined || object.data?.seen) return;
          await client.resource(ConfigMap).namespace(namespace).patch(name, {
            merge: { data: { seen: "yes" } },
          }, {
            signal,
          });
        },
      }, { signal: stop.signal, clock });
      server.load(object("a"), object("b"), object("c"));
      await server.quiet({ duration: 10_000 }); // longer than the back-off of three failures
      const { body } = await send(server, "GET", CONFIG_MAPS);
      assert.deepEqual(body.items.map(({ data }) => data), Array(3).fill({ seen: "yes" }));
      stop.abort();
      await clock.advance(10_000);
      await running;
    }),
  );

  it("says who does not keep quiet", async () => {
    const clock = new ManualClock();
    const server = new ApiServer({ clock });
    const stop = new AbortController();
    const noisy = (async () => {
      while (!stop.signal.aborted) {
        await send(server, "GET", PODS);
        await clock.sleep(500);
      }
    })();
    await assert.rejects(server.quiet({ limit: 10_000 }), {
      message: `Cannot wait for quiet any longer than 10000 ms. The latest: ${
        Array(3).fill(`GET ${PODS}`).join(", ")
      }`,
    });
    stop.abort();
    await clock.advance(500);
    await noisy;
  });

  it("waits by the runtime's clock without a manual one", async () => {
    const server = new ApiServer();
    await send(server, "GET", PODS);
    await server.quiet({ duration: 1 });
    await assert.rejects(server.quiet({ signal: AbortSignal.abort(new Error("enough")) }), {
      message: "enough",
    });
  });
});

describe("ManualClock.advanceUntil()", () => {
  it("goes from timer to timer, no further than it must", async () => {
    const clock = new ManualClock();
    let fired = 0;
    for (const delay of [10, 20, 30]) void clock.sleep(delay).then(() => fired++);
    await clock.advanceUntil(() => fired === 2);
    assert.equal(clock.now(), 20);
    await assert.rejects(clock.advanceUntil(() => fired === 3, { limit: 5 }), /it is not after 5 ms/);
    await clock.advanceUntil(() => fired === 3);
    await assert.rejects(clock.advanceUntil(() => false), /no timer is left to wait for/);
  });
});

describe("a server with a seed and a manual clock", () => {
  /** All bytes that come back, headers included. */
  async function bytes(seed: number): Promise<string> {
    const clock = new ManualClock();
    const server = new ApiServer({
      clock,
      seed,
      authorization: "RBAC",
      users: [{ name: "root", groups: ["system:masters"] }],
    });
    await server.loadYaml(WEBAPP);
    const authorization = `Bearer ${server.restConfig().bearerToken}`;
    const all: unknown[] = [authorization];
    const ask = async (method: string, path: string, body?: unknown, type = "application/json") => {
      const headers = {
        authorization,
        "user-agent": "test",
        ...(body !== undefined && { "content-type": type }),
      };
      const text = body === undefined ? undefined : JSON.stringify(body);
      const response = await server.fetch(ORIGIN + path, { method, headers, body: text });
      all.push(response.status, [...response.headers], await response.text());
      await clock.advance(1_234);
    };
    const watching = server.fetch(`${ORIGIN}${CONFIG_MAPS}?watch=true&timeoutSeconds=60`, {
      headers: { authorization },
    })
      .then((response) => response.text());
    await ask("POST", CONFIG_MAPS, { metadata: { generateName: "a-" } });
    await ask("PATCH", `${CONFIG_MAPS}/b?fieldManager=me`, configMap("b"), "application/apply-patch+yaml");
    await ask("PATCH", `${CONFIG_MAPS}/b`, { data: { key: "value" } }, "application/merge-patch+json");
    await ask("GET", "/api/v1/configmaps?limit=1");
    await ask("GET", "/apis");
    await ask("POST", WEBAPPS, {
      apiVersion: "example.com/v1",
      kind: "WebApp",
      metadata: { generateName: "w-" },
    });
    await ask("DELETE", CONFIG_MAPS);
    await ask("GET", `${CONFIG_MAPS}/none`);
    await clock.advance(60_000);
    all.push(await watching);
    return JSON.stringify(all);
  }

  it("answers the same requests with the same bytes", async () => {
    const first = await bytes(5);
    assert.equal(await bytes(5), first);
    assert.notEqual(await bytes(6), first);
  });
});
