import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { InformerFactory } from "@coxswain/kube/cache";
import { Client } from "@coxswain/kube/client";
import { noLogger } from "@coxswain/kube/observe";
import { ApiServer, ManualClock } from "@coxswain/kube/testing";
import { ConfigMap } from "@coxswain/kube/types/core/v1";
import { cleaned } from "../cleanup.ts";
import {
  added,
  closed,
  deleted,
  error,
  initial,
  list,
  modified,
  object,
  open,
  play,
  refusal,
  type Turn,
} from "./script.ts";

const both: Turn = initial("5", added("a", "1"), added("b", "2"));

describe("a shared informer", () => {
  it(
    "has one watch for many handlers, and one object for all",
    cleaned(async (t) => {
      const { informer, asked, seen } = await play(t, [both]);
      const objects: unknown[] = [];
      const first = informer.addEventHandler({ onAdd: (one) => void objects.push(one) });
      const second = informer.addEventHandler({ onAdd: (one) => void objects.push(one) });
      await Promise.all([first.waitForSync(), second.waitForSync()]);
      assert.equal(asked.length, 1);
      assert.equal(seen.length, 2);
      assert.equal(objects[0], objects[2]);
      assert.equal(objects[0], informer.lister.byKey("shop/a"));
    }),
  );

  it(
    "shows a change before any handler hears of it (spec informers 14.3)",
    cleaned(async (t) => {
      const { informer, clock } = await play(t, [initial("5", added("a", "1")), open()]);
      const versions: (string | undefined)[] = [];
      informer.addEventHandler({
        onAdd: ({ metadata }) =>
          void versions.push(informer.lister.byKey(`shop/${metadata.name}`)?.metadata.resourceVersion),
      });
      await clock.advance(0);
      assert.deepEqual(versions, ["1"]);
    }),
  );

  it(
    "tells a handler that comes late of all there is, as initial, and syncs it for itself [SI-12] (spec informers 14.5)",
    cleaned(async (t) => {
      const { informer, clock } = await play(t, [
        closed(both.lines!, 5_000),
        open(added("c", "6")),
      ]);
      const seen: string[] = [];
      const gate = Promise.withResolvers<void>();
      const late = informer.addEventHandler({
        onAdd: async ({ metadata }, { isInInitialList }) => {
          await gate.promise;
          seen.push(`${metadata.name}${isInInitialList ? " initial" : ""}`);
        },
      });
      await clock.advance(0);
      assert.equal(late.hasSynced, false);
      gate.resolve();
      await late.waitForSync();
      assert.deepEqual(seen, ["a initial", "b initial"]);
      await clock.advance(5_000);
      assert.deepEqual(seen.slice(2), ["c"]);
    }),
  );

  it(
    "syncs a handler when the informer has and the last initial call has returned, in either order [SY-01, SY-02]",
    cleaned(async (t) => {
      const { informer, clock } = await play(t, [open(added("a", "1"))]);
      const registration = informer.addEventHandler({});
      await clock.advance(0);
      assert.equal(registration.hasSynced, false, "the informer has not");
      const other = await play(t, [both]);
      const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      let calls = 0;
      const second = other.informer.addEventHandler({ onAdd: () => gates[calls++].promise });
      gates[0].resolve();
      await other.clock.advance(0);
      assert.equal(second.hasSynced, false, "one call goes on");
      gates[1].resolve();
      await second.waitForSync();
      assert.equal(second.hasSynced, true);
    }),
  );

  it(
    "calls an async handler for one change after the other",
    cleaned(async (t) => {
      const { informer, clock } = await play(t, [both]);
      const seen: string[] = [];
      informer.addEventHandler({
        onAdd: async ({ metadata: { name } }) => {
          seen.push(`${name} begins`);
          await clock.sleep(1_000);
          seen.push(`${name} ends`);
        },
      });
      await clock.advance(2_000);
      assert.deepEqual(seen, ["a begins", "a ends", "b begins", "b ends"]);
    }),
  );

  it(
    "lets no handler be hurt by another that is slow, throws or rejects [SI-14] (spec informers 14.7)",
    cleaned(async (t) => {
      const logged: string[] = [];
      const logger = { ...noLogger, error: (message: string) => void logged.push(message) };
      const { informer, clock } = await play(t, [both], { logger });
      const calls: string[] = [];
      const failed: string[] = [];
      const gate = Promise.withResolvers<void>();
      informer.addEventHandler({ onAdd: () => gate.promise }, { name: "stuck" });
      informer.addEventHandler({
        onAdd({ metadata }) {
          calls.push(metadata.name);
          throw new Error("thrown");
        },
      }, { name: "throwing" });
      const rejecting = informer.addEventHandler({ onAdd: () => Promise.reject(new Error("rejected")) }, {
        name: "rejecting",
        onError: (error, { key }) => void failed.push(`${key} ${(error as Error).message}`),
      });
      const well = informer.addEventHandler({
        onAdd: ({ metadata }) => void calls.push(`well ${metadata.name}`),
      });
      await clock.advance(0);
      assert.deepEqual(calls.sort(), ["a", "b", "well a", "well b"]);
      assert.deepEqual(failed, ["shop/a rejected", "shop/b rejected"]);
      assert.deepEqual(logged, Array(2).fill("The handler throwing failed"));
      assert.ok(well.hasSynced && rejecting.hasSynced);
      gate.resolve();
    }),
  );

  it(
    "survives an onError that throws",
    cleaned(async (t) => {
      const { informer } = await play(t, [both]);
      const registration = informer.addEventHandler({
        onAdd() {
          throw new Error("one");
        },
      }, {
        onError() {
          throw new Error("two");
        },
      });
      await registration.waitForSync();
    }),
  );

  it(
    "names a handler after itself or its functions (spec informers 14.5)",
    cleaned(async (t) => {
      const { informer } = await play(t, [both]);
      class Counter {
        onAdd() {}
      }
      const onlyAdd = () => {};
      assert.equal(informer.addEventHandler(new Counter()).name, "Counter");
      assert.equal(informer.addEventHandler({ onAdd: onlyAdd, onDelete: onlyAdd }).name, "onlyAdd");
      assert.equal(informer.addEventHandler({ onAdd() {}, onDelete() {} }).name, "onAdd+onDelete");
      assert.equal(informer.addEventHandler({}).name, "without a name");
      assert.equal(informer.addEventHandler({}, { name: "mine" }).name, "mine");
    }),
  );

  it(
    "takes handlers with any of the functions, and calls onChange before the others [CT-09]",
    cleaned(async (t) => {
      const { informer, clock } = await play(t, [
        closed([...both.lines!, modified("a", "6"), deleted("b", "7")], 2_000),
      ]);
      const seen: string[] = [];
      informer.addEventHandler({});
      informer.addEventHandler({
        onChange: async ({ type, key }) => {
          await clock.sleep(0);
          seen.push(`change ${type} ${key}`);
        },
        onAdd: ({ metadata }) => void seen.push(`add ${metadata.name}`),
      });
      await clock.advance(10);
      assert.deepEqual(seen, ["change ADDED shop/a", "add a"]);
    }),
  );

  it(
    "lets a handler see only what passes its filter: what begins to is added, what ends to is deleted [CT-07]",
    cleaned(async (t) => {
      const labelled = (type: string, name: string, version: string, color: string) => ({
        type,
        object: {
          apiVersion: "v1",
          kind: "ConfigMap",
          metadata: { namespace: "shop", name, uid: name, resourceVersion: version, labels: { color } },
        },
      });
      const { informer, clock } = await play(t, [
        closed([...initial("1").lines!], 1_000),
        open(
          labelled("ADDED", "a", "2", "red"),
          labelled("ADDED", "b", "3", "blue"),
          labelled("MODIFIED", "a", "4", "red"),
          labelled("MODIFIED", "a", "5", "blue"),
          labelled("MODIFIED", "a", "6", "blue"),
          labelled("MODIFIED", "b", "7", "red"),
          labelled("DELETED", "a", "8", "blue"),
          labelled("DELETED", "b", "9", "red"),
        ),
      ]);
      const seen: string[][] = [[], []];
      const isRed = ({ labels }: { readonly labels?: Readonly<Record<string, string>> }) =>
        labels?.color === "red";
      [{ filter: (one: { metadata: Parameters<typeof isRed>[0] }) => isRed(one.metadata) }, {
        filterMetadata: isRed,
      }]
        .forEach((options, index) =>
          informer.addEventHandler({
            onChange: ({ type, key, metadata }) =>
              void seen[index].push(`${type} ${key} ${metadata.resourceVersion}`),
          }, options)
        );
      await clock.advance(1_000);
      assert.deepEqual(seen[0], [
        "ADDED shop/a 2",
        "MODIFIED shop/a 4",
        "DELETED shop/a 4",
        "ADDED shop/b 7",
        "DELETED shop/b 9",
      ]);
      assert.deepEqual(seen[1], seen[0]);
    }),
  );

  it(
    "reminds each handler of all objects as often as it asks for [SI-02, SI-03] (spec informers 14.4)",
    cleaned(async (t) => {
      const { informer, clock } = await play(t, [initial("5", added("a", "1"))]);
      const seen: string[] = [];
      const remember = (name: string, resyncPeriod?: number) =>
        informer.addEventHandler({
          onAdd() {},
          onUpdate(old, one, { type }) {
            assert.ok(old === one && type === "SYNC");
            seen.push(`${name} at ${clock.now()}`);
          },
        }, { resyncPeriod });
      remember("never");
      remember("2 s", 2_000);
      remember("3 s", 3_000);
      remember("too often", 10);
      await clock.advance(4_500);
      assert.deepEqual(seen.filter((one) => !one.startsWith("too")), [
        "2 s at 2000",
        "3 s at 3000",
        "2 s at 4000",
      ]);
      assert.equal(seen.length - 3, 4);
      assert.throws(() => remember("negative", -1), RangeError);
    }),
  );

  it(
    "does not remind a handler that has not heard of the changes yet, nor one that is gone",
    cleaned(async (t) => {
      const { informer, clock } = await play(t, [both]);
      let calls = 0;
      const stuck = informer.addEventHandler({ onChange: () => (calls++, clock.sleep(10_000)) }, {
        resyncPeriod: 1_000,
      });
      await clock.advance(15_000);
      assert.equal(calls, 2);
      assert.ok(stuck.pending <= 2);
      const removed = stuck.remove();
      await clock.advance(20_000);
      await removed;
      assert.equal(calls, 2);
    }),
  );

  it(
    "tells nobody of objects that a new list shows as they were [SI-04], which client-go does (spec informers 14.3)",
    cleaned(async (t) => {
      const { clock, seen } = await play(t, [
        closed(both.lines!, 5_000),
        refusal(410, "Expired"),
        initial("20", added("a", "1"), added("b", "15"), added("c", "16")),
      ]);
      await clock.advance(6_000);
      assert.deepEqual(seen.slice(2), ["update 2 shop/b 15", "add shop/c 16"]);
    }),
  );

  it(
    "tells of an object that was made again unseen as a deletion and an addition (spec informers 14.3)",
    cleaned(async (t) => {
      const again = {
        ...object("a", "9"),
        metadata: { namespace: "shop", name: "a", uid: "other", resourceVersion: "9" },
      };
      const { clock, seen } = await play(t, [
        list("5", [object("a", "1")]),
        open(error(410, "Expired")),
        list("20", [again]),
      ], { options: { watchList: false } });
      await clock.advance(1_000);
      assert.deepEqual(seen.slice(1), ["delete unseen shop/a 1", "add shop/a 9"]);
    }),
  );

  it(
    "tells a removed handler nothing more, at once [SI-07, SI-11] (spec informers 14.6)",
    cleaned(async (t) => {
      const { informer, clock } = await play(t, [closed(both.lines!, 5_000), open(added("c", "6"))]);
      const seen: string[] = [];
      const gate = Promise.withResolvers<void>();
      const handler = {
        onAdd: async ({ metadata }: { metadata: { name: string } }) => {
          seen.push(metadata.name);
          await gate.promise;
        },
      };
      const first = informer.addEventHandler(handler);
      const second = informer.addEventHandler(handler); // the same one again is another
      await clock.advance(0);
      let isRemoved = false;
      const removed = first.remove().then(() => isRemoved = true);
      await clock.advance(0);
      assert.equal(isRemoved, false, "it waits for the call that goes on [SI-15]");
      await assert.rejects(first.waitForSync(), TypeError);
      gate.resolve();
      await removed;
      await first.remove();
      await clock.advance(5_000);
      assert.deepEqual(seen.sort(), ["a", "a", "b", "c"]);
      assert.ok(second.hasSynced);
    }),
  );

  it(
    "takes handlers away from an informer that was never started [SI-13, SI-15]",
    cleaned(async (t) => {
      const { informers } = await play(t, [both]);
      const informer = informers.informer((await import("@coxswain/kube/types/core/v1")).Pod);
      await informer.addEventHandler({}).remove();
      informer.addEventHandler({});
      await informer[Symbol.asyncDispose]();
    }),
  );

  it(
    "cannot be started, added to or followed once it is stopped; what it knew stays [SI-09, SI-10]",
    cleaned(async (t) => {
      const { informer, cached } = await play(t, [both]);
      const registration = informer.addEventHandler({});
      await informer[Symbol.asyncDispose]();
      await informer[Symbol.asyncDispose]();
      for (
        const use of [
          () => informer.start(),
          () => informer.addEventHandler({}),
          () => informer.changes(),
          () => informer.addIndexers({}),
        ]
      ) assert.throws(use, /has been stopped already$/);
      await registration.remove();
      assert.deepEqual(cached(), ["a=1", "b=2"]);
      assert.equal(informer.health().state, "stopped");
    }),
  );

  it(
    "stops after the watch has, and drops what handlers have not seen (spec informers 14.2)",
    cleaned(async (t) => {
      const { informer, clock } = await play(t, [both]);
      const seen: string[] = [];
      informer.addEventHandler({
        onAdd: async ({ metadata }) => {
          await clock.sleep(1_000);
          seen.push(metadata.name);
        },
      });
      await clock.advance(0);
      const stopped = informer[Symbol.asyncDispose]();
      await clock.advance(10_000);
      await stopped;
      assert.deepEqual(seen, ["a"]);
      assert.equal(clock.timers, 0);
    }),
  );

  it(
    "lets those who wait for it know that it was stopped",
    cleaned(async (t) => {
      const { informer } = await play(t, []);
      const waiting = [
        informer.waitForSync(),
        informer.seen({ metadata: { name: "a", resourceVersion: "9" } }),
        informer.addEventHandler({}).waitForSync(),
      ].map((one) => assert.rejects(one, TypeError));
      await informer[Symbol.asyncDispose]();
      await Promise.all(waiting);
      await assert.rejects(informer.waitForSync(), TypeError);
    }),
  );

  it(
    "stops while a handler is removed, and when nothing was ever asked for",
    cleaned(async (t) => {
      const { informer, clock } = await play(t, [both]);
      const registration = informer.addEventHandler({ onAdd: () => clock.sleep(1_000) });
      await clock.advance(0);
      const ends = [registration.remove(), informer[Symbol.asyncDispose]()];
      await clock.advance(1_000);
      await Promise.all(ends);
    }),
  );
});

