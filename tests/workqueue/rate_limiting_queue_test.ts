import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ManualClock } from "@coxswain/kube/testing";
import {
  BucketRateLimiter,
  defaultControllerRateLimiter,
  defaultItemRateLimiter,
  ExponentialRateLimiter,
  FastSlowRateLimiter,
  type ItemRateLimiter,
  maxOf,
  RateLimitingQueue,
  withMaxWait,
} from "@coxswain/kube/workqueue";

/** The delays of that many failures of one item. */
const delays = (limiter: ItemRateLimiter, count: number, key = "one") =>
  Array.from({ length: count }, () => limiter.when(key));

describe("ExponentialRateLimiter", () => {
  it("doubles per item, counts, and begins again when it forgets [WQ-11]", () => {
    const limiter = new ExponentialRateLimiter({ baseDelay: 1, maxDelay: 1_000 });
    assert.deepEqual(delays(limiter, 5), [1, 2, 4, 8, 16]);
    assert.equal(limiter.numRequeues("one"), 5);
    assert.deepEqual(delays(limiter, 2, "two"), [1, 2]);
    assert.equal(limiter.numRequeues("two"), 2);
    limiter.forget("one");
    assert.equal(limiter.numRequeues("one"), 0);
    assert.deepEqual(delays(limiter, 1), [1]);
    assert.deepEqual(delays(limiter, 1, "two"), [4]);
  });

  it("stays at its longest delay, however many failures there are and however large the first is [WQ-11]", () => {
    const limiter = new ExponentialRateLimiter({ baseDelay: 1, maxDelay: 1_000 });
    assert.deepEqual(delays(limiter, 5_000).slice(-2), [1_000, 1_000]);
    const large = new ExponentialRateLimiter({ baseDelay: 60_000, maxDelay: Number.MAX_VALUE });
    assert.equal(delays(large, 5_000).at(-1), Number.MAX_VALUE);
  });

  for (const options of [{ baseDelay: 0 }, { baseDelay: NaN }, { maxDelay: -1 }]) {
    it(`refuses ${JSON.stringify(options)}`, () => {
      assert.throws(() => new ExponentialRateLimiter(options), RangeError);
    });
  }
});

describe("FastSlowRateLimiter", () => {
  it("is fast three times, then slow, and counts all [WQ-12]", () => {
    const limiter = new FastSlowRateLimiter({ fastDelay: 5, slowDelay: 10_000, maxFastAttempts: 3 });
    assert.deepEqual(delays(limiter, 5), [5, 5, 5, 10_000, 10_000]);
    assert.equal(limiter.numRequeues("one"), 5);
    assert.deepEqual(delays(limiter, 1, "two"), [5]);
    limiter.forget("one");
    assert.deepEqual([limiter.numRequeues("one"), ...delays(limiter, 1)], [0, 5]);
    assert.throws(
      () => new FastSlowRateLimiter({ fastDelay: 5, slowDelay: -1, maxFastAttempts: 3 }),
      RangeError,
    );
  });
});

describe("BucketRateLimiter", () => {
  it("gives the 101st of many at once 100 ms, the 102nd 200 ms, and gives no token back (spec informers 19.4)", async () => {
    const clock = new ManualClock();
    const limiter = new BucketRateLimiter({ clock });
    const all = Array.from({ length: 103 }, () => Math.round(limiter.when()));
    assert.deepEqual(all.slice(98), [0, 0, 100, 200, 300]);
    limiter.forget();
    assert.equal(limiter.numRequeues(), 0);
    await clock.advance(400);
    assert.equal(Math.round(limiter.when()), 0);
    assert.equal(Math.round(limiter.when()), 100);
  });
});

