import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Client, connect } from "@coxswain/kube";
import type { ClientOf } from "@coxswain/kube/client";
import { isNoMatch } from "@coxswain/kube/discovery";
import { defineResource, type KubernetesObject, type ResourceType } from "@coxswain/kube/meta";
import { isNotFound } from "@coxswain/kube/rest";
import { Deployment } from "@coxswain/kube/types/apps/v1";
import { Namespace, Pod, ServiceAccount } from "@coxswain/kube/types/core/v1";
import { cluster } from "./cluster.ts";

interface WebApp extends KubernetesObject {
  spec: { image: string; replicas?: number };
  status?: { replicas?: number; phase?: string; selector?: string };
}
const WebApp = defineResource<WebApp, "Namespaced", "scale" | "status">({
  group: "subresources.coxswain.dev",
  version: "v1",
  kind: "WebApp",
  plural: "webapps",
  subresources: ["scale", "status"],
});

const schema = {
  type: "object",
  properties: {
    spec: { type: "object", properties: { image: { type: "string" }, replicas: { type: "integer" } } },
    status: {
      type: "object",
      properties: {
        replicas: { type: "integer" },
        phase: { type: "string" },
        selector: { type: "string" },
      },
    },
  },
};
const definition = {
  metadata: { name: `webapps.${WebApp.group}` },
  spec: {
    group: WebApp.group,
    names: { plural: "webapps", kind: "WebApp", shortNames: ["wa"] },
    scope: "Namespaced",
    versions: [{
      name: "v1",
      served: true,
      storage: true,
      schema: { openAPIV3Schema: schema },
      subresources: {
        status: {},
        scale: {
          specReplicasPath: ".spec.replicas",
          statusReplicasPath: ".status.replicas",
          labelSelectorPath: ".status.selector",
        },
      },
      additionalPrinterColumns: [{ name: "Image", type: "string", jsonPath: ".spec.image" }],
    }],
  },
};

