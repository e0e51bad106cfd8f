import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Change, InformerFactory } from "@coxswain/kube/cache";
import { Client } from "@coxswain/kube/client";
import type { KubernetesObject } from "@coxswain/kube/meta";
import { ConfigMap } from "@coxswain/kube/types/core/v1";
import { cleaned } from "../cleanup.ts";
import { added, deleted, initial, modified, object, play } from "./script.ts";

const shown = ({ type, key, old, metadata, isInInitialList }: Change<KubernetesObject>): string =>
  [
    type,
    key,
    ...(old === undefined ? [] : [`${old.metadata?.resourceVersion} →`]),
    metadata.resourceVersion,
    ...(isInInitialList ? ["initial"] : []),
  ].join(" ");

describe("changes that wait for a slow handler (spec informers 14.3)", () => {
  const turn = initial(
    "3",
    added("a", "1"),
    added("b", "2"),
  );
  const events = [
    modified("a", "4"),
    modified("a", "5"),
    added("c", "6"),
    deleted("c", "7"),
    deleted("b", "8"),
    {
      type: "ADDED",
      object: {
        ...object("b", "9"),
        metadata: { namespace: "shop", name: "b", uid: "2", resourceVersion: "9" },
      },
    },
    modified("a", "10"),
    {
      type: "MODIFIED",
      object: {
        ...object("b", "9"),
        metadata: { namespace: "shop", name: "b", uid: "2", resourceVersion: "11" },
      },
    },
  ];

  it(
    "come one by one while they are few",
    cleaned(async (t) => {
      const { informer, clock } = await play(t, [{ lines: [...turn.lines!], end: "cut", after: 5_000 }, {
        lines: events,
        end: "hang",
      }]);
      const seen: string[] = [];
      const gate = Promise.withResolvers<void>();
      informer.addEventHandler({
        onChange: (change) => {
          seen.push(shown(change));
          return gate.promise;
        },
      });
      await clock.advance(5_000);
      gate.resolve();
      await clock.advance(0);
      assert.deepEqual(seen, [
        "ADDED shop/a 1 initial",
        "ADDED shop/b 2 initial",
        "MODIFIED shop/a 1 → 4",
        "MODIFIED shop/a 4 → 5",
        "ADDED shop/c 6",
        "DELETED shop/c 7",
        "DELETED shop/b 8",
        "ADDED shop/b 9",
        "MODIFIED shop/a 5 → 10",
        "MODIFIED shop/b 9 → 11",
      ]);
    }),
  );

  it(
    "become one for each object beyond the limit: no last state is missed, and nothing is told that cannot be",
    cleaned(async (t) => {
      const { informer, clock } = await play(t, [{ lines: [...turn.lines!], end: "cut", after: 5_000 }, {
        lines: events,
        end: "hang",
      }]);
      const seen: string[] = [];
      const gate = Promise.withResolvers<void>();
      const registration = informer.addEventHandler({
        onChange: (change) => {
          seen.push(shown(change));
          return seen.length === 1 ? gate.promise : undefined;
        },
      }, { bufferSize: 1 });
      await clock.advance(5_000);
      assert.deepEqual(seen, ["ADDED shop/a 1 initial"]);
      assert.ok(!registration.hasSynced);
      gate.resolve();
      await registration.waitForSync();
      await clock.advance(0);
      assert.deepEqual(seen.slice(1), [
        "MODIFIED shop/a 1 → 10",
        "ADDED shop/b 11",
      ]);
    }),
  );

  it(
    "are at most twice as many as there are objects",
    cleaned(async (t) => {
      const many = Array.from({ length: 500 }, (_, index) => modified("a", String(10 + index)));
      const { informer, clock } = await play(t, [{
        ...turn,
        lines: [...turn.lines!],
        end: "cut",
        after: 5_000,
      }, {
        lines: many,
        end: "hang",
      }]);
      const gate = Promise.withResolvers<void>();
      const registration = informer.addEventHandler({ onChange: () => gate.promise }, { bufferSize: 10 });
      await clock.advance(5_000);
      assert.ok(registration.pending <= 10, String(registration.pending));
      gate.resolve();
    }),
  );

  it("are limited by a number of at least 1", async () => {
    const client = new Client({
      server: "http://coxswain.test",
      fetch: () => Promise.reject(new Error("no")),
    });
    const informer = new InformerFactory(client).informer(ConfigMap);
    assert.throws(() => informer.addEventHandler({}, { bufferSize: 0 }), RangeError);
    assert.throws(() => informer.changes({ bufferSize: 0 }), RangeError);
    await client[Symbol.asyncDispose]();
  });
});
