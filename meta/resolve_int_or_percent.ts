import type { IntOrString } from "./wire_types.ts";

/**
 * A number, or what a percentage such as `25%` is of a total: `maxUnavailable`, `maxSurge` and the like.
 *
 * @param total What 100 % is.
 * @param rounding What becomes of parts: `up` where at least so many are meant, `down` where at most.
 * @throws {TypeError} If the value is neither a whole number nor digits with a percent sign.
 * @see client-go `intstr.GetScaledValueFromIntOrPercent`
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { resolveIntOrPercent } from "@coxswain/kube/meta";
 * assert.equal(resolveIntOrPercent("25%", 10, "up"), 3);
 * assert.equal(resolveIntOrPercent("25%", 10, "down"), 2);
 * assert.equal(resolveIntOrPercent(4, 10, "down"), 4);
 * ```
 */
export function resolveIntOrPercent(value: IntOrString, total: number, rounding: "up" | "down"): number {
  if (typeof value === "number" && Number.isInteger(value)) return value;
  const [, digits] = /^([+-]?\d+)%$/.exec(String(value)) ?? [];
  if (digits === undefined || typeof value === "number") {
    throw new TypeError(
      `Cannot resolve ${JSON.stringify(value)}: expected a whole number, or a percentage such as "25%"`,
    );
  }
  const share = Number(digits) * total / 100;
  return rounding === "up" ? Math.ceil(share) : Math.floor(share);
}
