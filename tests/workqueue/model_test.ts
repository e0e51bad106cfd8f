// The queues beside a specification that is as simple as it can be: lists that are searched, and no timer. A failure
// names its seed; `SEED=7 deno test -A tests/workqueue/model_test.ts` runs that one alone.
import assert from "node:assert/strict";
import process from "node:process";
import { describe, it } from "node:test";
import { ManualClock } from "@coxswain/kube/testing";
import { DelayingQueue, PriorityQueue } from "@coxswain/kube/workqueue";
import { seededRandom } from "../../testing/seeded_random.ts";

const SEEDS = process.env.SEED === undefined
  ? Array.from({ length: Number(process.env.SEEDS ?? 150) }, (_, index) => index + 1)
  : [Number(process.env.SEED)];
const STEPS = 150;
const KEYS = ["a", "b", "c", "d", "e"];

interface Waiting {
  key: string;
  priority: number;
}

/** The specification: section 19 of spec/informers.md, word by word. */
class Model {
  queue: Waiting[] = [];
  /** Added while they are processed. */
  again: Waiting[] = [];
  processing: string[] = [];
  delayed: (Waiting & { due: number })[] = [];
  getters: number[] = [];
  results = new Map<number, string | undefined | "aborted">();
  drains = new Map<number, "waits" | "drained">();
  isShuttingDown = false;
  readonly #mergesDelays: boolean;

  /** @param mergesDelays Whether an item is pending once, as in a PriorityQueue. */
  constructor(mergesDelays: boolean) {
    this.#mergesDelays = mergesDelays;
  }

  add(key: string, priority: number): void {
    this.#admitOne(key, priority);
    this.#serve();
  }

  #admitOne(key: string, priority: number): void {
    if (this.isShuttingDown) return;
    const delayed = this.delayed.find((one) => one.key === key);
    if (this.#mergesDelays && delayed !== undefined) {
      this.delayed = this.delayed.filter((one) => one !== delayed);
      priority = Math.max(priority, delayed.priority);
    }
    this.#admit({ key, priority });
  }

  addAfter(key: string, due: number, priority: number): void {
    if (this.isShuttingDown) return;
    const ready = [...this.queue, ...this.again].find((one) => one.key === key);
    if (this.#mergesDelays && ready !== undefined) return this.#admitOne(key, priority);
    const delayed = this.delayed.find((one) => one.key === key);
    if (delayed === undefined) this.delayed.push({ key, priority, due });
    else {
      delayed.due = Math.min(delayed.due, due);
      delayed.priority = Math.max(delayed.priority, priority);
    }
  }

  advance(now: number): void {
    const due = this.delayed.filter((one) => one.due <= now).sort((one, other) => one.due - other.due);
    this.delayed = this.delayed.filter((one) => one.due > now);
    for (const one of due) this.#admit(one);
    this.#serve();
  }

  get(id: number): void {
    this.getters.push(id);
    this.#serve();
    if (this.isShuttingDown) this.#tellTheEnd();
  }

  abort(id: number): void {
    if (!this.getters.includes(id)) return;
    this.getters = this.getters.filter((one) => one !== id);
    this.results.set(id, "aborted");
  }

  done(key: string): void {
    if (!this.processing.includes(key)) return;
    this.processing = this.processing.filter((one) => one !== key);
    const again = this.again.find((one) => one.key === key);
    if (again !== undefined) {
      this.again = this.again.filter((one) => one !== again);
      this.queue.push(again);
      this.#serve();
    }
    if (this.processing.length + this.queue.length === 0) this.#drained();
  }

  shutDown(): void {
    this.isShuttingDown = true;
    this.delayed = [];
    this.#tellTheEnd();
    this.#drained();
  }

  drain(id: number): void {
    this.isShuttingDown = true;
    this.delayed = [];
    this.#tellTheEnd();
    this.drains.set(id, "waits");
    if (this.processing.length === 0) this.#drained();
  }

  #admit(one: Waiting): void {
    const known = [...this.queue, ...this.again].find(({ key }) => key === one.key);
    if (known === undefined) {
      if (this.processing.includes(one.key)) this.again.push(one);
      else this.queue.push({ ...one });
    } else if (one.priority > known.priority) {
      known.priority = one.priority;
      if (!this.queue.includes(known)) return;
      this.queue = [...this.queue.filter((other) => other !== known), known];
    }
  }

  #serve(): void {
    while (this.getters.length > 0 && this.queue.length > 0) {
      const highest = Math.max(...this.queue.map(({ priority }) => priority));
      const next = this.queue.find(({ priority }) => priority === highest)!;
      this.queue = this.queue.filter((one) => one !== next);
      this.processing.push(next.key);
      this.results.set(this.getters.shift()!, next.key);
    }
  }

  #tellTheEnd(): void {
    for (const id of this.getters) this.results.set(id, undefined);
    this.getters = [];
  }

  #drained(): void {
    for (const id of this.drains.keys()) this.drains.set(id, "drained");
  }
}

