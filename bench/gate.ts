// Whether the package has become slower: each piece of work beside the engine's floor, in turns, in this one run. Only
// ratios of processor time are looked at, medians of the rounds, with room for noise: a machine that is busy with other
// things makes both sides dearer. Run it by hand, before and after a change; it is no part of the tests.
//
// Run: deno task bench:gate [name …] [--runtime deno|bun|node] [--runs N]      default: all, on all, 5 rounds
import { parseArgs } from "node:util";
import { benchmarks } from "./benchmarks.ts";
import { openDataServer } from "./data_server.ts";
import { measure, median, type RuntimeName } from "./measure.ts";

const RUNTIMES: readonly RuntimeName[] = ["deno", "bun", "node"];

/** How large the data is: enough to be warm, little enough to be done in minutes. */
const [PODS, EVENTS] = [10_000, 20_000];

/**
 * The most processor time that a variant may take, as a multiple of its floor's. A third above what it took when this was
 * written, on the runtime that is worst at it; where one is far from the others, by runtime.
 */
const LIMITS: Readonly<Record<string, number | Record<RuntimeName, number>>> = {
  "list/coxswain list": { deno: 2.5, bun: 2.5, node: 1.5 },
  "list/coxswain items, dropped": 1.8,
  "watch/coxswain watch": 1.6,
  "sync/coxswain informer": 1.7,
  "sync/coxswain compact, dropped": 0.9,
  "updates/coxswain compact": 0.9,
  "gets/coxswain get": { deno: 1.7, bun: 2.2, node: 1.8 },
  "gets64/coxswain get": { deno: 2, bun: 2.8, node: 1.8 },
  "queue/coxswain take": 1.8,
  "queue/coxswain get": 2.4,
  "queue/coxswain priority get": 2.2,
  "delays/coxswain addAfter": 1.8,
};

const { values, positionals } = parseArgs({
  args: Deno.args,
  allowPositionals: true,
  options: { runtime: { type: "string", multiple: true }, runs: { type: "string", default: "5" } },
});
const runtimes = RUNTIMES.filter((name) => values.runtime?.includes(name) ?? true);
const rounds = Number(values.runs);
let isSlower = false;
const server = await openDataServer({ pods: PODS, events: EVENTS, tls: true, gzip: false });
try {
  for (const [what, limits] of Object.entries(LIMITS)) {
    const [name, variant] = what.split("/");
    if (positionals.length > 0 && !positionals.includes(name)) continue;
    const { count = PODS, unit, variants } = benchmarks[name];
    const [floor] = Object.keys(variants);
    const measured = await measure(name, {
      ...{ server, rounds, runtimes, variants: [floor, variant] },
      count: unit === "events" ? EVENTS : count,
    });
    for (const runtime of runtimes) {
      const [base, ours] = [floor, variant].map((one) =>
        measured.find((found) => found.runtime === runtime && found.variant === one)!
      );
      const ratios = ours.rounds.flatMap((cost, round) => {
        const { cpu } = base.rounds[round] ?? {};
        return cost === undefined || cpu === undefined ? [] : [cost.cpu / cpu];
      });
      const limit = typeof limits === "number" ? limits : limits[runtime];
      const ratio = median(ratios);
      const isFine = ratios.length > 0 && ratio <= limit;
      isSlower ||= !isFine;
      const problem = ratios.length > 0 ? "" : ` ${ours.problem ?? base.problem ?? "no result"}`;
      console.log(
        `${isFine ? "ok  " : "SLOW"} ${what} on ${runtime}: ${
          ratio.toFixed(2)
        } × the floor, at most ${limit}${problem}`,
      );
    }
  }
} finally {
  await server[Symbol.asyncDispose]();
}
if (isSlower) Deno.exit(1);
