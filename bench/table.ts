import type { Benchmark } from "./benchmark.ts";
import { type Measured, median } from "./measure.ts";
import type { Cost } from "./variant.ts";

const MB = 1e6;

/** A Markdown table of what was measured: medians, and ratios to the first variant of the same runtime. */
export function formatTable(
  { title, unit }: Benchmark,
  measured: readonly Measured[],
  count: number,
): string {
  const rows = measured.map((one) => {
    const { version, variant, problem, rounds } = one;
    if (rounds.every((cost) => cost === undefined)) return [version, variant, problem ?? "did not run"];
    const floor = measured.find(({ runtime }) => runtime === one.runtime)!;
    const of = (cost: (cost: Cost) => number) =>
      median(rounds.flatMap((round) => round ? [cost(round)] : []));
    // Of the same round, since the machine may have been busier in another.
    const ratio = (cost: (cost: Cost) => number) =>
      median(rounds.flatMap((round, index) => {
        const base = floor.rounds[index];
        return round && base ? [cost(round) / cost(base)] : [];
      }));
    const wall = of(({ wall }) => wall);
    return [
      ...[version, variant, (wall / 1000).toFixed(2), times(ratio(({ wall }) => wall))],
      ...[Math.round(count / wall * 1000).toLocaleString("en"), (of(({ cpu }) => cpu) / 1000).toFixed(2)],
      ...[times(ratio(({ cpu }) => cpu)), (of(({ peak }) => peak) / MB).toFixed(0)],
      ...[times(ratio(({ peak }) => peak)), (of(({ held }) => held) / MB).toFixed(0)],
      ...[
        of(({ stall }) => stall).toFixed(0),
        of(({ ownStall }) => ownStall).toFixed(0),
        of(({ stalls }) => stalls).toFixed(0),
      ],
    ];
  });
  const head = [
    ...[
      "runtime",
      "variant",
      "s",
      "× floor",
      `${unit}/s`,
      "CPU s",
      "× floor",
      "peak MB",
      "× floor",
      "held MB",
    ],
    ...["longest stall ms", "own ms", "own > 50 ms"],
  ];
  const rule = head.map((_, index) => index < 2 ? "---" : "---:");
  const lines = [head, rule, ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  return [`## ${title}: ${count.toLocaleString("en")} ${unit}`, "", ...lines].join("\n");
}

const times = (ratio: number) => Number.isNaN(ratio) ? "–" : ratio.toFixed(2);
