import { type Clock, onAbort, systemClock } from "../async/mod.ts";
import { type Counter, type Gauge, type Logger, type Meter, noLogger, noMeter } from "../observe/mod.ts";
import { isConflict } from "../rest/mod.ts";
import type { LeaderLock, LeaderRecord, LockState } from "./leader_lock.ts";
import { within } from "./within.ts";

/** How many retry periods are added to a pause between attempts at most, at random (spec informers 0). */
const JITTER = 1.2;
/** The least time that an attempt gets, in milliseconds (spec informers 20.8). */
const LEAST_LIMIT = 1_000;

/** A leadership, as long as it lasts. */
export interface Leadership {
  /**
   * Aborts when the leadership ends: because it could not be renewed, at the latest before another candidate may get
   * it, or because it is given up. All work that only a leader may do is bound to it.
   */
  readonly signal: AbortSignal;
  /**
   * Grows with each change of leaders. What the leader writes elsewhere can carry it, so that a write of an earlier
   * leader, that was stopped in the middle and woke up, is known as such and refused. It begins anew when somebody
   * deletes the Lease while there are no candidates.
   */
  readonly fencingToken: number;
  /**
   * Whether the leadership lasts, by the clock. After the process was stopped for a while, this says so before the
   * signal's timer has had its turn: ask it right before what must not be done twice.
   */
  isHeld(): boolean;
}

/** Options of {@linkcode LeaderElector}. Read once: changing the object later has no effect. */
export interface LeaderElectorOptions {
  /** What the candidates compete for. */
  lock: LeaderLock;
  /**
   * Called when this candidate has become the leader; does what the leader does. It may end before the leadership
   * does. What it throws ends the leadership, and is thrown by {@linkcode LeaderElector.run}.
   */
  onStartedLeading: (leadership: Leadership) => void | Promise<void>;
  /** Called when `run()` ends, also if this candidate never was the leader. It does not wait for the work to end. */
  onStoppedLeading: () => void;
  /** Called when another leader is seen than before, this one included; empty when there is none. */
  onNewLeader?: (identity: string) => void;
  /**
   * How long the others wait after they have seen the last sign of a leader, in milliseconds: whole seconds. How long
   * it takes until a leader that is gone is replaced follows from it. Default 15,000.
   */
  leaseDuration?: number;
  /**
   * How long a leader goes on without having renewed its lease, in milliseconds from when it asked to. Default 10,000.
   */
  renewDeadline?: number;
  /** How long to wait between attempts, in milliseconds. Default 2,000. */
  retryPeriod?: number;
  /**
   * Whether the lock is given back when `signal` aborts, so that another can have it at once. It is given back when
   * the promise of `onStartedLeading` has settled: let that be when all of the leader's work has ended. Default false.
   */
  releaseOnCancel?: boolean;
  /** What metrics call it. Default the lock's name. */
  name?: string;
  /** Where metrics go. Default: nowhere. */
  meter?: Meter;
  /** Hears of attempts that failed. Default: nobody. */
  logger?: Logger;
  /** The clock. Default the runtime's. */
  clock?: Clock;
  /** Where chance comes from: a number from 0 up to 1. Default `Math.random`. */
  random?: () => number;
}

/** What an attempt to get or keep the lock has come to. */
type Attempt =
  | { at: "held"; askedAt: number } // on our clock, before the request was sent
  | { at: "failed" }
  | { at: "taken" }; // by another, whose lease is valid

/** What was seen of the lock last. */
interface Observation {
  state: LockState;
  /** When it was first seen so, on our clock; of what we wrote, when we asked for it. */
  at: number;
}

