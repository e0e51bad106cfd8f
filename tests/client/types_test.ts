import assert from "node:assert/strict";
import { it } from "node:test";
import type { Client, CollectionClient, ResourceClient } from "@coxswain/kube/client";
import { defineResource, type KubernetesObject, type ResourceType } from "@coxswain/kube/meta";
import { Deployment } from "@coxswain/kube/types/apps/v1";
import { TokenReview } from "@coxswain/kube/types/authentication/v1";
import { ConfigMap, Namespace, Pod, ServiceAccount } from "@coxswain/kube/types/core/v1";

interface WebApp extends KubernetesObject {
  spec: { image: string; replicas?: number };
}
const WebApp = defineResource<WebApp>({
  group: "example.com",
  version: "v1",
  kind: "WebApp",
  plural: "webapps",
});

/** Never called: the type checker reads it, and each line that must not compile says so. */
export async function program(client: Client, found: ResourceType): Promise<void> {
  const pods = client.resource(Pod);
  const inShop = pods.namespace("shop");

  const pod = await inShop.get("web-0");
  const text: string = pod.metadata.name + pod.metadata.uid + pod.metadata.resourceVersion + pod.kind;
  const node: string | undefined = pod.spec?.nodeName;
  assert.ok(text && node);
  for await (const one of pods.items({ labelSelector: "app=web" })) {
    console.log(one.metadata.creationTimestamp);
  }
  for await (const event of inShop.watch()) {
    if (event.type === "BOOKMARK") {
      // @ts-expect-error: a bookmark has a version, and no spec
      event.object.spec;
    } else event.object.spec?.containers;
  }

  // @ts-expect-error: creating needs a namespace
  pods.create({ spec: { containers: [] } });
  // @ts-expect-error: getting needs a namespace
  pods.get("web-0");
  // @ts-expect-error: a namespace is in no namespace
  client.resource(Namespace).namespace("shop");
  await client.resource(Namespace).create({ metadata: { name: "shop" } });

  // @ts-expect-error: a pod is no deployment
  inShop.create({ kind: "Deployment" });
  // @ts-expect-error: an update says which object it means
  inShop.update({ spec: { containers: [] } });
  // @ts-expect-error: a web app needs a spec
  client.resource(WebApp).namespace("shop").create({ metadata: { name: "a" } });
  // @ts-expect-error: with an image
  client.resource(WebApp).namespace("shop").create({ spec: { replicas: 1 } });

  const deployments = client.resource(Deployment).namespace("shop");
  await deployments.patch("web", { merge: { spec: { replicas: 3, paused: null } } });
  await deployments.patch("web", { json: [{ op: "replace", path: "/spec/replicas", value: 3 }] });
  await deployments.apply("web", { spec: { replicas: 3 } }, { fieldManager: "shop-cli" });
  // @ts-expect-error: which kind of patch?
  deployments.patch("web", { spec: { replicas: 3 } });
  // @ts-expect-error: replicas are counted
  deployments.patch("web", { merge: { spec: { replicas: "3" } } });
  // @ts-expect-error: a removal has no value
  deployments.patch("web", { json: [{ op: "remove", path: "/spec/replicas", value: 3 }] });
  // @ts-expect-error: applying needs a manager
  deployments.apply("web", { spec: { replicas: 3 } });
  const manager = { fieldManager: "shop-cli" };
  const container = { image: "nginx" };
  // @ts-expect-error: the server merges containers by name: which one?
  deployments.apply("web", { spec: { template: { spec: { containers: [container] } } } }, manager);
  // @ts-expect-error: not a policy
  deployments.delete("web", { propagationPolicy: "background" });

  // What is found at run time may live at either scope and have any fields, verbs and subresources.
  const dynamic = client.resource(found);
  const one = await dynamic.namespace("shop").get("a");
  console.log(one.metadata.uid, one.spec);
  // @ts-expect-error: which has to be looked at before it is used
  one.spec.replicas;
  await dynamic.get("a");
  await dynamic.create({ metadata: { name: "a" }, spec: { size: 1 } });
  await dynamic.namespace("shop").apply("a", { spec: { size: 1 } }, { fieldManager: "me" });
  await dynamic.scale("a").get();
  const everything = dynamic.metadata();
  // @ts-expect-error: metadata is all there is
  (await everything.get("a")).spec;
}

const Scaled = defineResource<WebApp, "Namespaced", "scale" | "status">({
  group: "example.com",
  version: "v1",
  kind: "WebApp",
  plural: "webapps",
});

