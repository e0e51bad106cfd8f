import type { Client } from "../client/mod.ts";
import { formatMicroTime } from "../meta/mod.ts";
import { isAlreadyExists, isConflict, isNotFound } from "../rest/mod.ts";
import { Lease } from "../types/coordination_v1.ts";
import type { Registration } from "./event_handler.ts";
import type { Informer } from "./informer.ts";
import { InformerFactory } from "./informer_factory.ts";
import { hashOf } from "./shard.ts";

/** The label by which the Leases of a group are found. */
const GROUP_LABEL = "coxswain.dev/shard-group";

/** Options of {@linkcode ShardGroup}. Read once: changing the object later has no effect. */
export interface ShardGroupOptions {
  /** Where the Leases of the members are. */
  namespace: string;
  /** Which group. Its members' Leases are called after it and the member. */
  name: string;
  /** Who this is; different for each member, and a part of a Lease's name: such as the pod's name. */
  identity: string;
  /** What decides who has an object. By namespace, all objects of one are together. Default `"uid"`. */
  by?: "uid" | "namespace";
  /** A member that has not been heard of for this long is gone, in milliseconds. Default 15,000. */
  leaseDuration?: number;
  /** How often a member says that it is there, in milliseconds. Default 5,000. */
  renewInterval?: number;
  /** Called when members have come or gone, this one included, with their names in order. */
  onChange?: (members: readonly string[]) => void;
}

/**
 * Several processes that share the objects of one cluster. Each has a Lease and renews it; from who is there follows
 * who has which object. When a member comes or goes, only its objects change hands.
 *
 * Each goes on to watch all objects, and asks {@linkcode ShardGroup.owns} before it works on one. After a change it
 * should look at all objects again:
 * `onChange: () => pods.lister.list().forEach((pod) => group.owns(pod.metadata) && queue.add(keyOf(pod)))`.
 *
 * It is no lock. While members come and go, two may believe for a moment that they have the same object, for the
 * time that a Lease takes to reach them; a member that cannot renew its own has nothing from its end on.
 *
 * It asks for `list`, `watch`, `create`, `update`, `get` and `delete` of `leases` in its namespace.
 *
 * @see spec informers 23
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { ShardGroup } from "@coxswain/kube/cache";
 * import { Client } from "@coxswain/kube/client";
 * import { ApiServer } from "@coxswain/kube/testing";
 * const client = new Client(new ApiServer().restConfig());
 * const joined = Promise.withResolvers<readonly string[]>();
 * const group = new ShardGroup(client, {
 *   namespace: "default", name: "mailers", identity: "mailer-0", onChange: joined.resolve });
 * group.start();
 * assert.deepEqual(await joined.promise, ["mailer-0"]);
 * assert.ok(group.owns({ uid: "7b1d" })); // there is nobody else
 * await group[Symbol.asyncDispose]();
 * await client[Symbol.asyncDispose]();
 * ```
 */
export class ShardGroup implements AsyncDisposable {
  readonly #client: Client;
  readonly #options: Required<ShardGroupOptions>;
  readonly #informers: InformerFactory;
  readonly #leases: Informer<Lease>;
  readonly #others: Registration;
  readonly #stop = new AbortController();
  /** When each other member was last heard of, on this process' clock. */
  readonly #heard = new Map<string, number>();
  /** Until when the own Lease holds. */
  #validUntil = -Infinity;
  #members: readonly string[] = [];
  #cancelCheck = () => {};
  #running: Promise<void> | undefined; // never rejects

