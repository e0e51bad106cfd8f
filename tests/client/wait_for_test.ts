import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import { Client, type WaitCondition, WaitTimeoutError } from "@coxswain/kube/client";
import { isForbidden } from "@coxswain/kube/rest";
import { ApiServer, ManualClock } from "@coxswain/kube/testing";
import { Pod, Secret } from "@coxswain/kube/types/core/v1";
import { cleaned, type Cleanup } from "../cleanup.ts";

function setUp(t: Cleanup) {
  const clock = new ManualClock();
  const server = new ApiServer({ clock });
  const client = new Client({ server: "http://coxswain.test", fetch: server.fetch, clock, random: () => 0 });
  const pods = client.resource(Pod).namespace("default");
  t.after(async () => {
    await client[Symbol.asyncDispose]();
    assert.equal(server.openWatches, 0);
    assert.equal(clock.timers, 0);
    await server[Symbol.asyncDispose]();
  });
  const load = (status?: Pod["status"], metadata?: Pod["metadata"]) =>
    server.load({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "web-0", namespace: "default", ...metadata },
      spec: { containers: [{ name: "main" }] },
      status,
    } as Pod);
  return { clock, server, client, pods, load };
}

/** Until the server has so many watches: what is there has been looked at. */
async function watching(server: ApiServer, count = 1) {
  for (let i = 0; i < 1_000 && server.openWatches !== count; i++) await Promise.resolve();
  assert.equal(server.openWatches, count);
}

const isRunning: WaitCondition<Pod> = (pod) => pod?.status?.phase === "Running";

