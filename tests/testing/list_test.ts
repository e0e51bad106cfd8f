import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { defineResource } from "@coxswain/kube/meta";
import { ApiServer } from "@coxswain/kube/testing";
import { type Answer, CONFIG_MAPS, configMap, PODS, send } from "./exchange.ts";

const names = ({ body }: Answer): string[] => body.items.map(({ metadata }) => metadata.name);
const list = (server: ApiServer, path: string, query: Record<string, string> = {}): Promise<Answer> =>
  send(server, "GET", `${path}?${new URLSearchParams(query)}`);

/** Config maps `a` to `e`, versions 5 to 9. */
function serverWithFive(historySize?: number): ApiServer {
  const server = new ApiServer({ historySize });
  for (const name of ["b", "d", "a", "e", "c"]) {
    server.load(configMap(name, { metadata: { namespace: "default" } }));
  }
  return server;
}

describe("list", () => {
  it("of built-in kinds leaves kind and apiVersion out of the items, as the server does", async () => {
    const server = new ApiServer();
    assert.equal(
      (await list(server, CONFIG_MAPS)).text.trim(),
      '{"kind":"ConfigMapList","apiVersion":"v1","metadata":{"resourceVersion":"4"},"items":[]}',
    );
    server.load(configMap("a", { data: { x: "1" } }));
    const [item] = (await list(server, CONFIG_MAPS)).body.items;
    assert.deepEqual(Object.keys(item), ["metadata", "data"]);
  });

  it("of custom kinds keeps them, and puts all keys in alphabetical order", async () => {
    const WebApp = defineResource({ group: "example.com", version: "v1", kind: "WebApp", plural: "webapps" });
    const server = new ApiServer({ resources: [WebApp] });
    server.load({ apiVersion: "example.com/v1", kind: "WebApp", metadata: { name: "one" } });
    const { text, body } = await list(server, "/apis/example.com/v1/webapps");
    assert.match(
      text,
      /^{"apiVersion":"example.com\/v1","items":\[{"apiVersion":"example.com\/v1","kind":"WebApp",/,
    );
    assert.match(text, /\],"kind":"WebAppList","metadata":{"continue":"","resourceVersion":"5"}}\s*$/);
    assert.equal(body.items[0].metadata.name, "one");
  });

  it("is ordered by namespace and name, as keys in etcd are", async () => {
    const server = new ApiServer();
    for (const key of ["b/x", "a/z", "a-b/y", "a/a", "a/a.b"]) {
      const [namespace, name] = key.split("/");
      server.load({ apiVersion: "v1", kind: "Pod", metadata: { name, namespace } });
    }
    const { body } = await list(server, "/api/v1/pods");
    const keys = body.items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
    assert.deepEqual(keys, ["a-b/y", "a/a", "a/a.b", "a/z", "b/x"]);
    assert.deepEqual(names(await list(server, "/api/v1/namespaces/a/pods")), ["a", "a.b", "z"]);
    assert.deepEqual(names(await list(server, "/api/v1/namespaces/none/pods")), []);
  });

  for (const count of [3, 199, 200, 201, 900]) {
    it(`stays in order while ${count} objects come and go`, async () => {
      const server = new ApiServer({ historySize: 50 });
      const expected = new Set<string>();
      for (let step = 0; step < count; step++) {
        const name = `n${(step * 7919) % 1009}`;
        server.load(configMap(name));
        expected.add(name);
        if (step % 3 === 2) {
          await send(server, "DELETE", `${CONFIG_MAPS}/${name}`);
          expected.delete(name);
        }
        if (step % 50 === 0) assert.deepEqual(names(await list(server, CONFIG_MAPS)), [...expected].sort());
      }
      assert.deepEqual(names(await list(server, CONFIG_MAPS)), [...expected].sort());
    });
  }
});

describe("selectors", () => {
  const server = new ApiServer();
  server.load(
    {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "web", namespace: "shop", labels: { app: "web", tier: "front" } },
      spec: { nodeName: "node-a", hostNetwork: true },
      status: { phase: "Running", podIP: "10.0.0.1" },
    } as object,
    { apiVersion: "v1", kind: "Pod", metadata: { name: "db", namespace: "shop", labels: { app: "db" } } },
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "tls", namespace: "shop" },
      type: "kubernetes.io/tls",
    } as object,
    { apiVersion: "v1", kind: "Node", metadata: { name: "node-a" }, spec: { unschedulable: true } } as object,
    { apiVersion: "v1", kind: "Node", metadata: { name: "node-b" } },
    {
      apiVersion: "v1",
      kind: "Event",
      metadata: { name: "e1", namespace: "shop" },
      involvedObject: { kind: "Pod", name: "web" },
      reason: "Pulled",
      type: "Normal",
      source: { component: "kubelet" },
    } as object,
  );
  for (
    const { path = "/api/v1/pods", labelSelector, fieldSelector, selects } of [
      { labelSelector: "app=web", selects: ["web"] },
      { labelSelector: "app in (web,db),!tier", selects: ["db"] },
      { labelSelector: "app!=web", selects: ["db"] },
      { fieldSelector: "metadata.name=db", selects: ["db"] },
      { fieldSelector: "metadata.namespace==shop,metadata.name!=db", selects: ["web"] },
      { fieldSelector: "spec.nodeName=node-a", selects: ["web"] },
      { fieldSelector: "spec.nodeName=", selects: ["db"] },
      { fieldSelector: "status.phase!=Running", selects: ["db"] },
      { fieldSelector: "status.podIP=10.0.0.1,spec.hostNetwork=true", selects: ["web"] },
      { fieldSelector: "spec.hostNetwork=false,spec.restartPolicy=Always", selects: ["db"] },
      { fieldSelector: "spec.schedulerName=default-scheduler", selects: ["db", "web"] },
      { fieldSelector: "metadata.name=a\\,b", selects: [] },
      { labelSelector: "app=web", fieldSelector: "metadata.name=db", selects: [] },
      { path: "/api/v1/secrets", fieldSelector: "type=kubernetes.io/tls", selects: ["tls"] },
      { path: "/api/v1/nodes", fieldSelector: "spec.unschedulable=false", selects: ["node-b"] },
      {
        path: "/api/v1/namespaces",
        fieldSelector: "status.phase=Active,metadata.name=shop",
        selects: ["shop"],
      },
      {
        path: "/api/v1/events",
        fieldSelector: "involvedObject.name=web,reason=Pulled,source=kubelet",
        selects: ["e1"],
      },
      { path: "/api/v1/events", fieldSelector: "type=Warning", selects: [] },
    ] as { path?: string; labelSelector?: string; fieldSelector?: string; selects: string[] }[]
  ) {
    it(
      `${labelSelector ?? ""} ${fieldSelector ?? ""} selects ${selects.join(", ") || "nothing"}`.trim(),
      async () => {
        const query = { ...(labelSelector && { labelSelector }), ...(fieldSelector && { fieldSelector }) };
        assert.deepEqual(names(await list(server, path, query)), selects);
      },
    );
  }

  for (
    const { path = PODS, query, message } of [
      { query: { fieldSelector: "spec.foo=x" }, message: "field label not supported: spec.foo" },
      {
        path: CONFIG_MAPS,
        query: { fieldSelector: "data.a=x" },
        message: '"data.a" is not a known field selector: only "metadata.name", "metadata.namespace"',
      },
      {
        path: "/apis/batch/v1/jobs",
        query: { fieldSelector: "spec.foo=x" },
        message: 'field label "spec.foo" not supported for Job',
      },
      {
        path: "/api/v1/nodes",
        query: { fieldSelector: "metadata.namespace=x" },
        message: "field label not supported: metadata.namespace",
      },
      {
        query: { fieldSelector: "spec.nodeName" },
        message: "invalid selector: 'spec.nodeName'; can't understand 'spec.nodeName'",
      },
      {
        query: { labelSelector: "a in (" },
        message: "unable to parse requirement: found '', expected: ',', ')' or identifier",
      },
      { query: { labelSelector: "a=b c" }, message: "found 'c', expected: ',' or 'end of string'" },
      { query: { limit: "many" }, message: 'strconv.ParseInt: parsing "many": invalid syntax' },
    ] as { path?: string; query: Record<string, string>; message: string | RegExp }[]
  ) {
    it(`${JSON.stringify(query)} is refused: 400`, async () => {
      const { code, body } = await list(new ApiServer(), path, query);
      assert.deepEqual([code, body.reason], [400, "BadRequest"]);
      if (typeof message === "string") assert.equal(body.message, message);
      else assert.match(body.message ?? "", message);
    });
  }
});