/**
 * One of several candidates, of whom one at a time is the leader.
 *
 * A leader renews its lease every `retryPeriod`. One that has not managed to for `renewDeadline` stops; the others take
 * over when they have not seen it renewed for `leaseDuration`. Times of different machines are never compared, so their
 * clocks may differ by any amount. What may not differ too much is how fast they go: with the defaults, two leaders at
 * once would take one clock that goes more than 1.5 times (`leaseDuration / renewDeadline`) as fast as another. ±20 %
 * are safe.
 *
 * The deadline is counted from when the renewal was asked for, not from when its answer came as in client-go, and ends
 * the leadership also when an answer is still awaited. So {@linkcode Leadership.signal} aborts before another can have
 * the lock, however late answers are. What the signal cannot do is run while the process is stopped:
 * {@linkcode Leadership.isHeld} and {@linkcode Leadership.fencingToken} are for that.
 *
 * A program that was the leader and is not any more mostly ends, and is started again; `run()` may also be called anew.
 * Coordinated election, in which the server picks the leader, is alpha in Kubernetes and not part of this.
 *
 * @see client-go `tools/leaderelection`, spec informers 20
 * @example
 * ```ts
 * import { LeaderElector, LeaseLock } from "@coxswain/kube/leader";
 * import { Client } from "@coxswain/kube/client";
 * import { ApiServer } from "@coxswain/kube/testing";
 * const client = new Client(new ApiServer().restConfig()); // or: await connect()
 * const stop = new AbortController();
 * const elector = new LeaderElector({
 *   lock: new LeaseLock(client, { namespace: "default", name: "webapp", identity: crypto.randomUUID() }),
 *   onStartedLeading: ({ signal }) => {
 *     signal.addEventListener("abort", () => console.log("no longer the leader"));
 *     stop.abort();
 *   },
 *   onStoppedLeading: () => console.log("stopped"),
 *   releaseOnCancel: true,
 * });
 * await elector.run({ signal: stop.signal });
 * await client[Symbol.asyncDispose]();
 * ```
 */
export class LeaderElector {
  readonly #lock: LeaderLock;
  readonly #leaseDuration: number;
  readonly #renewDeadline: number;
  readonly #retryPeriod: number;
  readonly #releaseOnCancel: boolean;
  readonly #onStartedLeading: (leadership: Leadership) => void | Promise<void>;
  readonly #onStoppedLeading: () => void;
  readonly #onNewLeader: ((identity: string) => void) | undefined;
  readonly #labels: { name: string };
  readonly #status: Gauge;
  readonly #slowPaths: Counter;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #random: () => number;
  #observed: Observation | undefined;
  #reported: string | undefined;
  #isRunning = false;

