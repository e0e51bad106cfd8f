import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Delta, type Entry, entryOf, ObjectStore } from "@coxswain/kube/cache";
import type { KubernetesObject } from "@coxswain/kube/meta";
import { applyDelta } from "../../cache/delta.ts";
import { DeltaQueue } from "../../cache/delta_queue.ts";

const entry = (name: string, resourceVersion: string, uid = `uid-${name}`): Entry<KubernetesObject> =>
  entryOf({ metadata: { name, uid, resourceVersion } });
const delta = (
  type: "Added" | "Updated" | "Deleted",
  ...of: Parameters<typeof entry>
): Delta<KubernetesObject> => ({
  type,
  entry: entry(...of),
});

function storeOf(...entries: Entry<KubernetesObject>[]): ObjectStore<KubernetesObject> {
  const store = new ObjectStore<KubernetesObject>();
  for (const one of entries) store.set(one);
  return store;
}

function apply(
  store: ObjectStore<KubernetesObject>,
  one: Delta<KubernetesObject>,
  isInitial = false,
): string[] {
  return applyDelta(store, one, isInitial).map((
    { type, key, metadata, old, isInInitialList, finalStateUnknown },
  ) =>
    [
      type,
      key,
      ...(old === undefined ? [] : [`${old.metadata.resourceVersion} →`]),
      metadata.resourceVersion,
      ...(isInInitialList ? ["initial"] : []),
      ...(finalStateUnknown ? ["unseen"] : []),
    ].join(" ")
  );
}

describe("applying a delta (spec informers 13.2)", () => {
  for (
    const { name, has = [], one, says, keeps } of [
      { name: "a new object", one: delta("Added", "a", "2"), says: ["ADDED a 2"], keeps: ["a=2"] },
      {
        name: "a change of what was not known",
        one: delta("Updated", "a", "2"),
        says: ["ADDED a 2"],
        keeps: ["a=2"],
      },
      {
        name: "a change",
        has: [entry("a", "1")],
        one: delta("Updated", "a", "2"),
        says: ["MODIFIED a 1 → 2"],
        keeps: ["a=2"],
      },
      {
        name: "an addition of what is known",
        has: [entry("a", "1")],
        one: delta("Added", "a", "2"),
        says: ["MODIFIED a 1 → 2"],
        keeps: ["a=2"],
      },
      {
        name: "a state that is there already",
        has: [entry("a", "1")],
        one: delta("Updated", "a", "1"),
        says: [],
        keeps: ["a=1"],
      },
      {
        name: "a deletion, with the state that it says",
        has: [entry("a", "1")],
        one: delta("Deleted", "a", "3"),
        says: ["DELETED a 3"],
        keeps: [],
      },
      {
        name: "a deletion of what is not there [RQ-02]",
        one: delta("Deleted", "a", "3"),
        says: [],
        keeps: [],
      },
      {
        name: "another object of the same name",
        has: [entry("a", "1")],
        one: delta("Updated", "a", "4", "other"),
        says: ["DELETED a 1 unseen", "ADDED a 4"],
        keeps: ["a=4"],
      },
      {
        name: "a deletion of another object of the same name",
        has: [entry("a", "1")],
        one: delta("Deleted", "a", "4", "other"),
        says: ["DELETED a 1 unseen"],
        keeps: [],
      },
      {
        name: "a bookmark",
        has: [entry("a", "1")],
        one: { type: "Bookmark", resourceVersion: "9" } as const,
        says: [],
        keeps: ["a=1"],
      },
    ]
  ) {
    it(`takes ${name}`, () => {
      const store = storeOf(...has);
      assert.deepEqual(apply(store, one), says);
      assert.deepEqual(
        store.objects().map(({ metadata }) => `${metadata.name}=${metadata.resourceVersion}`),
        keeps,
      );
    });
  }

  it("replaces everything, deletions first, and then in the order of the list [CT-03, CT-04, DF-10]", () => {
    const store = storeOf(entry("gone", "1"), entry("changed", "2"), entry("same", "3"));
    const replacement = store.replacing();
    for (const one of [entry("new", "5"), entry("same", "3"), entry("changed", "6")]) replacement.set(one);
    assert.deepEqual(apply(store, { type: "ReplacedAll", replacement, resourceVersion: "7" }), [
      "DELETED gone 1 unseen",
      "ADDED new 5",
      "MODIFIED changed 2 → 6",
    ]);
  });

  it("flags what is in the first list", () => {
    const store = storeOf();
    const replacement = store.replacing();
    replacement.set(entry("a", "1"));
    assert.deepEqual(apply(store, { type: "ReplacedAll", replacement, resourceVersion: "7" }, true), [
      "ADDED a 1 initial",
    ]);
  });
});

describe("DeltaQueue (spec informers 12)", () => {
  const all = (): Delta<KubernetesObject> => ({
    type: "ReplacedAll",
    replacement: storeOf().replacing(),
    resourceVersion: "7",
  });
  const types = (deltas: readonly Delta<KubernetesObject>[]) => deltas.map(({ type }) => type);

  it("hands out everything in the order in which it came [RQ-01, RQ-02]", () => {
    const queue = new DeltaQueue<KubernetesObject>();
    const deltas = [delta("Added", "a", "1"), delta("Updated", "a", "2"), delta("Deleted", "b", "3")];
    queue.push(deltas.slice(0, 1));
    queue.push(deltas.slice(1));
    assert.deepEqual(queue.take(), deltas);
    assert.deepEqual([queue.take(), queue.length], [[], 0]);
  });

  it("hands out a replacement of everything alone, between what came before and after [RQ-08, RQ-10]", () => {
    const queue = new DeltaQueue<KubernetesObject>();
    queue.push([
      delta("Added", "a", "1"),
      delta("Added", "b", "1"),
      all(),
      all(),
      delta("Deleted", "b", "3"),
    ]);
    const batches = [];
    while (queue.length > 0) batches.push(types(queue.take()));
    assert.deepEqual(batches, [["Added", "Added"], ["ReplacedAll"], ["ReplacedAll"], ["Deleted"]]);
  });

  it("hands out 1,000 at most, and holds up who is 2,000 ahead (spec informers 12.2)", async () => {
    const queue = new DeltaQueue<KubernetesObject>();
    const { signal } = new AbortController();
    queue.push(Array(1_999).fill(delta("Added", "a", "1")));
    assert.equal(queue.room(signal), undefined);
    queue.push([delta("Added", "a", "1")]);
    const room = queue.room(signal);
    assert.equal(queue.take().length, 1_000);
    await room;
  });

  it("lets go of who waits for room when the signal aborts", async () => {
    const queue = new DeltaQueue<KubernetesObject>();
    const controller = new AbortController();
    queue.push(Array(2_000).fill(delta("Added", "a", "1")));
    const room = queue.room(controller.signal);
    controller.abort("enough");
    await assert.rejects(async () => await room, (reason) => reason === "enough");
  });
});
