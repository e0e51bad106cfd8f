import { type Amount, formatQuantity, parseQuantity } from "./quantity.ts";
import type { Quantity } from "./wire_types.ts";

/**
 * The sum of quantities, written as the first that is not zero. Exact.
 *
 * @throws {SyntaxError} If one is no quantity.
 * @see client-go `resource.Quantity.Add`
 * @example What the containers of a pod ask for
 * ```ts
 * import assert from "node:assert/strict";
 * import { addQuantities } from "@coxswain/kube/meta";
 * assert.equal(addQuantities("500m", "1", "250m"), "1750m");
 * assert.equal(addQuantities("512Mi", "1Gi"), "1536Mi");
 * assert.equal(addQuantities(), "0");
 * ```
 */
export function addQuantities(...quantities: readonly (Quantity | number)[]): Quantity {
  let sum: Amount = { nanos: 0n, format: "DecimalSI" };
  for (const quantity of quantities) sum = add(sum, parseQuantity(quantity));
  return formatQuantity(sum);
}

/**
 * What is left of a quantity when another is taken away; may be negative. Exact.
 *
 * @throws {SyntaxError} If one is no quantity.
 * @see client-go `resource.Quantity.Sub`
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { subtractQuantities } from "@coxswain/kube/meta";
 * assert.equal(subtractQuantities("4", "1500m"), "2500m");
 * ```
 */
export function subtractQuantities(quantity: Quantity | number, other: Quantity | number): Quantity {
  const { nanos, format } = parseQuantity(other);
  return formatQuantity(add(parseQuantity(quantity), { nanos: -nanos, format }));
}

/**
 * A quantity several times. Exact.
 *
 * @param factor A whole number.
 * @throws {SyntaxError} If it is no quantity.
 * @throws {RangeError} If `factor` is not whole.
 * @see client-go `resource.Quantity.Mul`
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { multiplyQuantity } from "@coxswain/kube/meta";
 * assert.equal(multiplyQuantity("512Mi", 3), "1536Mi");
 * ```
 */
export function multiplyQuantity(quantity: Quantity | number, factor: number | bigint): Quantity {
  if (typeof factor === "number" && !Number.isInteger(factor)) {
    throw new RangeError(`Cannot multiply a quantity: factor must be a whole number, got ${factor}`);
  }
  const { nanos, format } = parseQuantity(quantity);
  return formatQuantity({ nanos: nanos * BigInt(factor), format });
}

/**
 * Which of two quantities is larger, for `sort()`: negative if the first is smaller, positive if it is larger, 0 if they
 * are the same amount, however they are written.
 *
 * @throws {SyntaxError} If one is no quantity.
 * @see client-go `resource.Quantity.Cmp`
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { compareQuantities } from "@coxswain/kube/meta";
 * assert.deepEqual(["1Gi", "1G", "500m"].sort(compareQuantities), ["500m", "1G", "1Gi"]);
 * assert.equal(compareQuantities("1000m", 1), 0);
 * ```
 */
export function compareQuantities(quantity: Quantity | number, other: Quantity | number): number {
  const [a, b] = [parseQuantity(quantity).nanos, parseQuantity(other).nanos];
  return a < b ? -1 : a > b ? 1 : 0;
}

function add(a: Amount, b: Amount): Amount {
  return { nanos: a.nanos + b.nanos, format: a.nanos === 0n ? b.format : a.format };
}
