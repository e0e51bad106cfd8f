import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ManualClock } from "@coxswain/kube/testing";
import { ExponentialRateLimiter, LOW_PRIORITY, PriorityQueue } from "@coxswain/kube/workqueue";

function drain<T>(queue: PriorityQueue<T>): T[] {
  const items: T[] = [];
  for (let item = queue.take(); item !== undefined; item = queue.take()) {
    items.push(item);
    queue.done(item);
  }
  return items;
}

describe("PriorityQueue (spec informers 19.1)", () => {
  it("hands out the highest priority first, and in order within one", () => {
    const queue = new PriorityQueue<string>();
    queue.add("listed/1", { priority: LOW_PRIORITY });
    queue.add("listed/2", { priority: LOW_PRIORITY });
    queue.add("changed/1");
    queue.add("urgent/1", { priority: 10 });
    queue.add("changed/2");
    assert.equal(queue.length, 5);
    assert.deepEqual(drain(queue), ["urgent/1", "changed/1", "changed/2", "listed/1", "listed/2"]);
    assert.equal(queue.length, 0);
  });

  it("keeps the higher of two priorities", () => {
    const queue = new PriorityQueue<string>();
    for (const item of ["a", "b", "c"]) queue.add(item, { priority: LOW_PRIORITY });
    queue.add("c");
    queue.add("c", { priority: -50 });
    queue.add("a", { priority: LOW_PRIORITY });
    assert.equal(queue.length, 3);
    assert.deepEqual(drain(queue), ["c", "a", "b"]);
  });

  it("keeps the shorter of two delays; adding at once ends the delay", async () => {
    const clock = new ManualClock();
    const queue = new PriorityQueue<string>({ clock });
    queue.add("a", { after: 100 });
    queue.add("a", { after: 50 });
    queue.add("a", { after: 70 });
    queue.add("b", { after: 100 });
    queue.add("b");
    assert.deepEqual(drain(queue), ["b"]);
    await clock.advance(49);
    assert.equal(queue.length, 0);
    await clock.advance(1);
    assert.deepEqual(drain(queue), ["a"]);
    await clock.advance(1_000);
    assert.deepEqual([queue.length, clock.timers], [0, 0], "one entry, whatever was added");
  });

  it("does not delay what is ready, but raises its priority", () => {
    const clock = new ManualClock();
    const queue = new PriorityQueue<string>({ clock });
    for (const item of ["a", "b"]) queue.add(item);
    queue.add("b", { after: 100, priority: 5 });
    assert.deepEqual(drain(queue), ["b", "a"]);
    assert.equal(clock.timers, 0);
  });

  it("keeps a priority through a delay", async () => {
    const clock = new ManualClock();
    const queue = new PriorityQueue<string>({ clock });
    queue.add("a", { after: 50, priority: 5 });
    queue.add("a", { after: 50, priority: LOW_PRIORITY });
    queue.add("b", { priority: 1 });
    await clock.advance(50);
    assert.deepEqual(drain(queue), ["a", "b"]);
  });

  it("hands an item that is added while it is processed out afterwards, with the new priority", () => {
    const queue = new PriorityQueue<string>();
    queue.add("a", { priority: LOW_PRIORITY });
    assert.equal(queue.take(), "a");
    queue.add("a", { priority: 3 });
    queue.add("b", { priority: 2 });
    assert.deepEqual([queue.length, queue.priorityOf("a")], [1, LOW_PRIORITY]);
    queue.done("a");
    assert.equal(queue.take(), "a");
    assert.equal(queue.priorityOf("a"), 3);
    queue.done("a");
    assert.equal(queue.priorityOf("a"), 0);
  });

  it("takes a delay that ends while the item is processed for later", async () => {
    const clock = new ManualClock();
    const queue = new PriorityQueue<string>({ clock });
    queue.add("a");
    queue.take();
    queue.addAfter("a", 50, { priority: 7 });
    await clock.advance(60);
    assert.equal(queue.length, 0);
    queue.done("a");
    assert.equal(queue.take(), "a");
    assert.equal(queue.priorityOf("a"), 7);
  });

  it("keeps what it knows of an item that is done while its next turn waits for its time", async () => {
    const clock = new ManualClock();
    const queue = new PriorityQueue<string>({ clock });
    queue.add("a", { priority: 2 });
    queue.take();
    queue.addAfter("a", 50, { priority: 7 });
    assert.equal(queue.priorityOf("a"), 2);
    queue.done("a");
    queue.done("a");
    assert.equal(queue.priorityOf("a"), 0);
    queue.addAfter("a", 90, { priority: 1 });
    await clock.advance(50);
    assert.equal(queue.take(), "a");
    assert.equal(queue.priorityOf("a"), 7);
    queue.done("a");
    assert.deepEqual([queue.length, clock.timers], [0, 0]);
  });

  it("limits retries, by the shorter of limit and delay", async () => {
    const clock = new ManualClock();
    const rateLimiter = new ExponentialRateLimiter({ baseDelay: 100 });
    const queue = new PriorityQueue<string>({ clock, rateLimiter });
    queue.addRateLimited("a", { priority: 3 });
    queue.add("b", { rateLimited: true, after: 30 });
    queue.add("c", { rateLimited: true, after: 3_000 });
    await clock.advance(30);
    assert.deepEqual(drain(queue), ["b"]);
    await clock.advance(70);
    assert.deepEqual(drain(queue), ["a", "c"]);
    assert.deepEqual(["a", "b", "c"].map((item) => queue.numRequeues(item)), [1, 1, 1]);
    queue.forget("a");
    assert.equal(queue.numRequeues("a"), 0);
  });

  it("gives a worker that waits the most important of what is added in one go", async () => {
    const queue = new PriorityQueue<string>();
    const first = queue.get();
    queue.add("a", { priority: LOW_PRIORITY });
    queue.add("b");
    assert.equal(await first, "b");
    queue.shutDown();
  });

  it("wakes a worker that waits, and iterates like the others", async () => {
    const queue = new PriorityQueue<string>();
    const seen: string[] = [];
    const worker = (async () => {
      for await (const item of queue) seen.push(`${item} ${queue.priorityOf(item)}`);
    })();
    await undefined;
    queue.add("a", { priority: 4 });
    await queue.shutDownWithDrain();
    await worker;
    assert.deepEqual(seen, ["a 4"]);
    queue.add("b");
    assert.deepEqual([queue.length, queue.isShuttingDown], [0, true]);
  });

  it("forgets delays when it is shut down", async () => {
    const clock = new ManualClock();
    const queue = new PriorityQueue<string>({ clock });
    queue.add("a", { after: 100 });
    await queue[Symbol.asyncDispose]();
    assert.equal(clock.timers, 0);
    assert.equal(await queue.get(), undefined);
  });

  it("takes turns between groups within one priority", () => {
    const queue = new PriorityQueue<string>({ group: (key) => key.split("/")[0] });
    for (const item of ["big/1", "big/2", "big/3", "small/1"]) queue.add(item);
    queue.add("big/3", { priority: 1 });
    assert.deepEqual(drain(queue), ["big/3", "big/1", "small/1", "big/2"]);
  });

  it("does not pile up places in a priority whose turn never comes", () => {
    const queue = new PriorityQueue<string>();
    for (const item of ["a", "b"]) queue.add(item, { priority: LOW_PRIORITY });
    queue.add("top", { priority: 100 });
    for (let round = 0; round < 5_000; round++) {
      queue.add("c", { priority: LOW_PRIORITY });
      queue.add("c", { priority: 1 });
      queue.add("top", { priority: 100 });
      assert.equal(queue.take(), "top");
      queue.done("top");
      assert.equal(queue.take(), "c");
      queue.done("c");
    }
    assert.deepEqual(drain(queue), ["a", "b"]);
  });

  it("tells items apart by their key", async () => {
    const queue = new PriorityQueue<{ name: string }>({ key: ({ name }) => name });
    queue.add({ name: "a" }, { priority: 1 });
    queue.add({ name: "a" }, { priority: 2 });
    const item = await queue.get();
    assert.equal(queue.priorityOf(item!), 2);
    assert.equal(queue.length, 0);
  });

  for (const options of [{ priority: NaN }, { after: NaN }]) {
    it(`refuses ${Object.keys(options)[0]} that is no number`, () => {
      assert.throws(() => new PriorityQueue<string>().add("a", options), RangeError);
    });
  }
});