describe("waitFor() [rest 25.2]", () => {
  it(
    "is done at once when the object is as wanted: conditions met by the initial list",
    cleaned(async (t) => {
      const { pods, server, load } = setUp(t);
      load({ phase: "Running" });
      assert.equal((await pods.waitFor("web-0", isRunning)).status?.phase, "Running");
      assert.equal(server.requests.length, 1);
      const asked = new URL(server.requests[0].url, "http://x").searchParams;
      assert.equal(asked.get("fieldSelector"), "metadata.name=web-0");
    }),
  );

  it(
    "waits for an object that does not exist yet, and for it to change",
    cleaned(async (t) => {
      const { pods, server, load } = setUp(t);
      const seen: unknown[] = [];
      const waiting = pods.waitFor("web-0", (pod) => {
        seen.push(pod && (pod.status?.phase ?? "none"));
        return pod?.status?.phase === "Running";
      });
      await watching(server);
      load({ phase: "Pending" });
      load({ phase: "Running" });
      assert.equal((await waiting).status?.phase, "Running");
      assert.deepEqual(seen, [undefined, "Pending", "Running"]);
    }),
  );

  it(
    "is done when there is no object, if that is what the function wants",
    cleaned(async (t) => {
      const { pods } = setUp(t);
      await pods.waitFor("web-0", (pod) => pod === undefined);
    }),
  );

  it(
    "waits for a condition, which has to speak of the present generation",
    cleaned(async (t) => {
      const { pods, server, load } = setUp(t);
      load({ conditions: [{ type: "Ready", status: "False" }] });
      const waiting = pods.waitFor("web-0", { condition: "Ready" });
      await watching(server);
      const stale = { type: "Ready", status: "True", observedGeneration: 1 };
      load({ conditions: [stale] }, { generation: 2 });
      load({ conditions: [{ ...stale, observedGeneration: 2 }] }, { generation: 2 });
      const pod = await waiting;
      assert.equal((pod.status?.conditions?.[0] as typeof stale).observedGeneration, 2);
      await pods.waitFor("web-0", { condition: "Ready", status: "True" });
    }),
  );

  it(
    "sees a deletion, and tells the last state",
    cleaned(async (t) => {
      const { pods, server, load } = setUp(t);
      load({ phase: "Running" });
      const waiting = pods.waitFor("web-0", "deleted");
      await watching(server);
      await pods.delete("web-0", { gracePeriodSeconds: 0 });
      assert.equal((await waiting)?.status?.phase, "Running");
      assert.equal(await pods.waitFor("web-0", "deleted"), undefined);
    }),
  );

  it(
    "takes an object of the same name for another one",
    cleaned(async (t) => {
      const { pods, server, clock, load } = setUp(t);
      load({ phase: "Running" });
      const waiting = pods.waitFor("web-0", "deleted");
      await watching(server);
      // While nobody looks, one goes and the next comes; and the server forgets all about it.
      server.disconnect();
      await pods.delete("web-0", { gracePeriodSeconds: 0 });
      load({ phase: "Pending" });
      server.compact();
      for (let i = 0; i < 20; i++) await clock.advance(500);
      assert.equal((await waiting)?.status?.phase, "Running");
    }),
  );

  it(
    "survives a version that has expired: it looks again",
    cleaned(async (t) => {
      const { pods, server, clock, load } = setUp(t);
      load({ phase: "Pending" });
      const waiting = pods.waitFor("web-0", isRunning);
      await watching(server);
      server.disconnect();
      load({ phase: "Running" });
      server.compact();
      for (let i = 0; i < 20; i++) await clock.advance(500);
      assert.equal((await waiting).status?.phase, "Running");
      assert.equal(server.requests.filter(({ url }) => !url.includes("watch=true")).length, 2);
    }),
  );

  it(
    "gives up after its time, and tells the last state seen [timeout returns last event]",
    cleaned(async (t) => {
      const { pods, server, clock, load } = setUp(t);
      load({
        phase: "Pending",
        conditions: [
          { type: "Ready", status: "False", reason: "ContainersNotReady", message: "main is starting" },
          { type: "PodScheduled", status: "True" },
        ],
      });
      const waiting = assert.rejects(
        pods.waitFor("web-0", { condition: "Ready" }, { timeout: 30_000 }),
        (error) => {
          assert.ok(error instanceof WaitTimeoutError);
          assert.equal(
            error.message,
            `Waited 30 s in vain for pods "web-0" in namespace "default" to have the condition Ready=True: ` +
              "its phase is Pending; Ready=False (ContainersNotReady: main is starting); PodScheduled=True",
          );
          assert.equal((error.last as Pod).status?.phase, "Pending");
          return true;
        },
      );
      await watching(server);
      await clock.advance(30_000);
      await waiting;
    }),
  );

  it(
    "says so when there never was one, or when its last state tells nothing",
    cleaned(async (t) => {
      const { client, server, clock } = setUp(t);
      const secrets = client.resource(Secret).namespace("default");
      const isTyped: WaitCondition<Secret> = (secret) => secret?.type === "x";
      for (const expected of ["there has been no such object", "it has no phase and no conditions"]) {
        const waiting = assert.rejects(
          secrets.waitFor("a", isTyped, { timeout: 1 }),
          (error: Error) => error.message.endsWith(`to be as isTyped wants: ${expected}`),
        );
        await watching(server);
        await clock.advance(1);
        await waiting;
        await watching(server, 0);
        server.load({ apiVersion: "v1", kind: "Secret", metadata: { name: "a", namespace: "default" } });
      }
    }),
  );

  it(
    "does not print what may be secret",
    cleaned(async (t) => {
      const { client, server, clock } = setUp(t);
      const secrets = client.resource(Secret).namespace("default");
      await secrets.create({ metadata: { name: "a" }, data: { password: "aHVudGVyMg==" } });
      const waiting = assert.rejects(
        secrets.waitFor("a", "deleted", { timeout: 1 }),
        (error: WaitTimeoutError<Secret>) => {
          assert.doesNotMatch(inspect(error, { depth: 9 }) + JSON.stringify(error), /aHVudGVyMg/);
          assert.equal(error.last?.data?.password, "aHVudGVyMg==");
          return true;
        },
      );
      await watching(server);
      await clock.advance(1);
      await waiting;
    }),
  );

  it(
    "ends with the signal's reason, before and meanwhile",
    cleaned(async (t) => {
      const { pods, server } = setUp(t);
      await assert.rejects(
        pods.waitFor("web-0", isRunning, { signal: AbortSignal.abort("no") }),
        (reason) => reason === "no",
      );
      assert.equal(server.requests.length, 0);
      const controller = new AbortController();
      const waiting = assert.rejects(
        pods.waitFor("web-0", isRunning, { signal: controller.signal, timeout: 1_000 }),
        (reason) => reason === "stop",
      );
      await watching(server);
      controller.abort("stop");
      await waiting;
    }),
  );

  it(
    "throws what its function throws [precondition throwing]",
    cleaned(async (t) => {
      const { pods } = setUp(t);
      await assert.rejects(
        pods.waitFor("web-0", () => {
          throw new Error("a mistake of ours");
        }),
        /a mistake of ours/,
      );
      await assert.rejects(pods.waitFor("web-0", isRunning, { timeout: -1 }), RangeError);
    }),
  );

  it("throws what the server refuses", async () => {
    const status = { kind: "Status", apiVersion: "v1", status: "Failure", code: 403, reason: "Forbidden" };
    const client = new Client({
      server: "http://coxswain.test",
      fetch: () => Promise.resolve(Response.json(status, { status: 403 })),
    });
    await assert.rejects(
      client.resource(Pod).namespace("default").waitFor("web-0", "deleted", { timeout: 60_000 }),
      isForbidden,
    );
    await client[Symbol.asyncDispose]();
  });
});
