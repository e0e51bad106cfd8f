import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type Cached,
  type Change,
  entryOf,
  InformerFactory,
  type InformerOptions,
  ObjectStore,
} from "@coxswain/kube/cache";
import { Client } from "@coxswain/kube/client";
import { noLogger } from "@coxswain/kube/observe";
import { ConfigMap } from "@coxswain/kube/types/core/v1";
import { cleaned, type Cleanup } from "../cleanup.ts";
import { dice } from "./model.ts";

type Options = InformerOptions<ConfigMap, string> & { only?: undefined };

const encoder = new TextEncoder();

/** A server that has just this list, and a watch without end, whose changes come when they may. */
function answering(
  t: Pick<Cleanup, "after">,
  items: readonly string[],
  changes: readonly string[] = [],
  mayChange: Promise<void> = Promise.resolve(),
): Client {
  const list =
    `{"kind":"ConfigMapList","apiVersion":"v1","metadata":{"resourceVersion":"9"},"items":[${items.join()}]}`;
  const fetch = (input: string): Promise<Response> => {
    const url = new URL(input);
    const headers = { "content-type": "application/json" };
    if (url.searchParams.has("sendInitialEvents")) {
      return Promise.resolve(
        new Response('{"kind":"Status","status":"Failure","code":422}', { status: 422, headers }),
      );
    }
    if (!url.searchParams.has("watch")) return Promise.resolve(new Response(list, { headers }));
    const lines = changes.map((change) => `${change}\n`).join("");
    return Promise.resolve(
      new Response(
        new ReadableStream({
          async start(controller) {
            await mayChange;
            for (let at = 0; at < lines.length; at += 50) {
              controller.enqueue(encoder.encode(lines.slice(at, at + 50)));
            }
          },
        }),
        { headers },
      ),
    );
  };
  const client = new Client({
    server: "http://coxswain.test",
    fetch: fetch as typeof globalThis.fetch,
    logger: noLogger,
  });
  t.after(() => client[Symbol.asyncDispose]());
  return client;
}

async function synced(t: Pick<Cleanup, "after">, client: Client, options: Options) {
  const informers = new InformerFactory(client);
  t.after(() => informers[Symbol.asyncDispose]());
  const informer = informers.informer(ConfigMap, options);
  informers.start();
  await informers.waitForSync();
  return informer;
}

/** Items as no server writes them, and as all do. */
const ITEMS = [
  '{"metadata":{"name":"usual","namespace":"shop","uid":"1","resourceVersion":"1","labels":{"app":"web"},"managedFields":[{"manager":"a"}]},"data":{"at":"1"}}',
  '{"metadata":{"managedFields":[{"manager":"first"}],"name":"first","namespace":"shop","uid":"2","resourceVersion":"2"},"data":{"at":"2"}}',
  '{ "data" : { "at" : "3" } , "metadata" : { "name" : "spaces" , "managedFields" : [ ] , "namespace" : "shop" } }',
  '{"metadata":{"name":"escaped","namespace":"sh\\u006fp","uid":"4"},"data":{"at":"\\u0034","\\u0061t":"5"}}',
  '{"metadata":{"name":"twice","namespace":"shop","name":"once","managedFields":[],"managedFields":[1]},"data":{"at":"6"},"data":{"at":"7"}}',
  '{"metadata":{"name":"unicode","namespace":"billing","labels":{"app":"ü🙂"}},"data":{"at":"ü","\\"},{\\"metadata\\":{":"x"}}',
  '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"says-itself","namespace":"billing"},"data":{"at":"8"}}',
  '{"kind":"ConfigMap","metadata":{"name":"says-half","namespace":"billing"},"data":null}',
  '{"metadata":{"name":"proto","namespace":"billing","annotations":{"__proto__":"x"}},"data":{"__proto__":"y","at":"9"}}',
  `{"metadata":{"name":"large","namespace":"billing"},"data":{"at":"${"long ".repeat(100_000)}"}}`,
  `{"metadata":{"name":"deep","namespace":"billing"},"data":${'{"a":'.repeat(300)}1${"}".repeat(300)}}`,
  '{"kind":"Secret","metadata":{"name":"another-kind"}}',
  '{"metadata":{}}',
];

const CHANGES = [
  '{"type":"MODIFIED","object":{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"usual","namespace":"shop","uid":"1","resourceVersion":"11","managedFields":[{"manager":"b"}]},"data":{"at":"11"}}}',
  '{"object":{"data":{"at":"12"},"metadata":{"resourceVersion":"12","namespace":"shop","name":"new"},"apiVersion":"v1","kind":"ConfigMap"},"type":"ADDED"}',
  '{"type":"DELETED","object":{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"first","namespace":"shop","uid":"2","resourceVersion":"13"},"data":{"at":"13"}}}',
];

