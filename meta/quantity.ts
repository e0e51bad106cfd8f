import type { Quantity } from "./wire_types.ts";

/**
 * How a quantity is written: with decimal suffixes (`500m`, `2G`), binary ones (`512Mi`), or an exponent (`12e6`).
 */
export type QuantityFormat = "DecimalSI" | "BinarySI" | "DecimalExponent";

/** A quantity taken apart. Exact: quantities have nine digits after the point, and as many before it as there are. */
export interface Amount {
  /** The amount in units of 10⁻⁹. */
  readonly nanos: bigint;
  /** How it was written, and will be again. */
  readonly format: QuantityFormat;
  /** The text itself, where the server keeps it as it is: some is written in its short form already. */
  readonly text?: string;
}

const DECIMAL_SUFFIXES = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
const BINARY_SUFFIXES = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

/** 1 in units of 10⁻⁹. */
const ONE = 1_000_000_000n;
/** The largest amount with a binary suffix: what fits into 64 bits. */
const LARGEST_BINARY = 2n ** 63n - 1n;
/** Digits of which the server is sure that they fit into 64 bits. */
const SAFE_DIGITS = 18;
/** The largest exponent that is taken: servers take more, but nothing that is measured comes near. */
const LARGEST_EXPONENT = 300;

/** Sign, digits before and after the point, and a suffix of letters and the number of an exponent. All may be empty. */
const SHAPE = /^([+-]?)(\d*)(?:\.(\d*))?((?:[eEinumkKMGTP]+[-+]?\d*)?)$/;

/**
 * Reads a quantity as Kubernetes does, with all that it takes: `1.5`, `500m`, `0.5Gi`, `12e6`, `+1`, `.5`, and white
 * space around it. What is finer than 10⁻⁹ is rounded away from zero, so that who asks for something never gets
 * nothing; with binary suffixes, more than 2⁶³−1 becomes that.
 *
 * @throws {SyntaxError} If it is no quantity.
 * @throws {RangeError} If its exponent is above 300.
 * @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { formatQuantity, parseQuantity } from "@coxswain/kube/meta";
 * assert.equal(parseQuantity("1.5").nanos, 1_500_000_000n);
 * assert.equal(formatQuantity(parseQuantity("1.5")), "1500m");
 * assert.equal(formatQuantity(parseQuantity("1.5Gi")), "1536Mi");
 * ```
 */
export function parseQuantity(quantity: Quantity | number): Amount {
  const text = String(quantity).trim();
  const match = text === "" ? null : SHAPE.exec(text);
  if (match === null) {
    throw quantityError(quantity, "expected a number with an optional suffix, such as 500m or 1.5Gi");
  }
  const [, sign, integer, fraction = "", suffix] = match;
  const whole = integer.replace(/^0+/, "") || "0";
  const negative = sign === "-";
  // Kubernetes reads text that has no digit but zeros before its end as nothing at all.
  if (/^[+-]?0*$/.test(text)) return { nanos: 0n, format: "DecimalSI", ...(text === "0" && { text }) };
  const unit = unitOf(suffix);
  if (unit === undefined) throw quantityError(quantity, `"${suffix}" is no suffix`);
  const { base, exponent, format } = unit;
  if (exponent > LARGEST_EXPONENT) {
    throw new RangeError(`Cannot read the quantity ${JSON.stringify(text)}: its exponent is too large`);
  }
  const digits = whole + fraction;
  const isShort = base === 2
    ? isShortBinary(whole, fraction, exponent)
    : isShortDecimal(digits, fraction, exponent);
  if (!isShort && !/\d/.test(text.slice(0, text.length - suffix.length))) {
    throw quantityError(quantity, "it has no digits");
  }
  const mantissa = base === 2 ? BigInt(digits) << BigInt(exponent) : BigInt(digits);
  let nanos = scaleUp(mantissa, (base === 2 ? 0 : exponent) - fraction.length + 9);
  if (base === 2 && nanos > LARGEST_BINARY * ONE) nanos = LARGEST_BINARY * ONE;
  const isFraction = base === 2 && nanos > 0n && nanos < ONE;
  // The server keeps what it takes for the shortest form at first sight.
  const isKept = isShort &&
    (base === 2
      ? (BigInt(digits) & 7n) !== 0n
      : (exponent - fraction.length) % 3 === 0 && !digits.endsWith("000") && !digits.startsWith("0"));
  return {
    nanos: negative ? -nanos : nanos,
    format: isFraction ? "DecimalSI" : format,
    ...(isKept && { text }),
  };
}

/**
 * Writes a quantity as the server does: without a point, with the largest suffix that loses nothing. Binary suffixes are
 * for whole numbers from 1024 up; other amounts are written with decimal ones.
 *
 * The server has no suffix beyond `E` and drops it: it takes `1000E` for 1. Here it stays `1000E`.
 */
export function formatQuantity({ nanos, format, text }: Amount): Quantity {
  if (text !== undefined) return text;
  if (nanos === 0n) return "0";
  const isBinary = format === "BinarySI" && nanos % ONE === 0n &&
    (nanos <= -1024n * ONE || nanos >= 1024n * ONE);
  let mantissa = isBinary ? nanos / ONE : nanos;
  const [base, longest] = isBinary
    ? [1024n, BINARY_SUFFIXES.length - 1]
    : [1000n, format === "DecimalExponent" ? Infinity : DECIMAL_SUFFIXES.length - 1];
  let steps = 0;
  while (mantissa % base === 0n && steps < longest) {
    mantissa /= base;
    steps++;
  }
  if (isBinary) return `${mantissa}${BINARY_SUFFIXES[steps]}`;
  if (format !== "DecimalExponent") return `${mantissa}${DECIMAL_SUFFIXES[steps]}`;
  return steps === 3 ? `${mantissa}` : `${mantissa}e${3 * (steps - 3)}`;
}

/** Times ten to a power; what becomes a fraction is rounded up. */
function scaleUp(value: bigint, power: number): bigint {
  if (power >= 0) return value * 10n ** BigInt(power);
  if (value === 0n) return 0n;
  if (-power > 2 * LARGEST_EXPONENT) return 1n; // far too small for anything else
  const divisor = 10n ** BigInt(-power);
  return (value + divisor - 1n) / divisor;
}

function unitOf(suffix: string): { base: 2 | 10; exponent: number; format: QuantityFormat } | undefined {
  const decimal = DECIMAL_SUFFIXES.indexOf(suffix);
  if (decimal !== -1) return { base: 10, exponent: 3 * (decimal - 3), format: "DecimalSI" };
  const binary = BINARY_SUFFIXES.indexOf(suffix);
  if (binary !== -1) return { base: 2, exponent: 10 * binary, format: "BinarySI" };
  const [, exponent] = /^[eE]([+-]?\d+)$/.exec(suffix) ?? [];
  return exponent === undefined
    ? undefined
    : { base: 10, exponent: Number(exponent), format: "DecimalExponent" };
}

/** Whether the server reads it the short way, in 64 bits. It is a little less strict there. */
function isShortDecimal(digits: string, fraction: string, exponent: number): boolean {
  return digits.length <= SAFE_DIGITS && exponent - fraction.length >= -9;
}

/** The same with a binary suffix. */
function isShortBinary(whole: string, fraction: string, exponent: number): boolean {
  return fraction === "" && whole.length + Math.trunc(exponent * 3 / 10) <= 14;
}

function quantityError(quantity: Quantity | number, problem: string): SyntaxError {
  return new SyntaxError(`Cannot read the quantity ${JSON.stringify(quantity)}: ${problem}`);
}
