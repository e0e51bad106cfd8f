import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Client } from "@coxswain/kube/client";
import { proxyFetch, proxyHandler, type ProxyTarget } from "@coxswain/kube/streams";
import { cleaned, type Cleanup } from "../cleanup.ts";

/** A client of a server that answers with what it was asked, and the requests that it got. */
function link(t: Cleanup, answer = () => new Response("answer", { status: 200 })) {
  const asked: { method: string; path: string; headers: Headers; body: string }[] = [];
  const client = new Client({
    server: "http://api.test/prefix",
    bearerToken: "ours",
    fetch: async (input, init) => {
      const { pathname, search } = new URL(String(input));
      const body = init?.body ? await new Response(init.body).text() : "";
      asked.push({
        method: init?.method ?? "GET",
        path: pathname + search,
        headers: new Headers(init?.headers),
        body,
      });
      return answer();
    },
  });
  t.after(() => client[Symbol.asyncDispose]());
  return { client, asked };
}

describe("proxyFetch()", () => {
  for (
    const { target, path } of [
      { target: { name: "web-0" }, path: "pods/web-0/proxy" },
      { target: { name: "web-0", port: 8080 }, path: "pods/web-0:8080/proxy" },
      { target: { service: "web", port: "http" }, path: "services/web:http/proxy" },
      { target: { service: "web", port: 443, scheme: "https" }, path: "services/https:web:443/proxy" },
      { target: { service: "web", scheme: "https" }, path: "services/https:web:/proxy" },
    ] satisfies { target: ProxyTarget; path: string }[]
  ) {
    it(
      `asks the API server for ${path}`,
      cleaned(async (t) => {
        const { client, asked } = link(t);
        const fetch = proxyFetch(client, { namespace: "shop", ...target });
        await (await fetch("http://web/a%20b/c?d=e&d=f")).text();
        assert.equal(asked[0].path, `/prefix/api/v1/namespaces/shop/${path}/a%20b/c?d=e&d=f`);
        assert.equal(asked[0].headers.get("authorization"), "Bearer ours");
      }),
    );
  }

  it(
    "sends method, headers and body, and hands back what comes, whatever its status",
    cleaned(async (t) => {
      const headers = { location: "/there", "x-one": "1" };
      const { client, asked } = link(t, () => new Response("moved", { status: 302, headers }));
      const fetch = proxyFetch(client, { service: "web" });
      const init = { method: "POST", headers: { "x-two": "2", "content-type": "text/x" }, body: "payload" };
      const answer = await fetch("http://web/", init);
      assert.deepEqual([answer.status, answer.headers.get("location"), await answer.text()], [
        302,
        "/there",
        "moved",
      ]);
      const [{ method, body, headers: sent }] = asked;
      assert.deepEqual([method, body, sent.get("x-two"), sent.get("content-type")], [
        "POST",
        "payload",
        "2",
        "text/x",
      ]);
    }),
  );

  it("refuses credentials that the API server would take for its own, and no target", () => {
    const client = new Client({ server: "http://api.test", fetch: () => Promise.reject(new Error("never")) });
    assert.throws(() => proxyFetch(client, {}), TypeError);
    assert.throws(() => proxyFetch(client, { name: "a", service: "b" }), TypeError);
    const fetch = proxyFetch(client, { name: "a" });
    return assert.rejects(fetch("http://a/", { headers: { authorization: "Bearer x" } }), TypeError);
  });
});

describe("proxyHandler()", () => {
  const local = "http://127.0.0.1:8001";
  for (
    const { url, method, host, options, status = 403 } of [
      { url: `${local}/api/v1/pods?limit=1`, status: 200 },
      { url: "http://localhost/version", status: 200 },
      { url: "http://[::1]:8001/version", status: 200 },
      { url: "http://evil.example/version" },
      { url: `${local}/version`, host: "evil.example:8001" },
      { url: "http://localhost.evil.example/version" },
      { url: `${local}/api/v1/namespaces/a/pods/b/exec?command=sh` },
      { url: `${local}/api/v1/namespaces/a/pods/b/attach` },
      { url: `${local}/api/v1/namespaces/a/pods/b/%65xec` },
      { url: `${local}/api/v1/namespaces/a/pods/b//exec` },
      { url: `${local}/api/v1/namespaces/a/pods/b/log`, status: 200 },
      { url: `${local}/api`, method: "POST", options: { rejectMethods: [/^(POST|PUT|PATCH|DELETE)$/] } },
      { url: `${local}/api`, options: { rejectMethods: [/^POST$/] }, status: 200 },
      { url: `${local}/api`, options: { acceptPaths: [/^\/version/] } },
      { url: `${local}/k8s/version`, options: { apiPrefix: "/k8s" }, status: 200 },
      { url: `${local}/version`, options: { apiPrefix: "/k8s" }, status: 404 },
    ]
  ) {
    it(
      `answers ${method ?? "GET"} ${url}${host ? ` for ${host}` : ""} with ${status}`,
      cleaned(async (t) => {
        const { client, asked } = link(t);
        const handler = proxyHandler(client, options);
        const request = new Request(url, { method });
        // The host that a server got; Request itself does not let it be set everywhere.
        const headers = new Headers(host === undefined ? {} : { host });
        Object.defineProperty(request, "headers", { value: headers });
        const answer = await handler(request);
        await answer.text();
        assert.equal(answer.status, status);
        assert.equal(asked.length, status === 200 ? 1 : 0);
      }),
    );
  }

  it(
    "asks as this client, whoever asks it, and hands on refusals as they are",
    cleaned(async (t) => {
      const { client, asked } = link(t, () => Response.json({ kind: "Status", code: 404 }, { status: 404 }));
      const answer = await proxyHandler(client)(
        new Request(`${local}/api/v1/x?watch=1`, {
          headers: { authorization: "Bearer theirs", "x-one": "1" },
        }),
      );
      assert.deepEqual([answer.status, await answer.json()], [404, { kind: "Status", code: 404 }]);
      const [{ path, headers }] = asked;
      assert.deepEqual([path, headers.get("authorization"), headers.get("x-one")], [
        "/prefix/api/v1/x?watch=1",
        "Bearer ours",
        "1",
      ]);
    }),
  );

  it(
    "says that the server cannot be reached, and takes no WebSockets",
    cleaned(async (t) => {
      const { client } = link(t, () => {
        throw new TypeError("connection refused");
      });
      const handler = proxyHandler(client);
      assert.equal((await handler(new Request(`${local}/version`))).status, 502);
      const request = new Request(`${local}/version`);
      Object.defineProperty(request, "headers", { value: new Headers({ upgrade: "websocket" }) });
      assert.equal((await handler(request)).status, 501);
    }),
  );
});
