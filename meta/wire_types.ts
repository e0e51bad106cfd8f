/**
 * A moment as RFC 3339 text, such as `2026-01-01T00:00:00Z`, to the second.
 *
 * @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/
 */
export type Time = string;

/** A moment as RFC 3339 text with six digits of a second, such as `2026-01-01T00:00:00.000000Z`. */
export type MicroTime = string;

/**
 * An amount with an optional unit, such as `500m` or `1.5Gi`, as text so that no digit is lost. The server
 * returns text also where a number was sent.
 *
 * @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export type Quantity = string;

/** A number, or a text such as a port's name or `25%`. */
export type IntOrString = number | string;

/** Bytes as text, in base64 with padding. */
export type Base64 = string;

/**
 * One of the values known today, or another: a newer server may have more. Editors offer the known ones.
 *
 * @example
 * ```ts
 * import type { OpenEnum } from "@coxswain/kube/meta";
 * const known: OpenEnum<"Always" | "Never"> = "Always";
 * const newer: OpenEnum<"Always" | "Never"> = "OnWeekdays";
 * console.log(known, newer);
 * ```
 */
export type OpenEnum<T extends string> = T | (string & Record<never, never>);
