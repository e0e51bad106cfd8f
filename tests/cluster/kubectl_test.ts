// kubectl against a real server and against the one in memory: the same commands, the same output.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import process from "node:process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { ApiServer, type Listener } from "@coxswain/kube/testing";
import { cluster } from "./cluster.ts";
import { kubectlAt, type KubectlResult } from "./kubectl.ts";
import { type Command, SCRIPTS } from "./kubectl_suite.ts";

/** kubectl is the same everywhere, and takes its time: on other runtimes than the first, what their sockets have a part in. */
const scripts = "Deno" in globalThis
  ? SCRIPTS
  : SCRIPTS.filter(({ name }) => ["watch and wait", "apply on the server's side", "run"].includes(name));

describe("kubectl does against the server in memory what it does against a real one", () => {
  let server: ApiServer;
  let listener: Listener;
  let folder: string;
  let memory: string;

  before(async () => {
    server = new ApiServer({ garbageCollection: false }); // no controllers run beside the real one either
    listener = await server.listen();
    folder = await mkdtemp(join(tmpdir(), "coxswain-memory-"));
    memory = join(folder, "kubeconfig");
    await writeFile(memory, listener.kubeconfig());
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  for (const [index, { name, commands }] of scripts.entries()) {
    it(name, async () => {
      const namespace = `kubectl-${process.pid}-${index}`;
      const places = [memory, cluster().kubeconfig];
      await Promise.all(places.map((place) => kubectlAt(place, ["create", "ns", namespace])));
      for (const command of commands) {
        const whole = typeof command === "string" ? { run: command } : command;
        const [ours, theirs] = await Promise.all(
          places.map(async (place) => settled(await run(place, whole, namespace))),
        );
        assert.deepEqual(ours, theirs, whole.run);
      }
    });
  }
});

async function run(place: string, { run, input, env, lines, during, until }: Command, namespace: string) {
  const argsOf = (text: string) => ["-n", namespace, ...wordsOf(text.replaceAll("{ns}", namespace))];
  let others: Promise<unknown> | undefined;
  const onOutput = () => {
    others ??= (async () => {
      for (const command of during ?? []) await kubectlAt(place, argsOf(command));
    })();
  };
  for (;;) {
    const result = await kubectlAt(place, argsOf(run), { input, env, lines, onOutput });
    await others;
    if (until === undefined || until.test(result.stdout + result.stderr)) return result;
  }
}

/** Words as a shell makes them. */
function wordsOf(text: string): string[] {
  return [...text.matchAll(/(?:'[^']*'|[^\s'])+/g)].map(([word]) => word.replaceAll("'", ""));
}

/** The output without what differs from time to time, and from server to server. */
function settled({ code, stdout, stderr }: KubectlResult): { code: number; stdout: string; stderr: string } {
  return { code, stdout: settledText(stdout), stderr: settledText(stderr) };
}

/** A version or a kind of a group that the tests of others have left. */
const OF_OTHER_TESTS = /^\S+\/v\d+\w*$|\sconformance-\S+\.example\.com\/v\d/;

function settledText(text: string): string {
  return text
    .replace(/^eyJ[\w.-]+$/gm, "{token}")
    .replace(/^.*example.*\n/gm, (line) => OF_OTHER_TESTS.test(line.trim()) ? "" : line)
    .replace(/^(\* .*\n)+/gm, (lines) => lines.split(/^/m).sort().join("")) // a server tells them in any order
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "{uid}")
    .replace(/https?:\/\/127\.0\.0\.1:\d+|127\.0\.0\.1:\d+/g, "{server}")
    .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z| \+0000)/g, "{time}")
    .replace(/\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000/g, "{time}")
    .replace(/(resourceVersion[\\"]*: ?[\\"]*)\d+/g, "$1{version}")
    .replace(/^([WEI])\d{4} [\d:.]+ +\d+ (\w+\.go:\d+)/gm, "$1 $2") // what kubectl logs
    .replace(/(Resource Version: +)\d+/g, "$1{version}")
    .replace(/\/tmp\/(LIVE|MERGED)-\d+/g, "/tmp/$1")
    .replace(/\S*coxswain-kubectl-\w+\/input\.yaml/g, "{input}")
    .replace(/manager: (cluster|kube-apiserver)$/gm, "manager: kube-apiserver")
    .replace(/(\s)\d+[smh](\d+[sm])?(?=\s|$)/gm, "$1{age}")
    .replace(/ +/g, " "); // columns are as wide as what they show
}
