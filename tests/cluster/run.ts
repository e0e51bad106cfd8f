// The tests against a real API server: builds it when needed, sees whether types/ is what it says of its kinds, then
// gives each runtime a fresh one and runs tests/cluster/*_test.ts there with the runtime's own runner. Whoever names
// test files gets these alone.
//
// Run: deno run -A tests/cluster/run.ts [deno|bun|node …] [test files] [options of the runners]
import { files, ROOT } from "../../tools/project.ts";
import { runtime } from "../../tools/runtimes.ts";
import { type Runner, RUNNERS } from "../../tools/suite.ts";
import { buildCluster, ClusterError } from "./build.ts";
import { typesAreCurrent } from "./generate.ts";
import { startCluster, untilAsked } from "./server.ts";

/** Options that a runner always gets. Node alone runs files at the same time, and one may kill the other's server. */
const OPTIONS: Partial<Record<Runner, readonly string[]>> = { node: ["--test-concurrency=1"] };

/** From being asked to end until being killed, in milliseconds. */
const GRACE = 5_000;

/** Runs the tests on one runtime with a cluster of its own. True when all passed. */
async function test(
  runner: Runner,
  rest: readonly string[],
  program: string,
  signal: AbortSignal,
): Promise<boolean> {
  const start = performance.now();
  const cluster = await startCluster(program, { signal });
  try {
    console.log(`\n== ${runner}: the API server was ready after ${secondsSince(start)} s`);
    const code = await runTests(runner, rest, cluster.file, signal);
    if (code !== 0) {
      const kept = `.cache/cluster/${runner}.log`;
      await Deno.copyFile(cluster.log, ROOT + kept);
      console.log(`${runner} FAILED with exit code ${code}. The log of kube-apiserver: ${kept}`);
    }
    return code === 0;
  } finally {
    await cluster.stop();
  }
}

async function runTests(
  runner: Runner,
  rest: readonly string[],
  clusterFile: string,
  signal: AbortSignal,
): Promise<number> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "tools/suite.ts", runner, ...OPTIONS[runner] ?? [], ...rest],
    cwd: ROOT,
    env: { COXSWAIN_CLUSTER: clusterFile, COXSWAIN_RUNTIMES: await commands() },
    stdin: "null",
    detached: true, // a process group, so that nothing that the tests started outlives them
  }).spawn();
  const kill = (name: Deno.Signal): void => killGroup(child.pid, name);
  let late: ReturnType<typeof setTimeout> | undefined;
  const end = (): void => {
    kill("SIGTERM");
    late = setTimeout(() => kill("SIGKILL"), GRACE);
  };
  signal.addEventListener("abort", end);
  try {
    const { code } = await child.status;
    signal.throwIfAborted();
    return code;
  } finally {
    signal.removeEventListener("abort", end);
    clearTimeout(late);
    kill("SIGKILL");
  }
}

/** How a program is started on each runtime, for tests of several processes: commands by name, in JSON. */
async function commands(): Promise<string> {
  return JSON.stringify({
    deno: [Deno.execPath(), "run", "-A", "--no-check", "--quiet"],
    bun: [await runtime("bun")],
    node: [await runtime("node")],
  });
}

function killGroup(leader: number, name: Deno.Signal): void {
  try {
    Deno.kill(-leader, name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error; // all of it has ended
  }
}

const secondsSince = (start: number): string => ((performance.now() - start) / 1000).toFixed(1);

/** Without runtimes, all; without test files, all of this folder. */
function parseArguments(
  args: readonly string[],
): { runners: readonly Runner[]; rest: readonly string[]; all: boolean } {
  const named = RUNNERS.filter((runner) => args.includes(runner));
  const others = args.filter((argument) => !(RUNNERS as readonly string[]).includes(argument));
  const tests = others.some((argument) => argument.endsWith(".ts"))
    ? []
    : files("tests/cluster", (path) => path.endsWith("_test.ts"));
  if (tests.length + others.length === 0) throw new ClusterError("There is no test in tests/cluster.");
  return {
    runners: named.length > 0 ? named : RUNNERS,
    rest: [...tests, ...others],
    all: tests.length > 0,
  };
}

const signal = untilAsked();
try {
  const { runners, rest, all } = parseArguments(Deno.args);
  const program = await buildCluster({ signal });
  const failed: string[] = [];
  if (all) {
    console.log("\n== types: types/ is what the server says of its kinds");
    if (!await typesAreCurrent(program, signal)) failed.push("types");
  }
  for (const runner of runners) {
    if (!await test(runner, rest, program, signal)) failed.push(runner);
  }
  const verdict = failed.length === 0 ? "All passed" : `Failed: ${failed.join(", ")}`;
  console.log(`\n${verdict}, against a real API server on ${runners.join(", ")}.`);
  Deno.exit(failed.length === 0 ? 0 : 1);
} catch (error) {
  console.error(error instanceof ClusterError ? error.message : error);
  Deno.exit(1);
}
