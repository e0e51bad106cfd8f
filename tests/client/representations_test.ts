import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Client } from "@coxswain/kube/client";
import type { KubernetesObject } from "@coxswain/kube/meta";
import { isForbidden } from "@coxswain/kube/rest";
import { ApiServer } from "@coxswain/kube/testing";
import { ConfigMap } from "@coxswain/kube/types/core/v1";

interface Asked {
  method: string;
  url: string;
  accept: string;
  contentType: string | null;
  body: unknown;
}

/** A client of a server that gives these answers in turn. */
function answering(...answers: (object | string)[]) {
  const asked: Asked[] = [];
  const client = new Client({
    server: "http://coxswain.test",
    fetch: (url, init) => {
      const { pathname, search } = new URL(String(url));
      const headers = new Headers(init?.headers);
      asked.push({
        method: init?.method ?? "GET",
        url: pathname + search,
        accept: headers.get("accept") ?? "",
        contentType: headers.get("content-type"),
        body: init?.body ? JSON.parse(init.body as string) : undefined,
      });
      const answer = answers.shift() ?? "";
      const code = typeof answer === "object" && "code" in answer ? answer.code as number : 200;
      return Promise.resolve(
        new Response(typeof answer === "string" ? answer : JSON.stringify(answer), { status: code }),
      );
    },
  });
  return { client, asked, maps: client.resource(ConfigMap).namespace("shop") };
}

const PARTIAL = { apiVersion: "meta.k8s.io/v1", kind: "PartialObjectMetadata" };
const partial = (name: string, resourceVersion = "7") => ({
  ...PARTIAL,
  metadata: { name, resourceVersion },
});
const accept = (kind: string) => `application/json;as=${kind};g=meta.k8s.io;v=v1,application/json`;
const MAPS = "/api/v1/namespaces/shop/configmaps";

