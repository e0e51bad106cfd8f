import type { NetworkReason } from "./network_error.ts";

/** What an answer says that has broken off. */
export const INCOMPLETE = "the connection closed before the answer was complete";

/** What a transport of ours found out by itself, and can put into words better than a runtime does. */
export class TransportFailure extends Error {
  /** What kind of failure it is. */
  readonly reason: NetworkReason;

  /**
   * Says what is the case.
   *
   * @param message Follows "GET https://host/path failed: "; no secret.
   */
  constructor(reason: NetworkReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "TransportFailure";
    this.reason = reason;
  }
}
