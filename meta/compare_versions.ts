const VERSION = /^v([1-9][0-9]*)(?:(alpha|beta)([1-9][0-9]*))?$/;

/**
 * Orders versions as Kubernetes does, the best first, for `sort()`: stable before beta before alpha, the higher number
 * before the lower, and what is no such version last, by the alphabet.
 *
 * @see https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#version-priority
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { compareVersions } from "@coxswain/kube/meta";
 * const versions = ["v1alpha1", "foo10", "v2", "v1beta2", "v11", "v1beta10"];
 * assert.deepEqual(versions.sort(compareVersions), ["v11", "v2", "v1beta10", "v1beta2", "v1alpha1", "foo10"]);
 * ```
 */
export function compareVersions(a: string, b: string): number {
  const [one, other] = [VERSION.exec(a), VERSION.exec(b)];
  if (one === null || other === null) {
    if (one !== null) return -1;
    if (other !== null) return 1;
    return a < b ? -1 : a > b ? 1 : 0;
  }
  return stability(other) - stability(one) || compareNumbers(other[1], one[1]) ||
    compareNumbers(other[3] ?? "0", one[3] ?? "0");
}

const stability = ([, , level]: RegExpExecArray) => level === undefined ? 2 : level === "beta" ? 1 : 0;

const compareNumbers = (a: string, b: string) => Number(a) - Number(b);