describe("an informer with a compact store", () => {
  for (const managedFields of ["keep", "drop"] as const) {
    it(
      `shows and tells what one with a plain store does, managedFields: ${managedFields}`,
      cleaned(async (t) => {
        const seen = await Promise.all((["plain", "compact"] as const).map(async (store) => {
          const heard = Promise.withResolvers<void>();
          const informer = await synced(t, answering(t, ITEMS, CHANGES, heard.promise), {
            store,
            managedFields,
            indexers: {
              at: "data.at",
              byApp: ["metadata", "labels", "app"],
              first: ({ data }) => [data?.at?.[0] ?? ""],
            },
          });
          const told: unknown[] = [];
          for await (const { type, key, metadata, object, old } of informer.changes()) {
            heard.resolve(); // all hear of the list, whoever is faster
            told.push({ type, key, metadata, object, old });
            if (type === "DELETED") break;
          }
          const values = ["1", "2", "3", "4", "5", "7", "8", "9", "11", "12", "ü", "long ".repeat(100_000)];
          return structuredClone({
            told,
            list: informer.lister.list(),
            at: values.map((value) =>
              informer.lister.byIndex("at", value).map(({ metadata }) => metadata.name)
            ),
            byApp: ["web", "ü🙂"].map((value) => informer.lister.byIndex("byApp", value).length),
            first: ["1", "l", "ü"].map((value) => informer.lister.byIndex("first", value).length),
            namespaces: ["shop", "billing"].map((name) => informer.lister.namespace(name).list().length),
            saved: (await new Response(informer.save()).text()).split("\n").slice(1, -1).map((line) =>
              JSON.parse(line)
            ),
          });
        }));
        assert.deepEqual(seen[1], seen[0]);
        const [{ list, told }] = seen;
        assert.equal(list.length, 11);
        assert.ok(told.length >= 13);
        assert.equal(list.every(({ kind, apiVersion }) => kind === "ConfigMap" && apiVersion === "v1"), true);
        assert.equal(
          list.some(({ metadata }) => metadata.managedFields !== undefined),
          managedFields === "keep",
        );
      }),
    );
  }

  it(
    "makes no object for who only wants keys and metadata, and one for who reads it",
    cleaned(async (t) => {
      const parse = JSON.parse;
      const parsed: string[] = [];
      t.after(() => JSON.parse = parse);
      JSON.parse = (text, reviver) => {
        parsed.push(text);
        return parse(text, reviver);
      };
      const informer = await synced(t, answering(t, ITEMS.slice(0, 2), CHANGES), {
        store: "compact",
        indexers: { at: "data.at" },
      });
      const changes: Change<ConfigMap>[] = [];
      for await (const change of informer.changes()) {
        changes.push(change);
        assert.notEqual(change.metadata.name, "");
        if (change.type === "DELETED") break;
      }
      assert.equal(informer.lister.byIndex("at", "1").length, 0);
      const ofObjects = () => parsed.filter((text) => text.includes('"data":')).length;
      assert.equal(ofObjects(), 0, "nobody has read an object");
      const last = changes.at(-1)!;
      assert.equal(last.object.data?.at, "13");
      assert.equal(last.object, last.object);
      assert.equal(ofObjects(), 1);
      assert.equal(last.object.metadata, last.metadata, "metadata that somebody holds is that of the object");
    }),
  );

  it(
    "hands out the same object while somebody holds it, to handlers and listers alike, and after a relist",
    cleaned(async (t) => {
      const informer = await synced(t, answering(t, ITEMS.slice(0, 2)), { store: "compact" });
      const told: Cached<ConfigMap>[] = [];
      const registration = informer.addEventHandler({ onAdd: (object) => told.push(object) });
      await registration.waitForSync();
      assert.equal(told.length, 2);
      for (const object of told) {
        assert.equal(informer.lister.byKey(`shop/${object.metadata.name}`), object);
        assert.equal(informer.lister.list().includes(object), true);
      }
    }),
  );

  it(
    "keeps what a transform has made, under the key of what came, and freezes what it hands out",
    cleaned(async (t) => {
      const informer = await synced(t, answering(t, ITEMS.slice(0, 2)), {
        store: "compact",
        freeze: true,
        managedFields: "drop",
        transform: (object) => ({
          ...object,
          metadata: { name: "other" },
          data: { made: object.metadata.name },
        }),
        indexers: { made: "data.made" },
      });
      const [found] = informer.lister.byIndex("made", "usual");
      assert.equal(informer.lister.byKey("shop/usual"), found);
      assert.deepEqual(found.data, { made: "usual" });
      assert.throws(() => ((found.data as Record<string, string>).made = "written"), TypeError);
    }),
  );
});

