import assert from "node:assert/strict";
import { it } from "node:test";
import type { Client } from "@coxswain/kube/client";
import { defineResource, type KubernetesObject, type ResourceType } from "@coxswain/kube/meta";
import { Deployment } from "@coxswain/kube/types/apps/v1";
import { Namespace, Pod } from "@coxswain/kube/types/core/v1";

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
  // @ts-expect-error: not a policy
  deployments.delete("web", { propagationPolicy: "background" });

  // What is found at run time may live at either scope, so both are offered.
  const dynamic = client.resource(found);
  await dynamic.namespace("shop").get("a");
  await dynamic.get("a");
}

it("offers what the server would take, and no more", () => {
  assert.equal(typeof program, "function");
});