describe("metadata() [rest 19]", () => {
  it("asks for metadata alone, of one object, of a list, of a watch and of what a patch leaves", async () => {
    const list = {
      apiVersion: "meta.k8s.io/v1",
      kind: "PartialObjectMetadataList",
      metadata: { resourceVersion: "9" },
      items: [partial("a"), partial("b")],
    };
    const events = `${JSON.stringify({ type: "MODIFIED", object: partial("a", "10") })}\n`;
    const { maps, asked } = answering(partial("a"), list, list, events, partial("a"), list);
    const metadata = maps.metadata();
    assert.deepEqual(await metadata.get("a"), partial("a"));
    assert.deepEqual((await metadata.list()).items, list.items);
    const seen: string[] = [];
    for await (const { type, object } of metadata.watch()) {
      seen.push(`${type} ${object.metadata.resourceVersion}`);
      if (seen.length === 3) break;
    }
    assert.deepEqual(seen, ["ADDED 7", "ADDED 7", "MODIFIED 10"]);
    await metadata.patch("a", { merge: { metadata: { labels: { a: "b" } } } });
    for await (const { kind } of metadata.items()) assert.equal(kind, "PartialObjectMetadata");
    assert.deepEqual(asked.map(({ method, accept }) => [method, accept]), [
      ["GET", accept("PartialObjectMetadata")],
      ["GET", accept("PartialObjectMetadataList")],
      ["GET", accept("PartialObjectMetadataList")],
      ["GET", accept("PartialObjectMetadata")],
      ["PATCH", accept("PartialObjectMetadata")],
      ["GET", accept("PartialObjectMetadataList")],
    ]);
    assert.deepEqual(asked[4].body, { metadata: { labels: { a: "b" } } });
  });

  it("deletes with options in JSON, whatever else is spoken", async () => {
    const success = { kind: "Status", apiVersion: "v1", status: "Success" };
    const { maps, asked } = answering(success, success);
    await maps.metadata().delete("a", { propagationPolicy: "Orphan" });
    await maps.metadata().deleteCollection({ labelSelector: "a=b" });
    assert.deepEqual(asked.map(({ url, contentType, body }) => [url, contentType, body]), [
      [`${MAPS}/a`, "application/json", {
        apiVersion: "v1",
        kind: "DeleteOptions",
        propagationPolicy: "Orphan",
      }],
      [`${MAPS}?labelSelector=a%3Db`, "application/json", { apiVersion: "v1", kind: "DeleteOptions" }],
    ]);
  });

  it("makes metadata of whole objects, of servers that cannot do so themselves", async () => {
    const server = new ApiServer();
    const client = new Client(server.restConfig());
    const whole = client.resource(ConfigMap).namespace("default");
    await whole.create({ metadata: { name: "a" }, data: { a: "b" } });
    const metadata = whole.metadata();
    const expected = { ...PARTIAL, metadata: (await whole.get("a")).metadata };
    const [listed] = (await metadata.list()).items;
    const [item] = await Array.fromAsync(client.resource(ConfigMap).metadata().items({ limit: 0 }));
    const patched = await metadata.patch("a", { merge: {} });
    for (const got of [await metadata.get("a"), listed, item, patched]) assert.deepEqual(got, expected);
    for await (const { object } of metadata.watchOnce({ resourceVersion: "0" })) {
      assert.deepEqual(object, expected);
      break;
    }
    assert.deepEqual(await metadata.waitFor("a", (one) => one !== undefined), expected);
    await client[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  for (
    const [what, answer, problem] of [
      ["does not say its kind", { apiVersion: "v1", metadata: { name: "a" } }, /does not say its kind/],
      ["does not say its version", { kind: "ConfigMap", metadata: { name: "a" } }, /does not say its kind/],
      [
        "has no metadata",
        { apiVersion: "v1", kind: "Odd" },
        /does not appear to match the ObjectMeta schema/,
      ],
      [
        "has none that tells an object",
        { apiVersion: "v1", kind: "Odd", metadata: { labels: {} } },
        /does not appear to match the ObjectMeta schema/,
      ],
    ] as const
  ) {
    it(`refuses an answer that ${what}`, async () => {
      await assert.rejects(answering(answer).maps.metadata().get("a"), problem);
      await assert.rejects(answering(answer).maps.metadata().patch("a", { merge: {} }), problem);
    });
  }

  it("tells what the server refuses", async () => {
    const refusal = { kind: "Status", apiVersion: "v1", status: "Failure", code: 403, reason: "Forbidden" };
    await assert.rejects(answering(refusal).maps.metadata().get("a"), isForbidden);
  });
});

const columns = [{ name: "Name", type: "string", format: "name", description: "", priority: 0 }];
const table = (rows: string[], resourceVersion: string, more: object = {}) => ({
  apiVersion: "meta.k8s.io/v1",
  kind: "Table",
  metadata: { resourceVersion, ...more },
  columnDefinitions: columns,
  rows: rows.map((name) => ({ cells: [name], object: partial(name) })),
});

describe("table()", () => {
  it("asks for a table, of one object and of a list", async () => {
    const { client, maps, asked } = answering(table(["a"], "7"), table(["a", "b"], "9"), table(["c"], "9"));
    assert.deepEqual((await maps.table().get("a", { includeObject: "Object" })).rows[0].cells, ["a"]);
    const listed = await maps.table().list({ limit: 5, labelSelector: "a=b", includeObject: "None" });
    assert.deepEqual(listed.columnDefinitions, columns);
    await client.resource(ConfigMap).table().list();
    for (const request of asked) assert.equal(request.accept, accept("Table"));
    assert.deepEqual(asked.map(({ url }) => url), [
      `${MAPS}/a?includeObject=Object`,
      `${MAPS}?includeObject=None&labelSelector=a%3Db&limit=5`,
      "/api/v1/configmaps",
    ]);
  });

  it("follows rows, with the columns, page by page and then change by change", async () => {
    const { maps, asked } = answering(
      table(["a"], "9", { continue: "t1" }),
      table(["b"], "9"),
      [
        { type: "MODIFIED", object: { ...table(["a"], "10"), columnDefinitions: null } },
        { type: "BOOKMARK", object: { ...table([""], "11"), columnDefinitions: null } },
        { type: "DELETED", object: { ...table(["b"], "12"), columnDefinitions: null } },
      ].map((event) => `${JSON.stringify(event)}\n`).join(""),
    );
    const seen: unknown[] = [];
    for await (const { type, row, columnDefinitions } of maps.table().watch({ includeObject: "Metadata" })) {
      assert.deepEqual(columnDefinitions, columns);
      seen.push([type, row.cells[0]]);
      if (seen.length === 4) break;
    }
    assert.deepEqual(seen, [["ADDED", "a"], ["ADDED", "b"], ["MODIFIED", "a"], ["DELETED", "b"]]);
    const watch = new URL(asked[2].url, "http://x").searchParams;
    assert.deepEqual([watch.get("resourceVersion"), watch.get("includeObject")], ["9", "Metadata"]);
  });

  it("says when the server can make no table", async () => {
    const whole: KubernetesObject = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } };
    await assert.rejects(answering(whole).maps.table().get("a"), /no table|with a ConfigMap/);
    await assert.rejects(answering(whole).maps.table().watch().next(), /with a ConfigMap/);
  });
});
