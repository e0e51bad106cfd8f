/**
 * Whether two pieces of objects mean the same to Kubernetes: a field that is absent, null or an empty list is all the
 * same, and the order of fields does not matter. For the question whether an update is needed.
 *
 * An empty object is not the same as none: `emptyDir: {}` is a volume, and `podSelector: {}` selects everything.
 * Quantities are texts like others: `1` and `1000m` differ. The server writes them in one form, so that what comes from
 * it compares well.
 *
 * @see client-go `equality.Semantic.DeepEqual`
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { isSemanticallyEqual } from "@coxswain/kube/meta";
 * assert.ok(isSemanticallyEqual({ replicas: 1, finalizers: [] }, { replicas: 1 }));
 * assert.ok(!isSemanticallyEqual({ replicas: 0 }, {}));
 * ```
 */
export function isSemanticallyEqual(a: unknown, b: unknown): boolean {
  if (a === b || (isNothing(a) && isNothing(b))) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length &&
      a.every((item, index) => isSemanticallyEqual(item, b[index]));
  }
  const [one, other] = [a as Record<string, unknown>, b as Record<string, unknown>];
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].every((key) =>
    isSemanticallyEqual(own(one, key), own(other, key))
  );
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

const own = (object: Record<string, unknown>, key: string) =>
  Object.hasOwn(object, key) ? object[key] : undefined;
