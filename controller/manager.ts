import { type Clock, onAbort, systemClock } from "../async/mod.ts";
import { InformerFactory, type InformerFactoryOptions } from "../cache/mod.ts";
import type { Client } from "../client/mod.ts";
import { LeaderElector, type LeaderElectorOptions, LeaseLock } from "../leader/mod.ts";
import type { KubernetesObject } from "../meta/mod.ts";
import { type Logger, type Meter, noLogger, noMeter } from "../observe/mod.ts";
import {
  Controller,
  type ControllerDefinition,
  type ControllerHealth,
  type ControllerOptions,
} from "./controller.ts";
import type { EventRecorder } from "./event_recorder.ts";
import { type HealthCheck, healthHandler } from "./health_handler.ts";
import { SeriesEventRecorder } from "./series_event_recorder.ts";

/** Which leadership a manager's controllers need. */
export interface LeaderElectionOptions
  extends Pick<LeaderElectorOptions, "leaseDuration" | "renewDeadline" | "retryPeriod"> {
  /** The Lease's namespace. */
  namespace: string;
  /** The Lease's name. */
  name: string;
  /** Who this process is; another for each. Default: random. */
  identity?: string;
}

/** Options of {@linkcode Manager}. Read once: changing the object later has no effect. */
export interface ManagerOptions {
  /** Controllers work while this process is the leader, and wait with warm caches otherwise. Default: they work. */
  leaderElection?: LeaderElectionOptions;
  /** For the client that renews the lease. Default the manager's own, whose rate limit the lease then shares. */
  leaderClient?: Client;
  /**
   * For all caches: namespaces, selectors. They are compact unless this says otherwise: controllers read few of the
   * objects that they know, and those who read all of them again and again say `store: "plain"`.
   */
  informers?: InformerFactoryOptions;
  /** Where events go. Default: events of `events.k8s.io/v1`, in the name of the leadership or of `coxswain`. */
  recorder?: EventRecorder;
  /** How long reconciles may go on when the program is told to stop, in milliseconds. Default 10,000. */
  gracePeriod?: number;
  /** What else must work for the process to be let live, by name. */
  live?: Readonly<Record<string, HealthCheck>>;
  /** What else must work for the process to be ready, by name. */
  ready?: Readonly<Record<string, HealthCheck>>;
  /** Where metrics go. One with `text()`, such as `PrometheusMeter`, is served under `/metrics`. Default: nowhere. */
  meter?: Meter & { text?(): string };
  /** Where it logs. Default: nowhere. */
  logger?: Logger;
  /** The clock. Default the runtime's. */
  clock?: Clock;
  /** Where chance comes from: a number from 0 up to 1. Default `Math.random`. */
  random?: () => number;
}

/** How long reconciles that were broken off are waited for, in milliseconds. */
const LAST_WAIT = 5_000;

/**
 * Several controllers in one process: they share caches, a leadership and a health endpoint, and stop together. None
 * of them can stop another: one that throws, hangs or floods has a queue and workers of its own.
 *
 * @see controller-runtime `pkg/manager`
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Client } from "@coxswain/kube/client";
 * import { Manager } from "@coxswain/kube/controller";
 * import { ApiServer } from "@coxswain/kube/testing";
 * import { ConfigMap } from "@coxswain/kube/types/core/v1";
 * const client = new Client(new ApiServer().restConfig());
 * await client.resource(ConfigMap).namespace("default").create({ metadata: { name: "shop" } });
 * const stop = new AbortController();
 * const seen: string[] = [];
 * const manager = new Manager(client);
 * manager.add({
 *   for: ConfigMap,
 *   reconcile: ({ namespace, name }) => {
 *     seen.push(`${namespace}/${name}`);
 *     stop.abort();
 *   },
 * });
 * await manager.run({ signal: stop.signal });
 * assert.deepEqual(seen, ["default/shop"]);
 * await client[Symbol.asyncDispose]();
 * ```
 */
export class Manager {
  /** The caches. Informers that are made before {@linkcode Manager.run} start with it. */
  readonly informers: InformerFactory;
  /** Answers `/healthz`, `/livez`, `/readyz` and `/metrics`: for `Deno.serve`, `Bun.serve` or any server of web requests. */
  readonly fetch: (request: Request) => Promise<Response>;
  readonly #client: Client;
  readonly #options: ManagerOptions;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #recorder: EventRecorder;
  readonly #ownRecorder: SeriesEventRecorder | undefined;
  readonly #controllers = new Map<string, Controller>();
  #elector: LeaderElector | undefined;
  #state: "new" | "starting" | "synced" | "stopped" = "new";