describe("an informer whose client is closed first", () => {
  it(
    "stops by itself: no timer stays, and those who wait are told",
    cleaned(async (t) => {
      const clock = new ManualClock();
      const server = new ApiServer({ clock });
      t.after(() => server[Symbol.asyncDispose]());
      for (const isSynced of [true, false]) {
        const client = new Client({
          server: "http://coxswain.test",
          fetch: isSynced ? server.fetch : () => Promise.reject(new TypeError("fetch failed")),
          clock,
          logger: noLogger,
        });
        const informers = new InformerFactory(client);
        const informer = informers.informer(ConfigMap, { resyncPeriod: 1_000 });
        informer.addEventHandler({});
        informers.start();
        await clock.advance(0);
        assert.equal(informer.hasSynced, isSynced);
        const waiting = isSynced ? undefined : assert.rejects(informer.waitForSync(), TypeError);
        await client[Symbol.asyncDispose]();
        await clock.advance(60_000);
        await waiting;
        assert.equal(informer.health().state, "stopped");
        assert.equal(clock.timers, 0);
        await informers[Symbol.asyncDispose]();
      }
    }),
  );
});

describe("changes() of an informer", () => {
  it(
    "gives what is there, and then each change; leaving the loop ends it",
    cleaned(async (t) => {
      const { informer, clock } = await play(t, [
        closed(both.lines!, 5_000),
        open(modified("a", "6"), deleted("b", "7")),
      ]);
      const seen: string[] = [];
      const loop = (async () => {
        for await (const { type, key, isInInitialList, old } of informer.changes()) {
          seen.push(`${type} ${key} ${isInInitialList} ${old?.metadata.resourceVersion}`);
          if (seen.length === 4) break;
        }
      })();
      await clock.advance(5_000);
      await loop;
      assert.deepEqual(seen, [
        "ADDED shop/a true undefined",
        "ADDED shop/b true undefined",
        "MODIFIED shop/a false 1",
        "DELETED shop/b false undefined",
      ]);
    }),
  );

  it(
    "may be asked for several at once",
    cleaned(async (t) => {
      const { informer, clock } = await play(t, [
        closed([...initial("1").lines!], 1_000),
        open(added("a", "2"), added("b", "3")),
      ]);
      const changes = informer.changes();
      const asked = [changes.next(), changes.next(), changes.next()];
      await clock.advance(1_000);
      assert.deepEqual([(await asked[0]).value?.key, (await asked[1]).value?.key], ["shop/a", "shop/b"]);
      await changes.return!();
      assert.deepEqual(await asked[2], { done: true, value: undefined });
    }),
  );

  it(
    "ends with the signal's reason, or when the informer is stopped",
    cleaned(async (t) => {
      const { informer, clock } = await play(t, [both]);
      const controller = new AbortController();
      const follow = async (signal?: AbortSignal) => {
        for await (const _ of informer.changes({ signal }));
      };
      const aborted = assert.rejects(follow(controller.signal), (reason) => reason === "enough");
      const stopped = follow();
      await clock.advance(0);
      controller.abort("enough");
      await aborted;
      await assert.rejects(follow(controller.signal), (reason) => reason === "enough");
      await informer[Symbol.asyncDispose]();
      await stopped;
    }),
  );
});

