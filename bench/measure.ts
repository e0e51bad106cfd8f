// The core of the benchmarks: each variant in a process of its own, in turns, several rounds.
import { ROOT, run } from "../tools/project.ts";
import { runtime as pathOf } from "../tools/runtimes.ts";
import type { DataServer } from "./data_server.ts";
import type { Cost, Report, VariantOptions } from "./variant.ts";

/** A runtime that the package supports. */
export type RuntimeName = "bun" | "deno" | "node";

/** One way of doing the work on one runtime, and what it took each time. */
export interface Measured {
  /** What the runtime is called on the command line. */
  runtime: RuntimeName;
  /** Its name and version, as it says. */
  version: string;
  /** Name of the variant; `… @ folder` when another checkout ran it. */
  variant: string;
  /** One for each round; absent where it failed. */
  rounds: (Cost | undefined)[];
  /** Why it failed, if it did. */
  problem?: string;
}

/** Options of {@linkcode measure}. */
export interface MeasureOptions {
  /** Where the data comes from. */
  server: DataServer;
  /** The program with client-go, and a server that speaks Protobuf with it. */
  clientGo?: VariantOptions["clientGo"];
  /** How many times each variant runs. */
  rounds: number;
  /** On which runtimes. */
  runtimes: readonly RuntimeName[];
  /** Which variants. */
  variants: readonly string[];
  /** How many objects a variant has to see. */
  count: number;
  /** Another checkout that runs the same, in turns with this one: what a change does is seen best so. */
  against?: string;
  /** Called before each process with what it is going to do. */
  onStep?: (step: string) => void;
}

/** A process that takes longer hangs. In milliseconds. */
const LIMIT = 15 * 60_000;

async function commandOf(runtime: RuntimeName): Promise<string[]> {
  switch (runtime) {
    case "bun":
      return [await pathOf("bun")];
    case "deno":
      return [Deno.execPath(), "run", "-A", "--no-check", "--quiet", "--v8-flags=--expose-gc"];
    case "node":
      return [await pathOf("node"), "--expose-gc"];
  }
}

/** Runs the variants of one benchmark, in an order that turns round each time. */
export async function measure(
  benchmark: string,
  { server, clientGo, rounds, runtimes, variants, count, against, onStep }: MeasureOptions,
): Promise<Measured[]> {
  const all = runtimes.flatMap((runtime) =>
    variants.flatMap((name) => {
      const usesLibrary = name.startsWith("coxswain");
      const checkouts = against !== undefined && usesLibrary ? [ROOT, against] : [ROOT];
      return checkouts.map((checkout) => {
        const variant = checkout === ROOT ? name : `${name} @ ${checkout}`;
        const measured: Measured = { runtime, version: runtime, variant, rounds: [] };
        return { checkout, name, measured };
      });
    })
  );
  for (let round = 0; round < rounds; round++) {
    for (const { checkout, name, measured } of round % 2 === 0 ? all : all.toReversed()) {
      onStep?.(`${benchmark}, round ${round + 1} of ${rounds}: ${measured.variant}, ${measured.runtime}`);
      const { url, ca, caFile } = server;
      const options: VariantOptions = { benchmark, variant: name, server: url, ca, caFile, clientGo, count };
      const command = await commandOf(measured.runtime);
      const report = await reportOf([...command, "bench/variant.ts", JSON.stringify(options)], {
        cwd: checkout,
        env: server.caFile === undefined ? {} : { NODE_EXTRA_CA_CERTS: server.caFile },
      });
      measured.version = report.runtime || measured.version;
      const wrong = report.count !== undefined && report.count !== count;
      const problem = wrong ? `it saw ${report.count} of ${count}` : report.problem;
      measured.rounds.push(problem === undefined ? report.cost : undefined);
      measured.problem ??= problem;
    }
  }
  return all.map(({ measured }) => measured);
}

async function reportOf(
  command: string[],
  options: { cwd: string; env: Record<string, string> },
): Promise<Report> {
  const { code, output } = await run(command, { ...options, capture: true, limit: LIMIT });
  const line = output.split("\n").findLast((line) => line.startsWith('{"runtime":'));
  if (line !== undefined && code === 0) return JSON.parse(line);
  const said = output.trim().split("\n");
  return {
    runtime: "",
    problem: said.find((line) => /error/i.test(line)) ?? said.at(-1) ?? `exit code ${code}`,
  };
}

/** The middle one; of two in the middle their mean. NaN if there is none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