  /**
   * Asks for nothing yet.
   *
   * @throws {RangeError} If the durations do not fit together.
   * @throws {TypeError} If the lock or a callback is missing, or the identity is empty.
   */
  constructor(options: LeaderElectorOptions) {
    const { lock, onStartedLeading, onStoppedLeading, onNewLeader } = options;
    const { leaseDuration = 15_000, renewDeadline = 10_000, retryPeriod = 2_000 } = options;
    const { releaseOnCancel = false, meter = noMeter, logger = noLogger } = options;
    const { clock = systemClock, random = Math.random } = options;
    check({ leaseDuration, renewDeadline, retryPeriod }, options);
    this.#lock = lock;
    this.#leaseDuration = leaseDuration;
    this.#renewDeadline = renewDeadline;
    this.#retryPeriod = retryPeriod;
    this.#releaseOnCancel = releaseOnCancel;
    this.#onStartedLeading = onStartedLeading;
    this.#onStoppedLeading = onStoppedLeading;
    this.#onNewLeader = onNewLeader;
    this.#logger = logger;
    this.#clock = clock;
    this.#random = random;
    this.#labels = { name: options.name ?? lock.name };
    this.#status = meter.gauge({
      name: "leader_election_master_status",
      help: "Whether this candidate is the leader: 1, or 0.",
      labels: ["name"],
    });
    this.#slowPaths = meter.counter({
      name: "leader_election_slowpath_total",
      help: "How many times a leader had to read its lease before it could renew it.",
      labels: ["name"],
    });
    this.#status.set(0, this.#labels);
  }

  /** Who was the leader when the lock was last looked at; empty when nobody was, or nobody has looked. */
  get leader(): string {
    return this.#observed?.state.record.holderIdentity ?? "";
  }

  /** Whether this candidate was the leader when the lock was last looked at. Work goes by {@linkcode Leadership}. */
  get isLeader(): boolean {
    return this.leader === this.#lock.identity;
  }

  /**
   * For health checks: a leader that should have stopped long ago, and lives on, hangs.
   *
   * @param tolerance Milliseconds beyond the lease's duration. Default 20,000, as Kubernetes' components use.
   * @throws {Error} If this candidate is the leader by what it knows, and its lease has run out.
   * @see client-go `leaderelection.HealthzAdaptor`, spec informers 20.9
   */
  check({ tolerance = 20_000 }: { tolerance?: number } = {}): void {
    if (!this.isLeader) return;
    const age = this.#clock.now() - this.#observed!.at; // there is a leader, so something was seen
    if (age <= this.#leaseDuration + tolerance) return;
    throw new Error(
      `The lease ${this.#lock.description} has run out: it was renewed ${Math.round(age / 1_000)} s ago`,
    );
  }

  /**
   * Waits until this candidate is the leader, and lets it be so until the lease cannot be renewed or `signal` aborts.
   * It may be called again when it has ended.
   *
   * @throws What `onStartedLeading` or `onStoppedLeading` throws.
   */
  async run({ signal }: { signal?: AbortSignal } = {}): Promise<void> {
    if (this.#isRunning) throw new TypeError("Cannot run for leader: this candidate is running already");
    this.#isRunning = true;
    try {
      const askedAt = await this.#acquire(signal);
      if (askedAt === undefined) return;
      if (!signal?.aborted) await this.#lead(askedAt, signal);
      else if (this.#releaseOnCancel) await this.#release();
    } finally {
      this.#isRunning = false;
      this.#onStoppedLeading();
    }
  }

  /** Tries until it works. @returns When the lock was asked for that we have; `undefined` when told to stop. */
  async #acquire(signal: AbortSignal | undefined): Promise<number | undefined> {
    while (!signal?.aborted) {
      const attempt = await this.#attempt(signal);
      this.#reportLeader();
      if (attempt.at === "held" && this.#clock.now() < attempt.askedAt + this.#renewDeadline) {
        return attempt.askedAt;
      }
      await this.#pause(this.#retryPeriod * (1 + this.#random() * JITTER), signal);
    }
    return undefined;
  }

  async #lead(askedAt: number, signal: AbortSignal | undefined): Promise<void> {
    const ending = new AbortController();
    const forget = onAbort(signal, (reason) => ending.abort(reason));
    let heldUntil = 0;
    let cancelWatchdog = () => {};
    const hold = (askedAt: number) => {
      heldUntil = askedAt + this.#renewDeadline;
      const left = heldUntil - this.#clock.now();
      const lose = () => ending.abort(this.#lost(`it was not renewed for ${this.#renewDeadline} ms`));
      cancelWatchdog();
      if (left > 0) cancelWatchdog = this.#clock.schedule(lose, left);
      else lose(); // this process was stopped for a while
    };
    hold(askedAt);
    this.#status.set(1, this.#labels);
    this.#lock.recordEvent?.("became leader");
    this.#logger.info("became leader", { lock: this.#lock.description, identity: this.#lock.identity });

    let failure: { error: unknown } | undefined;
    const leadership: Leadership = {
      signal: ending.signal,
      fencingToken: this.#observed!.state.record.leaderTransitions, // of what we have just written
      isHeld: () => !ending.signal.aborted && this.#clock.now() < heldUntil,
    };
    const work = this.#work(leadership, (error) => {
      failure = { error };
      ending.abort(error);
    });
    await this.#renew(ending, hold);
    forget();
    cancelWatchdog();
    this.#status.set(0, this.#labels);
    // Given back only while it is ours, and when the work has ended: another may begin with it at once.
    if (this.#releaseOnCancel && this.#clock.now() < heldUntil && this.isLeader) {
      const left = heldUntil - this.#clock.now();
      const ended = await within(this.#clock, left, undefined, () => work).then(() => true, () => false);
      if (ended) await this.#release();
    }
    this.#lock.recordEvent?.("stopped leading");
    this.#logger.info("stopped leading", { lock: this.#lock.description, reason: ending.signal.reason });
    if (failure !== undefined) throw (failure as { error: unknown }).error;
  }

  /** Does the leader's work. Never rejects. */
  async #work(leadership: Leadership, onFailed: (error: unknown) => void): Promise<void> {
    try {
      await this.#onStartedLeading(leadership);
    } catch (error) {
      if (!leadership.signal.aborted) onFailed(error);
      else if (error !== leadership.signal.reason) {
        this.#logger.error("work failed after the leadership had ended", { error });
      }
    }
  }

  /** Renews the lease until the leadership ends. */
  async #renew(ending: AbortController, hold: (askedAt: number) => void): Promise<void> {
    const { signal } = ending;
    while (await this.#pause(this.#retryPeriod, signal)) {
      const began = this.#clock.now();
      for (;;) {
        const attempt = await this.#attempt(signal);
        if (signal.aborted) return;
        this.#reportLeader();
        if (attempt.at === "taken") return ending.abort(this.#lost(`${JSON.stringify(this.leader)} has it`));
        if (attempt.at === "held") {
          hold(attempt.askedAt);
          break;
        }
        const sinceTick = (this.#clock.now() - began) % this.#retryPeriod;
        if (!await this.#pause(this.#retryPeriod - sinceTick, signal)) return;
      }
    }
  }

  #lost(why: string): Error {
    return new Error(`Lost the lease ${this.#lock.description}: ${why}`);
  }

  /** One attempt, which fails when it takes too long. Never rejects. */
  async #attempt(signal: AbortSignal | undefined): Promise<Attempt> {
    if (signal?.aborted) return { at: "failed" };
    const limit = Math.min(this.#renewDeadline, Math.max(LEAST_LIMIT, this.#renewDeadline / 2));
    try {
      return await within(this.#clock, limit, signal, (signal) => this.#tryAcquireOrRenew(signal));
    } catch (error) {
      if (!signal?.aborted) {
        this.#logger.warn("could not get or renew the lease", { lock: this.#lock.description, error });
      }
      return { at: "failed" };
    }
  }

  /** Spec informers 20.4, step by step. */
  async #tryAcquireOrRenew(signal: AbortSignal): Promise<Attempt> {
    const { identity } = this.#lock;
    if (this.isLeader && this.#isValid()) {
      try {
        return await this.#write(this.#observed!.state, signal);
      } catch (error) {
        signal.throwIfAborted();
        this.#logger.debug("could not renew the lease without reading it", { error });
      }
    }
    const state = await this.#lock.get({ signal });
    signal.throwIfAborted(); // a lock may be deaf, and this attempt over
    if (state !== undefined) this.#observe(state);
    // Also of a lease that somebody has deleted: its holder does not know yet.
    const holder = this.leader;
    if (holder !== "" && holder !== identity && this.#isValid()) return { at: "taken" };
    if (state !== undefined && holder === identity) this.#slowPaths.add(1, this.#labels);
    return await this.#write(state, signal);
  }

  /** Takes notice of what was read. Only a record that has changed is a sign of life. */
  #observe(state: LockState): void {
    const isNew = this.#observed === undefined || !isSame(this.#observed.state.record, state.record);
    this.#observed = { state, at: isNew ? this.#clock.now() : this.#observed!.at };
  }

  /** Writes that we are the leader, in place of a state, or of nothing. */
  async #write(state: LockState | undefined, signal: AbortSignal): Promise<Attempt> {
    const before = this.#observed?.state.record; // also of a lease that is gone: tokens go on growing
    const isOurs = before?.holderIdentity === this.#lock.identity;
    const askedAt = this.#clock.now();
    const date = this.#clock.date().getTime() * 1_000;
    // A renewal that looks like the one before would be none, wherever this machine's date jumps.
    const renewTime = isOurs ? Math.max(date, before.renewTime + 1) : date;
    const record: LeaderRecord = {
      holderIdentity: this.#lock.identity,
      leaseDurationSeconds: this.#leaseDuration / 1_000,
      acquireTime: isOurs && before.acquireTime > 0 ? before.acquireTime : renewTime,
      renewTime,
      leaderTransitions: before === undefined ? 0 : before.leaderTransitions + (isOurs ? 0 : 1),
    };
    const written = state === undefined
      ? await this.#lock.create(record, { signal })
      : await this.#lock.update(record, state, { signal });
    signal.throwIfAborted();
    this.#observed = { state: written, at: askedAt };
    return { at: "held", askedAt };
  }

  /** Whether the holder that was seen last may still be the leader. */
  #isValid(): boolean {
    const { state, at } = this.#observed!; // there is a holder, so something was seen
    return this.#clock.now() < at + state.record.leaseDurationSeconds * 1_000;
  }

  /** Gives the lock back, if it is still ours by what the server has. Never rejects. (spec informers 20.6) */
  async #release(): Promise<void> {
    const { identity, description } = this.#lock;
    const release = async (signal: AbortSignal): Promise<void> => {
      const state = await this.#lock.get({ signal });
      signal.throwIfAborted();
      if (state !== undefined) this.#observe(state);
      if (state?.record.holderIdentity !== identity) return;
      const now = Math.max(this.#clock.date().getTime() * 1_000, state.record.renewTime + 1);
      const released: LeaderRecord = {
        holderIdentity: "",
        leaseDurationSeconds: 1,
        acquireTime: now,
        renewTime: now,
        leaderTransitions: state.record.leaderTransitions,
      };
      try {
        const written = await this.#lock.update(released, state, { signal });
        signal.throwIfAborted();
        this.#observe(written);
      } catch (error) {
        if (!isConflict(error)) throw error;
        await release(signal);
      }
    };
    try {
      await within(this.#clock, this.#renewDeadline, undefined, release);
    } catch (error) {
      this.#logger.warn("could not give the lease back", { lock: description, error });
    }
  }

  #reportLeader(): void {
    const { leader } = this;
    if (this.#observed === undefined || leader === this.#reported) return;
    this.#reported = leader;
    try {
      this.#onNewLeader?.(leader);
    } catch (error) {
      this.#logger.error("onNewLeader failed", { error });
    }
  }

  /** @returns Whether the pause is over; false when told to stop. */
  async #pause(duration: number, signal: AbortSignal | undefined): Promise<boolean> {
    try {
      await this.#clock.sleep(duration, { signal });
      return true;
    } catch (error) {
      if (!signal?.aborted) throw error;
      return false;
    }
  }
}

