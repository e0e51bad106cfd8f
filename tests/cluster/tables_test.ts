// Tables of the server in memory beside those of a real one, of the same objects.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { loadConfig } from "@coxswain/kube/config";
import { DiscoveryClient } from "@coxswain/kube/discovery";
import type { KubernetesObject } from "@coxswain/kube/meta";
import { isAlreadyExists, isNotFound, RestClient } from "@coxswain/kube/rest";
import { ApiServer } from "@coxswain/kube/testing";
import { cluster } from "./cluster.ts";
import { TABLE_OBJECTS } from "./table_objects.ts";

const NAMESPACE = "tables";
const ACCEPT = "application/json;as=Table;v=v1;g=meta.k8s.io";

interface Table {
  readonly columnDefinitions: unknown;
  readonly rows: { readonly cells: unknown[]; readonly conditions?: unknown; readonly object: unknown }[];
}

/** Where objects of a kind are, in the namespace of the test if they are in any. */
function pathOf(groupVersion: string, plural: string, isNamespaced: boolean): string {
  const root = groupVersion.includes("/") ? `/apis/${groupVersion}` : `/api/${groupVersion}`;
  return `${root}${isNamespaced ? `/namespaces/${NAMESPACE}` : ""}/${plural}`;
}

/** Rows without what grows older. */
function settled({ columnDefinitions, rows }: Table): unknown {
  return {
    columnDefinitions,
    rows: rows.map(({ cells, conditions, object }) => ({
      cells: cells.map((cell) =>
        typeof cell === "string"
          ? cell.replace(/^(\d+ \()?\d+[smhdy](\d+[smhd])?( ago\))?$/, "$1age$3")
          : cell
      ),
      conditions,
      object: partOf(object),
    })),
  };
}

describe("Tables", () => {
  let rest: RestClient;
  const made: string[] = [];

  before(async () => {
    rest = new RestClient(await loadConfig({ kubeconfig: cluster().kubeconfig }));
    const namespace = { metadata: { name: NAMESPACE } };
    try {
      await (await rest.post().absolutePath("/api/v1/namespaces").body(namespace).send()).json();
    } catch (error) {
      if (!isAlreadyExists(error)) throw error; // by an earlier run against this cluster: nobody takes it away
    }
    for (const { path, object } of TABLE_OBJECTS) {
      const collection = path.replace("{ns}", NAMESPACE);
      const { status, ...created } = object as { status?: unknown; metadata: { name: string } };
      await (await rest.post().absolutePath(collection).body(created).send()).json();
      const one = `${collection}/${created.metadata.name}`;
      made.unshift(one);
      if (status === undefined) continue;
      await (await rest.patch().absolutePath(`${one}/status`).patch("merge", { status }).send()).json();
    }
  });

  after(async () => {
    for (const path of made) {
      try {
        await (await rest.patch().absolutePath(path).patch("merge", { metadata: { finalizers: null } })
          .send()).json();
        await (await rest.delete().absolutePath(path).query({
          gracePeriodSeconds: 0,
          propagationPolicy: "Background",
        }).send()).json();
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
    await rest[Symbol.asyncDispose]();
  });

  for (const include of ["Object", "Metadata", "None"]) {
    it(`of all kinds have the real server's columns and cells (includeObject=${include})`, async () => {
      const server = new ApiServer();
      const { resources } = await new DiscoveryClient(rest).all();
      const loaded = new Set<string | undefined>();
      let rows = 0;
      for (const { groupVersion, resources: list } of resources) {
        for (const { name, kind, verbs, namespaced } of list) {
          if (name.includes("/") || !verbs.includes("list") || !verbs.includes("create")) continue;
          if (kind === "Namespace" || kind === "CustomResourceDefinition") continue; // others come and go meanwhile
          const path = pathOf(groupVersion, name, namespaced);
          const objects = await (await rest.get().absolutePath(path).send()).json() as {
            items: KubernetesObject[];
          };
          if (
            server.fetch !== undefined && (await server.fetch(`http://memory.test${path}`)).status === 404
          ) continue;
          for (const item of objects.items) {
            if (loaded.has(item.metadata?.uid)) continue; // a view of the same object
            loaded.add(item.metadata?.uid);
            server.load({ ...item, apiVersion: groupVersion, kind });
          }
          const query = { includeObject: include };
          const real =
            await (await rest.get().absolutePath(path).query(query).header("accept", ACCEPT).send())
              .json() as Table;
          const answer = await server.fetch(`http://memory.test${path}?includeObject=${include}`, {
            headers: { accept: ACCEPT },
          });
          const ours = await answer.json() as Table;
          assert.deepEqual(settled(ours), settled(real), `${groupVersion} ${name}`);
          rows += ours.rows.length;
        }
      }
      assert.ok(rows > 100, `${rows} rows`);
      await server[Symbol.asyncDispose]();
    });
  }
});

/** What of the object a row has: loading gives it another version and more defaults. */
function partOf(object: unknown): unknown {
  if (object === null) return null;
  const { kind, apiVersion, metadata, ...rest } = object as KubernetesObject;
  return { kind, apiVersion, name: metadata?.name, rest: Object.keys(rest).sort() };
}
