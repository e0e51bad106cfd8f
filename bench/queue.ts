import { execFile } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { DelayingQueue, PriorityQueue, Queue } from "@coxswain/kube/workqueue";
import type { Benchmark, Outcome, Variant } from "./benchmark.ts";

const COUNT = 500_000;
/** The delays of the second benchmark, in milliseconds: none of them ends meanwhile. */
const delayOf = (index: number) => 3_600_000 + index * 7_919 % 1_000;

const keys = (): string[] =>
  Array.from({ length: COUNT }, (_, index) => `namespace-${index % 100}/pod-${index}`);

/** The same work with client-go's queues, by a program that measures itself. */
function clientGo(name: string): Variant {
  return async () => {
    const folder = fileURLToPath(new URL("./client_go", import.meta.url));
    const command = ["run", ".", name, String(COUNT)];
    const printed = await new Promise<string>((resolve, reject) =>
      execFile(
        "go",
        command,
        { cwd: folder, env: { ...process.env, GOWORK: "off" } },
        (error, stdout, stderr) => {
          if (error === null) return resolve(stdout);
          const isMissing = "code" in error && error.code === "ENOENT";
          reject(
            new Error(isMissing ? "left out: there is no `go` in PATH" : stderr.trim().split("\n").at(-1)),
          );
        },
      )
    );
    return { count: COUNT, wall: Number(printed) };
  };
}

/** All items in, then all items out, each taken and done. */
export const queue: Benchmark = {
  title: "Queue: add, get, done",
  unit: "items",
  count: COUNT,
  variants: {
    /** What the promises of a queue cost at least: three sets of keys and a list. */
    floor: measured((all) => {
      const [dirty, processing, list] = [new Set<string>(), new Set<string>(), [] as string[]];
      for (const key of all) {
        if (dirty.has(key)) continue;
        dirty.add(key);
        if (!processing.has(key)) list.push(key);
      }
      let count = 0;
      for (const key of list) {
        dirty.delete(key);
        processing.add(key);
        count++;
        processing.delete(key);
        if (dirty.has(key)) list.push(key);
      }
      return count;
    }),
    /** The same with a promise for each item, as a worker that waits needs one. */
    "floor with await": measured(async (all) => {
      const [dirty, processing, list] = [new Set<string>(), new Set<string>(), [] as string[]];
      for (const key of all) {
        if (dirty.has(key)) continue;
        dirty.add(key);
        if (!processing.has(key)) list.push(key);
      }
      let count = 0;
      for (const next of list) {
        const key = await Promise.resolve(next);
        dirty.delete(key);
        processing.add(key);
        count++;
        processing.delete(key);
        if (dirty.has(key)) list.push(key);
      }
      return count;
    }),
    "coxswain take": measured((all) => {
      const queue = new Queue<string>();
      for (const key of all) queue.add(key);
      let count = 0;
      for (let key = queue.take(); key !== undefined; key = queue.take(), count++) queue.done(key);
      return count;
    }),
    "coxswain get": measured(async (all) => {
      const queue = new Queue<string>();
      for (const key of all) queue.add(key);
      queue.shutDown();
      let count = 0;
      for (let key = await queue.get(); key !== undefined; key = await queue.get(), count++) queue.done(key);
      return count;
    }),
    "coxswain for await": measured(async (all) => {
      const queue = new Queue<string>();
      for (const key of all) queue.add(key);
      queue.shutDown();
      let count = 0;
      for await (const _ of queue) count++;
      return count;
    }),
    "coxswain priority get": measured(async (all) => {
      const queue = new PriorityQueue<string>();
      for (const key of all) queue.add(key);
      queue.shutDown();
      let count = 0;
      for (let key = await queue.get(); key !== undefined; key = await queue.get(), count++) queue.done(key);
      return count;
    }),
    "client-go": clientGo("queue"),
  },
};

/** Items with different delays, none of which ends. */
export const delays: Benchmark = {
  title: "Delaying queue: addAfter",
  unit: "items",
  count: COUNT,
  variants: {
    /** A map of times: nothing could tell from it which is the next. */
    floor: measured((all) => {
      const due = new Map<string, number>();
      for (const [index, key] of all.entries()) due.set(key, performance.now() + delayOf(index));
      return due.size;
    }),
    "coxswain addAfter": measured((all) => {
      const queue = new DelayingQueue<string>();
      for (const [index, key] of all.entries()) queue.addAfter(key, delayOf(index));
      queue.shutDown();
      return COUNT;
    }),
    "client-go": clientGo("delays"),
  },
};

/** Only the work is measured, not the making of keys. */
function measured(work: (all: readonly string[]) => number | Promise<number>): Variant {
  return async (): Promise<Outcome> => {
    const all = keys();
    const began = performance.now();
    const count = await work(all);
    return { count, wall: performance.now() - began };
  };
}
