/** Schemes whose name says nothing about the credentials behind it. */
const KNOWN_SCHEMES = new Set(["bearer", "basic", "negotiate"]);

/**
 * The value of an `Authorization` header as it may be shown: the scheme, if it is a known one, and no more.
 *
 * @see client-go `transport/round_trippers.go`, spec rest 7.9
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { maskAuthorization } from "@coxswain/kube/observe";
 * assert.equal(maskAuthorization("Bearer abc123"), "Bearer <masked>");
 * assert.equal(maskAuthorization("abc123"), "<masked>");
 * ```
 */
export function maskAuthorization(value: string): string {
  if (value === "") return "";
  const [scheme] = value.split(" ", 1);
  if (!KNOWN_SCHEMES.has(scheme.toLowerCase())) return "<masked>";
  return value.length > scheme.length + 1 ? `${scheme} <masked>` : scheme;
}
