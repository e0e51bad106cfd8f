import type { Status, StatusCause, StatusDetails } from "../meta/mod.ts";

const BRAND = Symbol.for("@coxswain/kube/StatusError");

/** Options of {@linkcode StatusError}. */
export interface StatusErrorOptions extends ErrorOptions {
  /** The answer's `Audit-Id` header. */
  auditId?: string;
}

/**
 * A refusal by the server. `message` is the server's own words; the predicates of this module tell refusals
 * apart, also through the `cause` of another error.
 *
 * @see client-go `api/errors`, spec rest 4
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { isNotFound, StatusError } from "@coxswain/kube/rest";
 * const error = new StatusError({
 *   apiVersion: "v1", kind: "Status", status: "Failure",
 *   message: 'pods "web" not found', reason: "NotFound", code: 404 });
 * assert.ok(isNotFound(new Error("cannot restart", { cause: error })));
 * ```
 */
export class StatusError extends Error {
  /** The whole answer. */
  readonly status: Status;
  /** Under which name the server's audit log has the request; absent if the server did not say. */
  readonly auditId?: string;

  /**
   * Makes an error of what a server sent.
   *
   * @param status What the server sent, or what stands for it.
   */
  constructor(status: Status, options: StatusErrorOptions = {}) {
    super(status.message || status.reason || `the server answered with code ${status.code ?? 0}`, options);
    this.name = "StatusError";
    this.status = status;
    if (options.auditId !== undefined) this.auditId = options.auditId;
    Object.defineProperty(this, BRAND, { value: true });
  }

  /** The HTTP status code; 0 if unknown. */
  get code(): number {
    return this.status.code ?? 0;
  }

  /** Machine-readable reason, such as `NotFound`; empty if unknown. */
  get reason(): string {
    return this.status.reason ?? "";
  }

  /** What the refusal is about. */
  get details(): StatusDetails | undefined {
    return this.status.details;
  }
}

/** Reasons that the API defines, with their HTTP code (spec rest 4.4). */
const CODES = {
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  AlreadyExists: 409,
  Conflict: 409,
  Gone: 410,
  Expired: 410,
  Invalid: 422,
  ServerTimeout: 500,
  StoreReadError: 500,
  Timeout: 504,
  TooManyRequests: 429,
  BadRequest: 400,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  RequestEntityTooLarge: 413,
  UnsupportedMediaType: 415,
  InternalError: 500,
  ServiceUnavailable: 503,
} as const;

/**
 * The {@linkcode StatusError} in an error or its chain of causes, also one of another copy of this package.
 */
export function statusErrorOf(error: unknown): StatusError | undefined {
  for (let one = error, depth = 0; typeof one === "object" && one !== null && depth < 16; depth++) {
    if (BRAND in one) return one as object as StatusError;
    one = (one as { cause?: unknown }).cause;
  }
  return undefined;
}

/** By reason; by code only where the reason says nothing that is known (spec rest 4.5). */
function is(
  error: unknown,
  reason: keyof typeof CODES,
  by: "reason" | "either" | "code" = "either",
): boolean {
  const status = statusErrorOf(error);
  if (status === undefined) return false;
  if (status.reason === reason) return true;
  if (by === "reason") return false;
  return (by === "code" || !Object.hasOwn(CODES, status.reason)) && status.code === CODES[reason];
}

/** Whether the object or the resource does not exist. */
export function isNotFound(error: unknown): boolean {
  return is(error, "NotFound");
}

/** Whether an object of that name exists already. */
export function isAlreadyExists(error: unknown): boolean {
  return is(error, "AlreadyExists", "reason");
}

/** Whether the object has changed since it was read, or the request does not fit its state. */
export function isConflict(error: unknown): boolean {
  return is(error, "Conflict");
}

/** Whether the object breaks the rules of its kind; `details.causes` names the fields. */
export function isInvalid(error: unknown): boolean {
  return is(error, "Invalid");
}

/** Whether what was asked for is gone for good. Not the same as {@linkcode isExpired}. */
export function isGone(error: unknown): boolean {
  return is(error, "Gone");
}

/** Whether a resource version or continue token is too old, so that one must list again. */
export function isExpired(error: unknown): boolean {
  return is(error, "Expired", "reason");
}

/** Whether the server can answer in none of the accepted formats. */
export function isNotAcceptable(error: unknown): boolean {
  return is(error, "NotAcceptable");
}

/** Whether the server does not take the format of the body. */
export function isUnsupportedMediaType(error: unknown): boolean {
  return is(error, "UnsupportedMediaType");
}

/** Whether the resource does not offer that verb. */
export function isMethodNotAllowed(error: unknown): boolean {
  return is(error, "MethodNotAllowed");
}

/** Whether the server cannot serve at the moment. */
export function isServiceUnavailable(error: unknown): boolean {
  return is(error, "ServiceUnavailable");
}

/** Whether the request itself is malformed. */
export function isBadRequest(error: unknown): boolean {
  return is(error, "BadRequest");
}

/** Whether the server does not know who is asking. */
export function isUnauthorized(error: unknown): boolean {
  return is(error, "Unauthorized");
}

/** Whether who is asking may not do that. */
export function isForbidden(error: unknown): boolean {
  return is(error, "Forbidden");
}

/** Whether the server ran out of time; it may still be at it. */
export function isTimeout(error: unknown): boolean {
  return is(error, "Timeout");
}

/** Whether the server asks to try the same again. */
export function isServerTimeout(error: unknown): boolean {
  return is(error, "ServerTimeout", "reason");
}

/** Whether the server failed inside. */
export function isInternalError(error: unknown): boolean {
  return is(error, "InternalError");
}

/** Whether the server asks to send less often. */
export function isTooManyRequests(error: unknown): boolean {
  return is(error, "TooManyRequests", "code");
}

/** Whether the body is too large. */
export function isRequestEntityTooLarge(error: unknown): boolean {
  return is(error, "RequestEntityTooLarge", "code");
}

/** Whether the server (or something before it) answered in a way that no API server does. */
export function isUnexpectedServerError(error: unknown): boolean {
  return statusCauseOf(error, "UnexpectedServerResponse") !== undefined;
}

/** The first cause of a refusal that has a certain type, such as `FieldManagerConflict`. */
export function statusCauseOf(error: unknown, type: string): StatusCause | undefined {
  return statusErrorOf(error)?.details?.causes?.find(({ reason }) => reason === type);
}

/**
 * How long the server asks to wait before the next try, in milliseconds; `undefined` if it does not ask.
 *
 * @see client-go `SuggestsClientDelay`, spec rest 4.5
 */
export function suggestedDelayOf(error: unknown): number | undefined {
  const status = statusErrorOf(error);
  const seconds = status?.details?.retryAfterSeconds ?? 0;
  return status !== undefined && (status.reason === "ServerTimeout" || seconds > 0)
    ? seconds * 1000
    : undefined;
}
