// Many candidates, drifting clocks, and everything that goes wrong in a cluster; time is true time, moved by hand.
import { ApiServer, ManualClock } from "@coxswain/kube/testing";
import { seededRandom } from "../../testing/seeded_random.ts";
import { type Durations, SimulatedProcess, type World } from "./simulated_process.ts";

/** Settings with the same ratio of lease to deadline as the defaults: what ±20 % of drift needs. */
const DURATIONS: readonly Durations[] = [
  { leaseDuration: 15_000, renewDeadline: 10_000, retryPeriod: 2_000 },
  { leaseDuration: 6_000, renewDeadline: 4_000, retryPeriod: 1_000 },
  { leaseDuration: 3_000, renewDeadline: 2_000, retryPeriod: 500 },
];
const DRIFT = 0.2;
/** True time with faults, and then without until there has to be a leader, in leases. */
const TROUBLE = 8;
const HEALTHY = 3;

export interface SimulationResult {
  /** What went wrong, if anything. */
  problem?: string;
  terms: number;
  /** The last things that happened. */
  log: string[];
  /** Share of the troubled time in which somebody led. */
  led: number;
}

export interface SimulationOptions {
  /** Other settings than those of the seed. */
  durations?: Durations;
  drift?: number;
}

export async function simulate(
  seed: number,
  { durations, drift = DRIFT }: SimulationOptions = {},
): Promise<SimulationResult> {
  const random = seededRandom(seed);
  const below = (count: number) => Math.floor(random() * count);
  const time = new ManualClock();
  const server = new ApiServer({ clock: time, seed });
  const log: string[] = [];
  const say = (words: string) => log.push(`${time.now().toFixed(1)} ${words}`);
  let problem: string | undefined;
  const fail = (words: string) => {
    say(words);
    problem ??= `${words} at ${time.now().toFixed(1)} ms`;
  };
  let isUp = true;
  let terms = 0;
  let last: { identity: string; token: number } | undefined;
  const processes: SimulatedProcess[] = [];
  const runs: Promise<void>[] = [];

  const world: World = {
    time,
    random,
    trouble: { late: random() * 0.2, lost: random() * 0.05 },
    durations: durations ?? DURATIONS[below(DURATIONS.length)],
    serve: (url, init) => isUp ? server.fetch(url, init) : Promise.reject(new TypeError("refused")),
    onStarted(process, { fencingToken }) {
      terms++;
      say(`${process.identity} leads with ${fencingToken}`);
      if (last !== undefined) {
        const grows = last.identity === process.identity
          ? fencingToken >= last.token
          : fencingToken > last.token;
        if (!grows) fail(`the token of ${process.identity} is not above ${last.token} of ${last.identity}`);
      }
      last = { identity: process.identity, token: fencingToken };
    },
  };
  /** The promise: no two at the same instant, by their signals and by their clocks. */
  const check = () => {
    const leading = processes.filter((one) => one.isLeading);
    if (leading.length > 1) fail(`two leaders: ${leading.map(({ identity }) => identity)}`);
    const held = processes.filter((one) => !one.isDead && one.leadership?.isHeld());
    if (held.length > 1) fail(`two hold it: ${held.map(({ identity }) => identity)}`);
    return leading.length === 1;
  };
  const start = () => {
    const chance = random();
    const rate = chance < 0.25 ? 1 - drift : chance < 0.5 ? 1 + drift : 1 - drift + 2 * drift * random();
    const process = new SimulatedProcess(world, `p${processes.length}`, rate);
    say(`${process.identity} starts at rate ${rate.toFixed(2)}`);
    processes.push(process);
    runs.push(process.run().catch((error) => fail(`${process.identity} threw ${error}`)));
  };
  /** Moves time and looks after each moment at which something can have changed. */
  const pass = async (until: number): Promise<number> => {
    let led = 0;
    let before = time.now();
    let wasLed = check();
    while (problem === undefined && time.now() < until) {
      let isOver = false;
      const cancel = time.schedule(() => isOver = true, until - time.now());
      while (!isOver && problem === undefined && await time.runNext()) {
        if (wasLed) led += time.now() - before;
        before = time.now();
        wasLed = check();
      }
      cancel();
    }
    return led;
  };

  const count = 2 + below(6);
  for (let index = 0; index < count; index++) start();
  const { leaseDuration } = world.durations;
  const anyone = () => {
    const living = processes.filter(({ isDead }) => !isDead);
    // Whom it hurts most, mostly.
    return living.find(({ isLeading }) => isLeading && random() < 0.6) ?? living[below(living.length)];
  };
  const later = (callback: () => void, longest: number) => time.schedule(callback, random() * longest);
  const faults: (() => void)[] = [
    () => {
      const one = anyone();
      one.network = random() < 0.5 ? "silent" : "refusing";
      say(`${one.identity} is cut off: ${one.network}`);
      later(() => one.network = "up", 2 * leaseDuration);
    },
    () => {
      const one = anyone();
      say(`${one.identity} is paused`);
      one.pause();
      later(() => {
        say(`${one.identity} goes on`);
        one.resume();
      }, 2.5 * leaseDuration);
    },
    () => {
      say("the server is down");
      isUp = false;
      later(() => isUp = true, leaseDuration);
    },
    () => {
      const one = anyone();
      say(`${one.identity} dies`);
      one.crash();
      later(start, leaseDuration);
    },
    () => {
      const one = anyone();
      say(`${one.identity} is told to step down`);
      one.stepDown();
    },
  ];
  const troubled = TROUBLE * leaseDuration;
  let led = 0;
  while (time.now() < troubled && problem === undefined) {
    led += await pass(time.now() + random() * leaseDuration);
    if (processes.filter(({ isDead }) => !isDead).length > 0) faults[below(faults.length)]();
  }
  const share = led / time.now();

  say("all is well");
  isUp = true;
  world.trouble.late = world.trouble.lost = 0;
  for (const one of processes) {
    one.network = "up";
    one.resume();
  }
  await pass(time.now() + HEALTHY * leaseDuration);
  if (!processes.some(({ isLeading }) => isLeading)) fail("nobody leads");

  for (const one of processes) {
    one.resume();
    one.stop();
  }
  if (problem === undefined) {
    await time.advance(20 * leaseDuration);
    await Promise.all(processes.flatMap(({ isDead }, index) => isDead ? [] : [runs[index]]));
  }
  await server[Symbol.asyncDispose]();
  return { problem, terms, log, led: share };
}
