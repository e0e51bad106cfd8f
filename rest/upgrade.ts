/** A connection that goes on after its answer, in another protocol: what ends it, and how its end is told. */
export interface Upgrade {
  /** Aborts when the caller's signal does, or when the client is closed. */
  readonly signal: AbortSignal;
  /** To be called when the connection has ended: nothing listens any more. Idempotent. */
  release(): void;
}