/** The real one: results as they come. */
class Subject {
  readonly clock: ManualClock = new ManualClock();
  readonly results = new Map<number, string | undefined | "aborted">();
  readonly drains = new Map<number, "waits" | "drained">();
  readonly #aborts = new Map<number, AbortController>();
  readonly queue: DelayingQueue<string> | PriorityQueue<string>;

  constructor(isPriority: boolean) {
    this.queue = isPriority
      ? new PriorityQueue<string>({ clock: this.clock })
      : new DelayingQueue<string>({ clock: this.clock });
  }

  get(id: number): void {
    const controller = new AbortController();
    this.#aborts.set(id, controller);
    this.queue.get({ signal: controller.signal }).then(
      (item) => this.results.set(id, item),
      () => this.results.set(id, "aborted"),
    );
  }

  abort(id: number): void {
    this.#aborts.get(id)?.abort();
  }

  drain(id: number): void {
    this.drains.set(id, "waits");
    this.queue.shutDownWithDrain().then(() => this.drains.set(id, "drained"));
  }
}

async function run(seed: number, isPriority: boolean): Promise<void> {
  const random = seededRandom(seed);
  const below = (count: number) => Math.floor(random() * count);
  const [model, subject] = [new Model(isPriority), new Subject(isPriority)];
  const { queue, clock } = subject;
  const endsEarly = random() < 0.5;
  let ids = 0;
  const steps: string[] = [];
  for (let step = 0; step < STEPS; step++) {
    const key = KEYS[below(KEYS.length)];
    const priority = isPriority ? below(3) : 0;
    const chance = below(100);
    if (chance < 25) {
      steps.push(`add ${key} ${priority}`);
      model.add(key, priority);
      if (queue instanceof PriorityQueue) queue.add(key, { priority });
      else queue.add(key);
    } else if (chance < 45) {
      const delay = 1 + below(20);
      steps.push(`addAfter ${key} ${delay} ${priority}`);
      model.addAfter(key, clock.now() + delay, priority);
      if (queue instanceof PriorityQueue) queue.addAfter(key, delay, { priority });
      else queue.addAfter(key, delay);
    } else if (chance < 65) {
      steps.push("get");
      model.get(ids);
      subject.get(ids++);
    } else if (chance < 70) {
      const id = below(ids + 1);
      steps.push(`abort ${id}`);
      model.abort(id);
      subject.abort(id);
    } else if (chance < 85) {
      steps.push(`done ${key}`);
      model.done(key);
      queue.done(key);
    } else if (chance < 99 || !endsEarly) {
      const duration = below(12);
      steps.push(`advance ${duration}`);
      // Time stops at each moment: what is due at one is admitted before the next, as timers do.
      for (let passed = 0; passed < duration; passed++) model.advance(clock.now() + passed + 1);
      await clock.advance(duration);
    } else if (random() < 0.3) {
      steps.push("shutDown");
      model.shutDown();
      queue.shutDown();
    } else {
      steps.push("drain");
      model.drain(ids);
      subject.drain(ids++);
    }
    for (let turn = 0; turn < 6; turn++) await undefined;
    const words = `seed ${seed}, after: ${steps.slice(-12).join("; ")}`;
    assert.deepEqual(subject.results, model.results, words);
    assert.deepEqual(subject.drains, model.drains, words);
    assert.equal(queue.length, model.queue.length, words);
    assert.equal(clock.timers, model.delayed.length > 0 ? 1 : 0, words);
  }
  queue.shutDown();
  assert.equal(clock.timers, 0);
}

describe("queues do what the simple specification does (spec informers 19.1, 19.2)", () => {
  for (const isPriority of [false, true]) {
    it(isPriority ? "PriorityQueue" : "DelayingQueue", async () => {
      for (const seed of SEEDS) await run(seed, isPriority);
    });
  }
});
