// What the other tests in this folder may expect of the test cluster. No code of the library takes part.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { request } from "node:https";
import { dirname, resolve } from "node:path";
import { describe, it } from "node:test";
import { parse } from "yaml";
import { cluster } from "./cluster.ts";

interface Kubeconfig {
  contexts: { name: string; context: { cluster: string; user: string } }[];
  clusters: { name: string; cluster: Record<string, string> }[];
  users: { name: string; user: Record<string, string> }[];
}

/** Sends a request as one of the kubeconfig's contexts says, each time on a new connection. */
async function send(
  contextName: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; text: string }> {
  const { server, kubeconfig } = cluster();
  const config = parse(readFileSync(kubeconfig, "utf8")) as Kubeconfig;
  const context = config.contexts.find(({ name }) => name === contextName)!.context;
  const trust = config.clusters.find(({ name }) => name === context.cluster)!.cluster;
  const user = config.users.find(({ name }) => name === context.user)!.user;
  const read = (file: string): string => readFileSync(resolve(dirname(kubeconfig), file), "utf8");
  const material = (from: Record<string, string>, key: string): string | undefined => {
    if (from[`${key}-data`]) return atob(from[`${key}-data`]);
    return from[key] && read(from[key]);
  };
  const token = user.tokenFile ? read(user.tokenFile) : user.token;
  const headers: Record<string, string> = {};
  if (token) headers.authorization = `Bearer ${token}`;
  if (body) headers["content-type"] = "application/json";
  const options = {
    agent: false as const,
    ca: material(trust, "certificate-authority"),
    cert: material(user, "client-certificate"),
    key: material(user, "client-key"),
    headers,
    method,
  };
  return await new Promise((fulfil, reject) => {
    const sent = request(new URL(path, server), options, async (response) => {
      try {
        let text = "";
        for await (const chunk of response.setEncoding("utf8")) text += chunk;
        fulfil({ status: response.statusCode!, text });
      } catch (error) {
        reject(error);
      }
    });
    sent.on("error", reject);
    sent.end(body && JSON.stringify(body));
  });
}

const pods = "/api/v1/namespaces/default/pods";
const configMaps = "/api/v1/namespaces/default/configmaps";

describe("the test cluster", () => {
  for (
    const { context, method = "GET", path, status } of [
      { context: "admin", path: "/api/v1/nodes/node-a", status: 200 },
      { context: "embedded", path: "/api/v1/nodes/node-a", status: 200 },
      { context: "token", path: "/api/v1/nodes/node-a", status: 200 },
      { context: "service-account", path: "/api/v1/nodes/node-a", status: 200 },
      { context: "reader", path: `${pods}/web`, status: 200 },
      { context: "reader", path: "/api/v1/pods", status: 403 },
      { context: "reader", method: "DELETE", path: `${pods}/web`, status: 403 },
      { context: "expired", path: pods, status: 401 },
    ]
  ) {
    it(`answers ${status} to ${method} ${path} in the context ${context}`, async () => {
      assert.equal((await send(context, method, path)).status, status);
    });
  }

  it("is not trusted in the context wrong-ca", async () => {
    await assert.rejects(send("wrong-ca", "GET", "/readyz"));
  });

  it("runs a container that prints", async () => {
    assert.equal((await send("admin", "GET", `${pods}/web/log?tailLines=2`)).text, "line 98\nline 99\n");
  });

  it("keeps its address and its data through a restart", async () => {
    await send("admin", "POST", configMaps, { metadata: { name: "kept" } });
    await cluster().restart();
    assert.equal((await send("admin", "GET", `${configMaps}/kept`)).status, 200);
    await send("admin", "DELETE", `${configMaps}/kept`);
  });

  it("refuses connections between kill() and start()", async () => {
    await cluster().kill();
    try {
      await assert.rejects(send("admin", "GET", "/readyz"));
    } finally {
      await cluster().start();
    }
    assert.equal((await send("admin", "GET", "/readyz")).status, 200);
  });

  for (
    const { resource, restart } of [
      { resource: "configmaps", restart: true },
      { resource: "secrets", restart: false },
    ]
  ) {
    it(`has no old resourceVersion of ${resource} left after compact()${restart ? " and restart()" : ""}`, async () => {
      const path = `/api/v1/namespaces/default/${resource}`;
      const old = JSON.parse((await send("admin", "GET", path)).text).metadata.resourceVersion;
      const revision = await cluster().compact();
      assert.ok(revision > Number(old));
      if (restart) await cluster().restart();
      const list = await send("admin", "GET", `${path}?resourceVersion=${old}&resourceVersionMatch=Exact`);
      assert.equal(list.status, 410);
      const watch = await send("admin", "GET", `${path}?watch=true&timeoutSeconds=5&resourceVersion=${old}`);
      assert.equal(JSON.parse(watch.text).object.code, 410);
    });
  }
});
