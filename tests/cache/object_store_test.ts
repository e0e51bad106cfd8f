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

describe("ObjectStore (spec informers 3)", () => {
  it("adds, replaces and removes by key; removing what is not there is nothing (spec informers 3.2)", () => {
    const store = new ObjectStore<Thing>();
    store.add(thing("a"));
    store.update(thing("b"));
    store.add(thing("a", ["again"]));
    store.remove(thing("b"));
    store.remove(thing("c"));
    assert.deepEqual([store.size, store.keys(), store.object("shop/a")?.tags], [1, ["shop/a"], ["again"]]);
    assert.equal(store.object("shop/b"), undefined);
  });

  it("follows every change of an index with several values [ST-01, ST-02, ST-03]", () => {
    const store = new ObjectStore<Thing>({ indexers: { tag: byTag } });
    const shows = () =>
      Object.fromEntries(store.indexValues("tag").sort().map((tag) => [tag, store.indexKeys("tag", tag)]));
    store.add(thing("a", ["bar"]));
    store.add(thing("b", ["bar"]));
    assert.deepEqual(shows(), { bar: ["shop/a", "shop/b"] });
    store.update(thing("a", ["foo", "bar"]));
    assert.deepEqual(shows(), { bar: ["shop/a", "shop/b"], foo: ["shop/a"] });
    store.update(thing("a", ["bar"]));
    assert.deepEqual(shows(), { bar: ["shop/a", "shop/b"] });
    store.update(thing("a", ["baz", "foo"]));
    store.remove(thing("b"));
    assert.deepEqual(shows(), { baz: ["shop/a"], foo: ["shop/a"] });
    store.update(thing("a"));
    assert.deepEqual(shows(), {});
  });

  it("finds what is there by an index that is added later [ST-04], and refuses another of that name", () => {
    const store = new ObjectStore<Thing>({ indexers: { tag: byTag } });
    store.add(thing("a", ["x"]));
    store.addIndexers({ name: ({ metadata }) => [metadata.name] });
    assert.deepEqual(names(store.byIndex("name", "a")), ["a"]);
    store.addIndexers({ tag: byTag }); // the same one
    assert.throws(() => store.addIndexers({ more: () => [], tag: () => [] }), /called tag already/);
    assert.equal(store.hasIndex("more"), false);
  });

  it("says so when there is no such index, and nothing when there is no such value [ST-09]", () => {
    const store = new ObjectStore<Thing>({ indexers: { tag: byTag } });
    assert.deepEqual(store.byIndex("tag", "x"), []);
    const none = /Index with name no does not exist/;
    assert.throws(() => store.byIndex("no", "x"), none);
    assert.throws(() => store.indexKeys("no", "x"), none);
    assert.throws(() => store.keysByIndex("no", "x"), none);
    assert.throws(() => store.index("no", thing("a")), none);
    assert.deepEqual(store.indexValues("no"), []);
  });

  it("finds what shares a value with an object, each once (spec informers 3.3)", () => {
    const store = new ObjectStore<Thing>({ indexers: { tag: byTag } });
    store.replace([thing("a", ["x", "y"]), thing("b", ["y"]), thing("c", ["z"])], "1");
    assert.deepEqual(names(store.index("tag", thing("new", ["x", "y"]))), ["a", "b"]);
    assert.deepEqual(store.index("tag", thing("new")), []);
  });

  it("replaces all at once, the last of several with one key, or nothing at all", () => {
    const store = new ObjectStore<Thing>({ indexers: { tag: byTag } });
    store.replace([thing("a", ["x"]), thing("b", ["y"])], "1");
    store.replace([thing("b", ["first"]), thing("b", ["last"])], "2");
    assert.deepEqual(store.keys(), ["shop/b"]);
    assert.deepEqual([store.indexValues("tag"), store.resourceVersion], [["last"], "2"]);
    assert.throws(() => store.replace([thing("c"), { kind: "Thing" }], "3"), /no metadata.name/);
    assert.deepEqual([store.keys(), store.resourceVersion], [["shop/b"], "2"]);
  });

  it("has the version of what was written last, whatever it is [ST-05, ST-06]", () => {
    const store = new ObjectStore<Thing>();
    const seen = [store.resourceVersion];
    const see = () => seen.push(store.resourceVersion);
    store.add(thing("a", [], "10"));
    see();
    store.add(thing("b", [], "20"));
    see();
    store.remove(thing("a", [], "30"));
    see();
    store.add(thing("c"));
    see();
    store.delete("shop/c");
    see();
    store.replace([thing("d", [], "30"), thing("e", [], "40")], "50");
    see();
    assert.deepEqual(seen, ["", "10", "20", "30", "30", "30", "50"]);
  });

  it("changes nothing when an index function throws, and throws that (spec informers 3.3)", () => {
    const store = new ObjectStore<Thing>({
      indexers: {
        tag: byTag,
        strict: ({ tags }) => {
          if (tags?.includes("bad")) throw new RangeError("bad");
          return ["good"];
        },
      },
    });
    store.add(thing("a", ["x"]));
    assert.throws(() => store.add(thing("a", ["bad"])), RangeError);
    assert.throws(() => store.add(thing("b", ["bad"])), RangeError);
    assert.deepEqual([store.keys(), store.indexValues("tag")], [["shop/a"], ["x"]]);
    assert.deepEqual(store.indexKeys("strict", "good"), ["shop/a"]);
  });

  it("keeps what an index function cannot take, out of that index, and says so", () => {
    const failed: string[] = [];
    const store = new ObjectStore<Thing>({
      indexers: { tag: ({ tags }) => [tags![0].toUpperCase()] },
      onIndexError: (_, index, key) => failed.push(`${index} ${key}`),
    });
    store.add(thing("a"));
    assert.deepEqual([failed, store.keys(), store.indexValues("tag")], [["tag shop/a"], ["shop/a"], []]);
  });

  it("leaves nothing behind of an index function that changes its mind", () => {
    let tag = "one";
    const store = new ObjectStore<Thing>({ indexers: { tag: () => [tag] } });
    store.add(thing("a"));
    tag = "two";
    store.remove(thing("a"));
    assert.deepEqual(store.indexValues("tag"), []);
  });

  it("says of a replacement what is gone, and then what is new or another, and keeps what is the same", () => {
    const object = (name: string, uid: string, resourceVersion: string): Thing => ({
      metadata: { name, uid, resourceVersion },
    });
    const store = new ObjectStore<Thing>();
    store.replace(
      [
        object("gone", "1", "1"),
        object("same", "2", "2"),
        object("changed", "3", "3"),
        object("made", "4", "4"),
      ],
      "5",
    );
    const same = store.object("same");
    const replacement = store.replacing();
    for (const one of [object("new", "7", "7"), object("same", "2", "2"), object("changed", "3", "8")]) {
      replacement.set(entryOf(one));
    }
    replacement.set(entryOf(object("made", "9", "9")));
    replacement.set(entryOf(object("never", "10", "10")));
    replacement.delete("never");
    assert.equal(store.size, 4, "the old content stays till the end");
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
    assert.equal(store.object("same"), same, "who holds the object holds the cache's");
  });

  it("fills indexes that were added while a replacement was under way", () => {
    const store = new ObjectStore<Thing>();
    const replacement = store.replacing();
    replacement.set(entryOf(thing("a", ["x"])));
    store.addIndexers({ tag: byTag });
    replacement.commit();
    assert.deepEqual(store.indexKeys("tag", "x"), ["shop/a"]);
  });
});

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
