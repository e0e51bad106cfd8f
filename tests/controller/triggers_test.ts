import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Client } from "@coxswain/kube/client";
import { type ControllerDefinition, type ControllerOptions, Manager } from "@coxswain/kube/controller";
import type { ObjectKey } from "@coxswain/kube/meta";
import { ApiServer, ManualClock } from "@coxswain/kube/testing";
import { ConfigMap } from "@coxswain/kube/types/core/v1";
import { cleaned, type Cleanup } from "../cleanup.ts";

/** A controller of one ConfigMap, and what it was called for. */
async function setUp(
  t: Cleanup,
  definition: Partial<ControllerDefinition<ConfigMap>> = {},
  options: ControllerOptions = {},
) {
  const server = new ApiServer();
  const client = new Client(server.restConfig());
  const clock = new ManualClock();
  const stop = new AbortController();
  const settings = client.resource(ConfigMap).namespace("default");
  await settings.create({ metadata: { name: "a" }, data: { x: "0" } });
  const calls: string[] = [];
  const heard: string[] = [];
  let wake = () => {};
  const lines: string[] = [];
  const error = (message: string) => {
    lines.push(message);
    wake();
  };
  const logger = { debug() {}, info() {}, warn() {}, error };
  const manager = new Manager(client, { clock, logger, recorder: { event() {} } });
  manager.add({
    for: ConfigMap,
    predicate: ({ object, key }) => {
      if (key.endsWith("/a")) heard.push(String(object.data?.x));
      queueMicrotask(() => wake());
      return key.endsWith("/a");
    },
    reconcile: ({ name }, { object }) => {
      calls.push(`${name} ${object?.data?.x}`);
      wake();
    },
    ...definition,
  }, options);
  const running = manager.run({ signal: stop.signal });
  const end = async () => {
    stop.abort();
    await running;
  };
  t.after(async () => {
    await end();
    await client[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });
  const until = async (holds: () => boolean) => {
    while (!holds()) await new Promise<void>((resolve) => wake = resolve);
  };
  return { settings, clock, calls, heard, until, lines, end };
}

describe("debounce (spec informers 24.5)", () => {
  it(
    "collects a burst of changes, from the first of them on, and is one call",
    cleaned(async (t) => {
      const { settings, clock, calls, heard, until } = await setUp(t, {}, { debounce: 1_000 });
      await until(() => heard.length === 1);
      await clock.advance(1_000);
      await until(() => calls.length === 1);
      for (const x of ["1", "2", "3"]) {
        await settings.patch("a", { merge: { data: { x } } });
        await until(() => heard.includes(x));
        await clock.advance(300);
      }
      assert.deepEqual(calls, ["a 0"]);
      await clock.advance(100);
      await until(() => calls.length === 2);
      await clock.advance(5_000);
      assert.deepEqual(calls, ["a 0", "a 3"]);
    }),
  );

  it("is refused when it is none", async () => {
    const client = new Client(new ApiServer().restConfig());
    const manager = new Manager(client, { recorder: { event() {} } });
    assert.throws(
      () => manager.add({ for: ConfigMap, reconcile: () => {} }, { debounce: -1 }),
      /debounce must be at least 0 ms, got -1/,
    );
    await client[Symbol.asyncDispose]();
  });
});

describe("reconcileOn (spec informers 24.6)", () => {
  it(
    "looks at what comes from outside, until the end, and tells its source then",
    cleaned(async (t) => {
      const waiting: ((key: ObjectKey) => void)[] = [];
      let isTold = false;
      async function* source() {
        try {
          for (;;) yield await new Promise<ObjectKey>((resolve) => waiting.push(resolve));
        } finally {
          isTold = true;
        }
      }
      const { calls, until, end } = await setUp(t, { reconcileOn: source() });
      await until(() => calls.length === 1);
      waiting.at(-1)?.({ namespace: "default", name: "a" });
      await until(() => calls.length === 2);
      waiting.at(-1)?.({ namespace: "default", name: "gone" });
      await until(() => calls.length === 3);
      assert.deepEqual(calls, ["a 0", "a 0", "gone undefined"]);
      await end();
      waiting.at(-1)?.({ namespace: "default", name: "late" });
      await new Promise((resolve) => setTimeout(resolve, 0));
      assert.deepEqual([isTold, calls.length], [true, 3]);
    }),
  );

  it(
    "goes on without it when it throws",
    cleaned(async (t) => {
      // deno-lint-ignore require-yield
      async function* source(): AsyncGenerator<ObjectKey> {
        await Promise.resolve();
        throw new Error("the cloud has no more to say");
      }
      const { calls, settings, until, lines } = await setUp(t, { reconcileOn: source() });
      await until(() => calls.length === 1 && lines.length === 1);
      assert.deepEqual(lines, ["the objects from outside have ended"]);
      await settings.patch("a", { merge: { data: { x: "1" } } });
      await until(() => calls.includes("a 1"));
    }),
  );
});
