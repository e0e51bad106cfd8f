import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LeaderElector, type LeaderElectorOptions, type Leadership } from "@coxswain/kube/leader";
import type { LeaseLockOptions } from "@coxswain/kube/leader";
import { PrometheusMeter } from "@coxswain/kube/observe";
import { cleaned, type Cleanup } from "../cleanup.ts";
import { LeaseServer } from "./lease_server.ts";

const TIME = "2026-01-01T00:00:00.000000Z";
const OTHER = { holderIdentity: "other", acquireTime: TIME, renewTime: TIME, leaseTransitions: 0 };

/** A candidate with all that happens to it written down. */
function candidate(
  server: LeaseServer,
  identity: string,
  options: Partial<LeaderElectorOptions> & { lockOptions?: Partial<LeaseLockOptions> } = {},
) {
  const log: string[] = [];
  const stop = new AbortController();
  let leadership: Leadership | undefined;
  const { lockOptions, onStartedLeading, ...rest } = options;
  const elector = new LeaderElector({
    lock: server.lock(identity, {
      recorder: { event: (_, { message }) => log.push(`event: ${message}`) },
      ...lockOptions,
    }),
    clock: server.clock,
    random: () => 0,
    onStartedLeading: (started) => {
      leadership = started;
      log.push("started");
      started.signal.addEventListener("abort", () => log.push("aborted"));
      return onStartedLeading?.(started);
    },
    onStoppedLeading: () => log.push("stopped"),
    onNewLeader: (leader) => log.push(`leader: ${leader}`),
    ...rest,
  });
  return {
    elector,
    log,
    stop,
    leadership: () => leadership,
    run: () => elector.run({ signal: stop.signal }),
  };
}

/** Runs a candidate until the test has ended. */
function running(
  t: Pick<Cleanup, "after">,
  server: LeaseServer,
  one: ReturnType<typeof candidate>,
): Promise<void> {
  const run = one.run();
  t.after(async () => {
    one.stop.abort("end of test");
    server.fault = undefined;
    await server.advance(30_000);
    await run;
    await server[Symbol.asyncDispose]();
    assert.equal(server.clock.timers, 0, "nothing waits any more");
  });
  return run;
}

