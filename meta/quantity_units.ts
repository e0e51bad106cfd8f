import { parseQuantity } from "./quantity.ts";
import type { Quantity } from "./wire_types.ts";

/** The suffix of a unit in which to count a quantity; empty for ones. */
export type QuantityUnit =
  | ""
  | "n"
  | "u"
  | "m"
  | "k"
  | "M"
  | "G"
  | "T"
  | "P"
  | "E"
  | "Ki"
  | "Mi"
  | "Gi"
  | "Ti"
  | "Pi"
  | "Ei";

/** Units by their suffix, in 10⁻⁹. */
const UNITS: Readonly<Record<QuantityUnit, bigint>> = {
  "n": 1n,
  "u": 10n ** 3n,
  "m": 10n ** 6n,
  "": 10n ** 9n,
  "k": 10n ** 12n,
  "M": 10n ** 15n,
  "G": 10n ** 18n,
  "T": 10n ** 21n,
  "P": 10n ** 24n,
  "E": 10n ** 27n,
  "Ki": 10n ** 9n << 10n,
  "Mi": 10n ** 9n << 20n,
  "Gi": 10n ** 9n << 30n,
  "Ti": 10n ** 9n << 40n,
  "Pi": 10n ** 9n << 50n,
  "Ei": 10n ** 9n << 60n,
};

/**
 * How many whole units a quantity is, rounded away from zero: `m` counts a CPU in thousandths, as the scheduler does.
 *
 * @param unit Default ones.
 * @throws {SyntaxError} If it is no quantity.
 * @see client-go `resource.Quantity.Value`, `MilliValue`, `ScaledValue`
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { quantityIn } from "@coxswain/kube/meta";
 * assert.equal(quantityIn("1.5", "m"), 1500n);
 * assert.equal(quantityIn("1500m"), 2n);
 * assert.equal(quantityIn("1Gi", "Mi"), 1024n);
 * ```
 */
export function quantityIn(quantity: Quantity | number, unit: QuantityUnit = ""): bigint {
  const { nanos } = parseQuantity(quantity);
  const size = UNITS[unit];
  if (nanos < 0n) return (nanos - size + 1n) / size;
  return (nanos + size - 1n) / size;
}

/**
 * A quantity as a number, for charts and ratios. Not exact: numbers have 53 bits.
 *
 * @throws {SyntaxError} If it is no quantity.
 * @see client-go `resource.Quantity.AsApproximateFloat64`
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { quantityToNumber } from "@coxswain/kube/meta";
 * assert.equal(quantityToNumber("250m"), 0.25);
 * ```
 */
export function quantityToNumber(quantity: Quantity | number): number {
  const { nanos } = parseQuantity(quantity);
  return Number(`${nanos}e-9`); // the engine rounds once, where a division would round twice
}
