import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import {
  type Client,
  connect,
  isAlreadyExists,
  isConflict,
  isExpired,
  isInvalid,
  isNotFound,
} from "@coxswain/kube";
import { isBadRequest, isMethodNotAllowed, statusCauseOf, statusErrorOf } from "@coxswain/kube/rest";
import { Deployment } from "@coxswain/kube/types/apps/v1";
import { ConfigMap, Namespace, Pod, Secret } from "@coxswain/kube/types/core/v1";
import { cluster } from "./cluster.ts";

describe("resources of a real API server", () => {
  let client: Client;
  let namespace: string;

  before(async () => {
    client = await connect({ kubeconfig: cluster().kubeconfig });
    const created = await client.resource(Namespace).create({ metadata: { generateName: "resources-" } });
    namespace = created.metadata.name;
  });
  after(async () => {
    await client.resource(Namespace).delete(namespace);
    await client[Symbol.asyncDispose]();
  });

  it("are created, read, replaced, changed and deleted", async () => {
    const settings = client.resource(ConfigMap).namespace(namespace);
    const created = await settings.create({
      metadata: { name: "shop" },
      data: { currency: "€", zone: "eu" },
    });
    assert.deepEqual([created.apiVersion, created.kind, created.data?.currency], ["v1", "ConfigMap", "€"]);
    const updated = await settings.update({ ...created, data: { currency: "$" } });
    assert.deepEqual(await settings.get("shop"), updated);
    await assert.rejects(settings.update(created), isConflict);
    await assert.rejects(settings.create({ metadata: { name: "shop" } }), isAlreadyExists);

    const merged = await settings.patch("shop", { merge: { data: { currency: null, a: "1" } } });
    assert.deepEqual(merged.data, { a: "1" });
    const stepped = await settings.patch("shop", {
      json: [{ op: "test", path: "/data/a", value: "1" }, { op: "add", path: "/data/b", value: "2" }],
    });
    assert.deepEqual(stepped.data, { a: "1", b: "2" });
    const strategic = await settings.patch("shop", { strategic: { metadata: { labels: { app: "web" } } } });
    assert.deepEqual(strategic.metadata.labels, { app: "web" });

    const deleted = await settings.delete("shop", { preconditions: { uid: created.metadata.uid } });
    assert.equal(deleted.kind, "Status");
    await assert.rejects(settings.get("shop"), (error: Error) => {
      assert.ok(isNotFound(error));
      assert.equal(error.message, `configmaps "shop" not found`);
      assert.deepEqual(statusErrorOf(error)?.details, { name: "shop", kind: "configmaps" });
      return true;
    });
  });

  it("are applied by several managers, who are told of conflicts", async () => {
    const deployments = client.resource(Deployment).namespace(namespace);
    const fields = {
      spec: {
        replicas: 2,
        selector: { matchLabels: { app: "web" } },
        template: {
          metadata: { labels: { app: "web" } },
          spec: { containers: [{ name: "main", image: "nginx:1.29" }] },
        },
      },
    };
    const applied = await deployments.apply("web", fields, { fieldManager: "shop-cli" });
    assert.equal(applied.spec?.replicas, 2);
    assert.equal(applied.metadata.managedFields?.[0].manager, "shop-cli");
    const other = { spec: { replicas: 5 } };
    await assert.rejects(deployments.apply("web", other, { fieldManager: "scaler" }), (error) => {
      assert.ok(isConflict(error));
      assert.equal(statusCauseOf(error, "FieldManagerConflict")?.field, ".spec.replicas");
      return true;
    });
    const forced = await deployments.apply("web", other, { fieldManager: "scaler", force: true });
    assert.equal(forced.spec?.replicas, 5);
    const status = await deployments.updateStatus({ ...forced, status: { ...forced.status, replicas: 5 } });
    assert.equal(status.status?.replicas, 5);
  });

  it("are refused with the fields that are wrong", async () => {
    const pods = client.resource(Pod).namespace(namespace);
    await assert.rejects(
      pods.create({ metadata: { name: "Not A Name" }, spec: { containers: [] } }),
      (error) => {
        assert.ok(isInvalid(error));
        const fields = statusErrorOf(error)?.details?.causes?.map(({ field }) => field);
        assert.ok(fields?.includes("metadata.name") && fields.includes("spec.containers"), String(fields));
        return true;
      },
    );
    await assert.rejects(
      client.resource(Secret).namespace(namespace).create(
        { metadata: { name: "a" }, tpye: "x" } as Secret,
        { fieldValidation: "Strict" },
      ),
      isBadRequest,
    );
    await assert.rejects(client.rest.verb("DELETE").absolutePath("/version").send(), (error) => {
      assert.ok(
        isMethodNotAllowed(error) || statusErrorOf(error)?.code === 403 || statusErrorOf(error)?.code === 404,
      );
      return true;
    });
  });

  it("are stored only when it is no dry run", async () => {
    const settings = client.resource(ConfigMap).namespace(namespace);
    await settings.create({ metadata: { name: "dry" } }, { dryRun: "All" });
    await assert.rejects(settings.get("dry"), isNotFound);
  });

  it("are read in pages, by hundreds, as of one moment", async () => {
    const settings = client.resource(ConfigMap).namespace(namespace);
    const create = (index: number) =>
      settings.create({
        metadata: {
          name: `m-${String(index).padStart(3, "0")}`,
          labels: { parity: index % 2 ? "odd" : "even" },
        },
        data: { text: "π".repeat(index) },
      });
    for (let from = 0; from < 300; from += 30) {
      await Promise.all(Array.from({ length: 30 }, (_, i) => create(from + i)));
    }

    const names: string[] = [];
    for await (const map of settings.items({ limit: 70, labelSelector: "parity" })) {
      assert.deepEqual([map.apiVersion, map.kind], ["v1", "ConfigMap"]);
      assert.equal(map.data?.text ?? "", "π".repeat(Number(map.metadata.name.slice(2))));
      if (names.push(map.metadata.name) === 10) await create(999);
    }
    assert.equal(names.length, 300);
    assert.deepEqual(names, [...names].sort());

    const page = await settings.list({ limit: 100, labelSelector: "parity=odd" });
    assert.equal(page.items.length, 100);
    const rest = await settings.list({
      continue: page.metadata.continue,
      limit: 500,
      labelSelector: "parity=odd",
    });
    assert.equal(rest.items.length, 51);
    assert.equal((await settings.list({ fieldSelector: "metadata.name=m-007" })).items.length, 1);
  });

  it("say when a page comes too late, and when an abort comes in the middle of one", async () => {
    const settings = client.resource(ConfigMap).namespace(namespace);
    for (const name of ["p-1", "p-2", "p-3"]) {
      await settings.create({ metadata: { name, labels: { late: "yes" } } });
    }
    const { metadata } = await settings.list({ limit: 1, labelSelector: "late" });
    await settings.delete("p-3");
    await cluster().compact();
    await cluster().restart(); // or the server's watch cache would still know
    await assert.rejects(
      settings.list({ limit: 1, labelSelector: "late", continue: metadata.continue }),
      isExpired,
    );

    const controller = new AbortController();
    const reading = (async () => {
      for await (const _ of settings.items({ signal: controller.signal, limit: 2 })) {
        controller.abort("enough");
      }
    })();
    await assert.rejects(reading, (reason) => reason === "enough");
  });
});
