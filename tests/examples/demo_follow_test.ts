import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Client, isForbidden, isNetworkError, RestConfig } from "@coxswain/kube";
import { ApiServer, ManualClock } from "@coxswain/kube/testing";
import { Pod } from "@coxswain/kube/types/core/v1";
import { type Change, followPods, type State } from "../../examples/demo/follow.ts";
import { podStatus } from "../../examples/demo/pod_row.ts";
import { openWorkload } from "../../examples/demo/workload.ts";
import { cleaned, type Cleanup } from "../cleanup.ts";

const web = (name: string): Pod => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { namespace: "shop", name },
  spec: { containers: [{ name: "main" }] },
});

/** Follows a server's pods until the test ends, and keeps what it is told as texts. */
function follow(t: Cleanup, fetch: typeof globalThis.fetch, clock: ManualClock) {
  const client = new Client(new RestConfig({ server: "http://coxswain.test", fetch, clock }));
  const told: string[] = [];
  const stop = new AbortController();
  const ended = followPods(client.resource(Pod), {
    clock,
    signal: stop.signal,
    onChanges: (changes: readonly Change[]) =>
      told.push(...changes.map(({ type, pod }) => `${type} ${pod.metadata.name} ${podStatus(pod)}`)),
    onState: (state: State) => told.push(state),
  }).catch((error) => error);
  t.after(async () => {
    stop.abort();
    await ended;
    await client[Symbol.asyncDispose]();
  });
  return { told, ended, stop };
}

describe("followPods()", () => {
  it(
    "tells what there is, then what happens",
    cleaned(async (t) => {
      const clock = new ManualClock();
      const server = new ApiServer({ clock });
      t.after(() => server[Symbol.asyncDispose]());
      server.load(web("web-0"));
      const { told, stop, ended } = follow(t, server.fetch, clock);
      await clock.advance(0);
      server.load(web("web-1"));
      await clock.advance(0);
      assert.deepEqual(told, ["listing", "LISTED web-0 Pending", "following", "ADDED web-1 Pending"]);
      stop.abort();
      assert.equal(await ended, stop.signal.reason);
      await clock.advance(0);
      assert.equal(server.openWatches, 0);
    }),
  );

  it(
    "lists anew when history is lost, and tells what happened meanwhile",
    cleaned(async (t) => {
      const clock = new ManualClock();
      const server = new ApiServer({ clock });
      t.after(() => server[Symbol.asyncDispose]());
      server.load(web("web-0"), web("web-1"), web("web-2"));
      const { told } = follow(t, server.fetch, clock);
      await clock.advance(5_000);
      told.length = 0;

      server.disconnect();
      await server.fetch("http://coxswain.test/api/v1/namespaces/shop/pods/web-0", { method: "DELETE" });
      server.load({ ...web("web-1"), status: { phase: "Running" } } as Pod, web("web-3"));
      server.compact();
      await clock.advance(10_000);
      assert.deepEqual(told, [
        "interrupted",
        "listing",
        "DELETED web-0 Pending",
        "MODIFIED web-1 Running",
        "ADDED web-3 Pending",
        "following",
      ]);
    }),
  );

  it(
    "throws what keeps the first list from coming, and goes on trying when it has come once",
    cleaned(async (t) => {
      const clock = new ManualClock();
      const server = new ApiServer({ clock });
      t.after(() => server[Symbol.asyncDispose]());
      let reachable = false;
      const fetch: typeof globalThis.fetch = (input, init) =>
        reachable ? server.fetch(input, init) : Promise.reject(new TypeError("connection refused"));
      assert.ok(isNetworkError(await follow(t, fetch, clock).ended));

      reachable = true;
      const { told } = follow(t, fetch, clock);
      await clock.advance(5_000);
      server.disconnect();
      server.compact();
      reachable = false;
      await clock.advance(60_000);
      server.load(web("web-0"));
      server.compact();
      reachable = true;
      await clock.advance(60_000);
      assert.deepEqual(told.slice(-2), ["ADDED web-0 Pending", "following"]);
    }),
  );

  it(
    "throws what the server refuses for good",
    cleaned(async (t) => {
      const status = { kind: "Status", apiVersion: "v1", status: "Failure", reason: "Forbidden", code: 403 };
      const fetch: typeof globalThis.fetch = () => Promise.resolve(Response.json(status, { status: 403 }));
      assert.ok(isForbidden(await follow(t, fetch, new ManualClock()).ended));
    }),
  );
});

describe("The demo's workload", () => {
  it(
    "creates, runs, crashes, restarts, completes and deletes pods, and stops without a trace",
    cleaned(async (t) => {
      const clock = new ManualClock();
      let seed = 1;
      const random = () => (seed = seed * 16_807 % 2_147_483_647) / 2_147_483_647;
      const workload = openWorkload({ clock, random });
      const { told, stop, ended } = follow(t, workload.server.fetch, clock);
      await clock.advance(60_000);
      for (
        const expected of [
          /^LISTED postgres-0 Running$/,
          /^ADDED web-\w{5}-\w{5} Pending$/,
          /^MODIFIED web-\w{5}-\w{5} ContainerCreating$/,
          /^MODIFIED web-\w{5}-\w{5} Running$/,
          /^MODIFIED web-6b7f4-c9xkl Terminating$/,
          /^DELETED web-6b7f4-c9xkl /,
          /^ADDED cart-/,
          /^DELETED cart-/,
          /^MODIFIED api-5d8c9-\w{5} Error$/,
          /^MODIFIED api-5d8c9-\w{5} CrashLoopBackOff$/,
          /^MODIFIED mail-2885-\w{5} Completed$/,
          /^DELETED mail-2884-kp5vd /,
        ]
      ) assert.ok(told.some((line) => expected.test(line)), `nothing is like ${expected}`);
      assert.ok(told.length > 60 && told.length < 300, `${told.length} changes in a minute`);

      stop.abort();
      await ended;
      await workload[Symbol.asyncDispose]();
      assert.equal(clock.timers, 0);
    }),
  );
});