describe("pages", () => {
  it("all show the version of the first one, whatever happens meanwhile", async () => {
    const server = serverWithFive();
    const first = await list(server, CONFIG_MAPS, { limit: "2" });
    assert.deepEqual(names(first), ["a", "b"]);
    assert.equal(first.body.metadata.remainingItemCount, 3);
    server.load(configMap("bb"), configMap("d", { data: { changed: "yes" } }));
    await send(server, "DELETE", `${CONFIG_MAPS}/c`);
    const second = await list(server, CONFIG_MAPS, { limit: "2", continue: first.body.metadata.continue! });
    assert.deepEqual(names(second), ["c", "d"]);
    assert.equal(second.body.items[1].data, undefined);
    assert.equal(second.body.metadata.remainingItemCount, 1);
    const third = await list(server, CONFIG_MAPS, { limit: "2", continue: second.body.metadata.continue! });
    assert.deepEqual(names(third), ["e"]);
    assert.deepEqual(third.body.metadata, { resourceVersion: "9" });
    assert.deepEqual(names(await list(server, CONFIG_MAPS)), ["a", "b", "bb", "d", "e"]);
  });

  it("do not count what remains behind selectors", async () => {
    const first = await list(serverWithFive(), CONFIG_MAPS, { limit: "2", labelSelector: "!x" });
    assert.equal(first.body.metadata.remainingItemCount, undefined);
    assert.notEqual(first.body.metadata.continue, undefined);
  });

  it("are not made for resourceVersion=0 [informers 9]", async () => {
    const { body } = await list(serverWithFive(), CONFIG_MAPS, { limit: "2", resourceVersion: "0" });
    assert.deepEqual([body.items.length, body.metadata.continue], [5, undefined]);
  });

  it("expire with the history, and offer to go on inconsistently", async () => {
    const server = serverWithFive();
    const first = await list(server, CONFIG_MAPS, { limit: "2" });
    server.load(configMap("bb"));
    server.compact();
    const late = await list(server, CONFIG_MAPS, { limit: "2", continue: first.body.metadata.continue! });
    assert.deepEqual([late.code, late.body.reason], [410, "Expired"]);
    assert.match(
      late.body.message ?? "",
      /^The provided continue parameter is too old to display a consistent list result\. .* show up in the list\.$/,
    );
    const rest = await list(server, CONFIG_MAPS, { limit: "2", continue: late.body.metadata.continue! });
    assert.deepEqual(names(rest), ["bb", "c"]);
    const { continue: next } = rest.body.metadata;
    assert.deepEqual(names(await list(server, CONFIG_MAPS, { limit: "2", continue: next! })), ["d", "e"]);
  });

  for (
    const { name, query, code, message } of [
      {
        name: "nonsense",
        query: { continue: "abc" },
        code: 400,
        message: /^invalid continue token: continue key is/,
      },
      {
        name: "a token without version",
        query: { continue: btoa('{"v":"meta.k8s.io/v1","rv":0,"start":"a"}') },
        code: 400,
        message: /incorrect encoded start resourceVersion \(version meta.k8s.io\/v1\)$/,
      },
      {
        name: "a token of the future",
        query: { continue: btoa('{"v":"meta.k8s.io/v1","rv":5000,"start":"a"}') },
        code: 504,
        message: /Too large resource version: 5000, current: 4$/,
      },
      {
        name: "a token with a version beside it",
        query: { continue: btoa('{"v":"meta.k8s.io/v1","rv":4,"start":"a"}'), resourceVersion: "4" },
        code: 400,
        message: /^specifying resource version is not allowed when using continue$/,
      },
    ] as { name: string; query: Record<string, string>; code: number; message: RegExp }[]
  ) {
    it(`refuse ${name}: ${code}`, async () => {
      const answer = await list(new ApiServer(), CONFIG_MAPS, { limit: "1", ...query });
      assert.equal(answer.code, code);
      assert.match(answer.body.message ?? "", message);
    });
  }
});

