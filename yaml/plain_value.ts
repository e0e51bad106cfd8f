import { YamlError } from "./yaml_error.ts";

/** The most that aliases may multiply a text by; the default of npm `yaml`. */
export const MOST_ALIASES = 100;
/** The most values in a text, aliases included: a thousand times a large kubeconfig. */
const MOST_VALUES = 1_000_000;
/** The deepest nesting. A kubeconfig's own is six, that of a CustomResourceDefinition's schema may be thirty. */
const DEEPEST = 100;

/**
 * A fresh copy of nothing but plain objects, arrays and scalars, with no `__proto__` key, which would be a trap for
 * whoever merges them. It also ends what refers to itself.
 *
 * @throws {YamlError} If it is too deep, or too much, or has numbers that JSON or JavaScript cannot hold.
 */
export function plainValue(value: unknown): unknown {
  let left = MOST_VALUES;
  const copy = (value: unknown, depth: number): unknown => {
    if (depth > DEEPEST) throw new YamlError("it is nested too deep", "Check what wrote it");
    if (left-- === 0) throw new YamlError("it holds too many values", "Check what wrote it");
    if (typeof value === "bigint") {
      throw new YamlError("it has an integer of more than 53 bits, which JavaScript cannot hold", "Quote it");
    }
    if (typeof value === "number" && !Number.isFinite(value)) {
      throw new YamlError("it has a number that is infinite or none, which JSON cannot hold", "Quote it");
    }
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map((item) => copy(item, depth + 1));
    return Object.fromEntries(
      Object.entries(value).filter(([key]) => key !== "__proto__").map((
        [key, item],
      ) => [key, copy(item, depth + 1)]),
    );
  };
  return copy(value, 0);
}
