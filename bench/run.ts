// The benchmarks: the package beside what a program does without a library, on all runtimes, in the same minutes.
//
// Run: deno run -A bench/run.ts [name …] [--runs N] [--runtime deno|bun|node] [--json]
//   name         list, watch, queue, delays, start, creates, and others of bench/benchmarks.ts; or one variant, such as "list/coxswain items", which brings the floor with it. Default: all
//   --runs       how often each variant runs; medians are shown. Default 5
//   --runtime    only this one; may be given several times
//   --json       raw values instead of tables
//   --pods       how many there are. Default 50000
//   --events     how many a watch sends. Default 200000
//   --tls        speak TLS
//   --gzip       compress whole lists, as API servers do
//   --against    another checkout, whose variants run in turns with this one's
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { ROOT, run } from "../tools/project.ts";
import { benchmarks } from "./benchmarks.ts";
import { buildClientGo, openProtobufServer } from "./client_go.ts";
import { openDataServer } from "./data_server.ts";
import { measure, type RuntimeName } from "./measure.ts";
import { formatTable } from "./table.ts";

const RUNTIMES: readonly RuntimeName[] = ["deno", "bun", "node"];

/** A mistake on the command line. */
class UsageError extends Error {}

async function readArguments(args: string[]) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      runs: { type: "string", default: "5" },
      runtime: { type: "string", multiple: true },
      json: { type: "boolean", default: false },
      pods: { type: "string", default: "50000" },
      events: { type: "string", default: "200000" },
      tls: { type: "boolean", default: false },
      gzip: { type: "boolean", default: false },
      against: { type: "string" },
    },
  });
  const amount = (name: "runs" | "pods" | "events") => {
    const value = Number(values[name]);
    if (!Number.isInteger(value) || value < 1) throw new UsageError(`--${name} takes a number from 1 up`);
    return value;
  };
  const unknown = values.runtime?.find((name) => !RUNTIMES.some((known) => known === name));
  if (unknown !== undefined) throw new UsageError(`--runtime takes one of: ${RUNTIMES.join(", ")}`);
  return {
    rounds: amount("runs"),
    pods: amount("pods"),
    events: amount("events"),
    runtimes: RUNTIMES.filter((name) => values.runtime?.includes(name) ?? true),
    json: values.json,
    tls: values.tls,
    gzip: values.gzip,
    against: values.against && await checkout(values.against),
    chosen: choose(positionals),
  };
}

async function checkout(folder: string): Promise<string> {
  try {
    const path = await Deno.realPath(folder);
    await Deno.stat(`${path}/bench/variant.ts`);
    return path;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new UsageError(`--against takes a checkout: there is no ${folder}/bench/variant.ts`);
  }
}

/** The variants to run of each benchmark. */
function choose(names: readonly string[]): Map<string, string[]> {
  const chosen = new Map<string, string[]>();
  for (const name of names.length > 0 ? names : Object.keys(benchmarks)) {
    const [benchmark, variant] = name.split("/");
    const all = Object.keys(benchmarks[benchmark]?.variants ?? {});
    if (all.length === 0 || (variant !== undefined && !all.includes(variant))) {
      throw new UsageError(`There is no benchmark "${name}"; one of: ${Object.keys(benchmarks).join(", ")}`);
    }
    const wanted = [...chosen.get(benchmark) ?? [], ...variant === undefined ? all : [all[0], variant]];
    chosen.set(benchmark, all.filter((one) => wanted.includes(one)));
  }
  return chosen;
}

async function commit(folder: string): Promise<string> {
  const { code, output } = await run(["git", "describe", "--always", "--dirty"], {
    cwd: folder,
    capture: true,
  });
  return code === 0 ? output.trim() : "unknown";
}

async function main(args: string[]): Promise<void> {
  const { rounds, pods, events, runtimes, json, tls, gzip, against, chosen } = await readArguments(args);
  const hasEvents = [...chosen.keys()].some((name) => benchmarks[name].unit === "events");
  const server = await openDataServer({ pods, events: hasEvents ? events : 0, tls, gzip });
  const usesGo = ["sync", "updates"].some((name) =>
    chosen.get(name)?.some((one) => one.startsWith("client-go"))
  );
  const program = usesGo ? await buildClientGo() : undefined;
  const protobuf = program === undefined
    ? undefined
    : await openProtobufServer(program, server, hasEvents ? events : 0);
  const clientGo = program === undefined || protobuf === undefined
    ? undefined
    : { program, server: protobuf.url };
  const machine = {
    cpu: `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}`,
    commit: await commit(ROOT),
    against: against && await commit(against),
    load: loadavg()[0],
    command: ["deno", "run", "-A", "bench/run.ts", ...args].join(" "),
  };
  const results = [];
  const began = performance.now();
  try {
    for (const [name, variants] of chosen) {
      const count = benchmarks[name].count ?? (benchmarks[name].unit === "events" ? events : pods);
      const measured = await measure(name, {
        ...{ server, clientGo, rounds, runtimes, variants, count, against },
        onStep: (step) => console.error(`${((performance.now() - began) / 1000).toFixed(0)} s  ${step}`),
      });
      results.push({ benchmark: name, count, measured });
      if (!json) console.log(`\n${formatTable(benchmarks[name], measured, count)}`);
    }
  } finally {
    await protobuf?.[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  }
  const about = { ...machine, loadAtEnd: loadavg()[0] };
  if (json) console.log(JSON.stringify({ ...about, tls, gzip, rounds, results }, null, 2));
  else {
    console.log(
      `\n${about.cpu}, load ${about.load.toFixed(1)} to ${
        about.loadAtEnd.toFixed(1)
      }; commit ${about.commit}`,
    );
    console.log(
      `Medians of ${rounds}; ratios are medians of the ratios within a round. \`${about.command}\``,
    );
  }
}

if (import.meta.main) {
  try {
    await main(Deno.args);
  } catch (error) {
    const isUsage = error instanceof UsageError ||
      String((error as { code?: unknown }).code).startsWith("ERR_PARSE_ARGS");
    if (!isUsage) throw error;
    console.error((error as Error).message);
    Deno.exit(2);
  }
}
