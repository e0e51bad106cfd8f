import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PrometheusMeter } from "@coxswain/kube/observe";
import { ManualClock } from "@coxswain/kube/testing";
import { PriorityQueue, Queue, RateLimitingQueue } from "@coxswain/kube/workqueue";

/** The samples of a queue's metrics but for buckets, without the prefix. */
function samples(meter: PrometheusMeter): Record<string, number> {
  const found: Record<string, number> = {};
  for (const line of meter.text().split("\n")) {
    const [, name, value] = /^workqueue_(\w+)\{name="test"\} (.*)$/.exec(line) ?? [];
    if (name !== undefined) found[name] = Number(value);
  }
  return found;
}

describe("metrics of a queue (spec informers 19.5)", () => {
  it("tell what goes in and out, and how long it took [WQ-15]", async () => {
    const meter = new PrometheusMeter();
    const clock = new ManualClock();
    const queue = new Queue<string>({ name: "test", meter, clock });
    const expect = (expected: Record<string, number>) => {
      const all = samples(meter);
      const rounded = Object.keys(expected).map((name) => [name, Number(all[name].toPrecision(9))]);
      assert.deepEqual(Object.fromEntries(rounded), expected);
    };
    queue.add("foo");
    expect({ adds_total: 1, depth: 1 });

    await clock.advance(0.05); // 50 µs
    await queue.get();
    expect({ depth: 0, queue_duration_seconds_count: 1, queue_duration_seconds_sum: 50e-6 });

    for (let time = 0; time < 5; time++) queue.add("foo");
    expect({ adds_total: 2, depth: 1 });
    assert.equal(queue.length, 0, "the depth counts it at once, the queue only when it is done");

    await clock.advance(0.025);
    expect({ unfinished_work_seconds: 25e-6, longest_running_processor_seconds: 25e-6 });
    queue.done("foo");
    expect({ work_duration_seconds_count: 1, work_duration_seconds_sum: 25e-6, unfinished_work_seconds: 0 });

    await clock.advance(0.025);
    await queue.get();
    expect({ queue_duration_seconds_count: 2, queue_duration_seconds_sum: 100e-6 });

    await clock.advance(500);
    queue.add("bar");
    await queue.get();
    await clock.advance(500);
    expect({ unfinished_work_seconds: 1.5, longest_running_processor_seconds: 1 });
    queue.shutDown();
    assert.equal("unfinished_work_seconds" in samples(meter), false, "ages are not read after the shutdown");
    assert.equal("longest_running_processor_seconds" in samples(meter), false);
    assert.equal(samples(meter).depth, 0);
  });

  it("show ages until a drain has ended", async () => {
    const meter = new PrometheusMeter();
    const clock = new ManualClock();
    const queue = new Queue<string>({ name: "test", meter, clock });
    queue.add("a");
    await queue.get();
    const drained = queue.shutDownWithDrain();
    await clock.advance(2_000);
    assert.equal(samples(meter).unfinished_work_seconds, 2);
    queue.done("a");
    await drained;
    assert.equal("unfinished_work_seconds" in samples(meter), false);
  });

  it("count what is added with a delay, also with none", () => {
    for (const Kind of [RateLimitingQueue, PriorityQueue]) {
      const meter = new PrometheusMeter();
      const queue = new Kind<string>({ name: "test", meter, clock: new ManualClock() });
      queue.add("a");
      queue.addRateLimited("b");
      queue.addAfter("c", 10);
      queue.shutDown();
      queue.addAfter("d", 10);
      assert.equal(samples(meter).retries_total, 2, Kind.name);
    }
    const meter = new PrometheusMeter();
    const queue = new RateLimitingQueue<string>({ name: "test", meter });
    queue.addAfter("a", 0);
    assert.equal(samples(meter).retries_total, 1);
  });

  it("have client-go's buckets, 10 ns to 1,000 s", () => {
    const meter = new PrometheusMeter();
    const queue = new Queue<string>({ name: "test", meter });
    queue.add("a");
    queue.take();
    const bounds = [...meter.text().matchAll(/queue_duration_seconds_bucket\{.*le="([^"]*)"/g)].map((
      [, le],
    ) => le);
    assert.equal(bounds.length, 13);
    const relative = bounds.slice(0, 12).map((bound, power) => Number(bound) / (10e-9 * 10 ** power));
    assert.ok(relative.every((ratio) => Math.abs(ratio - 1) < 1e-9), bounds.join(" "));
    assert.equal(bounds[12], "+Inf");
    queue.shutDown();
  });

  it("are only taken of a queue that has a name", () => {
    const meter = new PrometheusMeter();
    const queue = new RateLimitingQueue<string>({ meter });
    queue.add("a");
    queue.addAfter("b", 0);
    assert.equal(meter.text(), "");
    queue.shutDown();
  });

  it("of two queues go into the same families", () => {
    const meter = new PrometheusMeter();
    for (const name of ["one", "two"]) new Queue<string>({ name, meter }).add("a");
    assert.match(meter.text(), /workqueue_depth\{name="one"\} 1\nworkqueue_depth\{name="two"\} 1/);
  });
});
