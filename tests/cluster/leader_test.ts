// Three candidates, one on each runtime, and a leader that is killed again and again. KILLS=20 kills as often, and says
// and checks how long it took until another led.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { type Client, connect } from "@coxswain/kube";
import { ConfigMap, Namespace } from "@coxswain/kube/types/core/v1";
import { Lease } from "@coxswain/kube/types/coordination/v1";
import { cluster } from "./cluster.ts";

const SETTINGS = { leaseDuration: 3_000, renewDeadline: 2_000, retryPeriod: 500 };
const KILLS = Number(process.env.KILLS ?? 3);
const CANDIDATE = fileURLToPath(new URL("./leader_candidate.ts", import.meta.url));
const COMMANDS: Record<string, [string, ...string[]]> = JSON.parse(process.env.COXSWAIN_RUNTIMES ?? "{}");

interface Entry {
  token: number;
  holder: string;
  count: number;
}

describe("candidates on three runtimes (spec informers 20)", () => {
  let client: Client;
  let namespace: string;
  const candidates = new Map<string, { child: ChildProcess; runtime: string }>();
  let started = 0;
  const stop = new AbortController();
  /** All writes in the order in which the server took them. */
  const ledger: Entry[] = [];
  let onEntry = () => {};
  let following: Promise<void>;

  function start(runtime: string): void {
    const identity = `${runtime}-${++started}`;
    const [program, ...args] = COMMANDS[runtime];
    const child = spawn(program, [
      ...args,
      CANDIDATE,
      ...[cluster().kubeconfig, namespace, identity, JSON.stringify(SETTINGS)],
    ], { stdio: ["pipe", "ignore", "inherit"] });
    candidates.set(identity, { child, runtime });
  }

  /** The first entry from position `from` on that fits. */
  async function entry(from: number, fits: (entry: Entry) => boolean): Promise<Entry> {
    for (;;) {
      const found = ledger.slice(from).find(fits);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => onEntry = resolve);
    }
  }

  before(async () => {
    client = await connect({ kubeconfig: cluster().kubeconfig });
    const { metadata } = await client.resource(Namespace).create({ metadata: { generateName: "leader-" } });
    namespace = metadata.name;
    const settings = client.resource(ConfigMap).namespace(namespace);
    const { metadata: { resourceVersion } } = await settings.create({ metadata: { name: "ledger" } });
    following = (async () => {
      for await (const event of settings.watch({ resourceVersion, signal: stop.signal })) {
        if (event.type !== "MODIFIED") continue;
        const { token, holder, count } = event.object.data ?? {};
        ledger.push({ token: Number(token), holder, count: Number(count) });
        onEntry();
      }
    })().catch((error) => {
      if (!stop.signal.aborted) throw error;
    });
  });
  after(async () => {
    stop.abort();
    await following;
    await Promise.all([...candidates.values()].map(({ child }) => ended(child)));
    await client[Symbol.asyncDispose]();
  });

  function ended(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
    return new Promise((resolve) => {
      child.on("exit", () => resolve());
      child.kill("SIGKILL");
    });
  }

  it(`another leads when the leader is killed, ${KILLS} times, and no two write by turns`, async () => {
    for (const runtime of Object.keys(COMMANDS)) start(runtime);
    assert.equal(candidates.size, 3, "COXSWAIN_RUNTIMES names three runtimes");
    let leader = await entry(0, () => true);
    const times: number[] = [];
    for (let kill = 0; kill < KILLS; kill++) {
      const { child, runtime } = candidates.get(leader.holder)!;
      const killedAt = performance.now();
      await ended(child);
      const from = ledger.length;
      const next = await entry(from, ({ holder }) => holder !== leader.holder);
      times.push(performance.now() - killedAt);
      assert.ok(next.token > leader.token, `the token grows: ${leader.token}, ${next.token}`);
      candidates.delete(leader.holder);
      start(runtime);
      leader = next;
      await entry(from, ({ holder, count }) => holder === next.holder && count >= 5);
    }
    checkLedger();
    if (process.env.KILLS === undefined) return; // what follows depends on how busy the machine is
    const sorted = times.toSorted((one, other) => one - other);
    console.log(
      `${KILLS} kills, until another wrote: ${sorted.map((time) => time.toFixed(0)).join(", ")} ms`,
    );
    const most = SETTINGS.leaseDuration + 2.2 * SETTINGS.retryPeriod;
    assert.ok(sorted.at(-1)! < most + 500, `${sorted.at(-1)} ms`);
  });

  it("a leader that was stopped for longer than its lease writes nothing any more", async () => {
    const leader = ledger.at(-1)!;
    const { child } = candidates.get(leader.holder)!;
    child.kill("SIGSTOP");
    const from = ledger.length;
    const next = await entry(from, ({ holder }) => holder !== leader.holder);
    child.kill("SIGCONT");
    await entry(from, ({ holder, count }) => holder === next.holder && count >= 50);
    checkLedger();
    const lease = await client.resource(Lease).namespace(namespace).get("election");
    assert.equal(lease.spec?.leaseTransitions, next.token);
  });

  /** Each token has one holder, and none is written after a later one. */
  function checkLedger(): void {
    const holders = new Map<number, string>();
    let last = -1;
    for (const { token, holder } of ledger) {
      assert.ok(token >= last, `${token} of ${holder} was written after ${last}`);
      assert.equal(holders.get(token) ?? holder, holder);
      holders.set(token, holder);
      last = token;
    }
  }
});
