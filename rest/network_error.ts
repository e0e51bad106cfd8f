const BRAND = Symbol.for("@coxswain/kube/NetworkError");

/** Where in a request's life the network failed. */
export type NetworkPhase = "connect" | "headers" | "body";

/** What kind of failure it was, as far as the runtime tells. */
export type NetworkReason = "refused" | "dns" | "tls" | "timeout" | "cut" | "other";

/** What {@linkcode NetworkError} says about itself. */
export interface NetworkErrorInit extends ErrorOptions {
  /** What kind of failure it was. */
  reason: NetworkReason;
  /** Where it happened. `connect` also stands for what a runtime cannot tell from it. */
  phase: NetworkPhase;
}

/**
 * The network failed, not the server: no connection, no trust, no answer in time, or an answer that broke
 * off. The runtime's own error is the `cause`.
 */
export class NetworkError extends Error {
  /** What kind of failure it was. */
  readonly reason: NetworkReason;
  /** Where in the request's life it happened. From `body` on, the server had answered. */
  readonly phase: NetworkPhase;

  /**
   * Says what was tried and what happened.
   *
   * @param message What was being done, without query, headers or secrets, and what happened.
   */
  constructor(message: string, { reason, phase, cause }: NetworkErrorInit) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "NetworkError";
    this.reason = reason;
    this.phase = phase;
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/** Whether an error is a {@linkcode NetworkError}, also one of another copy of this package. */
export function isNetworkError(error: unknown): error is NetworkError {
  return typeof error === "object" && error !== null && BRAND in error;
}
