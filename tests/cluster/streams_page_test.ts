import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type Client, connect } from "@coxswain/kube";
import { serve } from "@coxswain/kube/controller";
import * as streams from "@coxswain/kube/streams";
import { Pod, Service } from "@coxswain/kube/types/core/v1";
import { cleaned, type Cleanup } from "../cleanup.ts";
import { cluster } from "./cluster.ts";

const POD = "web-0";

/** Stands for a terminal in which this is typed. */
function terminal(typed: string) {
  let isTyped = false;
  const input = Object.assign(new EventEmitter(), {
    isTTY: true,
    setRawMode() {},
    pause() {},
    resume() {
      if (!isTyped) setTimeout(() => input.emit("data", new TextEncoder().encode(typed)), 0);
      isTyped = true;
    },
  });
  const output = Object.assign(new EventEmitter(), {
    columns: 80,
    rows: 24,
    shown: "",
    write(bytes: Uint8Array | string, callback?: () => void) {
      output.shown += typeof bytes === "string" ? bytes : new TextDecoder().decode(bytes);
      callback?.();
      return true;
    },
  });
  return { input, output, errors: output };
}

/** The programs of a page, by the heading that they stand under. */
async function programsOf(page: string): Promise<Map<string, string>> {
  const text = await readFile(new URL(`../../docs/${page}`, import.meta.url), "utf8");
  const programs = new Map<string, string>();
  for (const part of text.split(/^## /m).slice(1)) {
    const program = /```ts\n(.*?)```/s.exec(part)?.[1];
    if (program !== undefined) programs.set(part.slice(0, part.indexOf("\n")), program);
  }
  return programs;
}

describe("the programs of docs/streams.md", () => {
  let programs: Map<string, string>;
  let client: Client;
  before(async () => {
    programs = await programsOf("streams.md");
    client = await connect({ kubeconfig: cluster().kubeconfig });
    const pods = client.resource(Pod).namespace("default");
    await pods.create({
      metadata: { name: POD, labels: { app: "page" } },
      spec: {
        nodeName: "node-a",
        automountServiceAccountToken: false,
        containers: [{ name: "main", image: "a" }],
      },
    });
    await patchStatus({
      phase: "Running",
      conditions: [{ type: "Ready", status: "True" }],
      containerStatuses: [{
        ...{ name: "main", ready: true, restartCount: 0, image: "a", imageID: "a" },
        state: { running: {} },
      }],
    });
  });
  after(async () => {
    await client.resource(Pod).namespace("default").delete(POD, { gracePeriodSeconds: 0 });
    await client[Symbol.asyncDispose]();
  });

  async function patchStatus(status: unknown): Promise<void> {
    await (await client.rest.patch().resource("pods").namespace("default").name(POD).subresource("status")
      .patch("merge", { status }).send()).text();
  }

  /** Runs a program, in this process. What it prints is returned; what it uses may be replaced. */
  async function run(
    t: Cleanup,
    heading: string,
    { instead = {}, edit = (program) => program, most = Infinity }: {
      instead?: Record<string, unknown>;
      edit?: (program: string) => string;
      most?: number;
    } = {},
  ): Promise<string[]> {
    const printed: string[] = [];
    const enough = new Error("enough");
    const names = {
      ...streams,
      connect: async () => {
        const one = await connect({ kubeconfig: cluster().kubeconfig });
        t.after(() => one[Symbol.asyncDispose]());
        return one;
      },
      console: {
        log: (...words: unknown[]) => {
          if (printed.push(words.join(" ")) >= most) throw enough;
        },
      },
      ...instead,
    };
    const program = edit(programs.get(heading)!).replaceAll(/^import .*$/gm, "").replaceAll(
      '"shop"',
      '"default"',
    );
    const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
    await new AsyncFunction(...Object.keys(names), program)(...Object.values(names)).catch(
      (error: unknown) => {
        if (error !== enough) throw error;
      },
    );
    return printed;
  }

  it("are all of these", () => {
    assert.deepEqual([...programs.keys()], [
      ...["Commands", "Terminals", "Logs", "Ports", "Files", "Through the API server", "Debugging"],
    ]);
  });

  it(
    "sort lines",
    cleaned(async (t) => {
      const edit = (program: string) =>
        `${program}\nconsole.log(code, new TextDecoder().decode(stdout), stderr.length);`;
      assert.deepEqual(await run(t, "Commands", { edit }), ["0 a\nb\n 0"]);
    }),
  );

  it(
    "give a terminal to a shell",
    cleaned(async (t) => {
      const fake = terminal("stty size; exit 5\r");
      const instead = {
        connectTerminal: (child: streams.RemoteProcess) => streams.connectTerminal(child, fake),
      };
      assert.deepEqual(
        await run(t, "Terminals", { instead, edit: (program) => `${program}\nconsole.log(code);` }),
        ["5"],
      );
      assert.match(fake.output.shown, /24 80/);
    }),
  );

  it(
    "show logs, of one pod and of several",
    cleaned(async (t) => {
      const first = await run(t, "Logs", { most: 102 });
      assert.match(first[0], /^\d{4}-.*Z line 0$/);
      assert.match(first.at(-1)!, /Z tick 1$/);
      const edit = (program: string) =>
        program.replace(/^for await .*logLines.*$/m, "").replace("app=web", "app=page");
      const second = await run(t, "Logs", { most: 11, edit });
      assert.deepEqual([second[0], second[10]], [`[pod/${POD}/main] line 90`, `[pod/${POD}/main] tick 0`]);
    }),
  );

  it(
    "reach a port of a service",
    cleaned(async (t) => {
      const web = ({ url }: Request) => new Response(`${new URL(url).pathname} is well`);
      const { port, close } = await serve(web, { hostname: "127.0.0.1" });
      t.after(close);
      const services = client.resource(Service).namespace("default");
      await services.create({
        metadata: { name: "web" },
        spec: { selector: { app: "page" }, ports: [{ port: 80, targetPort: port }] },
      });
      t.after(() => services.delete("web"));
      const edit = (program: string) =>
        program.replace('"8080:80"', '":80"').replace(
          "await forward[Symbol",
          "console.log(await answer.text(), listener.ports.length, readable.locked, writable.locked);\nawait forward[Symbol",
        );
      assert.deepEqual(await run(t, "Ports", { edit }), ["/healthz is well 4 false false"]);
      const [answer] = await run(t, "Through the API server"); // this server does not reach the pod, and says so
      assert.match(answer, /"kind":"Status".*(services|endpoints)/);
    }),
  );

  it(
    "copy folders there and back",
    cleaned(async (t) => {
      const here = await mkdtemp(join(tmpdir(), "coxswain-page-"));
      t.after(() => rm(here, { recursive: true }));
      await mkdir(`${here}/site`);
      await writeFile(`${here}/site/index.html`, "hello");
      const there = (path: string) => path.replace(/^\/(srv|var)\//, "");
      const instead = {
        upload: (one: Client, options: streams.CopyOptions) =>
          streams.upload(one, { ...options, from: join(here, options.from), to: there(options.to) }),
        download: (one: Client, options: streams.DownloadOptions) =>
          streams.download(one, { ...options, from: "site", to: join(here, options.to) }),
      };
      const edit = (program: string) => `${program}\nconsole.log(files, skipped.length);`;
      assert.deepEqual(await run(t, "Files", { instead, edit }), ["1 0"]);
      assert.equal(await readFile(`${here}/logs/index.html`, "utf8"), "hello");
    }),
  );

  it(
    "debug a pod with a container of its own",
    cleaned(async (t) => {
      const fake = terminal("hello\r\x04"); // the end of the input of what repeats it
      const instead = {
        connectTerminal: (child: streams.RemoteProcess) => streams.connectTerminal(child, fake),
      };
      const running = run(t, "Debugging", { instead });
      running.catch(() => {});
      const pods = client.resource(Pod).namespace("default");
      for await (const event of pods.watch({ fieldSelector: `metadata.name=${POD}` })) {
        const [added] = event.type === "BOOKMARK"
          ? []
          : (event.object as Pod).spec?.ephemeralContainers ?? [];
        if (added === undefined) continue;
        assert.deepEqual([added.image, added.targetContainerName, added.tty], ["busybox", "main", true]);
        await patchStatus({
          ephemeralContainerStatuses: [{
            ...{ name: added.name, image: "busybox", imageID: "a", ready: false, restartCount: 0 },
            state: { running: { startedAt: new Date().toISOString() } },
          }],
        });
        break;
      }
      await running;
      assert.match(fake.output.shown, /attached/);
      assert.equal(fake.output.shown.split("hello\r\n").length, 3); // as it is typed, and as it is repeated
    }),
  );
});
