// client-go's own shared informer against the server in memory: whatever happens, its cache ends as the server is.
import assert from "node:assert/strict";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, it } from "node:test";
import type { KubernetesObject } from "@coxswain/kube/meta";
import { ApiServer } from "@coxswain/kube/testing";
import { cleaned, type Cleanup } from "../cleanup.ts";
import { cluster } from "./cluster.ts";

const MAPS = "http://coxswain.test/api/v1/namespaces/default/configmaps";

interface Map extends KubernetesObject {
  data?: Record<string, string>;
}

/** The Go program. */
class Informer {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: string[] = [];
  #errors = "";
  #wake = () => {};

  constructor(kubeconfig: string, watchList: boolean) {
    this.#child = spawn(cluster().program, ["informer", kubeconfig, `WatchListClient=${watchList}`]);
    this.#child.stderr.on("data", (text) => this.#errors += text);
    createInterface(this.#child.stdout).on("line", (line) => {
      this.#lines.push(line);
      this.#wake();
    });
    this.#child.on("exit", () => {
      this.#lines.push("END");
      this.#wake();
    });
  }

  /** The next line. */
  async next(): Promise<string> {
    while (this.#lines.length === 0) await new Promise<void>((resolve) => this.#wake = resolve);
    const line = this.#lines.shift()!;
    if (line === "END") throw new Error(`The informer has ended: ${this.#errors}`);
    return line;
  }

  /** What it has, after all lines until then. */
  async cache(): Promise<string[]> {
    this.#child.stdin.write("\n");
    for (;;) {
      const line = await this.next();
      if (line.startsWith("CACHE ")) return JSON.parse(line.slice(6));
    }
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once("close", resolve));
    this.#child.stdin.end();
    await ended;
  }
}

/** An informer that has synced with a server. */
async function informed(t: Cleanup, server: ApiServer, watchList: boolean): Promise<Informer> {
  const listener = await server.listen();
  t.after(() => server[Symbol.asyncDispose]());
  const folder = await mkdtemp(join(tmpdir(), "coxswain-informer-"));
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(`${folder}/kubeconfig`, listener.kubeconfig());
  const informer = new Informer(`${folder}/kubeconfig`, watchList);
  t.after(() => informer.close());
  while (await informer.next() !== "SYNCED");
  return informer;
}

const map = (name: string, at: string): Map => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: "default" },
  data: { at },
});

/** What the server has, as the informer says it. */
async function onServer(server: ApiServer): Promise<string[]> {
  const { items } = await (await server.fetch(MAPS)).json() as {
    items: (Map & { metadata: { uid: string } })[];
  };
  return items.map(({ metadata: { namespace, name, uid, resourceVersion }, data }) =>
    `${namespace}/${name} ${uid} ${resourceVersion} ${data?.at ?? ""}`
  ).sort();
}

async function remove(server: ApiServer, name: string): Promise<void> {
  assert.equal((await server.fetch(`${MAPS}/${name}`, { method: "DELETE" })).status, 200);
}

/** Waits until the cache is as the server is: it looks again with each change that comes. */
async function assertEqual(server: ApiServer, informer: Informer): Promise<void> {
  const expected = await onServer(server);
  while (JSON.stringify(await informer.cache()) !== JSON.stringify(expected)) await informer.next();
}

for (const watchList of [true, false]) {
  describe(`client-go's shared informer, ${watchList ? "with" : "without"} WatchList`, () => {
    it(
      "has what the server has, through creations, updates, deletions, cuts, 410 and a restart",
      cleaned(async (t) => {
        const server = new ApiServer({ faults: [{ fault: "cut", verb: "watch", nth: 2, afterLines: 1.5 }] });
        server.load(map("a", "1"), map("b", "1"), map("c", "1"));
        const informer = await informed(t, server, watchList);
        const isInitial = (url: string) => url.includes("sendInitialEvents=true");
        assert.equal(server.requests.some(({ url }) => isInitial(url)), watchList);
        await assertEqual(server, informer);

        server.load(map("a", "2"), map("d", "1"));
        await remove(server, "b");
        await assertEqual(server, informer);

        // Cut off; the next watch is cut in the middle of a line, the one after that goes on.
        await server.faults.now({ fault: "cut" });
        server.load(map("a", "3"), map("e", "1"));
        await remove(server, "c");
        await assertEqual(server, informer);

        // Its version is forgotten: it must list again, and notice what has gone meanwhile.
        await server.faults.now({ fault: "expire" });
        server.load(map("a", "4"));
        await remove(server, "d");
        await assertEqual(server, informer);

        await server.faults.now({ fault: "restart" });
        server.load(map("f", "1"));
        await remove(server, "e");
        await assertEqual(server, informer);

        server.faults.add({
          fault: "error",
          code: 429,
          retryAfterSeconds: 1,
          verb: "watch", // this test lists, too
          times: 2,
        });
        await server.faults.now({ fault: "cut" });
        await remove(server, "a");
        await assertEqual(server, informer);
      }),
    );
  });
}
