import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { after, before, describe, it } from "node:test";
import { type Client, connect } from "@coxswain/kube";
import { serve } from "@coxswain/kube/controller";
import { isBadRequest } from "@coxswain/kube/rest";
import { debugContainer, logLines, logs, podLogs, proxyFetch, proxyHandler } from "@coxswain/kube/streams";
import { Pod } from "@coxswain/kube/types/core/v1";
import { cleaned } from "../cleanup.ts";
import { cluster } from "./cluster.ts";
import { kubectl } from "./kubectl.ts";

const { kubeconfig } = cluster();
const web = { namespace: "default", name: "web", container: "main" };

describe("logs, proxies and debug containers of a real cluster", () => {
  let client: Client;
  before(async () => {
    client = await connect({ kubeconfig });
  });
  after(() => client[Symbol.asyncDispose]());

  it("give a log as kubectl does", async () => {
    for (
      const [options, flags] of [
        [{}, []],
        [{ tailLines: 3 }, ["--tail=3"]],
        [{ limitBytes: 20 }, ["--limit-bytes=20"]],
        [{ timestamps: true, tailLines: 2 }, ["--timestamps", "--tail=2"]],
        [{ sinceTime: "2100-01-01T00:00:00Z" }, ["--since-time=2100-01-01T00:00:00Z"]],
      ] as const
    ) {
      const ours = await new Response(await logs(client, { ...web, ...options })).text();
      assert.equal(ours, (await kubectl(["logs", "web", ...flags])).stdout, JSON.stringify(options));
    }
    await assert.rejects(logs(client, { ...web, previous: true }), isBadRequest);
  });

  it("follow a log beyond a restart and a crash of the server, without a line twice", async () => {
    const lines: string[] = [];
    const times: number[] = [];
    const steps = [() => cluster().restart(), () => cluster().kill().then(() => cluster().start())];
    for await (const { time, text } of logLines(client, { ...web, follow: true, tailLines: 5 })) {
      lines.push(text);
      times.push(Date.parse(time));
      // Each connection's ticks begin anew on the test server.
      if (steps.length === 0 && lines.filter((line) => line === "tick 0").length >= 2) break;
      if (lines.length % 12 === 0) await steps.shift()?.();
    }
    assert.deepEqual(lines.slice(0, 6), ["line 95", "line 96", "line 97", "line 98", "line 99", "tick 0"]);
    assert.deepEqual(times, times.toSorted((one, other) => one - other));
    assert.equal(lines.filter((line) => line.startsWith("line ")).length, 5);
  });

  it("follow the pods that a selector selects", async () => {
    const status = {
      containerStatuses: [{
        name: "main",
        ready: true,
        restartCount: 0,
        image: "a",
        imageID: "a",
        state: { running: {} },
      }],
    };
    await (await client.rest.patch().resource("pods").namespace("default").name("web").subresource("status")
      .patch("merge", { status }).send()).text();
    const seen: string[] = [];
    for await (
      const { pod, container, text } of podLogs(client, {
        namespace: "default",
        labelSelector: "app=web",
        containers: (container) => container === "main",
        tailLines: 2,
      })
    ) {
      seen.push(`${pod} ${container} ${text}`);
      if (seen.length === 3) break;
    }
    assert.deepEqual(seen, ["web main line 98", "web main line 99", "web main tick 0"]);
  });

  it(
    "are served by a local proxy, as kubectl's serves them",
    cleaned(async (t) => {
      const { port, close } = await serve(proxyHandler(client), { hostname: "127.0.0.1" });
      t.after(close);
      const ask = async (path: string) => {
        const answer = await fetch(`http://127.0.0.1:${port}${path}`);
        return { status: answer.status, text: await answer.text() };
      };
      const { status, text } = await ask("/api/v1/namespaces/default/pods/web");
      assert.deepEqual([status, JSON.parse(text).metadata.name], [200, "web"]);
      const missing = await ask("/api/v1/namespaces/default/pods/nope");
      assert.deepEqual([missing.status, JSON.parse(missing.text).message], [404, 'pods "nope" not found']);
      assert.equal((await ask("/api/v1/namespaces/default/pods/web/exec?command=sh")).status, 403);
    }),
  );

  it("hand on what the API server says of a pod that it cannot reach", async () => {
    const answer = await proxyFetch(client, { namespace: "default", name: "web", port: 1 })(
      "http://web/path",
    );
    assert.ok(answer.status >= 400, `${answer.status}`);
    assert.match(await answer.text(), /./);
  });

  it("add a container for debugging, wait until it runs, and attach to it", async () => {
    const pods = client.resource(Pod).namespace("default");
    const adding = debugContainer(client, {
      ...web,
      container: `debugger-${process.pid}`,
      image: "busybox",
      command: ["sh"],
      target: "main",
      stdin: true,
      stderr: false,
    });
    adding.catch(() => {});
    // There is no kubelet that runs it: the test says that it does.
    for await (const event of pods.watch({ fieldSelector: "metadata.name=web" })) {
      if (event.type === "BOOKMARK") continue;
      const { spec } = event.object as Pod;
      const added = spec?.ephemeralContainers?.find(({ name }) => name === `debugger-${process.pid}`);
      if (added === undefined) continue;
      assert.deepEqual([added.image, added.command, added.targetContainerName, added.stdin], [
        "busybox",
        ["sh"],
        "main",
        true,
      ]);
      break;
    }
    const status = {
      ephemeralContainerStatuses: [{
        ...{ name: `debugger-${process.pid}`, image: "busybox", imageID: "a", ready: false, restartCount: 0 },
        state: { running: { startedAt: new Date().toISOString() } },
      }],
    };
    await (await client.rest.patch().resource("pods").namespace("default").name("web").subresource("status")
      .patch("merge", { status }).send()).text();
    const { container, child } = await adding;
    assert.equal(container, `debugger-${process.pid}`);
    const { stdout } = await child.output({ input: "hello" });
    assert.equal(new TextDecoder().decode(stdout), "attached\nhello");
  });

  it(
    "run a shell in the terminal of a program, and leave that as it was",
    cleaned(async (t) => {
      try {
        execFileSync("script", ["--version"]);
      } catch {
        return t.skip("there is no script(1) to make a terminal");
      }
      const main = fileURLToPath(new URL("./terminal_main.ts", import.meta.url));
      const run = `stty rows 33 cols 77; ${process.execPath} ${
        "Deno" in globalThis ? "run -A --no-check" : ""
      } ${main}; stty -a`;
      const child = spawn("script", ["-qec", run, "/dev/null"], {
        env: { ...process.env, SHELL: "/bin/sh" },
      });
      let shown = "";
      child.stdout.on("data", (bytes) => {
        shown += bytes;
        if (/ready/.test(shown)) child.stdin.write("stty size; exit 5\r");
        shown = shown.replace("ready", "");
      });
      await new Promise((resolve) => child.on("close", resolve));
      assert.match(shown, /33 77/);
      assert.match(shown, /code 5/);
      assert.match(shown, /[^-]icanon/); // no longer raw
    }),
  );
});
