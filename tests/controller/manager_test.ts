import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Client } from "@coxswain/kube/client";
import {
  type ControllerDefinition,
  generationChanged,
  Manager,
  type ManagerOptions,
  type ReconcileContext,
  runController,
  TerminalError,
  watching,
} from "@coxswain/kube/controller";
import type { LogFields, Logger } from "@coxswain/kube/observe";
import { PrometheusMeter } from "@coxswain/kube/observe";
import { ApiServer, ManualClock } from "@coxswain/kube/testing";
import { Deployment } from "@coxswain/kube/types/apps/v1";
import { Lease } from "@coxswain/kube/types/coordination/v1";
import { ConfigMap, Secret } from "@coxswain/kube/types/core/v1";
import { ExponentialRateLimiter } from "@coxswain/kube/workqueue";
import { cleaned, type Cleanup } from "../cleanup.ts";

/** What a test waits for: a value that is set, or a condition that becomes true whenever something has happened. */
class Happenings {
  readonly log: string[] = [];
  #waiters: (() => void)[] = [];

  add(what: string): void {
    this.log.push(what);
    for (const waiter of this.#waiters.splice(0)) waiter();
  }

  async until(fits: (log: readonly string[]) => boolean): Promise<void> {
    while (!fits(this.log)) await new Promise<void>((resolve) => this.#waiters.push(resolve));
  }

  times(what: string): number {
    return this.log.filter((one) => one === what).length;
  }
}

function setUp(t: Pick<Cleanup, "after">, options: ManagerOptions = {}) {
  const server = new ApiServer();
  const client = new Client(server.restConfig());
  const stop = new AbortController();
  const meter = new PrometheusMeter();
  const lines: { message: string; fields: LogFields }[] = [];
  const logged = new Happenings();
  const log = (message: string, fields: LogFields = {}) => {
    lines.push({ message, fields });
    logged.add(message);
  };
  const logger: Logger = { debug: () => {}, info: log, warn: log, error: log };
  const manager = new Manager(client, { meter, logger, ...options });
  const happenings = new Happenings();
  let running: Promise<void> | undefined;
  t.after(async () => {
    stop.abort("end of test");
    await running?.catch(() => {});
    await client[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });
  return {
    ...{ server, client, manager, meter, lines, logged, happenings, stop },
    settings: client.resource(ConfigMap).namespace("default"),
    run: () => running = manager.run({ signal: stop.signal }),
  };
}

const definition = (
  reconcile: ControllerDefinition<ConfigMap>["reconcile"],
): ControllerDefinition<ConfigMap> => ({
  name: "settings",
  for: ConfigMap,
  predicate: ({ key }) => !key.endsWith("kube-root-ca.crt"),
  reconcile,
});

describe("a controller (spec informers 24.6)", () => {
  it(
    "is called with each object that there is, that changes, and that is gone",
    cleaned(async (t) => {
      const { manager, settings, happenings, run } = setUp(t);
      await settings.create({ metadata: { name: "a" }, data: { x: "1" } });
      manager.add(definition(({ namespace, name }, { object }) => {
        happenings.add(`${namespace}/${name} ${object === undefined ? "gone" : object.data?.x}`);
      }));
      void run();
      await happenings.until((log) => log.includes("default/a 1"));
      await settings.patch("a", { merge: { data: { x: "2" } } });
      await happenings.until((log) => log.includes("default/a 2"));
      await settings.delete("a");
      await happenings.until((log) => log.includes("default/a gone"));
    }),
  );

  it(
    "is called for the owner of what it owns, and for what a mapper finds",
    cleaned(async (t) => {
      const { client, manager, settings, happenings, run } = setUp(t);
      const owner = await settings.create({ metadata: { name: "a" } });
      manager.add({
        ...definition(({ name }) => happenings.add(name)),
        owns: [Deployment],
        watches: [watching(Secret, ({ labels }) => [{ namespace: "default", name: labels?.for ?? "?" }])],
      });
      void run();
      await happenings.until((log) => log.length === 1);
      const { uid } = owner.metadata;
      await client.resource(Deployment).namespace("default").create({
        metadata: {
          name: "web",
          ownerReferences: [{ apiVersion: "v1", kind: "ConfigMap", name: "a", uid, controller: true }],
        },
        spec: {
          selector: { matchLabels: { a: "b" } },
          template: {
            metadata: { labels: { a: "b" } },
            spec: { containers: [{ name: "main", image: "web:1" }] },
          },
        },
      });
      await happenings.until((log) => log.length === 2);
      const secrets = client.resource(Secret).namespace("default");
      await secrets.create({ metadata: { name: "s", labels: { for: "b" } } });
      await happenings.until((log) => log.includes("b"));
      await secrets.patch("s", { merge: { metadata: { labels: { for: "c" } } } });
      await happenings.until((log) => log.includes("c") && log.filter((one) => one === "b").length === 2);
      assert.deepEqual(
        happenings.log.toSorted(),
        ["a", "a", "b", "b", "c"],
        "the one before and the one after",
      );
    }),
  );

  it(
    "is not called for what its predicate leaves out",
    cleaned(async (t) => {
      const { client, manager, happenings, run } = setUp(t);
      const deployments = client.resource(Deployment).namespace("default");
      const spec = {
        selector: { matchLabels: { a: "b" } },
        template: {
          metadata: { labels: { a: "b" } },
          spec: { containers: [{ name: "main", image: "web:1" }] },
        },
      };
      await deployments.create({ metadata: { name: "web" }, spec });
      manager.add({
        for: Deployment,
        predicate: generationChanged,
        reconcile: (_, { object }) =>
          happenings.add(`${object?.metadata.generation} ${object?.metadata.labels?.a}`),
      });
      void run();
      await happenings.until((log) => log.length === 1);
      await deployments.patch("web", { merge: { metadata: { labels: { a: "b" } } } });
      await deployments.patch("web", { merge: { spec: { replicas: 3 } } });
      await happenings.until((log) => log.length === 2);
      assert.deepEqual(happenings.log, ["1 undefined", "2 b"]);
    }),
  );

  it(
    "is called for one object after the other, and for several objects at the same time",
    cleaned(async (t) => {
      const { manager, settings, happenings, run } = setUp(t);
      for (const name of ["a", "b", "c", "d"]) await settings.create({ metadata: { name } });
      const running = new Set<string>();
      let most = 0;
      const gate = Promise.withResolvers<void>();
      const changes = new Happenings();
      manager.add(
        {
          ...definition(async ({ name }) => {
            happenings.add(running.has(name) ? `${name} twice at the same time` : name);
            running.add(name);
            most = Math.max(most, running.size);
            await gate.promise;
            running.delete(name);
          }),
          predicate: ({ key, object }) => {
            changes.add(`${key} ${object.data?.time}`);
            return !key.endsWith("kube-root-ca.crt");
          },
        },
        { concurrency: 3 },
      );
      void run();
      await happenings.until((log) => log.length === 3);
      assert.deepEqual(happenings.log.toSorted(), ["a", "b", "c"]);
      for (let time = 0; time < 3; time++) {
        await settings.patch("a", { merge: { data: { time: String(time) } } });
      }
      await changes.until((log) => log.includes("default/a 2"));
      const [busy] = manager.health();
      assert.deepEqual([busy.active, busy.state], [3, "working"]);
      gate.resolve();
      await happenings.until((log) => log.length === 5);
      assert.equal(most, 3);
      assert.deepEqual(
        happenings.log.toSorted(),
        ["a", "a", "b", "c", "d"],
        "three changes meanwhile are one call afterwards",
      );
    }),
  );

  it(
    "is called again after a failure, and forgets failures after a success",
    cleaned(async (t) => {
      const { manager, settings, happenings, run, meter, lines } = setUp(t);
      await settings.create({ metadata: { name: "a" } });
      const rateLimiter = new ExponentialRateLimiter({ baseDelay: 1 });
      manager.add(
        definition((_, { failures }) => {
          happenings.add(`failures ${failures}`);
          if (failures < 3) throw new Error("not yet");
        }),
        { rateLimiter },
      );
      void run();
      await happenings.until((log) => log.length === 4);
      await settings.patch("a", { merge: { data: { x: "1" } } });
      await happenings.until((log) => log.length >= 5);
      assert.deepEqual(happenings.log.slice(0, 5), [
        "failures 0",
        "failures 1",
        "failures 2",
        "failures 3",
        "failures 0",
      ]);
      assert.match(meter.text(), /controller_runtime_reconcile_errors_total\{controller="settings"\} [34]/);
      const line = lines.find(({ message }) => message === "reconciling failed");
      assert.deepEqual([line?.fields.controller, line?.fields.key], ["settings", "default/a"]);
    }),
  );

  it(
    "is not called again after a terminal error, until the object changes",
    cleaned(async (t) => {
      const { manager, settings, happenings, logged, run, meter } = setUp(t);
      await settings.create({ metadata: { name: "a" } });
      await settings.create({ metadata: { name: "b" } });
      manager.add(
        definition(({ name }) => {
          happenings.add(name);
          if (name === "a") throw new TerminalError("makes no sense");
        }),
        { rateLimiter: new ExponentialRateLimiter({ baseDelay: 1 }) },
      );
      void run();
      await happenings.until((log) => log.includes("b"));
      assert.equal(happenings.times("a"), 1);
      await settings.patch("a", { merge: { data: { x: "1" } } });
      await logged.until(() => logged.times("reconciling failed") === 2);
      assert.equal(happenings.times("a"), 2);
      assert.match(
        meter.text(),
        /controller_runtime_terminal_reconcile_errors_total\{controller="settings"\} 2/,
      );
      assert.match(String(manager.health()[0].lastError?.error), /makes no sense/);
    }),
  );

  it(
    "is called again when it wants to be",
    cleaned(async (t) => {
      const { manager, settings, happenings, run, meter } = setUp(t);
      await settings.create({ metadata: { name: "a" } });
      manager.add(definition(() => {
        happenings.add("call");
        return happenings.log.length < 3 ? { requeueAfter: 1 } : undefined;
      }));
      void run();
      await happenings.until((log) => log.length === 3);
      assert.match(meter.text(), /reconcile_total\{controller="settings",result="requeue_after"\} 2/);
    }),
  );

  it(
    "has its signal aborted when it takes too long, and is called again",
    cleaned(async (t) => {
      const clock = new ManualClock();
      const { manager, settings, happenings, logged, run, meter } = setUp(t, { clock });
      await settings.create({ metadata: { name: "a" } });
      manager.add(
        definition((_, { signal }) => {
          happenings.add("call");
          if (happenings.log.length > 1) return undefined;
          return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
        }),
        { reconcileTimeout: 30_000 },
      );
      void run();
      await happenings.until((log) => log.length === 1);
      await clock.advance(29_999);
      assert.deepEqual(logged.log, []);
      await clock.advance(1);
      await logged.until((log) => log.includes("reconciling failed"));
      await clock.advance(5); // the delay after a first failure
      await happenings.until((log) => log.length === 2);
      assert.match(meter.text(), /controller_runtime_reconcile_timeouts_total\{controller="settings"\} 1/);
    }),
  );

  it(
    "sees in the cache what it has written when it is called the next time",
    cleaned(async (t) => {
      const { manager, settings, happenings, run } = setUp(t);
      await settings.create({ metadata: { name: "a" }, data: { n: "0" } });
      manager.add(definition(async ({ namespace, name }, { client, object, signal }) => {
        const n = Number(object?.data?.n);
        happenings.add(String(n));
        if (n >= 20) return undefined;
        const settings = client.resource(ConfigMap).namespace(namespace);
        const data = { n: String(n + 1) };
        if (n % 2 === 0) await settings.patch(name, { merge: { data } }, { signal });
        else await settings.modify(name, (object) => void Object.assign(object, { data }), { signal });
        return { requeueAfter: 0.01 };
      }));
      void run();
      await happenings.until((log) => log.includes("20"));
      const values = happenings.log.map(Number);
      assert.deepEqual(values, values.toSorted((one, other) => one - other));
      assert.equal(new Set(values).size, 21, "none is missing");
      for (let n = 0; n < 20; n++) assert.ok(happenings.times(String(n)) === 1, `${n} was seen once`);
    }),
  );
});

describe("a manager", () => {
  it(
    "keeps controllers apart: one that throws, one that hangs and one that floods do not stop another",
    cleaned(async (t) => {
      const { manager, settings, happenings, logged, run, meter } = setUp(t, { gracePeriod: 1 });
      for (const name of ["a", "b"]) await settings.create({ metadata: { name } });
      const rateLimiter = () => new ExponentialRateLimiter({ baseDelay: 1, maxDelay: 2 });
      const other = (name: string, reconcile: ControllerDefinition<ConfigMap>["reconcile"]) => ({
        ...definition(reconcile),
        name,
      });
      manager.add(other("throws", () => Promise.reject(new Error("always"))), { rateLimiter: rateLimiter() });
      manager.add(
        other("hangs", (_, { signal }) => {
          happenings.add("hangs");
          return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
        }),
      );
      manager.add(other("floods", () => ({ requeueAfter: 0.01 })));
      manager.add(other("works", ({ name }, { object }) => happenings.add(`${name} ${object?.data?.x}`)));
      void run();
      for (let time = 0; time < 5; time++) {
        await settings.patch("a", { merge: { data: { x: String(time) } } });
        await happenings.until((log) => log.includes(`a ${time}`));
      }
      await happenings.until((log) => log.includes("hangs"));
      await logged.until((log) => log.includes("reconciling failed"));
      const health = Object.fromEntries(manager.health().map((one) => [one.name, one]));
      assert.equal(health.hangs.active, 1);
      assert.ok(health.hangs.longest > 0);
      assert.match(String(health.throws.lastError?.error), /always/);
      assert.equal(health.works.lastError, undefined);
      assert.match(meter.text(), /controller_runtime_active_workers\{controller="hangs"\} 1/);
      assert.match(meter.text(), /workqueue_longest_running_processor_seconds\{name="hangs"\} \d+\.\d+/);
    }),
  );

  it(
    "is ready when its caches have synced, and serves metrics",
    cleaned(async (t) => {
      const { manager, settings, happenings, run } = setUp(t);
      await settings.create({ metadata: { name: "a" } });
      manager.add(definition(() => happenings.add("call")));
      const get = async (path: string) =>
        await (await manager.fetch(new Request(`http://localhost${path}`))).text();
      assert.match(await get("/readyz"), /caches failed/);
      assert.equal(await get("/healthz"), "ok");
      void run();
      await happenings.until((log) => log.length === 1);
      assert.equal(await get("/readyz"), "ok");
      assert.match(
        await get("/metrics"),
        /controller_runtime_max_concurrent_reconciles\{controller="settings"\} 1/,
      );
    }),
  );

  it("lets what goes on end when told to stop, takes nothing new, and closes everything", async () => {
    const server = new ApiServer();
    const client = new Client(server.restConfig());
    const settings = client.resource(ConfigMap).namespace("default");
    for (const name of ["a", "b"]) await settings.create({ metadata: { name } });
    const stop = new AbortController();
    const happenings = new Happenings();
    const gate = Promise.withResolvers<void>();
    const running = runController(client, {
      ...definition(async ({ name }, { signal }) => {
        happenings.add(`${name} begins`);
        stop.abort();
        await gate.promise;
        happenings.add(`ends ${signal.aborted}`);
      }),
    }, { signal: stop.signal });
    await happenings.until((log) => log.length === 1);
    gate.resolve();
    await running;
    assert.deepEqual([happenings.log.length, happenings.log[1]], [2, "ends false"]);
    assert.equal(server.openWatches, 0);
    await client[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  it("breaks off what does not end in time", async () => {
    const server = new ApiServer();
    const client = new Client(server.restConfig());
    await client.resource(ConfigMap).namespace("default").create({ metadata: { name: "a" } });
    const stop = new AbortController();
    const clock = new ManualClock();
    const happenings = new Happenings();
    let reason: unknown;
    const running = runController(
      client,
      definition((_, { signal }) => {
        stop.abort("enough");
        happenings.add("stopped");
        return new Promise((_, reject) =>
          signal.addEventListener("abort", () => {
            reason = signal.reason;
            reject(signal.reason);
          })
        );
      }),
      { signal: stop.signal, gracePeriod: 7_000, clock },
    );
    await happenings.until((log) => log.length === 1);
    await clock.advance(6_999);
    assert.equal(reason, undefined);
    await clock.advance(1);
    await running;
    assert.equal(reason, "enough");
    await client[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  it("ends before its caches have synced when told to", async () => {
    const server = new ApiServer();
    const client = new Client(server.restConfig());
    await runController(client, definition(() => {}), { signal: AbortSignal.abort("before") });
    await client[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  it(
    "works while it leads, with a token, and another takes over with warm caches",
    cleaned(async (t) => {
      const leaderElection = { namespace: "default", name: "shop" };
      const one = setUp(t, {
        leaderElection: { ...leaderElection, identity: "one" },
        clock: new ManualClock(), // stands still: it has the lease until it gives it back
      });
      const { settings, server } = one;
      await settings.create({ metadata: { name: "a" } });
      const otherClient = new Client(server.restConfig());
      t.after(() => otherClient[Symbol.asyncDispose]());
      const happenings = new Happenings();
      const reconcile =
        (who: string) =>
        ({ name }: { name: string }, { fencingToken, object }: ReconcileContext<ConfigMap>) =>
          happenings.add(`${who} ${name} ${fencingToken} ${object?.data?.x}`);
      one.manager.add(definition(reconcile("one")));
      const first = one.run();
      await happenings.until((log) => log.includes("one a 0 undefined"));

      const stop = new AbortController();
      const clock = new ManualClock();
      const other = new Manager(otherClient, {
        leaderElection: { ...leaderElection, identity: "other" },
        clock,
        recorder: { event() {} }, // or it would ask for chance, too
        random: () => { // asked for right before it waits for the next attempt
          happenings.add("other waits");
          return 0;
        },
      });
      other.add({
        ...definition(reconcile("other")),
        predicate: ({ key, object }) => {
          happenings.add(`other hears of ${key} ${object.data?.x}`);
          return key === "default/a";
        },
      });
      const second = other.run({ signal: stop.signal });
      await settings.patch("a", { merge: { data: { x: "1" } } });
      await happenings.until((log) => log.includes("one a 0 1"));
      await happenings.until((log) =>
        log.includes("other waits") && log.includes("other hears of default/a 1")
      );
      const [standby] = other.health(); // but warm
      assert.deepEqual([standby.state, standby.queued, standby.active], ["standby", 1, 0]);

      one.stop.abort("enough");
      await first;
      await clock.advance(2_000);
      await happenings.until((log) => log.includes("other a 1 1"));
      stop.abort("enough");
      await second;

      const { spec } = await one.client.resource(Lease).namespace("default").get("shop");
      assert.equal(spec?.holderIdentity, "");
    }),
  );

  it("says that the leadership was lost, and breaks off what goes on", async () => {
    const server = new ApiServer();
    const client = new Client(server.restConfig());
    await client.resource(ConfigMap).namespace("default").create({ metadata: { name: "a" } });
    const leases = client.resource(Lease).namespace("default");
    const stop = new AbortController();
    const clock = new ManualClock();
    const happenings = new Happenings();
    let isBrokenOff = false;
    const running = runController(
      client,
      definition(async (_, { signal }) => {
        await leases.patch("shop", {
          merge: { spec: { holderIdentity: "other", leaseDurationSeconds: 60 } },
        });
        happenings.add("taken");
        await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
        isBrokenOff = true;
      }),
      {
        signal: stop.signal,
        leaderElection: { namespace: "default", name: "shop" },
        clock,
      },
    );
    await happenings.until((log) => log.includes("taken"));
    await clock.advance(2_000); // the next renewal finds another holder
    await assert.rejects(running, /Lost the leadership of default\/shop/);
    assert.equal(isBrokenOff, true);
    await client[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  it("refuses two controllers of one name, and what comes too late", async () => {
    const client = new Client(new ApiServer().restConfig());
    const manager = new Manager(client);
    manager.add(definition(() => {}));
    assert.throws(() => manager.add(definition(() => {})), /there is one called "settings"/);
    assert.throws(() => manager.add(definition(() => {}), { concurrency: 0 }), RangeError);
    assert.throws(() => manager.add(definition(() => {}), { reconcileTimeout: 0 }), RangeError);
    await manager.run({ signal: AbortSignal.abort() });
    assert.throws(() => manager.add({ ...definition(() => {}), name: "late" }), TypeError);
    await assert.rejects(manager.run({ signal: AbortSignal.abort() }), TypeError);
    await client[Symbol.asyncDispose]();
  });
});
