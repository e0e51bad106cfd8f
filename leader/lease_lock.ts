import type { Client } from "../client/mod.ts";
import { formatMicroTime, type ObjectMeta, parseMicroTime, type Stored } from "../meta/mod.ts";
import { isNotFound } from "../rest/mod.ts";
import { Lease, type LeaseSpec } from "../types/coordination_v1.ts";
import type { LeaderLock, LeaderRecord, LockOptions, LockState } from "./leader_lock.ts";

/** What a {@linkcode LeaseLock} needs of an event recorder. That of `@coxswain/kube/controller` has it. */
export interface LeaderEventRecorder {
  /** Records an event about an object. Does not fail, and does not wait. */
  event(regarding: Lease, event: { type: "Normal"; reason: string; message: string }): void;
}

/** Options of {@linkcode LeaseLock}. Read once: changing the object later has no effect. */
export interface LeaseLockOptions {
  /** The Lease's namespace. */
  namespace: string;
  /** The Lease's name. Candidates for one leadership have the same one. */
  name: string;
  /**
   * Who asks for the lock. It has to be new for each process, such as the pod's name with a random suffix: who comes
   * back under the name of the holder takes the lock for its own.
   */
  identity: string;
  /** Labels to put on the Lease. Others that it has are left alone. */
  labels?: Readonly<Record<string, string>>;
  /** Where it is told who has become leader. Default: nowhere. */
  recorder?: LeaderEventRecorder;
}

/**
 * A lock in a Lease of `coordination.k8s.io/v1`, as client-go's leader election keeps it: programs in Go and in
 * TypeScript can be candidates for the same one.
 *
 * It asks for `get`, `create` and `update` of `leases`. Give it a client that does little else: requests of one client
 * wait for each other's rate limit, and a lease that is renewed too late is lost.
 *
 * @see client-go `resourcelock.LeaseLock`, spec informers 20.8
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Client } from "@coxswain/kube/client";
 * import { LeaderElector, LeaseLock } from "@coxswain/kube/leader";
 * import { ApiServer } from "@coxswain/kube/testing";
 * const client = new Client(new ApiServer().restConfig());
 * const lock = new LeaseLock(client, { namespace: "default", name: "webapp", identity: crypto.randomUUID() });
 * const stop = new AbortController();
 * await new LeaderElector({
 *   lock,
 *   onStartedLeading: ({ fencingToken }) => {
 *     assert.equal(fencingToken, 0);
 *     stop.abort();
 *   },
 *   onStoppedLeading: () => {},
 * }).run({ signal: stop.signal });
 * await client[Symbol.asyncDispose]();
 * ```
 */
export class LeaseLock implements LeaderLock {
  /** Name of the Lease. */
  readonly name: string;
  /** Namespace and name of the Lease. */
  readonly description: string;
  /** Who asks for the lock. */
  readonly identity: string;
  readonly #client: Client;
  readonly #namespace: string;
  readonly #labels: Readonly<Record<string, string>>;
  readonly #recorder: LeaderEventRecorder | undefined;
  /** What was seen of the Lease last: events are about it. */
  #metadata: ObjectMeta | undefined;

  /** Asks for nothing yet. */
  constructor(client: Client, options: LeaseLockOptions) {
    const { namespace, name, identity, labels = {}, recorder } = options;
    this.name = name;
    this.description = `${namespace}/${name}`;
    this.identity = identity;
    this.#client = client;
    this.#namespace = namespace;
    this.#labels = { ...labels };
    this.#recorder = recorder;
  }

  /** Reads the Lease. */
  async get({ signal }: LockOptions = {}): Promise<LockState | undefined> {
    try {
      return this.#stateOf(await this.#leases().get(this.name, { signal }));
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /**
   * Creates the Lease.
   *
   * @throws {StatusError} `AlreadyExists`, among others.
   */
  async create(record: LeaderRecord, { signal }: LockOptions = {}): Promise<LockState> {
    const metadata = { namespace: this.#namespace, name: this.name, labels: { ...this.#labels } };
    return this.#stateOf(await this.#leases().create({ metadata, spec: specOf(record) }, { signal }));
  }

  /**
   * Replaces the spec of the Lease, and leaves all else as it was.
   *
   * @throws {StatusError} `Conflict` when somebody else has written it since, among others.
   */
  async update(record: LeaderRecord, before: LockState, { signal }: LockOptions = {}): Promise<LockState> {
    const lease = before.version as Stored<Lease>; // #stateOf() has put it there
    const metadata = { ...lease.metadata, labels: { ...lease.metadata.labels, ...this.#labels } };
    return this.#stateOf(
      await this.#leases().update({ ...lease, metadata, spec: specOf(record) }, { signal }),
    );
  }

  /** Records an event about the Lease, if there is a recorder. */
  recordEvent(message: string): void {
    const lease: Lease = {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: this.#metadata ?? { namespace: this.#namespace, name: this.name },
    };
    this.#recorder?.event(lease, {
      type: "Normal",
      reason: "LeaderElection",
      message: `${this.identity} ${message}`,
    });
  }

  /** The whole Lease is the version: an update sends it back, with the version of the server in it. */
  #stateOf(lease: Stored<Lease>): LockState {
    this.#metadata = lease.metadata;
    return { record: recordOf(lease.spec), version: lease };
  }

  #leases() {
    return this.#client.resource(Lease).namespace(this.#namespace);
  }
}

/** What is missing in a spec reads as nothing. (spec informers 20.8) */
function recordOf(spec: LeaseSpec = {}): LeaderRecord {
  return {
    holderIdentity: spec.holderIdentity ?? "",
    leaseDurationSeconds: spec.leaseDurationSeconds ?? 0,
    acquireTime: spec.acquireTime ? parseMicroTime(spec.acquireTime) : 0,
    renewTime: spec.renewTime ? parseMicroTime(spec.renewTime) : 0,
    leaderTransitions: spec.leaseTransitions ?? 0,
    ...spec.strategy ? { strategy: spec.strategy } : {},
    ...spec.preferredHolder ? { preferredHolder: spec.preferredHolder } : {},
  };
}

function specOf(record: LeaderRecord): LeaseSpec {
  return {
    holderIdentity: record.holderIdentity,
    leaseDurationSeconds: record.leaseDurationSeconds,
    acquireTime: record.acquireTime === 0 ? undefined : formatMicroTime(record.acquireTime),
    renewTime: record.renewTime === 0 ? undefined : formatMicroTime(record.renewTime),
    leaseTransitions: record.leaderTransitions,
    strategy: record.strategy || undefined,
    preferredHolder: record.preferredHolder || undefined,
  };
}