describe("LeaderElector: getting the lock (spec informers 20.4)", () => {
  for (
    const { spec, name, lease, transitions, after } of [
      { spec: "LE-01", name: "creates a lease that is not there", lease: null, transitions: 0, after: 0 },
      { spec: "LE-02", name: "takes a lease without a spec", lease: undefined, transitions: 1, after: 0 },
      {
        spec: "LE-03",
        name: "takes a lease that did not change for as long as it says",
        lease: { ...OTHER, leaseDurationSeconds: 3 },
        transitions: 1,
        after: 4_000,
      },
      {
        spec: "LE-04, LE-06",
        name: "takes a lease without a holder at once, however long it says",
        lease: { ...OTHER, holderIdentity: "", leaseDurationSeconds: 3_600 },
        transitions: 1,
        after: 0,
      },
      {
        spec: "LE-05, 20.3",
        name: "looks at its own clock alone: not at a renewal of long ago",
        lease: { ...OTHER, leaseDurationSeconds: 15, renewTime: "2001-01-01T00:00:00.000000Z" },
        transitions: 1,
        after: 16_000,
      },
      {
        spec: "20.3",
        name: "looks at its own clock alone: not at a renewal in the future",
        lease: { ...OTHER, leaseDurationSeconds: 15, renewTime: "2101-01-01T00:00:00.000000Z" },
        transitions: 1,
        after: 16_000,
      },
      {
        spec: "LE-08",
        name: "renews what is its own already",
        lease: { ...OTHER, holderIdentity: "me", leaseDurationSeconds: 15 },
        transitions: 0,
        after: 0,
      },
    ]
  ) {
    it(
      `${name} [${spec}]`,
      cleaned(async (t) => {
        const server = new LeaseServer();
        if (lease !== null) server.load(lease);
        const me = candidate(server, "me");
        running(t, server, me);
        await server.advance(Math.max(0, after - 1));
        if (after > 0) assert.equal(me.elector.isLeader, false);
        await server.advance(1);
        assert.equal(me.elector.isLeader, true);
        assert.equal(me.leadership()?.fencingToken, transitions);
        const { spec } = await server.lease();
        assert.equal(spec?.holderIdentity, "me");
        assert.equal(spec?.leaseTransitions, transitions);
        assert.equal(spec?.leaseDurationSeconds, 15);
        if (lease?.holderIdentity === "me") assert.equal(spec?.acquireTime, TIME, "it keeps when it got it");
      }),
    );
  }

  it(
    "leaves a lease alone that is another's and changes, and says who leads [LE-07]",
    cleaned(async (t) => {
      const server = new LeaseServer();
      const me = candidate(server, "me");
      running(t, server, me);
      for (let second = 0; second < 60; second++) {
        server.load({
          ...OTHER,
          leaseDurationSeconds: 3,
          renewTime: new Date(second).toISOString().replace("Z", "000Z"),
        });
        await server.advance(second === 0 ? 0 : 1_000);
      }
      assert.deepEqual([me.elector.isLeader, me.elector.leader], [false, "other"]);
      assert.deepEqual(me.log.slice(0, 1), ["leader: other"]);
      assert.equal(server.asked.includes("update"), false);
    }),
  );

  it(
    "does not take the deletion of a lease for its end: the holder does not know yet",
    cleaned(async (t) => {
      const server = new LeaseServer();
      server.load({ ...OTHER, leaseTransitions: 6, leaseDurationSeconds: 15 });
      const me = candidate(server, "me");
      running(t, server, me);
      await server.advance(1);
      await server.server.fetch(
        "http://coxswain.test/apis/coordination.k8s.io/v1/namespaces/ops/leases/webapp",
        {
          method: "DELETE",
        },
      );
      await server.advance(14_000);
      assert.equal(me.elector.isLeader, false);
      await server.advance(4_000);
      assert.equal(me.leadership()?.fencingToken, 7, "tokens go on growing");
    }),
  );

  it(
    "waits a period and up to 1.2 more between attempts, from the end of one [20.5]",
    cleaned(async (t) => {
      for (const { random, period } of [{ random: 0, period: 2_000 }, { random: 0.5, period: 3_200 }]) {
        const server = new LeaseServer();
        server.load({ ...OTHER, leaseDurationSeconds: 3_600 });
        server.fault = (_, pass) => server.clock.sleep(100).then(pass);
        const me = candidate(server, "me", { random: () => random });
        running(t, server, me);
        await server.advance(100);
        const before = server.asked.length;
        await server.advance(period - 1);
        assert.equal(server.asked.length, before);
        await server.advance(1);
        assert.equal(server.asked.length, before + 1);
      }
    }),
  );
});

