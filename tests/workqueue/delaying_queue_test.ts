import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ManualClock } from "@coxswain/kube/testing";
import { DelayingQueue } from "@coxswain/kube/workqueue";

/** When each item was handed out, in milliseconds of the clock. */
async function timesHandedOut(
  queue: DelayingQueue<string>,
  clock: ManualClock,
  { until }: { until: number },
): Promise<string[]> {
  const times: string[] = [];
  const worker = (async () => {
    for await (const item of queue) times.push(`${item}@${clock.now()}`);
  })();
  await clock.advance(until);
  queue.shutDown();
  await worker;
  return times;
}

describe("DelayingQueue.addAfter()", () => {
  for (
    const { spec, name, delays, due } of [
      {
        spec: "WQ-08",
        name: "hands an item out once, when its delay is over",
        delays: ["a 50"],
        due: ["a@50"],
      },
      {
        spec: "WQ-09",
        name: "keeps the earlier delay when it comes first",
        delays: ["a 50", "a 70"],
        due: ["a@50"],
      },
      {
        spec: "WQ-09",
        name: "keeps the earlier delay when it comes second",
        delays: ["a 50", "a 30"],
        due: ["a@30"],
      },
      {
        spec: "WQ-10",
        name: "fires a shorter delay first that was added later",
        delays: ["a 1000", "b 50"],
        due: ["b@50", "a@1000"],
      },
      {
        spec: "WQ-10",
        name: "hands out what is due together in the order in which it became due",
        delays: ["a 70", "b 50", "c 60", "d 50"],
        due: ["b@50", "d@50", "c@60", "a@70"],
      },
      {
        spec: "19.2",
        name: "adds at once when there is no delay",
        delays: ["a 0", "b -5", "c -Infinity"],
        due: ["a@0", "b@0", "c@0"],
      },
    ]
  ) {
    it(`${name} [${spec}]`, async () => {
      const clock = new ManualClock();
      const queue = new DelayingQueue<string>({ clock });
      for (const entry of delays) queue.addAfter(entry.split(" ")[0], Number(entry.split(" ")[1]));
      assert.deepEqual(await timesHandedOut(queue, clock, { until: 20_000 }), due);
      assert.equal(clock.timers, 0);
    });
  }

  it("hands out in the order of readiness also what one late timer finds [WQ-10]", async () => {
    const clock = new ManualClock();
    let now = 0;
    const jumping = { ...clockOf(clock), now: () => now };
    const queue = new DelayingQueue<string>({ clock: jumping });
    for (const [item, delay] of [["a", 70], ["b", 50], ["c", 60]] as const) queue.addAfter(item, delay);
    now = 1_000; // the machine slept
    await clock.runNext();
    assert.deepEqual([queue.take(), queue.take(), queue.take()], ["b", "c", "a"]);
  });

  it("waits on when a timer was early, as those of runtimes are", async () => {
    const clock = new ManualClock();
    let now = 0;
    const queue = new DelayingQueue<string>({ clock: { ...clockOf(clock), now: () => now } });
    queue.addAfter("a", 50);
    now = 49.6;
    await clock.runNext();
    assert.deepEqual([queue.length, clock.timers], [0, 1]);
    now = 50;
    await clock.runNext();
    assert.deepEqual([queue.length, clock.timers], [1, 0]);
  });

  it("leaves the delay when the item is added at once meanwhile (spec informers 19.2)", async () => {
    const clock = new ManualClock();
    const queue = new DelayingQueue<string>({ clock });
    queue.addAfter("a", 50);
    queue.add("a");
    assert.deepEqual(await timesHandedOut(queue, clock, { until: 100 }), ["a@0", "a@50"]);
  });

  it("forgets what is pending when it is shut down, and takes nothing more (spec informers 19.2)", async () => {
    for (const how of ["shutDown", "shutDownWithDrain"] as const) {
      const clock = new ManualClock();
      const queue = new DelayingQueue<string>({ clock });
      queue.addAfter("a", 50);
      await queue[how]();
      queue.addAfter("b", 50);
      queue.addAfter("c", 0);
      assert.equal(clock.timers, 0);
      assert.equal(await queue.get(), undefined);
    }
  });

  it("sets one timer, however many delays there are", async () => {
    const clock = new ManualClock();
    const queue = new DelayingQueue<string>({ clock });
    for (let item = 0; item < 1_000; item++) queue.addAfter(String(item), 1_000 - item);
    assert.equal(clock.timers, 1);
    await clock.advance(500);
    assert.deepEqual([queue.length, clock.timers], [500, 1]);
    queue.shutDown();
  });

  it("refuses a delay that is no number, and waits for one that never ends", async () => {
    const clock = new ManualClock();
    const queue = new DelayingQueue<string>({ clock });
    assert.throws(() => queue.addAfter("a", NaN), RangeError);
    queue.addAfter("a", Infinity);
    queue.addAfter("a", 2 ** 40);
    await clock.advance(2 ** 40);
    assert.equal(queue.length, 1);
    queue.shutDown();
  });

  it("delays by the key of an item", async () => {
    const clock = new ManualClock();
    const queue = new DelayingQueue<{ name: string }>({ clock, key: ({ name }) => name });
    queue.addAfter({ name: "a" }, 50);
    queue.addAfter({ name: "a" }, 70);
    await clock.advance(100);
    assert.equal(queue.length, 1);
    queue.shutDown();
  });
});

/** A manual clock's methods, to put another time in their place. */
function clockOf(clock: ManualClock) {
  return {
    now: () => clock.now(),
    date: () => clock.date(),
    schedule: (callback: () => void, delay: number) => clock.schedule(callback, delay),
    sleep: (delay: number) => clock.sleep(delay),
  };
}
