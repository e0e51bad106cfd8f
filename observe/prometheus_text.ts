import type { Labels } from "./meter.ts";

/**
 * A number as Prometheus' own client writes it. It matters beyond looks: servers before Prometheus 3 compare the
 * bounds of buckets as text, so that `1.048576e+06` and `1048576` would be two bounds.
 */
export function formatNumber(value: number): string {
  if (value === Infinity) return "+Inf";
  if (value === -Infinity) return "-Inf";
  if (Number.isNaN(value)) return "NaN";
  const [digits, exponent] = value.toExponential().split("e");
  if (Number(exponent) >= -4 && Number(exponent) < 6) return Object.is(value, -0) ? "-0" : String(value);
  return `${digits}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
}

/** Labels as they stand between `{` and `}`, sorted by name. */
export function formatLabels(labels: Labels): string {
  return Object.keys(labels).sort().map((name) => `${name}="${escapeQuoted(labels[name])}"`).join(",");
}

/** The text of a label's value, which stands in quotes. */
export function escapeQuoted(text: string): string {
  return escapeLine(text).replaceAll('"', '\\"');
}

/** A text that ends with its line. */
export function escapeLine(text: string): string {
  return String(text).replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}
