import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { LeaderRecord } from "@coxswain/kube/leader";
import { isAlreadyExists, isConflict } from "@coxswain/kube/rest";
import { cleaned } from "../cleanup.ts";
import { LeaseServer } from "./lease_server.ts";

const RECORD: LeaderRecord = {
  holderIdentity: "me",
  leaseDurationSeconds: 15,
  acquireTime: Date.UTC(2026, 0, 1) * 1_000 + 1,
  renewTime: Date.UTC(2026, 0, 1) * 1_000 + 654_321,
  leaderTransitions: 3,
  strategy: "OldestEmulationVersion",
  preferredHolder: "you",
};

function lock(t: { after(undo: () => unknown): void }, options: { labels?: Record<string, string> } = {}) {
  const server = new LeaseServer();
  t.after(() => server[Symbol.asyncDispose]());
  return { server, lock: server.lock("me", options) };
}

describe("LeaseLock (spec informers 20.8)", () => {
  it(
    "reads what it has written, to the microsecond [LE-10]",
    cleaned(async (t) => {
      const { server, lock: mine } = lock(t);
      assert.equal(await mine.get(), undefined); // LE-17
      const created = await mine.create(RECORD);
      assert.deepEqual((await mine.get())?.record, RECORD);
      assert.equal((await server.lease()).spec?.renewTime, "2026-01-01T00:00:00.654321Z");
      const released = { ...RECORD, holderIdentity: "", strategy: undefined, preferredHolder: undefined };
      await mine.update(released, created);
      const { spec } = await server.lease();
      assert.deepEqual([spec?.holderIdentity, "strategy" in spec!, "preferredHolder" in spec!], [
        "",
        false,
        false,
      ]);
    }),
  );

  it(
    "reads what is missing as nothing",
    cleaned(async (t) => {
      const { server, lock: mine } = lock(t);
      server.load(undefined);
      assert.deepEqual((await mine.get())?.record, {
        holderIdentity: "",
        leaseDurationSeconds: 0,
        acquireTime: 0,
        renewTime: 0,
        leaderTransitions: 0,
      });
    }),
  );

  it(
    "puts its labels on the Lease, and leaves others and all else alone [LE-17]",
    cleaned(async (t) => {
      const { server, lock: mine } = lock(t, { labels: { app: "shop", tier: "ops" } });
      await mine.create(RECORD);
      assert.deepEqual((await server.lease()).metadata.labels, { app: "shop", tier: "ops" });
      server.server.load({
        apiVersion: "coordination.k8s.io/v1",
        kind: "Lease",
        metadata: {
          ...(await server.lease()).metadata,
          labels: { app: "other", of: "somebody" },
          annotations: { a: "b" },
        },
      });
      await mine.update(RECORD, (await mine.get())!);
      const { metadata } = await server.lease();
      assert.deepEqual(metadata.labels, { app: "shop", tier: "ops", of: "somebody" });
      assert.deepEqual(metadata.annotations, { a: "b" });
    }),
  );

  it(
    "needs no labels on either side [LE-17]",
    cleaned(async (t) => {
      const { server, lock: mine } = lock(t);
      server.load({});
      await mine.update(RECORD, (await mine.get())!);
      assert.equal((await server.lease()).spec?.holderIdentity, "me");
    }),
  );

  it(
    "refuses to create what is there [LE-17]",
    cleaned(async (t) => {
      const { lock: mine } = lock(t);
      await mine.create(RECORD);
      await assert.rejects(mine.create(RECORD), isAlreadyExists);
    }),
  );

  it(
    "does not overwrite what changed since the state that it is told, whatever was read meanwhile",
    cleaned(async (t) => {
      const { server, lock: mine } = lock(t);
      const created = await mine.create(RECORD);
      server.load({ holderIdentity: "you" });
      await assert.rejects(mine.update(RECORD, created), isConflict);
      const read = await mine.get();
      await assert.rejects(mine.update(RECORD, created), isConflict);
      await mine.update(RECORD, read!);
    }),
  );

  it(
    "says who it is in events about the Lease",
    cleaned((t) => {
      const server = new LeaseServer();
      t.after(() => server[Symbol.asyncDispose]());
      const events: unknown[] = [];
      const recorder = { event: (...all: unknown[]) => void events.push(all) };
      server.lock("me", { recorder }).recordEvent("became leader");
      assert.deepEqual(events, [[
        {
          apiVersion: "coordination.k8s.io/v1",
          kind: "Lease",
          metadata: { namespace: "ops", name: "webapp" },
        },
        { type: "Normal", reason: "LeaderElection", message: "me became leader" },
      ]]);
      server.lock("me").recordEvent("became leader"); // nobody listens
    }),
  );
});