describe("a compact ObjectStore", () => {
  it("shows what has been written, in memory that follows what it holds, whatever is written how often", () => {
    const roll = dice(5);
    const below = (limit: number) => Math.floor(roll() * limit);
    const store = new ObjectStore<ConfigMap>({ store: "compact", indexers: { even: "data.even" } });
    const expected = new Map<string, string>();
    let version = 0;
    const make = (): ConfigMap => ({
      metadata: { name: `n${below(400)}`, uid: `${below(3)}`, resourceVersion: String(++version) },
      data: { even: String(version % 2 === 0), text: "x€".repeat(below(roll() < 0.02 ? 30_000 : 1_000)) },
    });
    const check = (name: string) => {
      const text = expected.get(name);
      const found = store.object(name);
      assert.equal(found && JSON.stringify(found), text);
      if (found?.data !== undefined) assert.ok(store.indexKeys("even", found.data.even).includes(name));
    };
    for (let step = 0; step < 6_000; step++) {
      const what = roll();
      if (what < 0.9) {
        const object = make();
        store.set(entryOf(object));
        expected.set(object.metadata!.name!, JSON.stringify(object));
      } else if (what < 0.999) {
        const name = `n${below(400)}`;
        store.delete(name);
        expected.delete(name);
      } else {
        const replacement = store.replacing();
        const next = new Map<string, string>();
        for (let count = below(400); count > 0; count--) {
          const object = make();
          replacement.set(entryOf(object));
          next.set(object.metadata!.name!, JSON.stringify(object));
        }
        if (roll() < 0.3) continue; // it was begun in vain
        replacement.commit();
        expected.clear();
        for (const [name, text] of next) expected.set(name, text);
      }
      check(`n${below(400)}`);
      if (step % 1_000 !== 999) continue;
      for (let name = 0; name < 400; name++) check(`n${name}`);
      assert.equal(store.size, expected.size);
      const { reserved, live } = store.memory!;
      const bytes = [...expected.values()].reduce((sum, text) => sum + encoder.encode(text).length, 0);
      assert.equal(live, bytes);
      // Two slabs of an eighth of all, one that is being filled, and a large object that lives alone.
      assert.ok(
        reserved <= 1.5 * live + 3 * Math.max(64 * 1024, live / 8) + 100_000,
        `${reserved} for ${live}`,
      );
    }
  });

  it("lets who holds an earlier state read it, though its place has gone to others", () => {
    const store = new ObjectStore<ConfigMap>({ store: "compact" });
    const object = (at: number): ConfigMap => ({
      metadata: { name: "one", resourceVersion: String(at) },
      data: { at: String(at), text: "x".repeat(10_000) },
    });
    store.set(entryOf(object(0)));
    const first = store.get("one")!;
    for (let at = 1; at < 2_000; at++) store.set(entryOf(object(at)));
    assert.equal(first.object.data?.at, "0");
    assert.equal(store.object("one")?.data?.at, "1999");
    assert.equal(store.memory!.live, JSON.stringify(object(1_999)).length);
  });

  it("finds by a path what it finds by a function", () => {
    interface Thing {
      metadata: { name: string; labels?: Record<string, string> };
      spec?: unknown;
    }
    const stores = (["plain", "compact"] as const).map((store) =>
      new ObjectStore<Thing>({
        store,
        indexers: {
          node: "spec.nodeName",
          volumes: "spec.volumes[].configMap.name",
          names: "spec.lists[][]",
          label: ["metadata", "labels", "app.kubernetes.io/name"],
          all: "spec",
        },
      })
    );
    const things: Thing[] = [
      { metadata: { name: "a", labels: { "app.kubernetes.io/name": "web" } }, spec: { nodeName: "n1" } },
      {
        metadata: { name: "b" },
        spec: {
          volumes: [{ configMap: { name: "x" } }, { secret: {} }, { configMap: { name: 'y"\\' } }, {
            configMap: { name: "x" },
          }],
        },
      },
      {
        metadata: { name: "c" },
        spec: {
          nodeName: { no: "text" },
          volumes: { configMap: {} },
          lists: [["p", 1.50, null], "q", [true, []]],
        },
      },
      { metadata: { name: "d" }, spec: "text" },
      { metadata: { name: "e" }, spec: { nodeName: null, lists: [] } },
      { metadata: { name: "f" } },
    ];
    for (const store of stores) store.replace(structuredClone(things), "1");
    const shown = stores.map((store) =>
      ["node", "volumes", "names", "label", "all"].map((index) =>
        store.indexValues(index).sort().map((value) => [index, value, store.indexKeys(index, value)])
      )
    );
    assert.deepEqual(shown[1], shown[0]);
    assert.deepEqual(shown[0], [
      [["node", "n1", ["a"]]],
      [["volumes", "x", ["b"]], ["volumes", 'y"\\', ["b"]]],
      [["names", "1.5", ["c"]], ["names", "p", ["c"]], ["names", "true", ["c"]]],
      [["label", "web", ["a"]]],
      [["all", "text", ["d"]]],
    ]);
  });
});