describe("seen(), to read one's own writes", () => {
  const written = (name: string, resourceVersion: string, uid = `uid-${name}`) => ({
    metadata: { namespace: "shop", name, uid, resourceVersion },
  });

  async function isSeen(
    promise: Promise<void>,
    clock: { advance(duration: number): Promise<void> },
  ): Promise<boolean> {
    let seen = false;
    void promise.then(() => seen = true, () => {});
    await clock.advance(0);
    return seen;
  }

  it(
    "waits until the cache has come as far, by what object or bookmark ever",
    cleaned(async (t) => {
      const { informer, clock } = await play(t, [
        closed(both.lines!, 5_000),
        closed([modified("a", "9")], 5_000),
        open({
          type: "BOOKMARK",
          object: { metadata: { resourceVersion: "100" } },
        }),
      ]);
      assert.equal(await isSeen(informer.seen(written("b", "2")), clock), true);
      assert.equal(await isSeen(informer.seen(written("x", "5")), clock), true);
      const [nine, hundred] = [informer.seen(written("a", "9")), informer.seen(written("left out", "100"))];
      assert.deepEqual([await isSeen(nine, clock), await isSeen(hundred, clock)], [false, false]);
      await clock.advance(5_000);
      assert.deepEqual([await isSeen(nine, clock), await isSeen(hundred, clock)], [true, false]);
      assert.equal(informer.lister.byKey("shop/a")?.metadata.resourceVersion, "9");
      await clock.advance(5_000);
      assert.equal(await isSeen(hundred, clock), true);
    }),
  );

  it(
    "waits for that very state, or the object's end, where versions are no numbers",
    cleaned(async (t) => {
      const { informer, clock } = await play(t, [
        closed(initial("v-5", added("a", "v-1"), added("b", "v-2")).lines!, 5_000),
        closed([modified("a", "v-3")], 5_000),
        open(modified("a", "v-4"), deleted("b", "v-9")),
      ]);
      assert.equal(await isSeen(informer.seen(written("a", "v-1")), clock), true);
      const [three, four, end] = ["v-3", "v-4"].map((version) => informer.seen(written("a", version)))
        .concat(informer.seen(written("b", "v-8")));
      assert.equal(await isSeen(three, clock), false);
      await clock.advance(5_000);
      assert.deepEqual([await isSeen(three, clock), await isSeen(four, clock)], [true, false]);
      await clock.advance(5_000);
      assert.deepEqual([await isSeen(four, clock), await isSeen(end, clock)], [true, true]);
    }),
  );

  it(
    "ends with the signal's reason, and refuses an object without a version",
    cleaned(async (t) => {
      const { informer } = await play(t, [both]);
      const controller = new AbortController();
      const seen = informer.seen(written("a", "99"), { signal: controller.signal });
      controller.abort("enough");
      await assert.rejects(seen, (reason) => reason === "enough");
      assert.throws(() => void informer.seen({ metadata: { name: "a" } }), TypeError);
    }),
  );
});
