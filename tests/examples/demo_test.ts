import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { describe, it } from "node:test";
import { Client } from "@coxswain/kube";
import { ApiServer } from "@coxswain/kube/testing";
import { CustomResourceDefinition } from "@coxswain/kube/types/apiextensions/v1";
import { Namespace } from "@coxswain/kube/types/core/v1";
import { runDeployments } from "../../examples/demo/deployments.ts";
import { cleaned } from "../cleanup.ts";
import {
  commandFor,
  type Ended,
  type Running,
  startCommand,
  startExample,
  writeKubeconfig,
} from "./start_example.ts";

/** All that the demo needs on Deno. */
const PERMISSIONS = ["--allow-env", "--allow-net", "--allow-read", "--allow-run", "--allow-write"];

function startDemo(args: readonly string[], env: Record<string, string> = {}): Running {
  return startExample("demo.ts", { args, env, permissions: PERMISSIONS });
}

function assertFails({ code, stderr }: Ended, expected: RegExp, expectedCode = 1): void {
  assert.match(stderr, /^demo: .+\n$/); // one line
  assert.match(stderr, expected);
  assert.equal(code, expectedCode);
}

/** What the demo says at the end of a story that went well. */
const SUMMARY = new RegExp(
  [
    "What has happened in \\d+\\.\\d s:",
    "  create  each has a Deployment and a Service, and is ready \\(.*\\)",
    "  scale   web has 4 replicas, and they are ready \\(.*\\)",
    "  break   replicas set to 0, Service deleted by hand: put right \\(.*\\)",
    "  kill    (operator-[ab]) killed; (operator-[ab]) led \\d+\\.\\d s later, and went on \\(.*\\)",
    "  delete  web and cart went after their Services and Deployments \\(.*\\)",
    "  stop    \\2 gave its lease back, ended with code 0 \\(.*\\)",
    "How it is done: examples/operator.ts, which docs/controllers.md walks through",
  ].join("\n"),
);

describe("The demo", () => {
  it("plays its story to the end on a server in memory, in lines, and ends by itself", async () => {
    const { code, stdout, stderr } = await startDemo([]).ended;
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    assert.match(stdout, /^An operator at work on an API server in memory, namespace shop\n/);
    const [, killed, leader] = SUMMARY.exec(stdout) ?? assert.fail(stdout);
    assert.notEqual(killed, leader);
    const lines = stdout.split("\n").slice(1, -9);
    for (const line of lines) assert.match(line, /^\d\d:\d\d:\d\d \S/);
    const order = ["CREATE", "SCALE", "BREAK", "KILL", "DELETE", "STOP"].map((name) =>
      lines.findIndex((line) => line.includes(` ${name}: `))
    );
    assert.deepEqual(order, order.toSorted((one, other) => one - other));
    assert.match(stdout, / Normal Applied: Deployment and Service changed \(web\)\n/);
    assert.match(stdout, / Normal CleanedUp: Service and Deployment are gone \(web\)\n/);
    assert.match(stdout, / WebApp web: ready, 4\/4 replicas\n/);
  });

  it(
    "plays it on the cluster of KUBECONFIG with --cluster, and leaves nothing there",
    cleaned(async (t) => {
      const server = new ApiServer();
      t.after(() => server[Symbol.asyncDispose]());
      const client = new Client(server.restConfig());
      t.after(() => client[Symbol.asyncDispose]());
      const stop = new AbortController();
      const working = runDeployments(client, stop.signal);
      t.after(() => (stop.abort(), working));
      const kubeconfig = await writeKubeconfig((await server.listen()).kubeconfig());
      t.after(() => kubeconfig[Symbol.asyncDispose]());
      const names = async () =>
        (await client.resource(Namespace).list()).items.map(({ metadata: { name } }) => name);
      const before = await names();

      const { code, stdout, stderr } = await startDemo(["--cluster"], { KUBECONFIG: kubeconfig.file }).ended;
      assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
      assert.match(stdout, /^An operator at work on http:\/\/127\.0\.0\.1:\d+, namespace coxswain-demo-/);
      assert.match(stdout, SUMMARY);
      assert.deepEqual(await names(), before);
      assert.deepEqual((await client.resource(CustomResourceDefinition).list()).items, []);
    }),
  );

  it("is left with Ctrl-C in the middle, with code 0, and leaves no process behind", async () => {
    const demo = startDemo([]);
    await demo.prints(/operator-[ab] leads/);
    demo.kill("SIGINT");
    const { code, stdout, stderr } = await demo.ended; // its operators share its pipes: they have ended, too
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    assert.match(stdout, /The story was left before its end/);
  });

  it("ends when nobody reads its lines any more", async () => {
    const demo = startDemo([]);
    await demo.prints(/operator-[ab] leads/);
    demo.closeOutput();
    const { code, stderr } = await demo.ended;
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  });

  it("prints its help", async () => {
    const { code, stdout, stderr } = await startDemo(["--help"]).ended;
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    assert.match(stdout, /^Shows an operator at work.*\n\nUsage: deno task demo \[options\]\n/);
  });

  it("refuses an unknown option in one line, with code 2", async () => {
    assertFails(await startDemo(["--nope"]).ended, /Unknown option '--nope'/, 2);
  });

  it("says so when there is no kubeconfig, or nobody answers", async () => {
    const missing = "/no/such/file";
    assertFails(await startDemo(["--cluster"], { KUBECONFIG: missing }).ended, /"\/no\/such\/file"/);
    const server = new ApiServer();
    const closed = await server.listen();
    const kubeconfig = await writeKubeconfig(closed.kubeconfig());
    await server[Symbol.asyncDispose]();
    const demo = startDemo(["--cluster"], { KUBECONFIG: kubeconfig.file });
    assertFails(await demo.ended, /connection refused/);
    await kubeconfig[Symbol.asyncDispose]();
  });
});