  /**
   * Opens nothing yet.
   *
   * @throws {RangeError} If a Lease would not be renewed before its end.
   */
  constructor(client: Client, options: ShardGroupOptions) {
    const { by = "uid", leaseDuration = 15_000, renewInterval = 5_000, onChange = () => {} } = options;
    if (!(renewInterval > 0 && renewInterval * 2 <= leaseDuration)) {
      throw new RangeError(
        `Cannot share: renewInterval must be above 0 and at most half of leaseDuration, got ${renewInterval} and ${leaseDuration} ms`,
      );
    }
    this.#client = client;
    this.#options = { ...options, by, leaseDuration, renewInterval, onChange };
    const { namespace, name } = options;
    this.#informers = new InformerFactory(client, { namespaces: namespace });
    this.#leases = this.#informers.informer(Lease, { labelSelector: `${GROUP_LABEL}=${name}` });
    this.#others = this.#leases.addEventHandler({
      onChange: ({ type, object }) => this.#hear(object.spec?.holderIdentity ?? "", type !== "DELETED"),
    });
  }

  /** Who is there, in order; empty before that is known, and when this one cannot say that it is there itself. */
  get members(): readonly string[] {
    return this.#members;
  }

  /** Whether an object is this member's to work on. */
  owns(metadata: { readonly uid?: string; readonly namespace?: string }): boolean {
    const { by, identity } = this.#options;
    const { clock } = this.#client.rest.config;
    if (clock.now() >= this.#validUntil || !this.#members.includes(identity)) return false;
    const text = metadata[by] ?? "";
    // Each member draws a number for the object, and the highest has it: who comes or goes moves no other's objects.
    let owner = "";
    let highest = -1n;
    for (const member of this.#members) {
      const drawn = hashOf(`${text}\n${member}`);
      if (drawn > highest) [owner, highest] = [member, drawn];
    }
    return owner === identity;
  }

  /** Joins the group. Calling again does nothing. */
  start(): void {
    if (this.#stop.signal.aborted) throw new TypeError(`Cannot join the group ${this.#options.name} again`);
    this.#running ??= this.#run(this.#stop.signal);
  }

  /** Leaves the group, so that others take over at once. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    const isFirst = !this.#stop.signal.aborted;
    this.#stop.abort(new DOMException("The group was left", "AbortError"));
    this.#cancelCheck();
    await this.#running;
    await this.#informers[Symbol.asyncDispose]();
    const isMember = this.#validUntil > -Infinity;
    this.#validUntil = -Infinity;
    this.#members = [];
    if (!isFirst || !isMember) return;
    const { rest: { config: { logger } } } = this.#client;
    await this.#own.delete(this.#leaseName).catch((error) =>
      logger.warn("Cannot delete the Lease of this member: it ends by itself", { error })
    );
  }

  get #own() {
    return this.#client.resource(Lease).namespace(this.#options.namespace);
  }

  get #leaseName(): string {
    return `${this.#options.name}-${this.#options.identity}`;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#client.rest.config;
    this.#informers.start();
    this.#others.waitForSync({ signal }).then(() => this.#check(), () => {}); // it was left before
    try {
      for (;;) {
        const began = clock.now();
        try {
          await this.#renew(signal);
          this.#validUntil = began + this.#options.leaseDuration;
        } catch (error) {
          signal.throwIfAborted();
          logger.warn(`Cannot renew the Lease ${this.#leaseName}`, { error });
        }
        this.#check();
        await clock.sleep(this.#options.renewInterval, { signal });
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async #renew(signal: AbortSignal): Promise<void> {
    const { name, identity, leaseDuration } = this.#options;
    const { clock } = this.#client.rest.config;
    const spec = {
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(leaseDuration / 1_000),
      renewTime: formatMicroTime(clock.date().getTime()),
    };
    const lease = { metadata: { name: this.#leaseName, labels: { [GROUP_LABEL]: name } }, spec };
    try {
      await this.#own.patch(this.#leaseName, { merge: { spec } }, { signal });
    } catch (error) {
      if (!isNotFound(error)) throw error;
      await this.#own.create(lease, { signal }).catch((error) => {
        if (!isAlreadyExists(error) && !isConflict(error)) throw error; // the next time is soon
      });
    }
  }

  #hear(member: string, isThere: boolean): void {
    if (member === "" || member === this.#options.identity) return;
    if (isThere) this.#heard.set(member, this.#client.rest.config.clock.now());
    else this.#heard.delete(member);
    this.#check();
  }

  /** Works out who is there, and when to look again. */
  #check(): void {
    this.#cancelCheck();
    const { identity, leaseDuration, onChange } = this.#options;
    const { clock, logger } = this.#client.rest.config;
    const now = clock.now();
    for (const [member, at] of this.#heard) if (now - at >= leaseDuration) this.#heard.delete(member);
    // Who does not know the others must not take everything for its own.
    const isKnown = this.#others.hasSynced && now < this.#validUntil;
    const members = isKnown ? [...this.#heard.keys(), identity].sort() : [];
    const next = Math.min(...this.#heard.values(), this.#validUntil - leaseDuration) + leaseDuration - now;
    if (next > 0 && next < Infinity && !this.#stop.signal.aborted) {
      this.#cancelCheck = clock.schedule(() => this.#check(), next);
    }
    if (members.join() === this.#members.join()) return;
    this.#members = members;
    try {
      onChange(members);
    } catch (error) {
      logger.error("The onChange of a shard group failed", { error });
    }
  }
}
