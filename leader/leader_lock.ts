/**
 * What the candidates for a leadership tell each other through the lock.
 *
 * @see client-go `resourcelock.LeaderElectionRecord`, spec informers 20.2
 */
export interface LeaderRecord {
  /** Who holds the lock; empty when it has been given back. */
  holderIdentity: string;
  /** How long the others wait after they have seen this record change, in whole seconds. */
  leaseDurationSeconds: number;
  /** When the holder got the lock, in microseconds since 1970 on its clock; 0 when nobody wrote it. */
  acquireTime: number;
  /** When the holder wrote last, likewise. It is never compared with another clock, only with itself. */
  renewTime: number;
  /** How many times the lock has gone from one holder to another. */
  leaderTransitions: number;
  /** How a coordinator picks the holder. Only kept: see {@linkcode LeaderElector}. */
  strategy?: string;
  /** Whom a coordinator wants to have the lock next. */
  preferredHolder?: string;
}

/** A record, and which state of the lock it belongs to. */
export interface LockState {
  /** What it says. */
  readonly record: LeaderRecord;
  /** What the lock needs to know again the state that it was read from. */
  readonly version: unknown;
}

/** Options of the calls of a {@linkcode LeaderLock}. */
export interface LockOptions {
  /** Ends the call: it has taken too long, or nobody wants its result any more. */
  signal?: AbortSignal;
}

/**
 * Where the record is kept. It must not let an update through that was made of another state than the latest: that is
 * what makes the election safe. It remembers nothing from one call to the next. {@linkcode LeaseLock} is the one to use.
 *
 * @see client-go `resourcelock.Interface`, spec informers 20.8
 */
export interface LeaderLock {
  /** What the lock is called in metrics, such as the Lease's name. */
  readonly name: string;
  /** Where the lock is, for messages, such as `ops/webapp`. */
  readonly description: string;
  /** Who asks for it. No two candidates have the same one at any time, also not a process and its successor. */
  readonly identity: string;
  /** Reads the record; `undefined` if there is none. */
  get(options?: LockOptions): Promise<LockState | undefined>;
  /** Writes the first record. Fails when there is one. */
  create(record: LeaderRecord, options?: LockOptions): Promise<LockState>;
  /** Replaces the record of a state. Fails with a conflict when there is another by now. */
  update(record: LeaderRecord, before: LockState, options?: LockOptions): Promise<LockState>;
  /** Says what has happened where people look, such as in an Event. Does not fail, and does not wait. */
  recordEvent?(message: string): void;
}
