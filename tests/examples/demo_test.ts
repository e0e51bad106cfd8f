import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { describe, it } from "node:test";
import { Client } from "@coxswain/kube";
import { ApiServer } from "@coxswain/kube/testing";
import { Pod } from "@coxswain/kube/types/core/v1";
import {
  commandFor,
  type Ended,
  type Running,
  startCommand,
  startExample,
  writeKubeconfig,
} from "./start_example.ts";
import { cleaned, type Cleanup } from "../cleanup.ts";

/** All that the demo needs on Deno without a cluster. */
const ENVIRONMENT = "--allow-env=CI,KUBECONFIG,NO_COLOR,TERM";
const LINE = /^\d\d:\d\d:\d\d (LISTED|ADDED|MODIFIED|DELETED) +[a-z]+\/[-.a-z0-9]+ [A-Za-z]+ \d\/\d$/;

const web = (name: string): Pod => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { namespace: "shop", name },
  spec: { containers: [{ name: "main", image: "web" }] },
});

function startDemo(
  args: readonly string[],
  env: Record<string, string> = {},
  permissions: string[] = [],
): Running {
  return startExample("demo.ts", { args, env, permissions: [ENVIRONMENT, ...permissions] });
}

/** The demo with a kubeconfig, and what that needs. */
async function startWith(t: Cleanup, kubeconfig: string, ...args: string[]): Promise<Running> {
  const written = await writeKubeconfig(kubeconfig);
  t.after(() => written[Symbol.asyncDispose]());
  const { host } = new URL(/https?:[^"]+/.exec(kubeconfig)?.[0] ?? "");
  const permissions = [`--allow-read=${written.file}`, `--allow-net=${host}`];
  return startDemo(args, { KUBECONFIG: written.file }, permissions);
}

function openServer(t: Cleanup, ...pods: Pod[]): { server: ApiServer; client: Client } {
  const server = new ApiServer();
  const client = new Client(server.restConfig());
  server.load(...pods);
  t.after(() => client[Symbol.asyncDispose]());
  t.after(() => server[Symbol.asyncDispose]());
  return { server, client };
}

function assertFails({ code, stdout, stderr }: Ended, expected: RegExp, expectedCode = 1): void {
  assert.match(stderr, /^demo: .+\n$/); // one line
  assert.match(stderr, expected);
  assert.doesNotMatch(stderr, /^\s+at /m);
  assert.deepEqual({ code, stdout }, { code: expectedCode, stdout: "" });
}

describe("The demo without KUBECONFIG", () => {
  it("prints a line for each event of a server in memory, says how to leave, and ends by itself", async () => {
    const { code, stdout, stderr } = await startDemo([]).ended;
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    const [first, ...lines] = stdout.trimEnd().split("\n");
    assert.equal(first, "# All pods on an API server in memory; ends after 5 s, or with Ctrl-C");
    assert.match(lines.pop() ?? "", /^# [1-9]\d* events? after the list$/);
    for (const line of lines) assert.match(line, LINE);
    for (const type of ["LISTED", "ADDED", "MODIFIED"]) {
      assert.ok(lines.some((line) => line.includes(type)), `no ${type} in:\n${stdout}`);
    }
  });

  it("ends when --for says so", async () => {
    const { code, stdout } = await startDemo(["--for", "0.1"]).ended;
    assert.equal(code, 0);
    assert.match(stdout, /^# .* ends after 0.1 s/);
  });

  it("ends with Ctrl-C, with code 0", async () => {
    const demo = startDemo(["--for", "600"]);
    await demo.prints(/LISTED/);
    demo.kill("SIGINT");
    const { code, stderr } = await demo.ended;
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  });

  it("ends when nobody reads its lines any more", async () => {
    const demo = startDemo(["--for", "600"]);
    await demo.prints(/LISTED/);
    demo.closeOutput();
    const { code, stderr } = await demo.ended;
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  });

  it("looks at one namespace only when told to", async () => {
    const { code, stdout } = await startDemo(["--namespace", "data", "--for", "0.1"]).ended;
    assert.equal(code, 0);
    assert.match(stdout, /LISTED +data\/postgres-0 Running/);
    assert.doesNotMatch(stdout, /shop\//);
  });

  it("prints its help", async () => {
    const { code, stdout, stderr } = await startDemo(["--help"]).ended;
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    assert.match(stdout, /^Follows the pods.*\n\nUsage: deno task demo \[options\]\n/);
  });

  for (
    const [args, expected] of [
      [["--nope"], /Unknown option '--nope'/],
      [["pods"], /Unexpected argument 'pods'/],
      [["--for", "soon"], /'--for' must be a number of seconds above 0, got 'soon'/],
      [["--in-memory", "--context", "a"], /makes no sense/],
    ] as [string[], RegExp][]
  ) {
    it(`refuses ${args.join(" ")} in one line, with code 2`, async () => {
      assertFails(await startDemo(args).ended, expected, 2);
    });
  }
});

describe("The demo with KUBECONFIG", () => {
  it(
    "follows what happens there, changes nothing, and survives a restart of the server",
    cleaned(async (t) => {
      const { server, client } = openServer(t, web("web-0"));
      const first = await server.listen();
      const port = Number(new URL(first.url).port);
      const demo = await startWith(t, first.kubeconfig());
      await demo.prints(
        /^# All pods on http:\/\/127\.0\.0\.1:\d+; Ctrl-C ends it\n.* LISTED +shop\/web-0 Pending 0\/1\n/,
      );

      const pods = client.resource(Pod).namespace("shop");
      const pod = await pods.get("web-0");
      await pods.updateStatus({ ...pod, status: { phase: "Running", message: "\x1b[2J" } });
      await demo.prints(/MODIFIED shop\/web-0 Running 0\/1\n/);

      await first.close();
      await pods.delete("web-0");
      await server.listen({ port });
      await demo.prints(/DELETED +shop\/web-0/);
      demo.kill("SIGINT");
      const { code, stderr } = await demo.ended;
      assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
      const changing = server.requests.filter(({ method }) => method !== "GET").map(({ method }) => method);
      assert.deepEqual(changing, ["PUT", "DELETE"]); // both ours
    }),
  );

  it(
    "lists anew when the server has forgotten what happened meanwhile",
    cleaned(async (t) => {
      const { server, client } = openServer(t, web("web-0"), web("web-1"));
      const first = await server.listen();
      const demo = await startWith(t, first.kubeconfig());
      await demo.prints(/LISTED +shop\/web-1/);

      await first.close();
      await client.resource(Pod).namespace("shop").delete("web-0");
      await client.resource(Pod).namespace("shop").create(web("web-2"));
      server.compact();
      await server.listen({ port: Number(new URL(first.url).port) });
      await demo.prints(/interrupted; listing anew\n.* DELETED +shop\/web-0 .*\n.* ADDED +shop\/web-2 /);
      demo.kill("SIGTERM");
      assert.equal((await demo.ended).code, 0);
    }),
  );

  it("says so when the file does not exist", async () => {
    const missing = "/no/such/file";
    const permissions = [`--allow-read=${missing}`];
    assertFails(await startDemo([], { KUBECONFIG: missing }, permissions).ended, /"\/no\/such\/file"/);
    assertFails(await startDemo(["--kubeconfig", missing], {}, permissions).ended, /file does not exist/);
  });

  it(
    "says so when there is no such context",
    cleaned(async (t) => {
      const { server } = openServer(t);
      const demo = await startWith(t, (await server.listen()).kubeconfig(), "--context", "prod");
      assertFails(await demo.ended, /Cannot use context "prod".* "coxswain"/);
    }),
  );

  it(
    "says so when the server cannot be reached",
    cleaned(async (t) => {
      const { server } = openServer(t);
      const closed = await server.listen();
      await closed.close();
      assertFails(await (await startWith(t, closed.kubeconfig())).ended, /connection refused/);
    }),
  );

  it(
    "says so when the server does not accept the token, which it does not print",
    cleaned(async (t) => {
      const read = (name: string) =>
        readFileSync(new URL(`../certificates/${name}`, import.meta.url), "utf8");
      const server = new ApiServer({ tokens: ["right-token"] });
      t.after(() => server[Symbol.asyncDispose]());
      const tls = { cert: read("server.pem"), key: read("server-key.pem"), ca: read("ca.pem") };
      const kubeconfig = (await server.listen({ tls })).kubeconfig();
      const ended = await (await startWith(t, kubeconfig.replace("right-token", "wrong-token"))).ended;
      assertFails(ended, /does not accept the credentials: Unauthorized/);
      assert.doesNotMatch(ended.stderr, /wrong-token/);
      const demo = await startWith(t, kubeconfig, "--for", "0.1");
      assert.equal((await demo.ended).code, 0);
    }),
  );

  it(
    "says in one harmless line what the server refuses",
    cleaned(async (t) => {
      const message = 'pods is forbidden: User "mallory\x1b[2J"\ncannot list resource "pods"';
      const server = createServer((_, reply) => {
        const status = {
          apiVersion: "v1",
          kind: "Status",
          status: "Failure",
          reason: "Forbidden",
          code: 403,
          message,
        };
        reply.writeHead(403, { "content-type": "application/json" }).end(JSON.stringify(status));
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      t.after(() => new Promise((resolve) => server.close(resolve)));
      const kubeconfig = JSON.stringify({
        "current-context": "test",
        clusters: [{
          name: "test",
          cluster: { server: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
        }],
        contexts: [{ name: "test", context: { cluster: "test" } }],
      });
      const demo = await startWith(t, kubeconfig);
      assertFails(
        await demo.ended,
        /pods is forbidden: User "mallory\\u\{1b\}\[2J" cannot list resource "pods"/,
      );
    }),
  );
});

const noTerminal = process.platform === "linux" && spawnSync("script", ["--version"]).status === 0
  ? false
  : "needs script(1) of util-linux to have a terminal";

describe("The demo in a terminal", { skip: noTerminal }, () => {
  const [TAKE, GIVE] = ["␛[?1049h␛[?25l", "␛[?25h␛[?1049l"];

  /** Runs the demo in a terminal of 80 by 24. */
  function startInTerminal(args: string[], env: Record<string, string> = {}): Running {
    const command = commandFor("demo.ts", { args, permissions: [ENVIRONMENT] });
    const quoted = command.map((word) => `'${word}'`).join(" ");
    const shell = `stty cols 80 rows 24; exec ${quoted}`;
    return startCommand(["script", "-qec", shell, "/dev/null"], { TERM: "xterm-256color", ...env });
  }

  const withVisibleEscapes = ({ stdout, ...rest }: Ended): Ended => ({
    stdout: stdout.replaceAll("\x1b", "␛"),
    ...rest,
  });

  for (const [name, key] of [["q", "q"], ["Ctrl-C", "\x03"]]) {
    it(`shows a table that fits, ends with ${name}, and gives the terminal back`, async () => {
      const demo = startInTerminal([]);
      await demo.prints(/\+.* shop .*Pending/); // an event has come
      demo.type(key);
      const { code, stdout } = withVisibleEscapes(await demo.ended);
      assert.equal(code, 0);
      assert.ok(stdout.startsWith(TAKE) && stdout.includes(GIVE), stdout);
      assert.match(stdout.slice(stdout.indexOf(GIVE)), /Saw \d+ events?\./);
      assert.match(
        stdout,
        /␛\[1;1H␛\[2K␛\[1mAll pods on an API server in memory · \d+ pods · \d+ events? · following/,
      );
      assert.match(stdout, /␛\[24;1H␛\[2K␛\[2mq or Ctrl-C leaves/);
      assert.doesNotMatch(stdout, /␛\[25;1H/);
      assert.match(stdout, /␛\[32mRunning/);
    });
  }

  it("uses no colour with NO_COLOR", async () => {
    const { code, stdout } = withVisibleEscapes(
      await startInTerminal(["--for", "0.3"], { NO_COLOR: "1" }).ended,
    );
    assert.equal(code, 0);
    assert.match(stdout, /postgres-0 .* Running/);
    assert.doesNotMatch(stdout, /␛\[[1-9]\d*m/);
  });

  it("prints lines in CI, and where the terminal can do no better", async () => {
    for (const env of [{ CI: "true" }, { TERM: "dumb" }] as Record<string, string>[]) {
      const { code, stdout } = withVisibleEscapes(await startInTerminal(["--for", "0.1"], env).ended);
      assert.equal(code, 0);
      assert.match(stdout, /LISTED +data\/postgres-0 Running/);
      assert.doesNotMatch(stdout, /␛/);
    }
  });
});