/** Refuses settings that cannot work, in client-go's order (spec informers 20.1). */
function check(
  { leaseDuration, renewDeadline, retryPeriod }: Record<
    "leaseDuration" | "renewDeadline" | "retryPeriod",
    number
  >,
  { lock, onStartedLeading, onStoppedLeading }: LeaderElectorOptions,
): void {
  const refuse = (problem: string) => new RangeError(`Cannot elect a leader: ${problem}`);
  if (!(leaseDuration > renewDeadline)) {
    throw refuse(`leaseDuration must be above renewDeadline, ${renewDeadline} ms, got ${leaseDuration}`);
  }
  if (!(renewDeadline > retryPeriod * JITTER)) {
    throw refuse(
      `renewDeadline must be above ${JITTER} times retryPeriod, ${retryPeriod} ms, got ${renewDeadline}`,
    );
  }
  for (const [name, value] of Object.entries({ leaseDuration, renewDeadline, retryPeriod })) {
    if (!(value > 0)) throw refuse(`${name} must be above 0 ms, got ${value}`);
  }
  if (!Number.isInteger(leaseDuration / 1_000)) {
    throw refuse(`leaseDuration must be whole seconds, as a Lease has no others, got ${leaseDuration} ms`);
  }
  for (const [name, callback] of Object.entries({ onStartedLeading, onStoppedLeading })) {
    if (typeof callback !== "function") throw new TypeError(`Cannot elect a leader: ${name} is missing`);
  }
  if (lock === undefined) throw new TypeError("Cannot elect a leader: lock is missing");
  if (!lock.identity) throw new TypeError("Cannot elect a leader: Lock identity is empty");
}

function isSame(one: LeaderRecord, other: LeaderRecord): boolean {
  return one.holderIdentity === other.holderIdentity &&
    one.leaseDurationSeconds === other.leaseDurationSeconds &&
    one.acquireTime === other.acquireTime && one.renewTime === other.renewTime &&
    one.leaderTransitions === other.leaderTransitions && one.strategy === other.strategy &&
    one.preferredHolder === other.preferredHolder;
}
