import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Client, connect } from "@coxswain/kube";
import type { ClientOf, CollectionClient, PartialObjectMetadata, TableClient } from "@coxswain/kube/client";
import { defineResource, type KubernetesObject, type ResourceType } from "@coxswain/kube/meta";
import { isConflict, isNotFound } from "@coxswain/kube/rest";
import { ConfigMap, Namespace, Pod } from "@coxswain/kube/types/core/v1";
import { cluster } from "./cluster.ts";

interface Role extends KubernetesObject {
  rules?: { apiGroups?: string[]; resources?: string[]; verbs: string[] }[];
}
const ClusterRole = defineResource<Role, "Cluster", never>({
  group: "rbac.authorization.k8s.io",
  version: "v1",
  kind: "ClusterRole",
  plural: "clusterroles",
  scope: "Cluster",
});

/** A kind to go through all verbs with. */
interface Subject {
  what: string;
  type: ResourceType;
  /** What a person calls it. */
  name: string;
  namespaced: boolean;
}
const SUBJECTS: Subject[] = [
  { what: "a namespaced kind", type: ConfigMap, name: "cm", namespaced: true },
  { what: "a cluster-scoped kind", type: ClusterRole, name: "clusterroles", namespaced: false },
];

describe("each verb of a real API server", () => {
  let client: Client;
  let namespace: string;

  before(async () => {
    client = await connect({ kubeconfig: cluster().kubeconfig });
    namespace =
      (await client.resource(Namespace).create({ metadata: { generateName: "verbs-" } })).metadata.name;
  });
  after(async () => {
    await client.resource(Namespace).delete(namespace);
    await client[Symbol.asyncDispose]();
  });

  for (const { what, type, name, namespaced } of SUBJECTS) {
    for (const how of ["typed", "dynamic"] as const) {
      it(`is there for ${what}, ${how} [rest 18, 22]`, async () => {
        const descriptor = how === "typed" ? type : await client.find(name);
        const all = client.resource(descriptor);
        const objects = namespaced ? all.namespace(namespace) : all;
        await goThrough(
          objects as ClientOf<KubernetesObject>,
          namespaced ? all : objects,
          `${namespace}-${how}`,
        );
      });
    }

    it(`is there for the metadata of ${what} [rest 19]`, async () => {
      const all = client.resource(type);
      const objects = (namespaced ? all.namespace(namespace) : all) as ClientOf<KubernetesObject>;
      const metadata = objects.metadata();
      const everywhere: CollectionClient<PartialObjectMetadata> = namespaced ? all.metadata() : metadata;
      const prefix = `${namespace}-metadata`;
      const labels = { app: prefix };
      const labelSelector = `app=${prefix}`;
      for (const suffix of "abc") {
        await objects.create({ metadata: { name: `${prefix}-${suffix}`, labels } });
      }

      const one = await metadata.get(`${prefix}-a`);
      assert.deepEqual([one.kind, one.apiVersion, Object.keys(one).sort()], [
        "PartialObjectMetadata",
        "meta.k8s.io/v1",
        ["apiVersion", "kind", "metadata"],
      ]);
      assert.deepEqual(one.metadata, (await objects.get(`${prefix}-a`)).metadata);
      const { items, metadata: { resourceVersion } } = await metadata.list({ labelSelector });
      assert.deepEqual([items.length, items[0]], [3, one]);
      assert.deepEqual(await Array.fromAsync(everywhere.items({ labelSelector, limit: 2 })), items);

      const patched = await metadata.patch(one.metadata.name, {
        merge: { metadata: { labels: { more: "yes" } } },
      });
      assert.deepEqual([patched.kind, patched.metadata.labels], ["PartialObjectMetadata", {
        ...labels,
        more: "yes",
      }]);
      const watch = metadata.watchOnce({ resourceVersion, labelSelector });
      const { value: event } = await watch.next();
      assert.deepEqual([event.type, event.object], ["MODIFIED", patched]);
      await watch.return!();
      const waiting = metadata.waitFor(one.metadata.name, "deleted");
      await metadata.delete(one.metadata.name, { preconditions: { uid: one.metadata.uid } });
      await waiting;
      await metadata.deleteCollection({ labelSelector });
      assert.deepEqual((await objects.list({ labelSelector })).items, []);
    });

    it(`is there for tables of ${what}`, async () => {
      const all = client.resource(type);
      const objects = (namespaced ? all.namespace(namespace) : all) as ClientOf<KubernetesObject>;
      const table: TableClient = objects.table();
      const prefix = `${namespace}-table`;
      const [a, b] = [`${prefix}-a`, `${prefix}-b`];
      const labels = { app: prefix };
      const labelSelector = `app=${prefix}`;
      await objects.create({ metadata: { name: a, labels } });
      const { columnDefinitions, rows } = await table.list({ labelSelector });
      assert.equal(columnDefinitions[0].name, "Name");
      assert.deepEqual([rows.length, rows[0].cells[0], rows[0].object?.kind], [
        1,
        a,
        "PartialObjectMetadata",
      ]);
      assert.equal((await table.get(a, { includeObject: "None" })).rows[0].object, null);
      const whole = await table.get(a, { includeObject: "Object" });
      assert.equal(whole.rows[0].object?.kind, type.kind);
      const seen: unknown[] = [];
      for await (const { type, row, columnDefinitions } of table.watch({ labelSelector })) {
        assert.equal(columnDefinitions[0].name, "Name");
        seen.push([type, row.cells[0]]);
        if (seen.length === 1) await objects.create({ metadata: { name: b, labels } });
        else if (seen.length === 2) await objects.delete(a);
        else break;
      }
      assert.deepEqual(seen, [["ADDED", a], ["ADDED", b], [
        "DELETED",
        a,
      ]]);
      await objects.deleteCollection({ labelSelector });
    });
  }

  it("shows the columns that kubectl shows", async () => {
    const { columnDefinitions, rows } = await client.resource(Pod).namespace("default").table().get("web");
    const shown = columnDefinitions.filter(({ priority }) => priority === 0).map(({ name }) => name);
    assert.deepEqual(shown, ["Name", "Ready", "Status", "Restarts", "Age"]);
    assert.deepEqual(rows[0].cells.slice(0, 3), ["web", "1/1", "Running"]);
  });
});

