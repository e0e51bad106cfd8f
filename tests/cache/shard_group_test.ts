import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ShardGroup, type ShardGroupOptions } from "@coxswain/kube/cache";
import { Client } from "@coxswain/kube/client";
import { noLogger } from "@coxswain/kube/observe";
import { ApiServer, ManualClock } from "@coxswain/kube/testing";
import { cleaned, type Cleanup } from "../cleanup.ts";

const UIDS = Array.from({ length: 300 }, (_, index) => `uid-${index}`);

/** Members of one group, each with a client of its own. */
function open(t: Pick<Cleanup, "after">) {
  const clock = new ManualClock();
  const server = new ApiServer({ clock });
  const join = (identity: string, more: Partial<ShardGroupOptions> = {}) => {
    let isCut = false;
    const fetch =
      ((...request: Parameters<typeof server.fetch>) =>
        isCut
          ? Promise.reject(new TypeError("fetch failed"))
          : server.fetch(...request)) as typeof server.fetch;
    const client = new Client({
      server: "http://coxswain.test",
      fetch,
      clock,
      logger: noLogger,
      random: () => 0,
    });
    const changes: string[] = [];
    const group = new ShardGroup(client, {
      namespace: "default",
      name: "mailers",
      identity,
      onChange: (members) => void changes.push(`${clock.now()}: ${members.join(" ")}`),
      ...more,
    });
    t.after(async () => {
      await group[Symbol.asyncDispose]();
      await client[Symbol.asyncDispose]();
    });
    group.start();
    return {
      group,
      changes,
      cut: () => (isCut = true, server.disconnect()),
      owned: () => UIDS.filter((uid) => group.owns({ uid })),
    };
  };
  return { clock, server, join };
}

describe("ShardGroup (spec informers 23)", () => {
  it(
    "gives each object to one member; who comes takes a fair part and moves no others",
    cleaned(async (t) => {
      const { clock, join } = open(t);
      const a = join("a");
      assert.deepEqual(a.owned(), [], "nothing before it is known who is there");
      await clock.advance(0);
      assert.equal(a.owned().length, 300);
      const b = join("b");
      await clock.advance(0);
      const [ofA, ofB] = [a.owned(), b.owned()];
      assert.deepEqual([...ofA, ...ofB].sort(), [...UIDS].sort());
      assert.ok(ofA.length > 100 && ofB.length > 100, `${ofA.length} and ${ofB.length}`);
      const c = join("c");
      await clock.advance(0);
      assert.deepEqual(a.group.members, ["a", "b", "c"]);
      assert.deepEqual([...a.owned(), ...b.owned(), ...c.owned()].sort(), [...UIDS].sort());
      assert.deepEqual(a.owned().filter((uid) => !ofA.includes(uid)), [], "a has nothing that b had");
    }),
  );

  it(
    "is left at once, and others take over",
    cleaned(async (t) => {
      const { clock, server, join } = open(t);
      const [a, b] = [join("a"), join("b")];
      await clock.advance(0);
      await b.group[Symbol.asyncDispose]();
      await clock.advance(0);
      assert.deepEqual([a.owned().length, b.owned().length], [300, 0]);
      const leases = await (await server.fetch("http://x/apis/coordination.k8s.io/v1/leases")).json();
      assert.equal(leases.items.length, 1);
      assert.throws(() => b.group.start(), TypeError);
    }),
  );

  it(
    "loses a member that is cut off after its Lease has ended, and that member has nothing by then",
    cleaned(async (t) => {
      const { clock, join } = open(t);
      const [a, b] = [join("a"), join("b")];
      await clock.advance(7_000);
      b.cut();
      await clock.advance(12_999);
      assert.ok(b.owned().length > 0 && a.owned().length < 300);
      await clock.advance(1);
      assert.deepEqual([b.owned(), b.group.members], [[], []], "15 s after it began to renew");
      await clock.advance(10);
      assert.equal(a.owned().length, 300);
      assert.equal(a.changes.at(-1)?.replace(/^.*: /, ""), "a");
    }),
  );

  it(
    "keeps namespaces together where it is told to",
    cleaned(async (t) => {
      const { clock, join } = open(t);
      const members = ["a", "b", "c"].map((name) => join(name, { by: "namespace" }).group);
      await clock.advance(0);
      for (const namespace of ["shop", "lab", "ops"]) {
        const owners = UIDS.map((uid) => members.findIndex((group) => group.owns({ uid, namespace })));
        assert.equal(new Set(owners).size, 1);
      }
    }),
  );

  it("refuses times that cannot work", () => {
    const client = new Client({
      server: "http://coxswain.test",
      fetch: () => Promise.reject(new Error("no")),
    });
    const options = { namespace: "default", name: "g", identity: "a", leaseDuration: 10_000 };
    for (const renewInterval of [0, 5_001]) {
      assert.throws(() => new ShardGroup(client, { ...options, renewInterval }), RangeError);
    }
  });
});
