import type { JsonPatchOperation } from "../client/mod.ts";

/**
 * The operations that make `changed` of `original`: what an admission webhook answers. Lists are compared place by
 * place, so that what is put in front changes all places after it; the result is right, if not the shortest.
 *
 * @param original Plain JSON.
 * @param changed Plain JSON. What is `undefined` counts as absent, as in JSON.
 * @see RFC 6902
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { jsonPatchDiff } from "@coxswain/kube/controller";
 * assert.deepEqual(jsonPatchDiff({ a: 1, b: [1, 2] }, { b: [1], c: { "d/e": true } }), [
 *   { op: "remove", path: "/a" },
 *   { op: "remove", path: "/b/1" },
 *   { op: "add", path: "/c", value: { "d/e": true } },
 * ]);
 * ```
 */
export function jsonPatchDiff(original: unknown, changed: unknown): JsonPatchOperation[] {
  const operations: JsonPatchOperation[] = [];
  compare(original, changed, "", operations);
  return operations;
}

function compare(from: unknown, to: unknown, path: string, operations: JsonPatchOperation[]): void {
  if (Object.is(from, to)) return;
  if (Array.isArray(from) && Array.isArray(to)) return compareLists(from, to, path, operations);
  if (isRecord(from) && isRecord(to)) return compareRecords(from, to, path, operations);
  operations.push({ op: "replace", path, value: to });
}

function compareLists(from: unknown[], to: unknown[], path: string, operations: JsonPatchOperation[]): void {
  const common = Math.min(from.length, to.length);
  for (let index = 0; index < common; index++) {
    compare(from[index], to[index], `${path}/${index}`, operations);
  }
  for (let index = from.length - 1; index >= common; index--) {
    operations.push({ op: "remove", path: `${path}/${index}` });
  }
  for (const value of to.slice(common)) operations.push({ op: "add", path: `${path}/-`, value });
}

function compareRecords(
  from: Record<string, unknown>,
  to: Record<string, unknown>,
  path: string,
  operations: JsonPatchOperation[],
): void {
  for (const [key, value] of Object.entries(from)) {
    if (value === undefined) continue;
    const place = `${path}/${escaped(key)}`;
    if (!Object.hasOwn(to, key) || to[key] === undefined) operations.push({ op: "remove", path: place });
    else compare(value, to[key], place, operations);
  }
  for (const [key, value] of Object.entries(to)) {
    if (value === undefined || (Object.hasOwn(from, key) && from[key] !== undefined)) continue;
    operations.push({ op: "add", path: `${path}/${escaped(key)}`, value });
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function escaped(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}