const noTerminal = process.platform === "linux" && spawnSync("script", ["--version"]).status === 0
  ? false
  : "needs script(1) of util-linux to have a terminal";

describe("The demo in a terminal", { skip: noTerminal }, () => {
  const [TAKE, GIVE] = ["␛[?1049h␛[?25l", "␛[?25h␛[?1049l"];

  /** Runs the demo in a terminal of 80 by 24. */
  function startInTerminal(args: string[], env: Record<string, string> = {}): Running {
    const command = commandFor("demo.ts", { args, permissions: PERMISSIONS });
    const quoted = command.map((word) => `'${word}'`).join(" ");
    const shell = `stty cols 80 rows 24; exec ${quoted}`;
    return startCommand(["script", "-qec", shell, "/dev/null"], { TERM: "xterm-256color", ...env });
  }

  const withVisibleEscapes = ({ stdout, ...rest }: Ended): Ended => ({
    stdout: stdout.replaceAll("\x1b", "␛"),
    ...rest,
  });

  for (const [name, key] of [["q", "q"], ["Ctrl-C", "\x03"]]) {
    it(`shows a board that fits, ends with ${name}, and gives the terminal back`, async () => {
      const demo = startInTerminal([]);
      await demo.prints(/operator-[ab] +leads/);
      demo.type(key);
      const { code, stdout } = withVisibleEscapes(await demo.ended);
      assert.equal(code, 0);
      assert.ok(stdout.includes(TAKE) && stdout.includes(GIVE), stdout);
      assert.match(stdout.slice(stdout.indexOf(GIVE)), /The story was left before its end/);
      assert.match(stdout, /␛\[1;1H␛\[2K␛\[1mAn operator at work on an API server in memory/);
      assert.match(stdout, /␛\[24;1H␛\[2K␛\[2mq or Ctrl-C leaves/);
      assert.doesNotMatch(stdout, /␛\[25;1H/);
    });
  }

  it("prints lines in CI, and where the terminal can do no better", async () => {
    for (const env of [{ CI: "true" }, { TERM: "dumb" }] as Record<string, string>[]) {
      const demo = startInTerminal([], env);
      await demo.prints(/operator-[ab] leads/);
      demo.type("\x03");
      const { code, stdout } = withVisibleEscapes(await demo.ended);
      assert.equal(code, 0);
      assert.doesNotMatch(stdout, /␛/);
    }
  });
});
