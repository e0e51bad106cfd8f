import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Cached, copyOf, entryOf, keyOf, ObjectStore } from "@coxswain/kube/cache";
import type { KubernetesObject } from "@coxswain/kube/meta";

interface Thing extends KubernetesObject {
  tags?: string[];
}

const thing = (name: string, tags: string[] = [], resourceVersion?: string): Thing => ({
  apiVersion: "v1",
  kind: "Thing",
  metadata: { namespace: "shop", name, resourceVersion },
  tags,
});
const names = (objects: readonly Cached<Thing>[]) => objects.map(({ metadata }) => metadata.name).sort();
const byTag = ({ tags }: Cached<Thing>) => tags;

describe("keys (spec informers 2)", () => {
  it("are namespace and name, or the name alone", () => {
    assert.equal(keyOf({ metadata: { namespace: "shop", name: "web-0" } }), "shop/web-0");
    assert.equal(keyOf({ metadata: { name: "node-a" } }), "node-a");
    assert.throws(() => keyOf({ metadata: {} }), { name: "TypeError" });
    assert.throws(() => keyOf({}), { name: "TypeError" });
  });
});

for (const store of ["plain", "compact"] as const) {
  describe(`a ${store} ObjectStore (spec informers 3)`, () => {
    it("adds, replaces and removes by key; removing what is not there is nothing (spec informers 3.2)", () => {
      const things = new ObjectStore<Thing>({ store });
      things.add(thing("a"));
      things.update(thing("b"));
      things.add(thing("a", ["again"]));
      things.remove(thing("b"));
      things.remove(thing("c"));
      assert.deepEqual([things.size, things.keys(), things.object("shop/a")?.tags], [1, ["shop/a"], [
        "again",
      ]]);
      assert.equal(things.object("shop/b"), undefined);
    });

    it("follows every change of an index with several values [ST-01, ST-02, ST-03]", () => {
      const things = new ObjectStore<Thing>({ store, indexers: { tag: byTag } });
      const shows = () =>
        Object.fromEntries(
          things.indexValues("tag").sort().map((tag) => [tag, things.indexKeys("tag", tag)]),
        );
      things.add(thing("a", ["bar"]));
      things.add(thing("b", ["bar"]));
      assert.deepEqual(shows(), { bar: ["shop/a", "shop/b"] });
      things.update(thing("a", ["foo", "bar"]));
      assert.deepEqual(shows(), { bar: ["shop/a", "shop/b"], foo: ["shop/a"] });
      things.update(thing("a", ["bar"]));
      assert.deepEqual(shows(), { bar: ["shop/a", "shop/b"] });
      things.update(thing("a", ["baz", "foo"]));
      things.remove(thing("b"));
      assert.deepEqual(shows(), { baz: ["shop/a"], foo: ["shop/a"] });
      things.update(thing("a"));
      assert.deepEqual(shows(), {});
    });

    it("finds what is there by an index that is added later [ST-04], and refuses another of that name", () => {
      const things = new ObjectStore<Thing>({ store, indexers: { tag: byTag } });
      things.add(thing("a", ["x"]));
      things.addIndexers({ name: ({ metadata }) => [metadata.name] });
      assert.deepEqual(names(things.byIndex("name", "a")), ["a"]);
      things.addIndexers({ tag: byTag }); // the same one
      assert.throws(() => things.addIndexers({ more: () => [], tag: () => [] }), /called tag already/);
      assert.equal(things.hasIndex("more"), false);
    });

    it("says so when there is no such index, and nothing when there is no such value [ST-09]", () => {
      const things = new ObjectStore<Thing>({ store, indexers: { tag: byTag } });
      assert.deepEqual(things.byIndex("tag", "x"), []);
      const none = /Index with name no does not exist/;
      assert.throws(() => things.byIndex("no", "x"), none);
      assert.throws(() => things.indexKeys("no", "x"), none);
      assert.throws(() => things.keysByIndex("no", "x"), none);
      assert.throws(() => things.index("no", thing("a")), none);
      assert.deepEqual(things.indexValues("no"), []);
    });

    it("finds what shares a value with an object, each once (spec informers 3.3)", () => {
      const things = new ObjectStore<Thing>({ store, indexers: { tag: byTag } });
      things.replace([thing("a", ["x", "y"]), thing("b", ["y"]), thing("c", ["z"])], "1");
      assert.deepEqual(names(things.index("tag", thing("new", ["x", "y"]))), ["a", "b"]);
      assert.deepEqual(things.index("tag", thing("new")), []);
    });

    it("replaces all at once, the last of several with one key, or nothing at all", () => {
      const things = new ObjectStore<Thing>({ store, indexers: { tag: byTag } });
      things.replace([thing("a", ["x"]), thing("b", ["y"])], "1");
      things.replace([thing("b", ["first"]), thing("b", ["last"])], "2");
      assert.deepEqual(things.keys(), ["shop/b"]);
      assert.deepEqual([things.indexValues("tag"), things.resourceVersion], [["last"], "2"]);
      assert.throws(() => things.replace([thing("c"), { kind: "Thing" }], "3"), /no metadata.name/);
      assert.deepEqual([things.keys(), things.resourceVersion], [["shop/b"], "2"]);
    });

    it("has the version of what was written last, whatever it is [ST-05, ST-06]", () => {
      const things = new ObjectStore<Thing>({ store });
      const seen = [things.resourceVersion];
      const see = () => seen.push(things.resourceVersion);
      things.add(thing("a", [], "10"));
      see();
      things.add(thing("b", [], "20"));
      see();
      things.remove(thing("a", [], "30"));
      see();
      things.add(thing("c"));
      see();
      things.delete("shop/c");
      see();
      things.replace([thing("d", [], "30"), thing("e", [], "40")], "50");
      see();
      assert.deepEqual(seen, ["", "10", "20", "30", "30", "30", "50"]);
    });

    it("changes nothing when an index function throws, and throws that (spec informers 3.3)", () => {
      const things = new ObjectStore<Thing>({
        store,
        indexers: {
          tag: byTag,
          strict: ({ tags }) => {
            if (tags?.includes("bad")) throw new RangeError("bad");
            return ["good"];
          },
        },
      });
      things.add(thing("a", ["x"]));
      assert.throws(() => things.add(thing("a", ["bad"])), RangeError);
      assert.throws(() => things.add(thing("b", ["bad"])), RangeError);
      assert.deepEqual([things.keys(), things.indexValues("tag")], [["shop/a"], ["x"]]);
      assert.deepEqual(things.indexKeys("strict", "good"), ["shop/a"]);
    });

    it("keeps what an index function cannot take, out of that index, and says so", () => {
      const failed: string[] = [];
      const things = new ObjectStore<Thing>({
        store,
        indexers: { tag: ({ tags }) => [tags![0].toUpperCase()] },
        onIndexError: (_, index, key) => failed.push(`${index} ${key}`),
      });
      things.add(thing("a"));
      assert.deepEqual([failed, things.keys(), things.indexValues("tag")], [["tag shop/a"], ["shop/a"], []]);
    });

    it("leaves nothing behind of an index function that changes its mind", () => {
      let tag = "one";
      const things = new ObjectStore<Thing>({ store, indexers: { tag: () => [tag] } });
      things.add(thing("a"));
      tag = "two";
      things.remove(thing("a"));
      assert.deepEqual(things.indexValues("tag"), []);
    });

    it("says of a replacement what is gone, and then what is new or another, and keeps what is the same", () => {
      const object = (name: string, uid: string, resourceVersion: string): Thing => ({
        metadata: { name, uid, resourceVersion },
      });
      const things = new ObjectStore<Thing>({ store });
      things.replace(
        [
          object("gone", "1", "1"),
          object("same", "2", "2"),
          object("changed", "3", "3"),
          object("made", "4", "4"),
        ],
        "5",
      );
      const same = things.object("same");
      const replacement = things.replacing();
      for (const one of [object("new", "7", "7"), object("same", "2", "2"), object("changed", "3", "8")]) {
        replacement.set(entryOf(one));
      }
      replacement.set(entryOf(object("made", "9", "9")));
      replacement.set(entryOf(object("never", "10", "10")));
      replacement.delete("never");
      assert.equal(things.size, 4, "the old content stays till the end");
      const writes: unknown[] = [];
      replacement.commit((old, entry) =>
        writes.push([
          old && `${old.key} ${old.resourceVersion}`,
          entry && `${entry.key} ${entry.resourceVersion}`,
        ])
      );
      assert.deepEqual(writes, [
        ["gone 1", undefined],
        ["made 4", undefined], // another object of that name: the old one is gone
        [undefined, "new 7"],
        ["changed 3", "changed 8"],
        [undefined, "made 9"],
      ]);
      assert.equal(things.object("same"), same, "who holds the object holds the cache's");
    });

    it("fills indexes that were added while a replacement was under way", () => {
      const things = new ObjectStore<Thing>({ store });
      const replacement = things.replacing();
      replacement.set(entryOf(thing("a", ["x"])));
      things.addIndexers({ tag: byTag });
      replacement.commit();
      assert.deepEqual(things.indexKeys("tag", "x"), ["shop/a"]);
    });
  });
}

describe("copyOf()", () => {
  it("gives an object that may be changed, all of it", () => {
    const store = new ObjectStore<Thing>();
    store.add(thing("a", ["x"]));
    const copy = copyOf(store.object("shop/a")!);
    copy.tags?.push("y");
    copy.metadata.labels = { changed: "yes" };
    assert.deepEqual(store.object("shop/a"), thing("a", ["x"]));
  });
});