/** All verbs but those of tables and metadata. */
async function goThrough(
  objects: ClientOf<KubernetesObject>,
  everywhere: CollectionClient<KubernetesObject>,
  prefix: string,
): Promise<void> {
  const labels = { app: prefix };
  const labelSelector = `app=${prefix}`;
  const [a, b, c] = [`${prefix}-a`, `${prefix}-b`, `${prefix}-c`];

  await objects.create({ metadata: { name: a, labels } }, { dryRun: "All" });
  await assert.rejects(objects.get(a), isNotFound);
  const created = await objects.create({ metadata: { name: a, labels } }, { fieldManager: "creator" });
  assert.equal(created.metadata.managedFields?.[0].manager, "creator");
  assert.deepEqual(await objects.get(a), created);
  assert.deepEqual(await objects.get(a, { resourceVersion: "0" }), created);

  const updated = await objects.update({
    ...created,
    metadata: { ...created.metadata, annotations: { updated: "yes" } },
  });
  assert.notEqual(updated.metadata.resourceVersion, created.metadata.resourceVersion);
  await assert.rejects(objects.update(created, { fieldValidation: "Strict" }), isConflict);
  const modified = await objects.modify(a, (object) => {
    object.metadata.annotations = { ...object.metadata.annotations, modified: "yes" };
  });
  assert.deepEqual(modified.metadata.annotations, { updated: "yes", modified: "yes" });

  const merged = await objects.patch(a, {
    merge: { metadata: { annotations: { merged: "yes", updated: null } } },
  });
  assert.deepEqual(merged.metadata.annotations, { modified: "yes", merged: "yes" });
  const dry = await objects.patch(a, { merge: { metadata: { annotations: null } } }, { dryRun: "All" });
  assert.equal(dry.metadata.annotations, undefined);
  const stepped = await objects.patch(a, {
    json: [{ op: "add", path: "/metadata/annotations/stepped", value: "yes" }],
  });
  assert.equal(stepped.metadata.annotations?.stepped, "yes");
  const strategic = await objects.patch(a, { strategic: { metadata: { labels: { strategic: "yes" } } } });
  assert.equal(strategic.metadata.labels?.strategic, "yes");
  const applied = await objects.apply(b, { metadata: { labels } }, { fieldManager: "applier" });
  assert.equal(applied.metadata.managedFields?.[0].operation, "Apply");

  const list = await objects.list({ labelSelector });
  assert.deepEqual(list.items.map(({ metadata }) => metadata.name), [a, b]);
  assert.deepEqual(list.items[0], strategic);
  assert.deepEqual((await everywhere.listAll({ labelSelector, limit: 1 })).items, list.items);
  const pages = await Array.fromAsync(everywhere.pages({ labelSelector, limit: 1 }));
  assert.deepEqual(pages.flatMap(({ items }) => items), list.items); // with selectors, the last may be empty
  const exact = { resourceVersion: list.metadata.resourceVersion, resourceVersionMatch: "Exact" } as const;
  assert.deepEqual((await objects.list({ labelSelector, timeoutSeconds: 30, ...exact })).items, list.items);
  const one = await objects.list({ labelSelector, fieldSelector: `metadata.name=${b}` });
  assert.equal(one.items.length, 1);

  const controller = new AbortController();
  const seen: string[] = [];
  const watching = (async () => {
    for await (const event of everywhere.watch({ labelSelector, signal: controller.signal })) {
      if (event.type === "BOOKMARK") continue;
      seen.push(`${event.type} ${event.object.metadata.name}`);
      if (seen.length === 2) await objects.create({ metadata: { name: c, labels } });
      if (event.type === "DELETED") controller.abort("seen");
      else if (seen.length === 3) await objects.delete(c, { gracePeriodSeconds: 0 });
    }
  })();
  await assert.rejects(watching, (reason) => reason === "seen");
  assert.deepEqual(seen, [`ADDED ${a}`, `ADDED ${b}`, `ADDED ${c}`, `DELETED ${c}`]);
  const initial = { sendInitialEvents: true, allowWatchBookmarks: true } as const;
  const events: string[] = [];
  const streamed = everywhere.watchOnce({
    labelSelector,
    ...initial,
    resourceVersionMatch: "NotOlderThan",
    timeoutSeconds: 60,
  });
  for await (const event of streamed) {
    events.push(event.type);
    if (event.type === "BOOKMARK") break;
  }
  assert.deepEqual(events, ["ADDED", "ADDED", "BOOKMARK"]);

  assert.equal((await objects.waitFor(a, (object) => object !== undefined)).metadata.name, a);
  await assert.rejects(objects.delete(a, { preconditions: { resourceVersion: "1" } }), isConflict);
  await objects.delete(a, { dryRun: "All" });
  const gone = objects.waitFor(a, "deleted");
  await objects.delete(a, { preconditions: { uid: created.metadata.uid }, propagationPolicy: "Background" });
  await gone;
  await objects.deleteCollection({ labelSelector, dryRun: "All" });
  assert.equal((await objects.list({ labelSelector })).items.length, 1);
  const deleted = await objects.deleteCollection({ labelSelector });
  assert.ok(deleted.kind === "Status" || deleted.kind.endsWith("List"), deleted.kind);
  await assert.rejects(objects.get(b), isNotFound);
}