describe("subresources of a real API server [rest 20, 22.3]", () => {
  let client: Client;
  let namespace: string;
  let pods: ClientOf<Pod>;

  before(async () => {
    client = await connect({ kubeconfig: cluster().kubeconfig });
    const created = await client.resource(Namespace).create({ metadata: { generateName: "subresources-" } });
    namespace = created.metadata.name;
    pods = client.resource(Pod).namespace(namespace) as ClientOf<Pod>;
    const accounts = client.resource(ServiceAccount).namespace(namespace);
    await accounts.create({ metadata: { name: "default" } }); // no controller makes it here
  });
  after(async () => {
    await client.resource(Namespace).delete(namespace);
    await client[Symbol.asyncDispose]();
  });

  const pod = (name: string): Pod => ({
    metadata: { name, labels: { app: "web" } },
    spec: { containers: [{ name: "main", image: "nginx" }] },
  });

  it("scale a deployment", async () => {
    const deployments = client.resource(Deployment).namespace(namespace);
    await deployments.apply("web", {
      spec: {
        replicas: 1,
        selector: { matchLabels: { app: "web" } },
        template: {
          metadata: { labels: { app: "web" } },
          spec: { containers: [{ name: "main", image: "nginx" }] },
        },
      },
    }, { fieldManager: "shop-cli" });
    const web = deployments.scale("web");
    const scale = await web.get();
    assert.deepEqual([scale.apiVersion, scale.kind, scale.spec?.replicas, scale.status?.selector], [
      "autoscaling/v1",
      "Scale",
      1,
      "app=web",
    ]);
    assert.equal((await web.update({ ...scale, spec: { replicas: 2 } })).spec?.replicas, 2);
    assert.equal((await web.update({ spec: { replicas: 3 } })).spec?.replicas, 3);
    assert.equal((await web.patch({ merge: { spec: { replicas: 4 } } })).spec?.replicas, 4);
    const applied = await web.apply({ spec: { replicas: 5 } }, { fieldManager: "scaler", force: true });
    assert.equal(applied.spec?.replicas, 5);
    assert.equal((await deployments.get("web")).spec?.replicas, 5);
    await assert.rejects(deployments.scale("missing").get(), isNotFound);
  });

  /** Established is said before all of the API server knows. */
  async function served(resource: string): Promise<ResourceType> {
    for (;;) {
      try {
        const found = await client.find(resource);
        await client.resource(found).list({ limit: 1 });
        return found;
      } catch (error) {
        if (!isNoMatch(error) && !isNotFound(error)) throw error;
      }
    }
  }

  it("serve a custom resource that was defined a moment ago", async () => {
    const definitions = client.resource(
      await client.find({ apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" }),
    );
    const name = `webapps.${WebApp.group}`; // other tests may have some of their own
    await assert.rejects(client.find(name), isNoMatch);
    await definitions.create(definition);
    try {
      await definitions.waitFor(definition.metadata.name, { condition: "Established" }, { timeout: 30_000 });
      const found = await served(`wa.${WebApp.group}`);
      assert.deepEqual([found.kind, found.scope, [...found.subresources ?? []].sort()], [
        "WebApp",
        "Namespaced",
        [
          "scale",
          "status",
        ],
      ]);

      const apps = client.resource(WebApp).namespace(namespace);
      const app = await apps.create({ metadata: { name: "shop" }, spec: { image: "shop:1", replicas: 1 } });
      const status = { replicas: 1, phase: "Up", selector: "app=shop" };
      const running = await apps.updateStatus({ ...app, spec: { image: "ignored" }, status });
      assert.deepEqual([running.spec, running.status], [app.spec, status]);
      assert.equal((await apps.subresource("status").get("shop")).status?.phase, "Up");
      const patched = await apps.patchStatus("shop", { merge: { status: { phase: "Down" } } });
      assert.equal(patched.status?.phase, "Down");
      const applied = await apps.applyStatus("shop", { status: { phase: "Up" } }, {
        fieldManager: "operator",
        force: true,
      });
      assert.equal(applied.status?.phase, "Up");

      const scale = await apps.scale("shop").patch({ merge: { spec: { replicas: 3 } } });
      assert.deepEqual([scale.spec?.replicas, scale.status], [3, { replicas: 1, selector: "app=shop" }]);
      const dynamic = client.resource(found).namespace(namespace);
      assert.deepEqual((await dynamic.get("shop")).spec, { image: "shop:1", replicas: 3 });
      assert.equal((await dynamic.scale("shop").get()).spec?.replicas, 3);

      const { columnDefinitions, rows } = await apps.table().list();
      const image = columnDefinitions.findIndex(({ name }) => name === "Image");
      assert.equal(rows[0].cells[image], "shop:1");
      assert.equal((await apps.metadata().get("shop")).metadata.uid, app.metadata.uid);
    } finally {
      await definitions.delete(definition.metadata.name);
      await definitions.waitFor(definition.metadata.name, "deleted", { timeout: 60_000 });
    }
  });

  it("bind a pod to a node", async () => {
    await pods.create(pod("bound"));
    assert.equal((await pods.bind("bound", "node-a")).status, "Success");
    assert.equal((await pods.get("bound")).spec?.nodeName, "node-a");
  });

  it("evict a pod", async () => {
    await pods.create(pod("evicted"));
    assert.equal((await pods.evict("evicted", { dryRun: "All" })).status, "Success");
    await pods.get("evicted");
    assert.equal((await pods.evict("evicted", { gracePeriodSeconds: 0 })).status, "Success");
    await pods.waitFor("evicted", "deleted", { timeout: 30_000 });
  });

  it("add an ephemeral container, and resize a pod", async () => {
    await pods.create(pod("debugged"));
    const debug = { name: "debug", image: "busybox" };
    const debugged = await pods.subresource("ephemeralcontainers").patch("debugged", {
      strategic: { spec: { ephemeralContainers: [debug] } },
    });
    const [added] = debugged.spec?.ephemeralContainers as { name: string }[];
    assert.equal(added.name, "debug");
    const read = await pods.subresource("ephemeralcontainers").get("debugged");
    assert.equal(read.metadata?.name, "debugged");
    const resize = { resources: { requests: { cpu: "100m" } } };
    const resized = await pods.subresource("resize").patch("debugged", {
      strategic: { spec: { containers: [{ name: "main", ...resize }] } },
    }).catch((error: Error) => error.message);
    assert.ok(resized); // whether a pod that runs nowhere can be resized is the server's to say
  });

  it("make a token", async () => {
    const accounts = client.resource(ServiceAccount).namespace(namespace) as ClientOf<ServiceAccount>;
    const { status, spec } = await accounts.createToken("default", {
      expirationSeconds: 600,
      audiences: ["shop"],
    });
    assert.deepEqual([spec.audiences, status.token?.split(".").length], [["shop"], 3]);
    assert.ok(Date.parse(status.expirationTimestamp ?? "") > 0);
  });

  it("finalize a namespace", async () => {
    const namespaces = client.resource(Namespace) as ClientOf<Namespace>;
    const created = await namespaces.create({ metadata: { generateName: "finalized-" } });
    await namespaces.delete(created.metadata.name);
    const leaving = await namespaces.get(created.metadata.name);
    await namespaces.subresource("finalize").update(created.metadata.name, {
      ...leaving,
      spec: { finalizers: [] },
    });
    await namespaces.waitFor(created.metadata.name, "deleted", { timeout: 30_000 });
  });
});