  /** Asks for nothing yet. The client stays the program's to close. */
  constructor(client: Client, options: ManagerOptions = {}) {
    const { logger = noLogger, clock = systemClock, random, recorder, leaderElection, live, ready, meter } =
      options;
    this.#client = client;
    this.#options = { ...options };
    this.#logger = logger;
    this.#clock = clock;
    this.informers = new InformerFactory(client, { store: "compact", ...options.informers });
    const controller = leaderElection?.name ?? "coxswain";
    this.#ownRecorder = recorder === undefined
      ? new SeriesEventRecorder(client, { controller, logger, clock, random })
      : undefined;
    this.#recorder = recorder ?? this.#ownRecorder!; // one of them is there
    this.fetch = healthHandler({
      live: { ping: () => {}, leaderElection: () => this.#elector?.check(), ...live },
      ready: { caches: () => this.#checkSynced(), ...ready },
      metrics: meter?.text === undefined ? undefined : { text: () => meter.text!() },
    });
  }

  /**
   * Adds a controller.
   *
   * @throws {TypeError} If there is one of that name, or the manager runs already.
   */
  add<T extends KubernetesObject>(
    definition: ControllerDefinition<T>,
    options: ControllerOptions = {},
  ): this {
    if (this.#state !== "new") throw new TypeError("Cannot add a controller: the manager runs already");
    const controller = new Controller(definition, options, {
      client: this.#client,
      informers: this.informers,
      recorder: this.#recorder,
      logger: this.#logger,
      meter: this.#options.meter ?? noMeter,
      clock: this.#clock,
    });
    if (this.#controllers.has(controller.name)) {
      throw new TypeError(`Cannot add a controller: there is one called ${JSON.stringify(controller.name)}`);
    }
    this.#controllers.set(controller.name, controller as unknown as Controller);
    return this;
  }

  /** How each controller is doing. */
  health(): ControllerHealth[] {
    return [...this.#controllers.values()].map((controller) => controller.health());
  }

  /**
   * Starts the caches, then the controllers, and keeps all at work until `signal` aborts; then lets reconciles end
   * for `gracePeriod`, breaks off the rest, gives the leadership back and closes everything.
   *
   * @throws {Error} If the leadership was lost: the program should end then, and be started again. Also if a reconciler
   * does not stop.
   */
  async run({ signal }: { signal: AbortSignal }): Promise<void> {
    if (this.#state !== "new") throw new TypeError("Cannot run a manager twice");
    this.#state = "starting";
    const controllers = [...this.#controllers.values()];
    try {
      for (const controller of controllers) controller.connect();
      this.informers.start();
      await untilStopped(Promise.all(controllers.map((one) => one.waitForSync({ signal }))), signal);
      if (signal.aborted) return;
      this.#state = "synced";
      const { leaderElection } = this.#options;
      if (leaderElection === undefined) await this.#work(signal, new AbortController().signal);
      else await this.#lead(leaderElection, signal);
    } finally {
      this.#state = "stopped";
      for (const controller of controllers) controller.stop();
      await this.#ownRecorder?.[Symbol.asyncDispose]();
      await this.informers[Symbol.asyncDispose]();
    }
  }

  /** Works while this process is the leader. */
  async #lead(
    { namespace, name, identity = crypto.randomUUID(), ...durations }: LeaderElectionOptions,
    stop: AbortSignal,
  ): Promise<void> {
    // The lease is renewed until the work has ended, so that nobody else begins meanwhile.
    const giveUp = new AbortController();
    let working: Promise<void> | undefined;
    const elector = new LeaderElector({
      ...durations,
      lock: new LeaseLock(this.#options.leaderClient ?? this.#client, {
        ...{ namespace, name, identity },
        recorder: this.#recorder,
      }),
      releaseOnCancel: true,
      onStartedLeading: async ({ signal, fencingToken }) => {
        working = this.#work(stop, signal, fencingToken);
        const hasEnded = await working.then(() => true, () => false);
        giveUp.abort(stop.reason);
        if (!hasEnded) await new Promise(() => {}); // what still goes on may write: the lease has to run out by itself
      },
      onStoppedLeading: () => {},
      meter: this.#options.meter,
      logger: this.#logger,
      clock: this.#clock,
      random: this.#options.random,
    });
    this.#elector = elector;
    const forget = onAbort(stop, (reason) => {
      if (working === undefined) giveUp.abort(reason);
    });
    await elector.run({ signal: giveUp.signal });
    forget();
    await working;
    if (!stop.aborted) throw new Error(`Lost the leadership of ${namespace}/${name}: another may work now`);
  }

  /** Lets all controllers work until told to stop, or until the leadership is lost, when all is broken off at once. */
  async #work(stop: AbortSignal, lost: AbortSignal, fencingToken?: number): Promise<void> {
    const { gracePeriod = 10_000 } = this.#options;
    const abort = new AbortController();
    const working = new Set(this.#controllers.keys());
    const work = Promise.all([...this.#controllers.values()].map(async (controller) => {
      await controller.work({ stop, abort: abort.signal, fencingToken });
      working.delete(controller.name);
    }));
    const timers: (() => void)[] = [];
    const listeners: (() => void)[] = [];
    const isDeaf = new Promise<never>((_, reject) => {
      const breakOff = (reason: unknown) => {
        abort.abort(reason);
        timers.push(this.#clock.schedule(() => {
          const names = [...working].join(", ");
          reject(new Error(`Cannot stop ${names}: a reconciler does not heed its signal`));
        }, LAST_WAIT));
      };
      listeners.push(
        onAbort(lost, breakOff),
        onAbort(stop, (reason) => timers.push(this.#clock.schedule(() => breakOff(reason), gracePeriod))),
      );
    });
    try {
      await Promise.race([work, isDeaf]);
    } finally {
      for (const undo of [...timers, ...listeners]) undo();
    }
  }

  #checkSynced(): void {
    if (this.#state !== "synced") {
      throw new Error(`The caches have not synced: the manager is ${this.#state}`);
    }
  }
}

/** Waits, but not on after an abort. */
async function untilStopped(wait: Promise<unknown>, signal: AbortSignal): Promise<void> {
  try {
    await wait;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