describe("LeaderElector: keeping the lock (spec informers 20.5)", () => {
  it(
    "reads once, then renews without reading every period [LE-14]",
    cleaned(async (t) => {
      const server = new LeaseServer();
      const me = candidate(server, "me");
      running(t, server, me);
      await server.advance(4_000);
      assert.deepEqual(server.asked, ["get!404", "create", "update", "update"]);
      const { spec } = await server.lease();
      assert.deepEqual([spec?.acquireTime, spec?.renewTime], [TIME, "2026-01-01T00:00:04.000000Z"]);
      assert.equal(spec?.leaseTransitions, 0, "a renewal is no transition");
    }),
  );

  it(
    "reads again after a conflict, and goes on [LE-14, 20.4]",
    cleaned(async (t) => {
      const server = new LeaseServer();
      const meter = new PrometheusMeter();
      const me = candidate(server, "me", { meter });
      running(t, server, me);
      await server.advance(3_000);
      const { spec } = await server.lease();
      server.load({ ...spec }); // somebody has touched it
      await server.advance(3_000);
      assert.deepEqual(server.asked, [
        "get!404",
        "create",
        "update",
        "update!409",
        "get",
        "update",
        "update",
      ]);
      assert.match(meter.text(), /leader_election_slowpath_total\{name="webapp"\} 1\n/);
      assert.equal(me.log.includes("aborted"), false);
    }),
  );

  it(
    "writes a renewal that differs from the one before, whatever the date does",
    cleaned(async (t) => {
      const server = new LeaseServer();
      const stuck = { now: () => server.clock.now(), date: () => new Date(TIME) };
      const me = candidate(server, "me", {
        clock: {
          ...stuck,
          schedule: (callback, delay) => server.clock.schedule(callback, delay),
          sleep: (delay, options) => server.clock.sleep(delay, options),
        },
      });
      running(t, server, me);
      await server.advance(4_000);
      assert.equal((await server.lease()).spec?.renewTime, "2026-01-01T00:00:00.000002Z");
    }),
  );

  it(
    "tries each period while renewing fails, and stops at the deadline counted from the last success",
    cleaned(async (t) => {
      const server = new LeaseServer();
      const me = candidate(server, "me");
      const run = running(t, server, me);
      await server.advance(5_000); // renewed at 2 s and at 4 s
      server.asked.length = 0;
      server.fault = () => Promise.reject(new TypeError("connection refused"));
      await server.advance(8_999);
      assert.equal(server.asked.filter((word) => word === "update").length, 4, "at 6, 8, 10 and 12 s");
      assert.deepEqual([me.leadership()?.signal.aborted, me.leadership()?.isHeld()], [false, true]);
      await server.advance(1);
      assert.deepEqual([me.leadership()?.signal.aborted, me.leadership()?.isHeld()], [true, false]);
      await run;
      assert.deepEqual(me.log.slice(-3), ["aborted", "event: me stopped leading", "stopped"]);
      assert.match(
        String(me.leadership()?.signal.reason),
        /Lost the lease ops\/webapp: it was not renewed for 10000 ms/,
      );
    }),
  );

  it(
    "counts the deadline from when it asked, not from when the answer came",
    cleaned(async (t) => {
      const server = new LeaseServer();
      const me = candidate(server, "me");
      running(t, server, me);
      await server.advance(1_000);
      server.fault = (_, pass) => pass().then((answer) => server.clock.sleep(4_000).then(() => answer));
      await server.advance(5_500); // asked at 2 s, answered at 6 s
      assert.equal(me.leadership()?.isHeld(), true);
      server.fault = () => new Promise(() => {}); // from now on nothing answers
      await server.advance(5_499);
      assert.equal(me.leadership()?.signal.aborted, false);
      await server.advance(1);
      assert.equal(me.leadership()?.signal.aborted, true, "12 s, with an answer at 6 s");
    }),
  );

  it(
    "does not lead with an answer that came too late, but asks again",
    cleaned(async (t) => {
      const server = new LeaseServer();
      const clock = server.clock;
      // A process that stands still: time goes on, and its timers do not run.
      let behind = 0;
      const me = candidate(server, "me", {
        clock: {
          now: () => clock.now() + behind,
          date: () => clock.date(),
          schedule: (callback, delay) => clock.schedule(callback, delay),
          sleep: (delay, options) => clock.sleep(delay, options),
        },
      });
      server.fault = (method, pass) => {
        if (method === "POST") behind = 10_000;
        return pass();
      };
      running(t, server, me);
      await server.advance(1);
      assert.equal(me.leadership(), undefined);
      await server.advance(2_000);
      assert.equal(me.leadership()?.isHeld(), true);
      assert.equal(me.leadership()?.fencingToken, 0);
      behind += 10_000;
      assert.deepEqual([me.leadership()?.signal.aborted, me.leadership()?.isHeld()], [false, false]);
    }),
  );

  it(
    "stops at once when another has the lock, as somebody has given it away",
    cleaned(async (t) => {
      const server = new LeaseServer();
      const me = candidate(server, "me");
      const run = running(t, server, me);
      await server.advance(1_000);
      server.load({ ...OTHER, leaseDurationSeconds: 15 });
      await server.advance(1_000);
      await run;
      assert.deepEqual(me.log.slice(-4), [
        "leader: other",
        "aborted",
        "event: me stopped leading",
        "stopped",
      ]);
      assert.match(String(me.leadership()?.signal.reason), /"other" has it/);
    }),
  );

  it(
    "gets its lease back that somebody has deleted, with the same token",
    cleaned(async (t) => {
      const server = new LeaseServer();
      server.load({ ...OTHER, holderIdentity: "", leaseTransitions: 4 });
      const me = candidate(server, "me");
      running(t, server, me);
      await server.advance(1_000);
      await server.server.fetch(
        "http://coxswain.test/apis/coordination.k8s.io/v1/namespaces/ops/leases/webapp",
        {
          method: "DELETE",
        },
      );
      await server.advance(2_000);
      assert.equal((await server.lease()).spec?.leaseTransitions, 5);
      assert.deepEqual([me.leadership()?.fencingToken, me.leadership()?.isHeld()], [5, true]);
    }),
  );

  it(
    "gives an attempt that gets no answer up in time for another one (spec informers 20.8)",
    cleaned(async (t) => {
      const server = new LeaseServer();
      const me = candidate(server, "me");
      running(t, server, me);
      await server.advance(1_000);
      let lost = 0;
      server.fault = () => lost++ === 0 ? new Promise(() => {}) : undefined;
      await server.advance(6_999); // asked at 2 s, given up at 7 s, asked again at 8 s
      assert.equal(lost, 1);
      await server.advance(10_000);
      assert.equal(me.leadership()?.isHeld(), true);
    }),
  );
});

