/**
 * Compares two resource versions of one kind of resource: below 0 if the first is older, above 0 if it is newer. Since
 * Kubernetes 1.35 that is promised to be possible; they are numbers of any length, so they are compared as text.
 *
 * @returns `undefined` if one of them is no such number: then they can only be told apart.
 * @see KEP-5504, spec informers 23
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { compareVersions } from "@coxswain/kube/cache";
 * assert.ok(compareVersions("9", "10")! < 0);
 * assert.equal(compareVersions("10", "10"), 0);
 * assert.equal(compareVersions("10", "0x10"), undefined);
 * ```
 */
export function compareVersions(one: string, other: string): number | undefined {
  if (!VERSION.test(one) || !VERSION.test(other)) return undefined;
  if (one.length !== other.length) return one.length - other.length;
  return one < other ? -1 : one > other ? 1 : 0;
}

const VERSION = /^[1-9][0-9]*$/;