describe("resourceVersion of a list", () => {
  for (
    const { query, version, count } of [
      { query: {}, version: "9", count: 5 },
      { query: { resourceVersion: "0" }, version: "9", count: 5 },
      { query: { resourceVersion: "6" }, version: "9", count: 5 },
      { query: { resourceVersion: "6", resourceVersionMatch: "NotOlderThan" }, version: "9", count: 5 },
      { query: { resourceVersion: "6", resourceVersionMatch: "Exact" }, version: "6", count: 2 },
      { query: { resourceVersion: "6", limit: "9" }, version: "6", count: 2 },
    ] as { query: Record<string, string>; version: string; count: number }[]
  ) {
    it(`${JSON.stringify(query)} shows version ${version}`, async () => {
      const { body } = await list(serverWithFive(), CONFIG_MAPS, query);
      assert.deepEqual([body.metadata.resourceVersion, body.items.length], [version, count]);
    });
  }

  for (
    const { name, query, code, message } of [
      {
        name: "one that has not come",
        query: { resourceVersion: "99" },
        code: 504,
        message: /^Timeout: Too large resource version: 99, current: 9$/,
      },
      {
        name: "one that is forgotten",
        query: { resourceVersion: "5", resourceVersionMatch: "Exact" },
        code: 410,
        message: /^The resourceVersion for the provided list is too old\.$/,
      },
      {
        name: "one that is no number",
        query: { resourceVersion: "abc" },
        code: 400,
        message: /^invalid resource version: resourceVersion: Invalid value: "abc": strconv.ParseUint/,
      },
      {
        name: "a match without one",
        query: { resourceVersionMatch: "Exact" },
        code: 422,
        message: /^ListOptions.meta.k8s.io "" is invalid: .* forbidden unless resourceVersion is provided$/,
      },
      {
        name: "an unknown match",
        query: { resourceVersion: "5", resourceVersionMatch: "Foo" },
        code: 422,
        message: /Unsupported value: "Foo": supported values: "Exact", "NotOlderThan", ""$/,
      },
      {
        name: "exactly 0",
        query: { resourceVersion: "0", resourceVersionMatch: "Exact" },
        code: 422,
        message: /resourceVersionMatch "exact" is forbidden for resourceVersion "0"$/,
      },
      {
        name: "sendInitialEvents",
        query: { sendInitialEvents: "true" },
        code: 422,
        message: /sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list$/,
      },
    ] as { name: string; query: Record<string, string>; code: number; message: RegExp }[]
  ) {
    it(`refuses ${name}: ${code}`, async () => {
      const server = serverWithFive();
      if (code === 410) server.compact();
      const answer = await list(server, CONFIG_MAPS, query);
      assert.equal(answer.code, code);
      assert.match(answer.body.message ?? "", message);
    });
  }
});
