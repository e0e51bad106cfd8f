import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Client, connect, isExpired } from "@coxswain/kube";
import type { ResourceClient } from "@coxswain/kube/client";
import { ConfigMap, Namespace, Secret } from "@coxswain/kube/types/core/v1";
import { cluster } from "./cluster.ts";

describe("a watch of a real API server", () => {
  let client: Client;
  let namespace: string;
  let settings: ResourceClient<ConfigMap>;

  before(async () => {
    client = await connect({ kubeconfig: cluster().kubeconfig });
    const { metadata } = await client.resource(Namespace).create({ metadata: { generateName: "watch-" } });
    namespace = metadata.name;
    settings = client.resource(ConfigMap).namespace(namespace);
  });
  after(async () => {
    await cluster().start();
    await client[Symbol.asyncDispose]();
  });

  /** Follows what is labelled `of`, and does one step after each event, until there are no more steps. */
  async function follow(of: string, steps: (() => Promise<unknown>)[]): Promise<string[]> {
    const seen: string[] = [];
    for await (const { type, object } of settings.watch({ labelSelector: `of=${of}` })) {
      seen.push(
        `${type} ${(object as ConfigMap).metadata?.name} ${(object as ConfigMap).data?.text ?? ""}`.trim(),
      );
      const step = steps.shift();
      if (step === undefined) break;
      await step();
    }
    return seen;
  }

  const create = (of: string, name: string) =>
    settings.create({ metadata: { name, labels: { of } }, data: { text: "ü" } });
  const change = (name: string, text: string) => settings.patch(name, { merge: { data: { text } } });

  it("shows what exists, and each change in order", async () => {
    await create("changes", "a");
    const seen = await follow("changes", [
      () => create("changes", "b"),
      () => change("a", "🙂"),
      () => settings.patch("a", { merge: { metadata: { labels: { of: "others" } } } }),
      () => settings.delete("b"),
    ]);
    assert.deepEqual(seen, ["ADDED a ü", "ADDED b ü", "MODIFIED a 🙂", "DELETED a 🙂", "DELETED b ü"]);
  });

  it("goes on after a restart of the server, without losing or repeating a change", async () => {
    // The test server has no watch cache for secrets, so it can begin at any version that etcd has.
    const secrets = client.resource(Secret).namespace(namespace);
    const touch = (name: string, text: string) => secrets.patch(name, { merge: { stringData: { text } } });
    await secrets.create({ metadata: { name: "r-1" } });
    const steps = [
      () => cluster().restart().then(() => touch("r-1", "1")),
      // The server dies, and changes are made before the watch is back.
      () =>
        cluster().kill().then(() => cluster().start()).then(() =>
          secrets.create({ metadata: { name: "r-2" } })
        ),
      () => secrets.delete("r-1"),
    ];
    const seen: string[] = [];
    for await (const { type, object } of secrets.watch()) {
      seen.push(`${type} ${(object as Secret).metadata?.name}`);
      const step = steps.shift();
      if (step === undefined) break;
      await step();
    }
    assert.deepEqual(seen, ["ADDED r-1", "MODIFIED r-1", "ADDED r-2", "DELETED r-1"]);
  });

  it("that has to begin anew after a restart says so, and then shows what is there", async () => {
    await create("anew", "a-1");
    const seen: string[] = [];
    for (let views = 1; views <= 2 && seen.at(-1) !== "ADDED a-2"; views++) {
      try {
        for await (const { type, object } of settings.watch({ labelSelector: "of=anew" })) {
          seen.push(`${type} ${(object as ConfigMap).metadata?.name}`);
          if (seen.length === 1) await cluster().restart().then(() => create("anew", "a-2"));
          else if (seen.at(-1) === "ADDED a-2") break;
        }
      } catch (error) {
        // A watch cache that was just filled knows nothing older than itself.
        if (!isExpired(error)) throw error;
      }
    }
    assert.equal(seen.at(-1), "ADDED a-2");
  });

  it("says that a version is too old to begin with", async () => {
    const { metadata } = await create("old", "o-1");
    await change("o-1", "1");
    await change("o-1", "2");
    await cluster().compact();
    await cluster().restart();
    await assert.rejects(async () => {
      for await (const _ of settings.watch({ resourceVersion: metadata.resourceVersion }));
    }, isExpired);
  });

  it("ends with the signal's reason, also while the server is away", async () => {
    for (const away of [false, true]) {
      await create("abort", away ? "x-2" : "x-1");
      const controller = new AbortController();
      const following = (async () => {
        for await (const _ of settings.watch({ labelSelector: "of=abort", signal: controller.signal })) {
          if (away) await cluster().kill();
          controller.abort("enough");
        }
      })();
      await assert.rejects(following, (reason) => reason === "enough");
      await cluster().start();
    }
  });

  it("of the WatchList kind ends its initial events with a bookmark", async () => {
    const request = client.rest.get().resource(ConfigMap)
      .query({
        watch: true,
        allowWatchBookmarks: true,
        sendInitialEvents: true,
        resourceVersionMatch: "NotOlderThan",
        timeoutSeconds: 5,
      });
    for await (const event of (await request.send()).watch<ConfigMap>()) {
      if (event.type !== "BOOKMARK") continue;
      assert.equal(event.object.metadata.annotations?.["k8s.io/initial-events-end"], "true");
      assert.match(event.object.metadata.resourceVersion, /^\d+$/);
      break;
    }
  });
});