describe("LeaderElector: starting and stopping (spec informers 20.5, 20.6)", () => {
  it("only says that it stopped when it was told to before it led [20.5]", async () => {
    const server = new LeaseServer();
    server.load({ ...OTHER, leaseDurationSeconds: 3_600 });
    const me = candidate(server, "me");
    const run = me.run();
    await server.advance(10_000);
    me.stop.abort("enough");
    await run;
    assert.deepEqual(me.log, ["leader: other", "stopped"]);
    await me.run();
    assert.deepEqual(me.log, ["leader: other", "stopped", "stopped"], "told to stop already");
    assert.equal(server.clock.timers, 0);
    await server[Symbol.asyncDispose]();
  });

  it("tells each new leader once, itself included [20.5]", async () => {
    const server = new LeaseServer();
    const me = candidate(server, "me");
    const run = me.run();
    await server.advance(10_000);
    me.stop.abort("enough");
    await run;
    assert.deepEqual(me.log, [
      "leader: me",
      "event: me became leader",
      "started",
      "aborted",
      "event: me stopped leading",
      "stopped",
    ]);
    await server[Symbol.asyncDispose]();
  });

  it("aborts the leadership with the reason for which it was told to stop", async () => {
    const server = new LeaseServer();
    const me = candidate(server, "me");
    const run = me.run();
    await server.advance(1);
    me.stop.abort("enough");
    assert.deepEqual([me.leadership()?.signal.reason, me.leadership()?.isHeld()], ["enough", false]);
    await run;
    assert.equal((await server.lease()).spec?.holderIdentity, "me", "the lease is not given back by default");
    await server[Symbol.asyncDispose]();
  });

  it("gives the lease back, so that another has it at once [LE-11]", async () => {
    const server = new LeaseServer();
    server.load({ ...OTHER, holderIdentity: "", leaseTransitions: 2 });
    const [me, you] = [candidate(server, "me", { releaseOnCancel: true }), candidate(server, "you")];
    const run = me.run();
    await server.advance(1_000);
    const yours = you.run();
    await server.advance(500);
    me.stop.abort("enough");
    await run;
    const { spec } = await server.lease();
    assert.deepEqual(spec, {
      holderIdentity: "",
      leaseDurationSeconds: 1,
      acquireTime: "2026-01-01T00:00:01.500000Z",
      renewTime: "2026-01-01T00:00:01.500000Z",
      leaseTransitions: 3,
    });
    assert.equal(me.elector.leader, "");
    await server.advance(1_500);
    assert.equal(you.leadership()?.fencingToken, 4);
    you.stop.abort("enough");
    await yours;
    await server[Symbol.asyncDispose]();
  });

  it("gives the lease back after a conflict too [LE-11, LE-14]", async () => {
    const server = new LeaseServer();
    const me = candidate(server, "me", { releaseOnCancel: true });
    const run = me.run();
    await server.advance(1_000);
    let conflicts = 0;
    server.fault = (method, pass) => {
      if (method !== "PUT" || conflicts++ > 0) return undefined;
      return server.lease().then(({ spec }) => server.load({ ...spec, strategy: "touched" })).then(pass);
    };
    server.asked.length = 0;
    me.stop.abort("enough");
    await run;
    assert.deepEqual(server.asked, ["get", "update!409", "get", "update"]);
    const { spec } = await server.lease();
    assert.deepEqual([spec?.holderIdentity, spec?.strategy], ["", undefined]);
    await server[Symbol.asyncDispose]();
  });

  for (const failing of ["update", "get"] as const) {
    it(`gives the lease back on a request of its own when told to stop during ${failing === "get" ? "a read" : "a renewal"} [LE-12]`, async () => {
      const server = new LeaseServer();
      const me = candidate(server, "me", { releaseOnCancel: true });
      const run = me.run();
      await server.advance(1_000);
      const isAsked = new Promise<void>((resolve) => {
        let hung = false;
        server.fault = (method) => {
          if (failing === "get" && method === "PUT") return Promise.reject(new TypeError("cut"));
          if (hung) return failing === "get" ? Promise.reject(new TypeError("cut")) : undefined;
          hung = true;
          resolve();
          return new Promise(() => {});
        };
      });
      await server.advance(1_000);
      await isAsked;
      me.stop.abort("enough");
      await server.advance(0);
      await run;
      assert.deepEqual(me.log.slice(1), [
        "event: me became leader",
        "started",
        "aborted",
        "event: me stopped leading",
        "stopped",
      ]);
      const { spec } = await server.lease();
      assert.equal(spec?.holderIdentity, failing === "get" ? "me" : "");
      assert.equal(server.clock.timers, 0);
      await server[Symbol.asyncDispose]();
    });
  }

  it("does not blank a lease that is another's by now [20.6, 25.16]", async () => {
    const server = new LeaseServer();
    const me = candidate(server, "me", { releaseOnCancel: true });
    const run = me.run();
    await server.advance(1_000);
    server.load({ ...OTHER, leaseDurationSeconds: 15 });
    me.stop.abort("enough");
    await run;
    assert.equal((await server.lease()).spec?.holderIdentity, "other");
    await server[Symbol.asyncDispose]();
  });

  it("does not take from another what it has read while giving up", async () => {
    const server = new LeaseServer();
    const me = candidate(server, "me", { releaseOnCancel: true });
    const run = me.run();
    await server.advance(1_000);
    me.stop.abort("enough");
    server.fault = (method, pass) => {
      if (method === "GET") server.load({ ...OTHER, leaseDurationSeconds: 15, leaseTransitions: 1 });
      return pass();
    };
    await run;
    server.fault = undefined;
    const again = new AbortController();
    const second = me.elector.run({ signal: again.signal }); // its own lease would be valid still
    await server.advance(5_000);
    assert.equal((await server.lease()).spec?.holderIdentity, "other");
    again.abort("enough");
    await second;
    await server[Symbol.asyncDispose]();
  });

  it("gives the lease back only when the leader's work has ended, or not at all", async () => {
    for (const duration of [3_000, 60_000]) {
      const server = new LeaseServer();
      const me = candidate(server, "me", {
        releaseOnCancel: true,
        onStartedLeading: ({ signal }) =>
          new Promise<void>((resolve) =>
            signal.addEventListener("abort", () => void server.clock.sleep(duration).then(resolve))
          ),
      });
      const run = me.run();
      await server.advance(1_000);
      me.stop.abort("enough");
      await server.advance(2_999);
      assert.equal((await server.lease()).spec?.holderIdentity, "me");
      await server.advance(7_000);
      await run;
      assert.equal((await server.lease()).spec?.holderIdentity, duration === 3_000 ? "" : "me");
      await server.advance(60_000);
      assert.equal(server.clock.timers, 0);
      await server[Symbol.asyncDispose]();
    }
  });

  it("ends with what the leader's work throws, and gives the lease back", async () => {
    for (const early of [true, false]) {
      const server = new LeaseServer();
      const me = candidate(server, "me", {
        releaseOnCancel: true,
        onStartedLeading: async () => {
          if (!early) await server.clock.sleep(5_000);
          throw new Error("broken");
        },
      });
      const run = me.run();
      const failed = assert.rejects(run, /broken/);
      await server.advance(6_000);
      await failed;
      assert.deepEqual(me.log.slice(-3), ["aborted", "event: me stopped leading", "stopped"]);
      assert.equal((await server.lease()).spec?.holderIdentity, "");
      await server[Symbol.asyncDispose]();
    }
  });

  it("lets nothing escape that the work throws once it was told to stop", async () => {
    const server = new LeaseServer();
    const errors: string[] = [];
    const quiet = () => {};
    const me = candidate(server, "me", {
      logger: { debug: quiet, info: quiet, warn: quiet, error: (message) => errors.push(message) },
      onStartedLeading: ({ signal }) =>
        new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("late")))),
    });
    const run = me.run();
    await server.advance(1_000);
    me.stop.abort("enough");
    await run;
    assert.deepEqual(errors, ["work failed after the leadership had ended"]);
    await server[Symbol.asyncDispose]();
  });

  it("can run again, and not twice at a time", async () => {
    const server = new LeaseServer();
    const me = candidate(server, "me");
    const run = me.run();
    await assert.rejects(me.run(), TypeError);
    await server.advance(1_000);
    server.fault = () => Promise.reject(new TypeError("cut"));
    await server.advance(20_000);
    await run;
    server.fault = undefined;
    const again = me.run();
    await server.advance(1_000);
    assert.equal(me.leadership()?.isHeld(), true);
    me.stop.abort("enough");
    await again;
    await server[Symbol.asyncDispose]();
  });

  it("does not lead when told to stop while it got the lock", async () => {
    const server = new LeaseServer();
    const me = candidate(server, "me", { releaseOnCancel: true });
    server.fault = (method, pass) => {
      if (method === "POST") me.stop.abort("enough");
      return pass();
    };
    await me.run();
    assert.equal(me.leadership(), undefined);
    assert.equal(me.log.includes("started"), false);
    await server[Symbol.asyncDispose]();
  });

  it("goes on when onNewLeader throws", async () => {
    const server = new LeaseServer();
    const me = candidate(server, "me", {
      onNewLeader: () => {
        throw new Error("broken");
      },
    });
    const run = me.run();
    await server.advance(1_000);
    assert.equal(me.leadership()?.isHeld(), true);
    me.stop.abort("enough");
    await run;
    await server[Symbol.asyncDispose]();
  });
});

