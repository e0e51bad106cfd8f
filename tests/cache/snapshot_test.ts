import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { noLogger } from "@coxswain/kube/observe";
import { cleaned } from "../cleanup.ts";
import { added, initial, list, modified, object, open, play, refusal, refused, type Turn } from "./script.ts";

const byList = { watchList: false } as const;

/** What a cache of these objects saves, as text. */
async function saved(
  t: Parameters<typeof play>[0],
  turn: Turn = list("10", [object("a", "1"), object("b", "2")]),
) {
  const { informer } = await play(t, [turn], { options: byList });
  return await new Response(informer.save()).text();
}

const streamOf = (text: string, size = 7) => {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.subarray(at, at += size));
    },
  });
};

describe("a cache that was saved", () => {
  it(
    "is shown at once, and goes on from its version without reading all anew",
    cleaned(async (t) => {
      const text = await saved(t);
      const { requests, cached, seen, informer, clock } = await play(t, [
        refused,
        open(modified("a", "11"), added("c", "12")),
      ], { options: { ...byList, resume: () => Promise.resolve(streamOf(text)) } });
      await clock.advance(0);
      assert.deepEqual(cached(), ["a=1", "b=2"]);
      assert.equal(informer.hasSynced, false, "no server has been reached yet");
      await clock.advance(800);
      assert.equal(informer.hasSynced, true);
      assert.deepEqual(requests(), ["watch rv=10", "watch rv=10"]);
      assert.deepEqual(cached(), ["a=11", "b=2", "c=12"]);
      assert.deepEqual(seen, [
        "add initial shop/a 1",
        "add initial shop/b 2",
        "update 1 shop/a 11",
        "add shop/c 12",
      ]);
      assert.deepEqual(informer.lister.byKey("shop/b"), object("b", "2"));
      assert.throws(() => {
        (informer.lister.byKey("shop/b")!.metadata as { name: string }).name = "x";
        throw new Error("not frozen");
      }, /not frozen/);
    }),
  );

  it(
    "is read anew when its version is too old, and handlers hear what has changed since",
    cleaned(async (t) => {
      const text = await saved(t);
      for (
        const anew of [
          list("90", [object("b", "2"), object("c", "80")]),
          initial("90", added("b", "2"), added("c", "80")),
        ]
      ) {
        const { cached, seen, informer, clock } = await play(t, [refusal(410, "Expired"), anew], {
          options: {
            watchList: anew.body === undefined,
            resume: () => Promise.resolve(streamOf(text, 1_000)),
          },
        });
        await clock.advance(800);
        assert.ok(informer.hasSynced);
        assert.deepEqual(cached(), ["b=2", "c=80"]);
        assert.deepEqual(seen.slice(2), ["delete unseen shop/a 1", "add initial shop/c 80"]);
      }
    }),
  );

  it(
    "syncs a handler when a server was reached and its last initial call has returned, in either order",
    cleaned(async (t) => {
      const text = await saved(t);
      const { informer, clock } = await play(t, [refused, open()], {
        options: { ...byList, resume: () => Promise.resolve(streamOf(text)) },
      });
      const gate = Promise.withResolvers<void>();
      const slow = informer.addEventHandler({
        onAdd: ({ metadata }) => metadata.name === "b" ? gate.promise : undefined,
      });
      const quick = informer.addEventHandler({});
      await clock.advance(0);
      assert.deepEqual([slow.hasSynced, quick.hasSynced, slow.pending], [false, false, 0]);
      await clock.advance(800);
      assert.deepEqual([slow.hasSynced, quick.hasSynced], [false, true], "the last call goes on");
      gate.resolve();
      await slow.waitForSync();
    }),
  );

  for (
    const [what, damage] of [
      ["cut off", (text: string) => text.slice(0, -30)],
      ["short of an object", (text: string) => text.split("\n").slice(0, 2).join("\n")],
      ["empty", () => ""],
      ["of another cache", (text: string) => text.replace("configmaps", "secrets")],
      ["no saved cache", () => '{"a":1}\n'],
      ["not JSON", () => "secret\n"],
      [
        "from before the first sync",
        (text: string) => text.replace('"resourceVersion":"10"', '"resourceVersion":""'),
      ],
    ] as const
  ) {
    it(
      `that is ${what} is not used, which is logged without what is in it`,
      cleaned(async (t) => {
        const warnings: string[] = [];
        const warn = (message: string, fields?: object) =>
          void warnings.push(`${message} ${JSON.stringify(fields)}`);
        const text = damage(await saved(t));
        const { requests, cached } = await play(t, [list("20", [object("c", "3")])], {
          logger: { ...noLogger, warn },
          options: { ...byList, resume: () => Promise.resolve(streamOf(text)) },
        });
        assert.deepEqual(cached(), ["c=3"]);
        assert.equal(requests()[0], "list rv=0 limit=500");
        assert.match(warnings[0], /Cannot resume the cache of configmaps/);
        assert.doesNotMatch(warnings[0], /secret\\n|uid-a/);
      }),
    );
  }

  it(
    "need not be there",
    cleaned(async (t) => {
      for (
        const resume of [() => Promise.resolve(undefined), () => Promise.reject(new Error("no such file"))]
      ) {
        const { cached } = await play(t, [list("20", [object("c", "3")])], {
          options: { ...byList, resume },
        });
        assert.deepEqual(cached(), ["c=3"]);
      }
    }),
  );
});
