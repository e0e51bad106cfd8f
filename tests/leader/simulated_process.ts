// A process of a simulated cluster: a clock that goes at its own speed, a network that fails, and a candidate.
import type { Clock, SleepOptions } from "@coxswain/kube/async";
import { Client } from "@coxswain/kube/client";
import { LeaderElector, type Leadership, LeaseLock } from "@coxswain/kube/leader";
import { sleepOn } from "@coxswain/kube/async";
import { RestConfig } from "@coxswain/kube/rest";
import type { ManualClock } from "@coxswain/kube/testing";

export interface Durations {
  leaseDuration: number;
  renewDeadline: number;
  retryPeriod: number;
}

/** What a process lives in. */
export interface World {
  /** True time. */
  readonly time: ManualClock;
  readonly random: () => number;
  /** How likely a message is late, or lost: from 0 up to 1. */
  readonly trouble: { late: number; lost: number };
  /** The server, while it is up; an answer comes in any case, late or not. */
  serve(url: string, init: RequestInit): Promise<Response>;
  readonly durations: Durations;
  onStarted(process: SimulatedProcess, leadership: Leadership): void;
}

export type Network = "up" | "silent" | "refusing";

export class SimulatedProcess {
  readonly identity: string;
  readonly elector: LeaderElector;
  network: Network = "up";
  leadership: Leadership | undefined;
  isPaused = false;
  isDead = false;
  /** What the process does when it goes on, in order: overdue timers, then what the network has brought. */
  #overdue: (() => void)[] = [];
  #arrived: (() => void)[] = [];
  readonly #world: World;
  readonly #rate: number;
  readonly #client: Client;
  #term = new AbortController();
  #stopped = false;

  constructor(world: World, identity: string, rate: number) {
    this.#world = world;
    this.identity = identity;
    this.#rate = rate;
    const clock = this.#clock();
    this.#client = new Client(
      new RestConfig({
        server: "http://coxswain.test",
        fetch: ((url: string | URL | Request, init?: RequestInit) =>
          this.#fetch(String(url), init ?? {})) as typeof globalThis.fetch,
        clock,
        maxRetries: 0,
        random: world.random,
      }),
    );
    this.elector = new LeaderElector({
      ...world.durations,
      lock: new LeaseLock(this.#client, { namespace: "default", name: "webapp", identity }),
      clock,
      random: world.random,
      releaseOnCancel: world.random() < 0.5,
      onStartedLeading: (leadership) => {
        this.leadership = leadership;
        world.onStarted(this, leadership);
        const windDown = world.random() * 2_000;
        return new Promise<void>((resolve) =>
          leadership.signal.addEventListener("abort", () => void clock.sleep(windDown).then(resolve))
        );
      },
      onStoppedLeading: () => {},
    });
  }

  /** Is a candidate until it is stopped, again and again. */
  async run(): Promise<void> {
    while (!this.#stopped) {
      await this.elector.run({ signal: this.#term.signal });
      this.#term = new AbortController();
    }
    await this.#client[Symbol.asyncDispose]();
  }

  /** Leads by its own belief, while it can act on it. */
  get isLeading(): boolean {
    return !this.isPaused && !this.isDead && this.leadership?.signal.aborted === false;
  }

  /** Ends the term, as a program does that is told to; it is a candidate again at once. */
  stepDown(): void {
    this.#whenRunning(() => this.#term.abort("told to step down"));
  }

  stop(): void {
    this.#stopped = true;
    this.stepDown();
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    if (!this.isPaused) return;
    this.isPaused = false;
    for (const callback of this.#overdue.splice(0)) callback();
    for (const callback of this.#arrived.splice(0)) callback();
  }

  /** It never does anything again. */
  crash(): void {
    this.isDead = true;
  }

  #whenRunning(callback: () => void, queue = this.#arrived): void {
    if (this.isDead) return;
    if (this.isPaused) queue.push(callback);
    else callback();
  }

  #clock(): Clock {
    const { time } = this.#world;
    const offset = Math.floor(this.#world.random() * 1e9);
    const clock: Clock = {
      now: () => offset + time.now() * this.#rate,
      date: () => new Date(Date.UTC(2020, 0, 1) + offset * 100 + time.now() * this.#rate), // years apart
      schedule: (callback, delay) => {
        let isCancelled = false;
        const cancel = time.schedule(
          () => this.#whenRunning(() => isCancelled || callback(), this.#overdue),
          Math.max(0, delay) / this.#rate,
        );
        return () => {
          isCancelled = true;
          cancel();
        };
      },
      sleep: (delay: number, options?: SleepOptions) => sleepOn(clock, delay, options),
    };
    return clock;
  }

  /** A request on a network that delays, loses and cuts. The server does what reaches it, whoever waits for it. */
  #fetch(url: string, { method, headers, body, signal }: RequestInit): Promise<Response> {
    const { time, random, serve, trouble, durations: { leaseDuration } } = this.#world;
    const latency = () => random() < trouble.late ? random() * leaseDuration : 1 + random() * 40;
    return new Promise((resolve, reject) => {
      const onAbort = () => reject(signal!.reason);
      const settle = (how: () => void) =>
        time.schedule(() =>
          this.#whenRunning(() => {
            signal?.removeEventListener("abort", onAbort);
            how();
          }), latency());
      const fail = () => settle(() => reject(new TypeError("The connection was cut")));
      signal?.addEventListener("abort", onAbort);
      if (this.network === "refusing") return fail();
      if (this.network === "silent") return;
      time.schedule(async () => {
        const isLost = this.network !== "up" && random() < 0.5; // cut off on the way
        if (isLost) return;
        try {
          const response = await serve(url, { method, headers, body });
          const chance = random();
          if (this.network === "silent" || chance < trouble.lost) return; // it was done, and nobody will know
          if (chance < 2 * trouble.lost) return fail();
          settle(() => resolve(response));
        } catch {
          fail();
        }
      }, latency());
    });
  }
}
