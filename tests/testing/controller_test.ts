import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, defineResource, type KubernetesObject, runController } from "@coxswain/kube";
import { ApiServer } from "@coxswain/kube/testing";
import { Deployment } from "@coxswain/kube/types/apps/v1";

interface WebApp extends KubernetesObject {
  spec: { image: string; replicas?: number };
  status?: { ready?: number };
}
const WebApp = defineResource<WebApp>({
  group: "example.com",
  version: "v1",
  kind: "WebApp",
  plural: "webapps",
  subresources: ["status"],
});
const spec = {
  type: "object",
  required: ["image"],
  properties: { image: { type: "string" }, replicas: { type: "integer", default: 1, minimum: 0 } },
};
const definition = { // in your tests: server.load(...) what your YAML file holds
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "webapps.example.com" },
  spec: {
    group: "example.com",
    scope: "Namespaced",
    names: { kind: "WebApp", plural: "webapps" },
    versions: [{
      name: "v1",
      served: true,
      storage: true,
      subresources: { status: {} },
      schema: {
        openAPIV3Schema: {
          type: "object",
          properties: { spec, status: { type: "object", properties: { ready: { type: "integer" } } } },
        },
      },
    }],
  },
};

test("a WebApp gets a Deployment, and tells how much of it is ready", async () => {
  const server = new ApiServer();
  server.load(definition);
  const client = new Client(server.restConfig());
  const stop = new AbortController();
  const running = runController(client, {
    for: WebApp,
    owns: [Deployment],
    reconcile: async ({ namespace, name }, { object, client, signal }) => {
      if (object === undefined) return;
      const labels = { app: name };
      const owner = { apiVersion: "example.com/v1", kind: "WebApp", name, uid: object.metadata.uid };
      const deployment = await client.resource(Deployment).namespace(namespace).apply(name, {
        metadata: { ownerReferences: [{ ...owner, controller: true }] },
        spec: {
          replicas: object.spec.replicas,
          selector: { matchLabels: labels },
          template: {
            metadata: { labels },
            spec: { containers: [{ name: "main", image: object.spec.image }] },
          },
        },
      }, { fieldManager: "webapp", signal });
      await client.resource(WebApp).namespace(namespace).patchStatus(name, {
        merge: { status: { ready: deployment.status.readyReplicas ?? 0 } },
      }, { signal });
    },
  }, { signal: stop.signal });
  try {
    const apps = client.resource(WebApp).namespace("default");
    const deployments = client.resource(Deployment).namespace("default");

    await apps.create({ metadata: { name: "shop" }, spec: { image: "shop:1" } });
    const deployment = await deployments.waitFor("shop", (one) => one !== undefined);
    assert.equal(deployment.spec.replicas, 1); // the definition's default

    // What the cluster's own controllers would do.
    await deployments.patchStatus("shop", { merge: { status: { replicas: 1, readyReplicas: 1 } } });
    await apps.waitFor("shop", (app) => app?.status?.ready === 1);
  } finally {
    stop.abort();
    await running;
    await client[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  }
});
