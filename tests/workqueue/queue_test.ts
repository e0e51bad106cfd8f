import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FairStorage, Queue, type QueueStorage } from "@coxswain/kube/workqueue";

/** What a promise has come to once all that can go on has gone on. */
async function stateOf<T>(promise: Promise<T>): Promise<T | "waits"> {
  for (let turn = 0; turn < 20; turn++) await undefined;
  return await Promise.race([promise, Promise.resolve("waits" as const)]);
}

/** Takes what is there, in order, and says that each is done. */
function drain<T>(queue: Queue<T>): T[] {
  const items: T[] = [];
  for (let item = queue.take(); item !== undefined; item = queue.take()) {
    items.push(item);
    queue.done(item);
  }
  return items;
}

/** What collects garbage, on a runtime that was started without an option for it. */
async function garbageCollector(): Promise<() => void> {
  const { Bun } = globalThis as { Bun?: { gc(wait: boolean): void } };
  if (Bun !== undefined) return () => Bun.gc(true);
  const [v8, vm] = await Promise.all([import("node:v8"), import("node:vm")]);
  v8.setFlagsFromString("--expose_gc");
  return vm.runInNewContext("gc");
}

describe("Queue", () => {
  for (const how of ["shutDown", "shutDownWithDrain"] as const) {
    it(`hands out every item of 50 producers to 10 consumers, none after ${how}() [WQ-01]`, async () => {
      const queue = new Queue<string>();
      const seen: string[] = [];
      const consumers = Array.from({ length: 10 }, async () => {
        for await (const item of queue) {
          assert.notEqual(item, "late");
          await undefined;
          seen.push(item);
        }
      });
      const producers = Array.from({ length: 50 }, async (_, producer) => {
        for (let item = 0; item < 10; item++) {
          queue.add(`${producer}/${item}`);
          await undefined;
        }
      });
      await Promise.all(producers);
      await queue[how]();
      queue.add("late");
      await Promise.all(consumers);
      assert.deepEqual([seen.length, new Set(seen).size, queue.length], [500, 500, 0]);
    });
  }

  it("hands an item that is added while it is processed out once more, when it is done [WQ-02]", async () => {
    const queue = new Queue<string>();
    queue.add("a");
    assert.equal(await queue.get(), "a");
    queue.add("a");
    assert.equal(queue.length, 0);
    assert.equal(queue.take(), undefined);
    queue.done("a");
    assert.equal(queue.length, 1);
    assert.equal(await queue.get(), "a");
    queue.done("a");
    assert.equal(queue.length, 0);
  });

  it("hands out what its storage gives it, which may be another object with the key (spec informers 19.1)", () => {
    const waiting: { name: string; version: number }[] = [];
    const storage: QueueStorage<{ name: string; version: number }> = {
      push: (item) => void waiting.push(item),
      touch: () => {},
      pop: () => ({ ...waiting.shift()!, version: 9 }),
      get length() {
        return waiting.length;
      },
    };
    const queue = new Queue({ storage, key: ({ name }: { name: string }) => name });
    queue.add({ name: "a", version: 1 });
    const item = queue.take()!;
    assert.deepEqual(item, { name: "a", version: 9 });
    queue.add({ name: "a", version: 2 });
    assert.equal(queue.length, 0);
    queue.done(item);
    assert.equal(queue.length, 1);
  });

  it("holds an item once, and tells its storage of the second adding alone [WQ-03]", () => {
    const touched: string[] = [];
    const items: string[] = [];
    const storage: QueueStorage<string> = {
      push: (item) => void items.push(item),
      touch: (item) => void touched.push(item),
      pop: () => items.shift(),
      get length() {
        return items.length;
      },
    };
    const queue = new Queue<string>({ storage });
    queue.add("a");
    queue.add("a");
    assert.deepEqual([queue.length, touched], [1, ["a"]]);

    queue.take();
    queue.add("a");
    queue.add("a");
    assert.deepEqual([queue.length, touched], [0, ["a"]], "an item that is processed is not touched");
    queue.done("a");
    assert.deepEqual(drain(queue), ["a"]);
  });

  it("lets another getter wait while the only item is processed, and wakes it when that is done [WQ-04]", async () => {
    const queue = new Queue<string>();
    queue.add("a");
    await queue.get();
    queue.add("a");
    const second = queue.get();
    assert.equal(await stateOf(second), "waits");
    queue.done("a");
    assert.equal(await second, "a");
  });

  it("serves getters in the order in which they came (spec informers 19.1)", async () => {
    const queue = new Queue<string>();
    const getters = [queue.get(), queue.get(), queue.get()];
    for (const item of ["a", "b", "c", "d"]) queue.add(item);
    const late = queue.get();
    assert.deepEqual(await Promise.all([...getters, late]), ["a", "b", "c", "d"]);
    assert.equal(queue.length, 0);
  });

  it("shutDownWithDrain() waits for all that is processed [WQ-05]", async () => {
    const queue = new Queue<string>();
    for (const item of ["a", "b"]) queue.add(item);
    await Promise.all([queue.get(), queue.get()]);
    const drained = queue.shutDownWithDrain();
    const again = queue.shutDownWithDrain();
    queue.done("a");
    assert.equal(await stateOf(drained), "waits");
    queue.done("b");
    await Promise.all([drained, again]);
  });

  it("shutDown() waits for nothing, and ends a drain that waits [WQ-05]", async () => {
    const queue = new Queue<string>();
    queue.add("a");
    await queue.get();
    const drained = queue.shutDownWithDrain();
    assert.equal(await stateOf(drained), "waits");
    queue.shutDown();
    await drained;
    queue.shutDown();
    assert.equal(queue.isShuttingDown, true);
  });

  it("a drain hands out once more what was added while it was processed, then tells the end [WQ-06]", async () => {
    const queue = new Queue<string>();
    queue.add("a");
    await queue.get();
    queue.add("a");
    const drained = queue.shutDownWithDrain();
    queue.done("a");
    assert.equal(await stateOf(drained), "waits", "what is queued behind is drained too");
    assert.equal(await queue.get(), "a");
    queue.done("a");
    assert.equal(await queue.get(), undefined);
    await drained;
  });

  it("a drain does not wait for items that nobody works on (spec informers 19.1)", async () => {
    const queue = new Queue<string>();
    queue.add("a");
    await queue.shutDownWithDrain();
    assert.equal(await queue.get(), "a");
  });

  it("a drain ends with its signal, and the queue stays shut down", async () => {
    const queue = new Queue<string>();
    queue.add("a");
    await queue.get();
    const controller = new AbortController();
    const drained = queue.shutDownWithDrain({ signal: controller.signal });
    controller.abort("enough");
    await assert.rejects(drained, (reason) => reason === "enough");
    await assert.rejects(
      queue.shutDownWithDrain({ signal: controller.signal }),
      (reason) => reason === "enough",
    );
    queue.add("b");
    assert.equal(queue.length, 0);
  });

  it("hands out what waits after shutDown(), also what was added while it was processed (spec informers 19.1)", async () => {
    const queue = new Queue<string>();
    for (const item of ["a", "b"]) queue.add(item);
    await queue.get();
    queue.add("a");
    queue.shutDown();
    assert.equal(await queue.get(), "b");
    queue.done("a");
    assert.equal(await queue.get(), "a");
    assert.equal(await queue.get(), undefined);
  });

  it("gives a worker that waits what is added in one go once", async () => {
    const queue = new Queue<string>();
    const first = queue.get();
    for (const item of ["a", "b", "a"]) queue.add(item);
    assert.equal(await first, "a");
    queue.done("a");
    assert.deepEqual(drain(queue), ["b"]);
  });

  it("gives getters that wait what was added just before the shutdown", async () => {
    const queue = new Queue<string>();
    const getters = [queue.get(), queue.get()];
    queue.add("a");
    const drained = queue.shutDownWithDrain();
    assert.deepEqual(await Promise.all(getters), ["a", undefined]);
    assert.equal(await stateOf(drained), "waits");
    queue.done("a");
    await drained;
  });

  it("wakes getters that wait when it is shut down (spec informers 19.1)", async () => {
    const queue = new Queue<string>();
    const getters = [queue.get(), queue.get()];
    queue.shutDown();
    assert.deepEqual(await Promise.all(getters), [undefined, undefined]);
  });

  it("keeps nothing of what it has handed out [WQ-07]", async () => {
    const queue = new Queue<object>();
    const finalized = new Set<number>();
    const registry = new FinalizationRegistry<number>((index) => finalized.add(index));
    const collect = await garbageCollector();
    (() => {
      for (let index = 0; index < 100; index++) {
        const item = { index };
        registry.register(item, index);
        queue.add(item);
      }
      for (let item = queue.take(); item !== undefined; item = queue.take()) queue.done(item);
    })();
    for (let turn = 0; turn < 50 && finalized.size === 0; turn++) {
      collect();
      await new Promise((resolve) => setTimeout(resolve, 0)); // what was collected is told between tasks
    }
    assert.ok(finalized.size > 0);
  });

  it("ignores done() for what was not handed out, which would queue it twice (spec informers 19.1)", () => {
    const queue = new Queue<string>();
    queue.add("a");
    queue.done("a");
    queue.done("b");
    assert.equal(queue.length, 1);
    assert.deepEqual(drain(queue), ["a"]);
    queue.done("a");
    assert.equal(queue.length, 0);
  });

  it("tells items apart by its key, and hands out what was added first", async () => {
    const queue = new Queue<{ name: string; turn: number }>({ key: ({ name }) => name });
    queue.add({ name: "a", turn: 1 });
    queue.add({ name: "a", turn: 2 });
    const first = await queue.get();
    assert.deepEqual(first, { name: "a", turn: 1 });
    queue.add({ name: "a", turn: 3 });
    queue.add({ name: "a", turn: 4 });
    assert.equal(queue.length, 0);
    queue.done({ name: "a", turn: 0 });
    assert.deepEqual(await queue.get(), { name: "a", turn: 3 });
  });

  it("refuses undefined, which tells workers the end", () => {
    assert.throws(() => new Queue<string | undefined>().add(undefined), TypeError);
    const queue = new Queue<unknown>();
    for (const item of [null, 0, "", NaN]) queue.add(item);
    assert.deepEqual(drain(queue), [null, 0, "", NaN]);
  });

  it("get() ends with its signal, and loses no item by it", async () => {
    const queue = new Queue<string>();
    const controller = new AbortController();
    const leaving = queue.get({ signal: controller.signal });
    const staying = queue.get();
    controller.abort("enough");
    await assert.rejects(leaving, (reason) => reason === "enough");
    queue.add("a");
    assert.equal(await staying, "a");
    queue.add("b");
    await assert.rejects(queue.get({ signal: controller.signal }), (reason) => reason === "enough");
    assert.equal(queue.length, 1);
  });

  it("takes its listener off the signal when an item comes", async () => {
    const queue = new Queue<string>();
    const { signal } = new AbortController();
    let listeners = 0;
    const counted = new Proxy(signal, {
      get(target, name) {
        const value = Reflect.get(target, name, target);
        if (typeof value !== "function") return value;
        return (...args: unknown[]) => {
          if (name === "addEventListener") listeners++;
          if (name === "removeEventListener") listeners--;
          return value.apply(target, args);
        };
      },
    });
    const waiting = queue.get({ signal: counted });
    assert.equal(listeners, 1);
    queue.add("a");
    await waiting;
    assert.equal(listeners, 0);
  });

  it("items() says that an item is done when the next is asked for, and when the loop is left", async () => {
    const queue = new Queue<string>();
    for (const item of ["a", "b", "c"]) queue.add(item);
    for await (const item of queue) {
      queue.add(item); // it is processed: this waits for done()
      if (item === "b") break;
    }
    assert.deepEqual(drain(queue), ["c", "a", "b"]);
    await assert.rejects(async () => {
      queue.add("d");
      for await (const item of queue.items()) {
        queue.add(item);
        throw new Error("broken");
      }
    }, /broken/);
    assert.deepEqual(drain(queue), ["d"]);
  });

  it("items() ends with its signal", async () => {
    const queue = new Queue<string>();
    const controller = new AbortController();
    const loop = (async () => {
      for await (const _ of queue.items({ signal: controller.signal }));
    })();
    controller.abort("enough");
    await assert.rejects(loop, (reason) => reason === "enough");
  });

  it("is shut down when it is disposed of, without waiting for workers, however often", async () => {
    const queue = new Queue<string>();
    queue.add("a");
    await queue.get();
    await queue[Symbol.asyncDispose]();
    await queue[Symbol.asyncDispose]();
    assert.equal(queue.isShuttingDown, true);
  });

  it("keeps the order of many items while it grows and shrinks", () => {
    const queue = new Queue<number>();
    const seen: number[] = [];
    let added = 0;
    for (let round = 1; round < 200; round++) {
      for (let count = 0; count < round; count++) queue.add(added++);
      for (let count = 0; count < round * 0.9; count++) {
        const item = queue.take()!;
        seen.push(item);
        queue.done(item);
      }
    }
    seen.push(...drain(queue));
    assert.deepEqual(seen, Array.from({ length: added }, (_, index) => index));
  });
});

describe("FairStorage", () => {
  const queue = () => new Queue<string>({ storage: new FairStorage({ group: (key) => key.split("/")[0] }) });

  it("takes turns between groups, and keeps the order within one", () => {
    const fair = queue();
    for (const key of ["a/1", "a/2", "a/3", "b/1", "c/1", "c/2"]) fair.add(key);
    assert.deepEqual(drain(fair), ["a/1", "b/1", "c/1", "a/2", "c/2", "a/3"]);
    assert.equal(fair.length, 0);
  });

  it("lets a group that comes late wait for one round at most", () => {
    const fair = queue();
    for (let item = 0; item < 1_000; item++) fair.add(`big/${item}`);
    fair.take();
    fair.add("small/1");
    assert.equal(fair.take(), "big/1");
    assert.equal(fair.take(), "small/1");
    assert.equal(fair.length, 998);
  });
});
