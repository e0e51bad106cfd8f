// Runs one variant of one benchmark in this process, which has done nothing else, and prints what it took.
//
// Run: deno run -A bench/variant.ts '{"benchmark":"list","variant":"floor","server":"http://127.0.0.1:8080"}'
//      (bun, and node --expose-gc, likewise; with --cpu-prof to see where the time goes)
import { readFileSync } from "node:fs";
import process from "node:process";
import type { Surroundings } from "./benchmark.ts";
import { benchmarks } from "./benchmarks.ts";
import { SETTINGS } from "./requests.ts";
import { watchEventLoop } from "./stalls.ts";
import { withClient } from "./with_client.ts";

/** What this program is told as its only argument, in JSON. */
export interface VariantOptions extends Surroundings {
  /** Name of the benchmark. */
  benchmark: string;
  /** Name of the variant. */
  variant: string;
}

/** What a variant took: from its call to its end, without the start of the process. */
export interface Cost {
  /** Elapsed time, in milliseconds. */
  wall: number;
  /** Processor time of all threads, in milliseconds. */
  cpu: number;
  /** The most memory that the process has had, with the runtime itself, in bytes. */
  peak: number;
  /** Memory that the process has at the end, after a garbage collection, in bytes. */
  rss: number;
  /** What of it the program's objects take, and the buffers beside the heap, in bytes. */
  held: number;
  /** The longest time that a timer was late, in milliseconds. */
  stall: number;
  /** The same without the time for which other processes had the processors. */
  ownStall: number;
  /** How many times one was late by more than 50 ms, other processes left out. */
  stalls: number;
}

/** What this program prints, in JSON. */
export interface Report {
  /** Name and version. */
  runtime: string;
  /** Absent if the variant failed. */
  cost?: Cost;
  /** How many objects the variant has seen. */
  count?: number;
  /** Why the variant failed. */
  problem?: string;
}

function peakMemory(): number {
  // Not resourceUsage(), which Deno does not fill in, where the system tells itself.
  if (process.platform === "linux") {
    const peak = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync("/proc/self/status", "utf8"));
    if (peak !== null) return Number(peak[1]) * 1024;
  }
  return process.resourceUsage().maxRSS * 1024;
}

/** Twice, with time in between, since what goes may have held other things. */
async function collectGarbage(): Promise<void> {
  const { Bun, gc } = globalThis as { Bun?: { gc(wait: boolean): void }; gc?: () => void };
  for (let time = 0; time < 2; time++) {
    if (Bun !== undefined) Bun.gc(true);
    else gc?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function requestOnce(surroundings: Surroundings): Promise<void> {
  await withClient(surroundings, async ({ rest }) => {
    await (await rest.get().absolutePath(SETTINGS).send()).json();
    return {};
  });
}

async function run(
  { benchmark, variant, ...surroundings }: VariantOptions,
): Promise<Omit<Report, "runtime">> {
  // What a runtime loads with the first request is not the variant's; it takes Node 60 ms in one piece.
  await Promise.all([import("node:https"), import("node:crypto"), import("node:zlib")]);
  await (await fetch(surroundings.server)).text();
  // Nor what the package loads with it: from sources, whose types Node has to cut out first.
  if (variant.startsWith("coxswain")) await requestOnce(surroundings);
  await collectGarbage();
  const { heapUsed: heap, external: buffers } = process.memoryUsage();
  const endWatch = watchEventLoop();
  const cpuBefore = process.cpuUsage();
  const began = performance.now();
  let outcome;
  try {
    outcome = await benchmarks[benchmark].variants[variant](surroundings);
  } catch (error) {
    endWatch();
    return { problem: error instanceof Error ? error.message : String(error) };
  }
  const wall = outcome.wall ?? performance.now() - began;
  const { longest, longestOwn, long } = endWatch();
  const { user, system } = process.cpuUsage(cpuBefore);
  const cpu = outcome.cpu ?? (user + system) / 1000;
  const peak = outcome.peak ?? peakMemory();
  await collectGarbage();
  const { rss, heapUsed, external } = process.memoryUsage();
  return {
    cost: {
      wall,
      cpu,
      peak,
      rss,
      held: heapUsed - heap + external - buffers,
      stall: longest,
      ownStall: longestOwn,
      stalls: long,
    },
    count: outcome.count, // read here, so that what is kept was kept until here
  };
}

const { bun, deno, node } = process.versions;
const runtime = bun ? `Bun ${bun}` : deno ? `Deno ${deno}` : `Node ${node}`;
console.log(JSON.stringify({ runtime, ...await run(JSON.parse(process.argv[2])) } satisfies Report));
