import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { Client, defineResource } from "@coxswain/kube";
import { ApiServer, type ApiServerOptions } from "@coxswain/kube/testing";
import { Pod } from "@coxswain/kube/types/core/v1";
import { startExample, writeKubeconfig } from "./start_example.ts";
import { cleaned, type Cleanup } from "../cleanup.ts";

const podOf = (name: string, labels: Record<string, string> = {}): Pod => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { namespace: "shop", name, labels },
  spec: { containers: [{ name: "main", image: "web" }] },
});

/** A server on a socket, a kubeconfig that leads there, and what an example needs to use both. */
async function openServer(t: Cleanup, options?: ApiServerOptions) {
  const server = new ApiServer(options);
  t.after(() => server[Symbol.asyncDispose]());
  const { url, kubeconfig } = await server.listen();
  return { server, ...await settingsFor(t, url, kubeconfig()) };
}

async function settingsFor(t: Cleanup, url: string, kubeconfig: string) {
  const written = await writeKubeconfig(kubeconfig);
  t.after(() => written[Symbol.asyncDispose]());
  const permissions = [
    "--allow-env=KUBECONFIG",
    `--allow-read=${written.file}`,
    `--allow-net=${new URL(url).host}`,
  ];
  return { env: { KUBECONFIG: written.file }, permissions };
}

describe("examples/list_pods.ts", () => {
  it(
    "prints the phase of each pod of the namespace, and ends",
    cleaned(async (t) => {
      const { server, ...settings } = await openServer(t);
      server.load(podOf("web-0"), { ...podOf("web-1"), status: { phase: "Running" } } as Pod);
      const { code, stdout, stderr } = await startExample("list_pods.ts", { ...settings, args: ["shop"] })
        .ended;
      assert.deepEqual({ code, stdout, stderr }, {
        code: 0,
        stdout: "web-0 Pending\nweb-1 Running\n",
        stderr: "",
      });
    }),
  );
});

describe("examples/follow_pods.ts", () => {
  it(
    "prints what is there and what happens, for the label that it is given, and ends with Ctrl-C",
    cleaned(async (t) => {
      const { server, ...settings } = await openServer(t);
      server.load(podOf("web-0", { app: "web" }), podOf("db-0", { app: "db" }));
      const client = new Client(server.restConfig());
      t.after(() => client[Symbol.asyncDispose]());

      const example = startExample("follow_pods.ts", { ...settings, args: ["shop", "app=web"] });
      await example.prints(/^ADDED web-0 Pending$/m);
      await client.resource(Pod).namespace("shop").delete("web-0");
      await example.prints(/^DELETED web-0 Pending$/m);
      example.kill("SIGINT");
      const { code, stdout, stderr } = await example.ended;
      assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
      assert.doesNotMatch(stdout, /db-0/);
    }),
  );
});

describe("examples/custom_resource.ts", () => {
  it(
    "creates, patches and deletes an object of a kind of its own",
    cleaned(async (t) => {
      const WebApp = defineResource({
        group: "example.com",
        version: "v1",
        kind: "WebApp",
        plural: "webapps",
      });
      const { server, ...settings } = await openServer(t, { resources: [WebApp] });
      server.load(podOf("web-0")); // makes the namespace
      const { code, stdout, stderr } = await startExample("custom_resource.ts", {
        ...settings,
        args: ["shop"],
      })
        .ended;
      const expected = "created cart with 2 replicas\npatched, now 3 replicas of cart:1\ndeleted\n";
      assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: expected, stderr: "" });
      const methods = server.requests.map(({ method, url }) => `${method} ${url}`);
      assert.deepEqual(methods, [
        "POST /apis/example.com/v1/namespaces/shop/webapps",
        "PATCH /apis/example.com/v1/namespaces/shop/webapps/cart",
        "DELETE /apis/example.com/v1/namespaces/shop/webapps/cart",
      ]);
    }),
  );
});

describe("examples/raw_request.ts", () => {
  it(
    "prints the version of the server and the end of a log",
    cleaned(async (t) => {
      const asked: string[] = [];
      // The server in memory has no logs, so this is one that has nothing else.
      const server = createServer(({ url = "" }, reply) => {
        asked.push(url);
        const isVersion = url === "/version";
        reply.setHeader("content-type", isVersion ? "application/json" : "text/plain");
        reply.end(isVersion ? JSON.stringify({ gitVersion: "v1.36.0" }) : "listening\nGET / 200\n");
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      t.after(() => new Promise((resolve) => server.close(resolve)));
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const kubeconfig = JSON.stringify({
        "current-context": "test",
        clusters: [{ name: "test", cluster: { server: url } }],
        contexts: [{ name: "test", context: { cluster: "test" } }],
      });
      const settings = await settingsFor(t, url, kubeconfig);

      const { code, stdout, stderr } = await startExample("raw_request.ts", {
        ...settings,
        args: ["shop", "web-0"],
      }).ended;
      const expected = "server v1.36.0\nlistening\nGET / 200\n";
      assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: expected, stderr: "" });
      assert.deepEqual(asked, ["/version", "/api/v1/namespaces/shop/pods/web-0/log?tailLines=10"]);
    }),
  );
});