describe("LeaderElector: settings (spec informers 20.1)", () => {
  const server = new LeaseServer();
  const valid = { lock: server.lock("me"), onStartedLeading: () => {}, onStoppedLeading: () => {} };
  for (
    const { options, error } of [
      {
        options: { leaseDuration: 10_000, renewDeadline: 10_000 },
        error: /leaseDuration must be above renewDeadline/,
      },
      { options: { renewDeadline: 2_400 }, error: /renewDeadline must be above 1.2 times retryPeriod/ },
      { options: { retryPeriod: 0 }, error: /retryPeriod must be above 0/ },
      { options: { retryPeriod: NaN }, error: /renewDeadline must be above/ },
      { options: { leaseDuration: 15_500 }, error: /whole seconds/ },
      { options: { onStartedLeading: undefined }, error: /onStartedLeading is missing/ },
      { options: { onStoppedLeading: undefined }, error: /onStoppedLeading is missing/ },
      { options: { lock: undefined }, error: /lock is missing/ },
      { options: { lock: server.lock("") }, error: /Lock identity is empty/ }, // LE-13
    ]
  ) {
    it(`refuses them: ${error.source} [20.1, LE-13]`, () => {
      assert.throws(() => new LeaderElector({ ...valid, ...options } as LeaderElectorOptions), error);
    });
  }
});

