import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { cleaned } from "../cleanup.ts";
import { InformerFactory } from "@coxswain/kube/cache";
import { Client } from "@coxswain/kube/client";
import { ApiServer } from "@coxswain/kube/testing";
import { Namespace, Pod } from "@coxswain/kube/types/core/v1";
import type { Cleanup } from "../cleanup.ts";

async function podsOf(t: Pick<Cleanup, "after">) {
  const server = new ApiServer();
  const pod = (namespace: string, name: string, app: string, nodeName: string) =>
    server.load(
      {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { namespace, name, labels: { app } },
        spec: { nodeName, containers: [] },
      } as Pod,
    );
  pod("shop", "web-0", "web", "node-a");
  pod("shop", "web-1", "web", "node-b");
  pod("shop", "db-0", "db", "node-a");
  pod("lab", "web-0", "web", "node-a");
  const client = new Client(server.restConfig());
  const informers = new InformerFactory(client);
  t.after(async () => {
    await informers[Symbol.asyncDispose]();
    await client[Symbol.asyncDispose]();
  });
  let looked = 0;
  const pods = informers.informer(Pod, {
    indexers: { byNode: (pod) => (looked++, [pod.spec?.nodeName ?? ""]) },
  });
  const namespaces = informers.informer(Namespace);
  informers.start();
  await informers.waitForSync();
  return { pods, namespaces, looked: () => looked };
}

const keys = (objects: readonly { metadata: { namespace?: string; name: string } }[]) =>
  objects.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).sort();

describe("a lister (spec informers 4)", () => {
  it(
    "gives all, those of a namespace, or those that a selector selects [LI-01, LI-02]",
    cleaned(async (t) => {
      const { pods } = await podsOf(t);
      assert.deepEqual(keys(pods.lister.list()), ["lab/web-0", "shop/db-0", "shop/web-0", "shop/web-1"]);
      assert.deepEqual(keys(pods.lister.list({ labelSelector: "app=web" })), [
        "lab/web-0",
        "shop/web-0",
        "shop/web-1",
      ]);
      assert.deepEqual(keys(pods.lister.namespace("shop").list()), ["shop/db-0", "shop/web-0", "shop/web-1"]);
      assert.deepEqual(keys(pods.lister.namespace("shop").list({ labelSelector: "app notin (db)" })), [
        "shop/web-0",
        "shop/web-1",
      ]);
      const db = [{ key: "app", operator: "In", values: ["db"] }] as const;
      assert.deepEqual(
        keys(pods.lister.list({ labelSelector: db.map((one) => ({ ...one, values: ["db"] })) })),
        [
          "shop/db-0",
        ],
      );
      assert.deepEqual(pods.lister.list({ labelSelector: "nobody=has" }), []);
      assert.deepEqual(pods.lister.namespace("nowhere").list(), []);
      assert.throws(() => pods.lister.list({ labelSelector: "=" }), SyntaxError);
    }),
  );

  it(
    "gives one by name in a namespace, of the cluster, or by key; or undefined",
    cleaned(async (t) => {
      const { pods, namespaces } = await podsOf(t);
      assert.equal(pods.lister.namespace("shop").get("web-0")?.metadata.namespace, "shop");
      assert.equal(pods.lister.namespace("lab").get("web-1"), undefined);
      assert.equal(pods.lister.byKey("lab/web-0")?.metadata.namespace, "lab");
      assert.equal(namespaces.lister.get("shop")?.metadata.name, "shop");
      assert.equal(namespaces.lister.get("nowhere"), undefined);
    }),
  );

  it(
    "finds by index, within a namespace and by a selector too, and calls the index function once an object",
    cleaned(async (t) => {
      const { pods, looked } = await podsOf(t);
      assert.deepEqual(keys(pods.lister.byIndex("byNode", "node-a")), [
        "lab/web-0",
        "shop/db-0",
        "shop/web-0",
      ]);
      assert.deepEqual(keys(pods.lister.namespace("shop").byIndex("byNode", "node-a")), [
        "shop/db-0",
        "shop/web-0",
      ]);
      assert.deepEqual(keys(pods.lister.byIndex("byNode", "node-a", { labelSelector: "app=db" })), [
        "shop/db-0",
      ]);
      assert.deepEqual(keys(pods.lister.byIndex("namespace", "lab")), ["lab/web-0"]);
      assert.deepEqual(pods.lister.byIndex("byNode", "node-z"), []);
      assert.equal(looked(), 4);
    }),
  );
});

/** Never called: the type checker reads it, and each line that must not compile says so. */
export function program(informers: InformerFactory): void {
  const pods = informers.informer(Pod, { indexers: { byNode: (pod) => [pod.spec?.nodeName ?? ""] } });
  const pod = pods.lister.namespace("shop").get("web-0");
  const node: string | undefined = pod?.spec?.nodeName;
  // @ts-expect-error: what a cache hands out is shared
  if (pod?.spec) pod.spec.nodeName = node;
  // @ts-expect-error: so are lists in it
  pod?.spec?.containers.push();
  // @ts-expect-error: a pod is found in its namespace
  pods.lister.get("web-0");
  // @ts-expect-error: there is no such index
  pods.lister.byIndex("byNodes", "node-a");
  pods.addIndexers({ byIp: (one) => [one.status?.podIP ?? ""] }).lister.byIndex("byIp", "10.0.0.1");
  const namespaces = informers.informer(Namespace);
  // @ts-expect-error: namespaces are in no namespace
  namespaces.lister.namespace("shop");
  const metadata = informers.informer(Pod, { only: "metadata" }).lister.byKey("shop/web-0");
  // @ts-expect-error: there is metadata alone
  metadata?.spec;
}
