// Delays beside a list that is searched: many at a time, at the same times, so that memory grows and is given back. A
// failure names its seed; `SEED=7 deno test -A tests/workqueue/delayed_items_test.ts` runs that one alone.
import assert from "node:assert/strict";
import process from "node:process";
import { describe, it } from "node:test";
import { type Clock, sleepOn } from "@coxswain/kube/async";
import { seededRandom } from "../../testing/seeded_random.ts";
import { DelayedItems } from "../../workqueue/delayed_items.ts";

const SEEDS = process.env.SEED === undefined
  ? Array.from({ length: 12 }, (_, index) => index + 1)
  : [Number(process.env.SEED)];

interface Item {
  key: string;
  /** Told apart from others with its key. */
  id: number;
}

/** One timer at most, which is called by hand, also too early. */
class OneTimer implements Clock {
  time = 0;
  timer: { due: number; callback: () => void } | undefined;

  now(): number {
    return this.time;
  }

  date(): Date {
    return new Date(this.time);
  }

  schedule(callback: () => void, delay: number): () => void {
    assert.equal(this.timer, undefined, "there is one timer already");
    const timer = { due: this.time + delay, callback };
    this.timer = timer;
    return () => {
      if (this.timer === timer) this.timer = undefined;
    };
  }

  sleep(delay: number): Promise<void> {
    return sleepOn(this, delay);
  }

  fire(): void {
    const { timer } = this;
    this.timer = undefined;
    timer?.callback();
  }
}

/** What waits, first come first: an item keeps its turn among those of one time when its time becomes earlier. */
class Model {
  waiting: (Item & { due: number })[] = [];

  add(item: Item, due: number): void {
    const known = this.waiting.find(({ key }) => key === item.key);
    if (known === undefined) this.waiting.push({ ...item, due });
    else known.due = Math.min(known.due, due);
  }

  delete(key: string): boolean {
    const { length } = this.waiting;
    this.waiting = this.waiting.filter((one) => one.key !== key);
    return this.waiting.length < length;
  }

  /** What is due, in the order in which it became so. */
  take(now: number): number[] {
    const due = this.sorted().filter((one) => one.due <= now);
    this.waiting = this.waiting.filter((one) => one.due > now);
    return due.map(({ id }) => id);
  }

  sorted(): (Item & { due: number })[] {
    return this.waiting.toSorted((one, other) => one.due - other.due); // stable
  }
}

function run(seed: number, hasKeys: boolean): void {
  const random = seededRandom(seed);
  const below = (count: number) => Math.floor(random() * count);
  const clock = new OneTimer();
  const model = new Model();
  const due: number[] = [];
  const items = new Map<string, Item>();
  const delayed = new DelayedItems<Item>({
    clock,
    key: hasKeys ? ({ key }) => key : undefined,
    onDue: ({ id }) => due.push(id),
  });
  let ids = 0;
  let most = 0;
  /** Without a key function, an item is told apart by itself: the same one has to come again. */
  const itemOf = (key: string): Item => {
    const known = items.get(key);
    if (!hasKeys && known !== undefined) return known;
    const item = { key, id: ids++ };
    items.set(key, item);
    return item;
  };
  const check = (words: string) => {
    assert.deepEqual(due.splice(0), model.take(clock.time), words);
    const first = model.sorted().at(0)?.due;
    // It may be early, but never late, and there is none for nothing.
    assert.equal(clock.timer === undefined, first === undefined, words);
    assert.equal(clock.timer?.due, first, words);
  };
  for (let step = 0; step < 3_000; step++) {
    const isGrowing = step % 1_000 < 500;
    const words = `seed ${seed}, step ${step}`;
    const chance = below(100);
    if (chance < (isGrowing ? 88 : 20)) {
      const item = itemOf(`key-${below(2_000)}`);
      const delay = 1 + below(40) * 25; // many at the same time
      model.add(item, clock.time + delay);
      delayed.add(item, delay);
    } else if (chance < (isGrowing ? 94 : 85)) {
      const sorted = below(2) === 0 ? model.sorted() : model.waiting;
      const { length } = sorted;
      const at = [0, length - 1, below(length || 1)][below(3)]; // the first, the last, or any
      const key = sorted[at]?.key ?? "key-unknown";
      assert.equal(delayed.delete(items.get(key) ?? { key, id: -1 }), model.delete(key), words);
    } else if (chance < 97) {
      if (clock.timer !== undefined && below(3) > 0) clock.time = clock.timer.due; // or it is early
      clock.fire();
    } else if (chance < 99 || isGrowing) {
      clock.time += below(isGrowing ? 40 : 400); // the process was busy: it is late
      if (clock.timer !== undefined && clock.timer.due <= clock.time) clock.fire();
    } else if (below(10) === 0) {
      model.waiting = [];
      delayed.clear();
    }
    most = Math.max(most, model.waiting.length);
    if (clock.timer === undefined || clock.timer.due > clock.time) check(words);
  }
  assert.ok(most > 200, "it has grown");
  clock.time += 10_000;
  clock.fire();
  check(`seed ${seed}, in the end`);
  assert.equal(clock.timer, undefined);
}

describe("DelayedItems do what a list that is searched does (spec informers 19.2)", () => {
  for (const seed of SEEDS) {
    it(`items that have keys, seed ${seed}`, () => run(seed, true));
    it(`items that are keys, seed ${seed}`, () => run(seed, false));
  }
});
