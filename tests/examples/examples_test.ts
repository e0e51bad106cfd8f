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

/** What the server sees has no event to wait for. */
async function until(holds: () => boolean) {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
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

describe("examples/cache_pods.ts", () => {
  it(
    "counts the pods of each node as they come and go, and ends with Ctrl-C",
    cleaned(async (t) => {
      const { server, ...settings } = await openServer(t);
      server.load(podOf("web-0"), { ...podOf("web-1"), spec: { nodeName: "node-a", containers: [] } } as Pod);
      const client = new Client(server.restConfig());
      t.after(() => client[Symbol.asyncDispose]());

      const example = startExample("cache_pods.ts", { ...settings, args: ["shop"] });
      await example.prints(/^ADDED web-0: 1 on none$/m);
      await example.prints(/^ADDED web-1: 1 on node-a$/m);
      await client.resource(Pod).namespace("shop").create(podOf("web-2"));
      await example.prints(/^ADDED web-2: 2 on none$/m);
      await client.resource(Pod).namespace("shop").delete("web-0");
      await example.prints(/^DELETED web-0: 1 on none$/m);
      example.kill("SIGINT");
      const { code, stderr } = await example.ended;
      assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
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

describe("examples/any_kind.ts", () => {
  it(
    "lists what it is asked for, by any name",
    cleaned(async (t) => {
      const { server, ...settings } = await openServer(t);
      server.load(podOf("web-0"), podOf("web-1"));
      const { code, stdout, stderr } = await startExample("any_kind.ts", {
        ...settings,
        args: ["po", "shop"],
      })
        .ended;
      assert.deepEqual({ code, stdout, stderr }, {
        code: 0,
        stdout: "Pod shop web-0\nPod shop web-1\n",
        stderr: "",
      });
    }),
  );
});

describe("examples/wait_for.ts", () => {
  it(
    "waits for a pod that is not there yet, until it is ready",
    cleaned(async (t) => {
      const { server, ...settings } = await openServer(t);
      const example = startExample("wait_for.ts", { ...settings, args: ["shop", "web-0"] });
      await until(() => server.openWatches === 1);
      server.load(podOf("web-0"));
      const status = { conditions: [{ type: "Ready", status: "True" }], startTime: "2026-01-02T03:04:05Z" };
      server.load({ ...podOf("web-0"), status } as Pod);
      const { code, stdout, stderr } = await example.ended;
      const expected = "web-0 is ready since 2026-01-02T03:04:05Z\n";
      assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: expected, stderr: "" });
    }),
  );
});

describe("examples/page.ts", () => {
  it(
    "counts pods page by page",
    cleaned(async (t) => {
      const { server, ...settings } = await openServer(t);
      for (const name of ["a", "b", "c"]) {
        server.load({ ...podOf(name), spec: { ...podOf(name).spec!, nodeName: "node-a" } } as Pod);
      }
      const { code, stdout, stderr } = await startExample("page.ts", { ...settings, args: ["2"] }).ended;
      const expected = "2 pods, 1 to come\n1 pods, 0 to come\nnode-a 3\n";
      assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: expected, stderr: "" });
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
