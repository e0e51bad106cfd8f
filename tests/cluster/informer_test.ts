import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import process from "node:process";
import { type Client, connect, InformerFactory } from "@coxswain/kube";
import type { Change, Informer } from "@coxswain/kube/cache";
import { defineResource, type KubernetesObject, type ResourceType } from "@coxswain/kube/meta";
import { CustomResourceDefinition } from "@coxswain/kube/types/apiextensions/v1";
import { ConfigMap, Namespace, Secret } from "@coxswain/kube/types/core/v1";
import { cleaned } from "../cleanup.ts";
import { cluster } from "./cluster.ts";
import { CuttingProxy } from "./cutting_proxy.ts";

/** How long connections are cut under a writer, in seconds: COXSWAIN_CUT_SECONDS=300 for a long run. */
const CUT_SECONDS = Number(process.env.COXSWAIN_CUT_SECONDS ?? 6);

type Settings = ConfigMap | Secret;

/** What a handler has been told: the state of each object, or what in it cannot be. */
class Told {
  readonly states = new Map<string, string>();
  readonly wrong: string[] = [];
  readonly #dead = new Set<string>();
  count = 0;

  readonly onChange = ({ type, key, metadata: { uid, resourceVersion }, old }: Change<Settings>): void => {
    this.count++;
    const known = this.states.get(key);
    const state = `${uid} ${resourceVersion}`;
    const what = `${type} ${key} ${state} after ${known}`;
    if (this.#dead.has(uid)) this.wrong.push(`${what}: it is dead`);
    if ((type === "ADDED") !== (known === undefined)) this.wrong.push(what);
    if (type === "MODIFIED" && known !== `${uid} ${old?.metadata.resourceVersion}`) this.wrong.push(what);
    if (type === "DELETED") {
      this.states.delete(key);
      this.#dead.add(uid);
    } else this.states.set(key, state);
  };
}

for (const store of ["plain", "compact"] as const) {
  describe(`informers of a real API server, with a ${store} store`, () => {
    let client: Client;
    let namespace: string;

    before(async () => {
      client = await connect({ kubeconfig: cluster().kubeconfig, qps: 0 });
      namespace =
        (await client.resource(Namespace).create({ metadata: { generateName: "informers-" } })).metadata.name;
    });
    after(async () => {
      await cluster().start();
      await client[Symbol.asyncDispose]();
    });

    async function listed(type: ResourceType<Settings, "Namespaced">): Promise<string[]> {
      const { items } = await client.resource(type).namespace(namespace).list();
      return items.map(({ metadata }) =>
        `${metadata.namespace}/${metadata.name} ${metadata.uid} ${metadata.resourceVersion}`
      )
        .sort();
    }
    const cached = (informer: Informer<Settings>): string[] =>
      informer.lister.list()
        .map(({ metadata }) =>
          `${metadata.namespace}/${metadata.name} ${metadata.uid} ${metadata.resourceVersion}`
        ).sort();

    it(
      "begin with a watch alone, and show what this program has written [RF-08] (spec informers 9.6)",
      cleaned(async (t) => {
        const informers = new InformerFactory(client, { store, namespaces: namespace });
        t.after(() => informers[Symbol.asyncDispose]());
        const settings = client.resource(ConfigMap).namespace(namespace);
        const first = await settings.create({ metadata: { name: "seen" }, data: { text: "ü" } });
        const informer = informers.informer(ConfigMap);
        informers.start();
        await informers.waitForSync();
        await informer.seen(first);
        assert.deepEqual(informer.lister.namespace(namespace).get("seen"), first);
        const changed = await settings.patch("seen", { merge: { data: { text: "🙂" } } });
        await informer.seen(changed);
        assert.deepEqual(informer.lister.byKey(`${namespace}/seen`), changed);
        const changes = informer.changes();
        assert.equal((await changes.next()).value?.key, `${namespace}/seen`);
        await settings.delete("seen");
        assert.equal((await changes.next()).value?.type, "DELETED");
        await changes.return?.();
        assert.equal(informer.lister.byKey(`${namespace}/seen`), undefined);
      }),
    );

    it(
      "keep metadata alone [FA-01] (spec informers 18.3)",
      cleaned(async (t) => {
        const informers = new InformerFactory(client, { store });
        t.after(() => informers[Symbol.asyncDispose]());
        for (const watchList of [true, false]) {
          const metadata = informers.informer(Namespace, {
            only: "metadata",
            watchList,
            labelSelector: `kubernetes.io/metadata.name in (${namespace}${watchList ? "" : ",default"})`,
          });
          informers.start();
          await informers.waitForSync();
          const { kind, metadata: { uid } } = metadata.lister.get(namespace)!;
          assert.ok(uid && kind === "PartialObjectMetadata");
          assert.deepEqual(Object.keys(metadata.lister.get(namespace)!).sort(), [
            "apiVersion",
            "kind",
            "metadata",
          ]);
        }
      }),
    );

    it(
      "wait for a kind that is defined later, and keep what they know when it goes",
      cleaned(async (t) => {
        const group = `${namespace}.example.com`;
        const WebApp = defineResource<KubernetesObject>({
          group,
          version: "v1",
          kind: "WebApp",
          plural: "webapps",
        });
        const informers = new InformerFactory(client, { store });
        t.after(() => informers[Symbol.asyncDispose]());
        const informer = informers.informer(WebApp);
        const failed = Promise.withResolvers<void>();
        const failing = new InformerFactory(client, { store, onError: () => failed.resolve() });
        t.after(() => failing[Symbol.asyncDispose]());
        failing.informer(WebApp);
        failing.start();
        await failed.promise;
        assert.equal(failing.health()[0].isServed, false);
        informers.start();
        const definitions = client.resource(CustomResourceDefinition);
        await definitions.create({
          metadata: { name: `webapps.${group}` },
          spec: {
            group,
            scope: "Namespaced",
            names: { kind: "WebApp", plural: "webapps" },
            versions: [{
              name: "v1",
              served: true,
              storage: true,
              schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
            }],
          },
        });
        await informers.waitForSync();
        await failing.waitForSync();
        const created = await client.resource(WebApp).namespace(namespace).create({
          metadata: { name: "web" },
        });
        await informer.seen(created);
        assert.equal(informer.lister.byKey(`${namespace}/web`)?.metadata.uid, created.metadata.uid);
        const gone = (async () => {
          for await (const { type } of informer.changes()) if (type === "DELETED") break;
        })();
        await definitions.delete(`webapps.${group}`);
        await gone;
        assert.equal(informer.lister.list().length, 0);
      }),
    );

    it(
      `are what the server has, ${CUT_SECONDS} s of cuts, restarts, kills and compactions later (spec informers 9.7)`,
      { timeout: (CUT_SECONDS + 240) * 1_000 },
      cleaned(async (t) => {
        const url = new URL(cluster().server);
        const proxy = await CuttingProxy.listen({ host: url.hostname, port: Number(url.port) });
        t.after(() => proxy.close());
        const server = `https://127.0.0.1:${proxy.port}`;
        const reader = await connect({
          kubeconfig: cluster().kubeconfig,
          overrides: { cluster: { server } },
        });
        t.after(() => reader[Symbol.asyncDispose]());
        const informers = new InformerFactory(reader, { namespaces: namespace });
        t.after(() => informers[Symbol.asyncDispose]());
        const kinds = [ConfigMap, Secret] as ResourceType<Settings, "Namespaced">[];
        const followed = kinds.map((type) => ({
          type,
          informer: informers.informer(type) as Informer<Settings>,
          told: new Told(),
        }));
        for (const { informer, told } of followed) informer.addEventHandler(told);
        informers.start();
        await informers.waitForSync();

        const ends = performance.now() + CUT_SECONDS * 1_000;
        const goOn = () => performance.now() < ends;
        let isOver = false;
        const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
        const heap: number[] = [];
        const write = async (type: ResourceType<Settings, "Namespaced">) => {
          const objects = client.resource(type).namespace(namespace);
          for (let count = 0; !isOver; count++) {
            const name = `cut-${count % 7}`;
            const field = type === kinds[0] ? "data" : "stringData";
            try {
              if (count % 5 === 4) await objects.delete(name);
              else {await objects.apply(name, { [field]: { count: String(count) } }, {
                  fieldManager: "test",
                  force: true,
                });}
            } catch { /* the server is away, or the object */ }
            await pause(5);
          }
        };
        const { restart, kill, start, compact } = cluster();
        const blows = [restart, compact, () => kill().then(start)];
        const disturb = async () => {
          for (let count = 0; goOn() || count <= 20; count++) {
            await pause(100 + Math.random() * 400);
            proxy.cut(0.7);
            if (count % 50 === 0) heap.push(process.memoryUsage().heapUsed);
            if (count % 10 === 0 && (count <= 20 || count % 50 === 0)) await blows[count / 10 % 3]();
          }
          isOver = true;
        };
        await Promise.all([...kinds.map(write), disturb()]);

        for (const { type, informer, told } of followed) {
          const { metadata: { name } } = await client.resource(type).namespace(namespace).create(
            { metadata: { generateName: "last-" } } as Settings,
          );
          const last = await client.resource(type).namespace(namespace).get(name);
          await informer.seen(last);
          assert.deepEqual(cached(informer), await listed(type));
          await pause(0); // handlers run after the cache has changed
          assert.deepEqual(
            Array.from(told.states, ([key, state]) => `${key} ${state}`).sort(),
            cached(informer),
          );
          assert.deepEqual(told.wrong, []);
          assert.ok(informer.health().isConnected);
        }
        assert.ok(proxy.open <= 4, `${proxy.open} connections are open`);
        const [one, two] = followed.map(({ told }) => told.count);
        console.log(
          `${proxy.cuts} cuts, ${one} and ${two} changes, ${proxy.open} connections; ` +
            `heap ${heap.map((bytes) => Math.round(bytes / 1e6)).join(" ")} MB`,
        );
      }),
    );
  });
}
