import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Client, connect, isExpired } from "@coxswain/kube";
import type { ResourceClient } from "@coxswain/kube/client";
import { Namespace, Secret } from "@coxswain/kube/types/core/v1";
import { cluster } from "./cluster.ts";

/** Secrets, as the test cluster keeps no watch cache of them: a compaction alone lets their tokens expire. */
describe("1,200 objects of a real API server, page by page [rest 11]", () => {
  const COUNT = 1_200;
  const nameOf = (index: number) => `s-${String(index).padStart(4, "0")}`;
  const NAMES = Array.from({ length: COUNT }, (_, index) => nameOf(index));
  let client: Client;
  let secrets: ResourceClient<Secret>;
  let namespace: string;

  before(async () => {
    client = await connect({ kubeconfig: cluster().kubeconfig });
    namespace =
      (await client.resource(Namespace).create({ metadata: { generateName: "pages-" } })).metadata.name;
    secrets = client.resource(Secret).namespace(namespace);
    for (let from = 0; from < COUNT; from += 50) {
      await Promise.all(NAMES.slice(from, from + 50).map((name) => secrets.create({ metadata: { name } })));
    }
  });
  after(async () => {
    await secrets.deleteCollection();
    await client.resource(Namespace).delete(namespace);
    await client[Symbol.asyncDispose]();
  });

  const namesOf = (items: Iterable<Secret>) => [...items].map(({ metadata }) => metadata?.name);
  /** The server forgets the past, in which there was one object less. */
  const forget = async (name: string) => {
    await secrets.create({ metadata: { name } });
    await cluster().compact();
  };

  it("come in order, with how many come after", async () => {
    const left: (number | undefined)[] = [];
    const names: (string | undefined)[] = [];
    for await (const { items, metadata } of secrets.pages({ limit: 500 })) {
      left.push(metadata.remainingItemCount);
      names.push(...namesOf(items));
    }
    assert.deepEqual(left, [700, 200, undefined]);
    assert.deepEqual(names, NAMES);
    assert.deepEqual(namesOf((await secrets.listAll()).items), NAMES);
  });

  it("fail when the token expires on the way, as nothing else would show one moment", async () => {
    const names: string[] = [];
    const reading = (async () => {
      for await (const { metadata } of secrets.items({ limit: 300, prefetch: 0 })) {
        if (names.push(metadata.name) === 300) await forget("t-0");
      }
    })();
    await assert.rejects(reading, isExpired);
    assert.deepEqual(names, NAMES.slice(0, 300));
    await secrets.delete("t-0");
  });

  it("go on in the present state, if that is wanted", async () => {
    const names: string[] = [];
    for await (const { metadata } of secrets.items({ limit: 300, prefetch: 0, onExpired: "continue" })) {
      if (names.push(metadata.name) === 300) await forget("t-1");
    }
    assert.deepEqual(names, [...NAMES, "t-1"]);
    await secrets.delete("t-1");
  });

  it("are listed all over again in one answer, when a list needs them all", async () => {
    const page = await secrets.list({ limit: 300 });
    await forget("t-2");
    const list = await secrets.listAll({ continue: page.metadata.continue });
    assert.deepEqual(namesOf(list.items), [...NAMES, "t-2"]);
    await assert.rejects(
      secrets.listAll({ continue: page.metadata.continue, onExpired: "throw" }),
      isExpired,
    );
    await secrets.delete("t-2");
  });
});