describe("LeaderElector: health and metrics (spec informers 20.9)", () => {
  it("says of a leader that should have stopped long ago that it hangs [LE-16, LE-15]", async () => {
    const server = new LeaseServer();
    const me = candidate(server, "me");
    me.elector.check(); // nobody leads
    const run = me.run();
    await server.advance(1_000);
    me.elector.check();
    server.fault = () => Promise.reject(new TypeError("cut"));
    await server.advance(29_000);
    await run; // it has stopped, and lives on
    me.elector.check({ tolerance: 20_000 });
    assert.throws(() => me.elector.check({ tolerance: 10_000 }), /The lease ops\/webapp has run out/);
    await server.advance(6_000);
    assert.throws(() => me.elector.check(), /The lease ops\/webapp has run out: it was renewed 36 s ago/);
    await server[Symbol.asyncDispose]();
  });

  it("says nothing against one that is not the leader, however old the lease is [LE-16]", async () => {
    const server = new LeaseServer();
    server.load({ ...OTHER, leaseDurationSeconds: 3_600 });
    const me = candidate(server, "me");
    const run = me.run();
    await server.advance(1_000_000);
    me.elector.check({ tolerance: 0 });
    me.stop.abort("enough");
    await run;
    await server[Symbol.asyncDispose]();
  });

  it("shows in metrics who leads [20.1, 20.9]", async () => {
    const server = new LeaseServer();
    const meter = new PrometheusMeter();
    const me = candidate(server, "me", { meter, name: "shop" });
    const status = () => /leader_election_master_status\{name="shop"\} (\d)/.exec(meter.text())?.[1];
    assert.equal(status(), "0");
    const run = me.run();
    await server.advance(1_000);
    assert.equal(status(), "1");
    me.stop.abort("enough");
    await run;
    assert.equal(status(), "0");
    await server[Symbol.asyncDispose]();
  });
});