describe("combined limiters", () => {
  it("maxOf() asks all and takes the longest [WQ-13]", () => {
    const limiter = maxOf(
      new FastSlowRateLimiter({ fastDelay: 5, slowDelay: 3_000, maxFastAttempts: 3 }),
      new ExponentialRateLimiter({ baseDelay: 1, maxDelay: 5_000 }),
    );
    assert.deepEqual(delays(limiter, 5), [5, 5, 5, 3_000, 3_000]);
    assert.equal(limiter.numRequeues("one"), 5);
    assert.deepEqual(delays(limiter, 9).slice(-2), [4_096, 5_000]);
    assert.deepEqual(delays(limiter, 1, "two"), [5]);
    limiter.forget("one");
    assert.equal(limiter.numRequeues("one"), 0);
    assert.throws(() => maxOf(), RangeError);
  });

  it("withMaxWait() cuts what is longer [WQ-14]", () => {
    const slow = new FastSlowRateLimiter({ fastDelay: 5, slowDelay: 1_000_000, maxFastAttempts: 3 });
    const limiter = withMaxWait(slow, 500_000);
    assert.deepEqual(delays(limiter, 4), [5, 5, 5, 500_000]);
    assert.equal(limiter.numRequeues("one"), 4);
    limiter.forget("one");
    assert.deepEqual(delays(limiter, 1), [5]);
    assert.throws(() => withMaxWait(slow, NaN), RangeError);
  });

  it("the defaults are those of client-go (spec informers 0, 19.4)", () => {
    const limiter = defaultControllerRateLimiter({ clock: new ManualClock() });
    assert.deepEqual(delays(limiter, 19).slice(0, 3), [5, 10, 20]);
    assert.equal(limiter.when("one"), 1_000_000);
    assert.deepEqual(delays(limiter, 80, "two").slice(0, 1), [5]);
    assert.ok(Math.abs(limiter.when("three") - 100) < 1e-6, "the 101st of all waits for the bucket");
    assert.deepEqual(delays(defaultItemRateLimiter(), 21).slice(0, 2), [1, 2]);
    assert.equal(delays(defaultItemRateLimiter(), 21).at(-1), 1_000_000);
  });
});

describe("RateLimitingQueue", () => {
  it("adds after exactly what the limiter says, and begins again when it forgets [WQ-17]", async () => {
    const clock = new ManualClock();
    const rateLimiter = new ExponentialRateLimiter({ baseDelay: 1, maxDelay: 1_000 });
    const queue = new RateLimitingQueue<string>({ clock, rateLimiter });
    const due = async (item: string): Promise<number> => {
      const began = clock.now();
      queue.addRateLimited(item);
      while (queue.length === 0) await clock.runNext();
      assert.equal(queue.take(), item);
      queue.done(item);
      return clock.now() - began;
    };
    assert.deepEqual([await due("one"), await due("one"), await due("two")], [1, 2, 1]);
    assert.deepEqual([queue.numRequeues("one"), queue.numRequeues("two")], [2, 1]);
    queue.forget("one");
    assert.equal(queue.numRequeues("one"), 0);
    assert.equal(await due("one"), 1);
    queue.shutDown();
  });

  it("limits by the key of an item", () => {
    const queue = new RateLimitingQueue<{ name: string }>({
      clock: new ManualClock(),
      key: ({ name }) => name,
    });
    queue.addRateLimited({ name: "a" });
    queue.addRateLimited({ name: "a" });
    assert.equal(queue.numRequeues({ name: "a" }), 2);
    queue.forget({ name: "a" });
    assert.equal(queue.numRequeues({ name: "a" }), 0);
    queue.shutDown();
  });

  it("forget() leaves an item in work: it has to be done (spec informers 19.3)", async () => {
    const queue = new RateLimitingQueue<string>();
    queue.add("a");
    await queue.get();
    queue.forget("a");
    queue.add("a");
    assert.equal(queue.length, 0);
    queue.done("a");
    assert.equal(queue.length, 1);
    await queue[Symbol.asyncDispose]();
    assert.equal(queue.isShuttingDown, true);
  });
});
