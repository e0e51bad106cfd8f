import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Client, connect } from "@coxswain/kube";
import { applyConflicts, type ClientOf, extractApplied } from "@coxswain/kube/client";
import { applyIfNeeded } from "@coxswain/kube/controller";
import type { ApplyConfiguration, KubernetesObject } from "@coxswain/kube/meta";
import { isConflict } from "@coxswain/kube/rest";
import { Deployment } from "@coxswain/kube/types/apps/v1";
import { ConfigMap, Namespace } from "@coxswain/kube/types/core/v1";
import { cluster } from "./cluster.ts";

const CLI = { fieldManager: "shop-cli" };
const SCALER = { fieldManager: "scaler" };

/** Which fields of the spec a manager owns, as the server has noted. */
function ownedBy(object: KubernetesObject, manager: string): Record<string, unknown> {
  const entry = object.metadata?.managedFields?.find((one) => one.manager === manager && !one.subresource);
  return (entry?.fieldsV1?.["f:spec"] ?? {}) as Record<string, unknown>;
}

describe("server-side apply to a real API server", () => {
  let client: Client;
  let namespace: string;
  let deployments: ClientOf<Deployment>;
  let settings: ClientOf<ConfigMap>;

  before(async () => {
    client = await connect({ kubeconfig: cluster().kubeconfig });
    namespace =
      (await client.resource(Namespace).create({ metadata: { generateName: "apply-" } })).metadata.name;
    deployments = client.resource(Deployment).namespace(namespace) as ClientOf<Deployment>;
    settings = client.resource(ConfigMap).namespace(namespace) as ClientOf<ConfigMap>;
  });
  after(async () => {
    await client.resource(Namespace).delete(namespace);
    await client[Symbol.asyncDispose]();
  });

  const web = (more: object = {}, image = "nginx:1.29"): ApplyConfiguration<Deployment> => ({
    spec: {
      selector: { matchLabels: { app: "web" } },
      template: {
        metadata: { labels: { app: "web" } },
        spec: { containers: [{ name: "main", image, ports: [{ containerPort: 80 }] }] },
      },
      ...more,
    },
  });

  it("creates, changes nothing the second time, and nothing in a dry run", async () => {
    const first = await deployments.apply("once", web({ replicas: 2 }), CLI);
    const second = await deployments.apply("once", web({ replicas: 2 }), CLI);
    assert.equal(second.metadata.resourceVersion, first.metadata.resourceVersion);
    const dry = await deployments.apply("once", web({ replicas: 3 }), { ...CLI, dryRun: "All" });
    assert.equal(dry.spec?.replicas, 3);
    assert.equal((await deployments.get("once")).spec?.replicas, 2);
  });

  it("refuses a value that another manager owns, and says which; force takes it, and ownership moves", async () => {
    await deployments.apply("moved", web({ replicas: 2 }), CLI);
    await assert.rejects(deployments.apply("moved", { spec: { replicas: 5 } }, SCALER), (error) => {
      assert.ok(isConflict(error));
      const [{ manager, field }, ...others] = applyConflicts(error);
      assert.deepEqual([manager, field, others.length], ["shop-cli", ".spec.replicas", 0]);
      return true;
    });
    const forced = await deployments.apply("moved", { spec: { replicas: 5 } }, { ...SCALER, force: true });
    assert.equal(forced.spec?.replicas, 5);
    assert.deepEqual(ownedBy(forced, "scaler"), { "f:replicas": {} });
    assert.ok(!("f:replicas" in ownedBy(forced, "shop-cli")));
    // Who applies no replicas is in nobody's way; with the same value, both own it.
    await deployments.apply("moved", web({}, "nginx:1.30"), CLI);
    const shared = await deployments.apply("moved", web({ replicas: 5 }, "nginx:1.30"), CLI);
    assert.ok("f:replicas" in ownedBy(shared, "scaler") && "f:replicas" in ownedBy(shared, "shop-cli"));
  });

  it("names the subresource and the version of who updates", async () => {
    await deployments.apply("scaled", web({ replicas: 2 }), CLI);
    await deployments.scale("scaled").update({ spec: { replicas: 7 } }, { fieldManager: "hpa" });
    await assert.rejects(deployments.apply("scaled", web({ replicas: 2 }), CLI), (error) => {
      const [conflict] = applyConflicts(error);
      assert.deepEqual([conflict.manager, conflict.subresource, conflict.field, conflict.apiVersion], [
        "hpa",
        "scale",
        ".spec.replicas",
        "apps/v1",
      ]);
      return true;
    });
    await deployments.patch("scaled", { merge: { spec: { replicas: 8 } } }, { fieldManager: "edit" });
    await assert.rejects(deployments.apply("scaled", web({ replicas: 2 }), CLI), (error) => {
      const [{ manager, subresource, apiVersion }] = applyConflicts(error);
      assert.deepEqual([manager, subresource, apiVersion], ["edit", undefined, "apps/v1"]);
      return true;
    });
  });

  it("merges a list by its key: each manager has containers of its own", async () => {
    await deployments.apply("merged", web(), CLI);
    const sidecar: ApplyConfiguration<Deployment> = {
      spec: { template: { spec: { containers: [{ name: "side", image: "envoy:1" }] } } },
    };
    const both = await deployments.apply("merged", sidecar, SCALER);
    const names = (object: Deployment) => object.spec?.template.spec?.containers.map(({ name }) => name);
    assert.deepEqual(names(both), ["main", "side"]);
    // It goes when its only owner applies without it.
    assert.deepEqual(names(await deployments.apply("merged", {}, SCALER)), ["main"]);
  });

  it("removes a field that is no longer applied, unless another manager owns it too", async () => {
    const data = async (fields: Record<string, string>, options: typeof CLI) =>
      (await settings.apply("removed", { data: fields }, options)).data;
    await data({ a: "1", b: "2", c: "3" }, CLI);
    await data({ c: "3" }, SCALER);
    assert.deepEqual(await data({ a: "1" }, CLI), { a: "1", c: "3" });
    assert.deepEqual(await data({}, SCALER), { a: "1" });
  });

  it("owns a status apart from the rest", async () => {
    await deployments.apply("status", web({ replicas: 1 }), CLI);
    const applied = await deployments.applyStatus("status", { status: { replicas: 1 } }, CLI);
    assert.equal(applied.status?.replicas, 1);
    assert.deepEqual(extractApplied(applied, "shop-cli", { subresource: "status" }).status, { replicas: 1 });
    assert.equal(extractApplied(applied, "shop-cli").status, undefined);
  });

  it("is not asked to, for what the manager owns already, whoever has added more [rest 22.2]", async () => {
    const { fieldManager } = CLI;
    const fields = { ...web({ replicas: 0 }), metadata: { labels: { app: "web" } } };
    await applyIfNeeded(deployments, "needed", fields, { current: undefined, fieldManager });
    await deployments.patch("needed", { merge: { metadata: { annotations: { seen: "yes" } } } });
    await deployments.applyStatus("needed", { status: { replicas: 1 } }, SCALER);
    const sidecar: ApplyConfiguration<Deployment> = {
      spec: { template: { spec: { containers: [{ name: "side", image: "envoy:1" }] } } },
    };
    let current = await deployments.apply("needed", sidecar, SCALER);
    assert.equal(await applyIfNeeded(deployments, "needed", fields, { current, fieldManager }), undefined);

    current = await deployments.scale("needed").update({ spec: { replicas: 7 } }).then(() =>
      deployments.get("needed")
    );
    const options = { current, fieldManager };
    await assert.rejects(applyIfNeeded(deployments, "needed", fields, options), isConflict);
    const healed = await applyIfNeeded(deployments, "needed", fields, { ...options, force: true });
    assert.equal(healed?.spec?.replicas, 0);
    assert.equal(
      await applyIfNeeded(deployments, "needed", fields, { current: healed, fieldManager }),
      undefined,
    );
    const less = await applyIfNeeded(deployments, "needed", web(), { current: healed, fieldManager });
    assert.ok(!("f:replicas" in ownedBy(less!, fieldManager)));
    assert.equal(less?.metadata.labels, undefined);
  });

  it("gives back what was applied, and applying that changes nothing [rest 22.2]", async () => {
    const fields: ApplyConfiguration<Deployment> = {
      metadata: {
        labels: { app: "web" },
        annotations: { "example.com/a.b": "c" },
        finalizers: ["example.com/keep"],
      },
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: "web" } },
        template: {
          metadata: { labels: { app: "web" } },
          spec: {
            containers: [
              {
                name: "main",
                image: "nginx",
                args: ["-v"],
                env: [{ name: "A", value: "1" }, { name: "B" }],
                ports: [{ containerPort: 80 }, { containerPort: 80, protocol: "UDP" }],
                resources: { limits: { cpu: "1", memory: "1Gi" } },
              },
              { name: "side", image: "envoy" },
            ],
            volumes: [{ name: "scratch", emptyDir: {} }, { name: "conf", configMap: { name: "conf" } }],
            securityContext: {},
          },
        },
      },
    };
    await deployments.apply("extracted", fields, CLI);
    await deployments.patch("extracted", {
      merge: { metadata: { labels: { other: "1" } }, spec: { paused: true } },
    });
    const stored = await deployments.apply("extracted", { spec: { revisionHistoryLimit: 3 } }, SCALER);
    const extracted = extractApplied(stored, "shop-cli");
    assert.deepEqual(extracted, {
      ...fields,
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { ...fields.metadata, name: "extracted", namespace },
    });
    const again = await deployments.apply("extracted", extracted, CLI);
    assert.deepEqual(again, stored);
    // Extract, change, apply keeps the rest [rest 22].
    extracted.spec = { ...extracted.spec, replicas: 1 };
    const changed = await deployments.apply("extracted", extracted, CLI);
    assert.deepEqual(changed.spec, { ...stored.spec, replicas: 1 });
    await deployments.patch("extracted", { merge: { metadata: { finalizers: null } } });
  });

  it("does not take what others have put into a map that one has just made", async () => {
    await settings.apply("shared", { data: {} }, CLI);
    const stored = await settings.patch("shared", { merge: { data: { theirs: "1" } } });
    const extracted = extractApplied(stored, "shop-cli");
    assert.deepEqual(extracted.data ?? {}, {});
    assert.deepEqual(await settings.apply("shared", extracted, CLI), stored);
  });
});
