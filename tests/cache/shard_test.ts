import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { InformerFactory, shardOf } from "@coxswain/kube/cache";
import { Client } from "@coxswain/kube/client";
import { ApiServer, ManualClock } from "@coxswain/kube/testing";
import { ConfigMap } from "@coxswain/kube/types/core/v1";
import { cleaned } from "../cleanup.ts";

/** FNV-1a of 64 bits as its authors write it. */
function fnv1a(text: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) {
    hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & (2n ** 64n - 1n);
  }
  return hash;
}

describe("shards (spec informers 23)", () => {
  it("are found by FNV-1a of 64 bits", () => {
    assert.equal(fnv1a("a"), 0xaf63dc4c8601ec8cn); // from the authors' test vectors
    assert.equal(fnv1a("foobar"), 0x85944171f73967e8n);
    for (const text of ["", "a", "foobar", "ü🙂", "25d2cc3b-3f5c-4f6f-b984-61f8fb6bcb6e"]) {
      for (const parts of [1, 2, 3, 7, 1_000, 2 ** 32]) {
        assert.equal(
          shardOf(text, parts),
          Number(fnv1a(text) * BigInt(parts) / 2n ** 64n),
          `${text} ${parts}`,
        );
      }
    }
  });

  it(
    "divide the objects among informers: each is in one, also what comes later",
    cleaned(async (t) => {
      const clock = new ManualClock();
      const server = new ApiServer({ clock });
      const client = new Client({ server: "http://coxswain.test", fetch: server.fetch, clock });
      const informers = new InformerFactory(client);
      t.after(async () => {
        await informers[Symbol.asyncDispose]();
        await client[Symbol.asyncDispose]();
      });
      const load = (name: string) =>
        server.load({ apiVersion: "v1", kind: "ConfigMap", metadata: { namespace: `n-${name}`, name } });
      for (let index = 0; index < 30; index++) load(`old-${index}`);
      const byUid = [0, 1, 2].map((index) => informers.informer(ConfigMap, { shard: { index, of: 3 } }));
      const byNamespace = [0, 1].map((index) =>
        informers.informer(ConfigMap, { shard: { index, of: 2, by: "namespace" }, watchList: false })
      );
      informers.start();
      await informers.waitForSync();
      for (let index = 0; index < 30; index++) load(`new-${index}`);
      await clock.advance(0);
      for (const all of [byUid, byNamespace]) {
        const names = all.flatMap(({ lister }) => lister.list().map(({ metadata }) => metadata.name));
        assert.deepEqual([names.length, new Set(names).size], [60, 60]);
        for (const { lister } of all) assert.ok(lister.list().length > 8, "fairly");
        // What is another's moves the place on all the same.
        for (const { resourceVersion } of all) assert.equal(resourceVersion, byUid[0].resourceVersion);
      }
      const asked = server.requests.flatMap(({ url }) =>
        new URL(url, "http://x").searchParams.get("shardSelector") ?? []
      );
      assert.deepEqual([...new Set(asked)].sort(), [
        "shardRange(object.metadata.namespace, '0x0000000000000000', '0x8000000000000000')",
        "shardRange(object.metadata.namespace, '0x8000000000000000', '0x10000000000000000')",
        "shardRange(object.metadata.uid, '0x0000000000000000', '0x5555555555555556')",
        "shardRange(object.metadata.uid, '0x5555555555555556', '0xaaaaaaaaaaaaaaab')",
        "shardRange(object.metadata.uid, '0xaaaaaaaaaaaaaaab', '0x10000000000000000')",
      ]);
    }),
  );

  it("must be there", () => {
    const client = new Client({
      server: "http://coxswain.test",
      fetch: () => Promise.reject(new Error("no")),
    });
    for (
      const shard of [{ index: 2, of: 2 }, { index: -1, of: 2 }, { index: 0.5, of: 2 }, { index: 0, of: 0 }]
    ) {
      assert.throws(() => new InformerFactory(client).informer(ConfigMap, { shard }), RangeError);
    }
  });
});