/** Of kinds whose verbs and subresources are known. */
export async function knownKinds(client: Client): Promise<void> {
  const settings = client.resource(ConfigMap).namespace("shop");
  await settings.update({ metadata: { name: "a" }, data: { a: "b" } });
  // @ts-expect-error: config maps have no status
  settings.updateStatus({ metadata: { name: "a" } });
  // @ts-expect-error: config maps have no subresource at all
  settings.subresource("status");
  // @ts-expect-error: nothing to scale
  settings.scale("a");
  // @ts-expect-error: only pods are evicted
  settings.evict("a");

  const scaled = client.resource(Scaled).namespace("shop");
  const { spec } = await scaled.scale("a").get();
  const replicas: number | undefined = spec?.replicas;
  await scaled.scale("a").patch({ merge: { spec: { replicas: (replicas ?? 0) + 1 } } });
  await scaled.updateStatus({ metadata: { name: "a" }, spec: { image: "nginx" } });
  await scaled.subresource("scale").update("a", { spec: { replicas: 1 } });
  // @ts-expect-error: not one of its subresources
  scaled.subresource("log");
  // @ts-expect-error: a scale has no image
  scaled.scale("a").update({ spec: { image: "nginx" } });
  // @ts-expect-error: no token of a web app
  scaled.createToken("a");

  const reviews = client.resource(TokenReview);
  await reviews.create({ spec: { token: "a" } });
  // @ts-expect-error: reviews are not kept, so there is none to get
  reviews.get("a");
  // @ts-expect-error: nor to list
  reviews.items();
  // @ts-expect-error: nor to delete
  reviews.delete("a");
  // @ts-expect-error: namespaces go one by one
  client.resource(Namespace).deleteCollection();
  // @ts-expect-error: only one of them is to be finalized
  client.resource(ConfigMap).namespace("shop").subresource("finalize");
  await client.resource(Namespace).subresource("finalize").update("shop", {});
  const inShop = client.resource(Pod).namespace("shop");
  await inShop.evict("web-0", { gracePeriodSeconds: 0 });
  await inShop.bind("web-0", "node-a");
  const debugged = await inShop.subresource("ephemeralcontainers").get("web-0");
  console.log(debugged.spec.nodeName); // as stored
  const { status } = await client.resource(ServiceAccount).namespace("shop").createToken("default");
  console.log(status.expirationTimestamp);
  // @ts-expect-error: pods have no tokens
  inShop.createToken("web-0");
  // @ts-expect-error: deployments are not evicted
  client.resource(Deployment).namespace("shop").evict("web");

  // Functions take what is common to all.
  const countAll = async <T extends KubernetesObject>(objects: CollectionClient<T>) =>
    (await objects.listAll()).items.length;
  const labelled = async (objects: ResourceClient<WebApp>) =>
    await objects.patch("a", { merge: { metadata: { labels: { a: "b" } } } });
  await countAll(client.resource(Pod));
  await countAll(scaled.metadata());
  await labelled(scaled);
  // @ts-expect-error: config maps are no web apps
  labelled(settings);
}

/** Of the options of each call. */
export async function options(client: Client): Promise<void> {
  const settings = client.resource(ConfigMap).namespace("shop");
  await settings.deleteCollection({ labelSelector: "a=b", propagationPolicy: "Orphan" });
  await settings.waitFor("a", { condition: "Ready", status: "False" }, { timeout: 1_000 });
  const gone: ConfigMap | undefined = await settings.waitFor("a", "deleted");
  const there: ConfigMap = await settings.waitFor("a", (map) => map?.data?.a === "b");
  console.log(gone, there);
  // @ts-expect-error: the last state may never have been seen
  const last: ConfigMap = await settings.waitFor("a", "deleted");
  // @ts-expect-error: not a status that conditions have
  settings.waitFor("a", { condition: "Ready", status: "true" });
  // @ts-expect-error: a list is of one page, or all; what comes too late is the business of those who read on
  settings.list({ onExpired: "continue" });
  // @ts-expect-error: items have no "all over again"
  settings.items({ onExpired: "relist" });
  // @ts-expect-error: there is one kind of dry run
  settings.create({}, { dryRun: true });
  // @ts-expect-error: creating is not forced
  settings.create({}, { force: true });
  // @ts-expect-error: an applied object does not say who manages it
  settings.apply("a", { metadata: { managedFields: [] } }, { fieldManager: "me" });
  // @ts-expect-error: config maps hold text
  settings.modify("a", (map) => ({ ...map, data: { a: 1 } }));
  for await (const { row, columnDefinitions } of settings.table().watch()) {
    console.log(row.cells, columnDefinitions[0].name, last);
  }
}

it("offers what the server would take, and no more", () => {
  for (const checked of [program, knownKinds, options]) assert.equal(typeof checked, "function");
});
