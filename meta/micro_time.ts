import { parseTime } from "./time.ts";
import type { MicroTime } from "./wire_types.ts";

/**
 * A time with microseconds, as Leases and Events carry it: `2026-01-01T00:00:00.000000Z`.
 *
 * @param microseconds Since 1970; a `Date` has milliseconds: `date.getTime() * 1000`.
 * @throws {RangeError} If it is not a time.
 */
export function formatMicroTime(microseconds: number): MicroTime {
  const whole = Math.floor(microseconds);
  const rest = ((whole % 1_000) + 1_000) % 1_000; // also before 1970
  const date = new Date((whole - rest) / 1_000);
  return date.toISOString().replace("Z", `${String(rest).padStart(3, "0")}Z`);
}

/**
 * Reads a time in RFC 3339: the inverse of {@linkcode formatMicroTime}. Digits after the microseconds are cut off.
 *
 * @returns Microseconds since 1970.
 * @throws {SyntaxError} If the text is not a time.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { formatMicroTime, parseMicroTime } from "@coxswain/kube/meta";
 * assert.equal(formatMicroTime(parseMicroTime("2026-01-01T00:00:00.000001Z") + 1), "2026-01-01T00:00:00.000002Z");
 * ```
 */
export function parseMicroTime(text: string): number {
  const seconds = Math.floor(parseTime(text).getTime() / 1_000);
  const [, fraction = ""] = /\.(\d+)/.exec(text) ?? [];
  return seconds * 1_000_000 + Number(fraction.padEnd(6, "0").slice(0, 6));
}
