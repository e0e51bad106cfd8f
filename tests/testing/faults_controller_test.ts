// A controller lives through whatever the server's faults are, and leaves what it should: by the dice, from a seed.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Client, InformerFactory, isNotFound, runController } from "@coxswain/kube";
import { noLogger } from "@coxswain/kube/observe";
import { ApiServer, type Fault, type FaultStep, ManualClock, type OpenFault } from "@coxswain/kube/testing";
import { ConfigMap, Secret } from "@coxswain/kube/types/core/v1";
import { dice } from "../cache/model.ts";
import { ORIGIN } from "./exchange.ts";

const NAMES = ["a", "b", "c", "d"];
const SECRETS = `${ORIGIN}/api/v1/namespaces/default/secrets`;

/** Chooses by the dice. */
type Choose = <T>(values: readonly T[]) => T;

function fault(choose: Choose): Fault {
  const until = choose([{}, { afterBytes: 0 }, { afterBytes: 300 }, { afterLines: 1.5 }]);
  return choose<Fault>([
    { fault: "cut", ...until },
    { fault: "hang", ...until },
    { fault: "slow", bytesPerSecond: 2_000 },
    { fault: "error", code: 429, retryAfterSeconds: 1 },
    { fault: "error", code: choose([500, 502, 503, 504]), body: choose(["Status", "text", "html"]) },
    { fault: "expire" },
    { fault: "dropBookmarks" },
    { fault: "loseResponse" },
    { fault: "lag", duration: choose([10, 10_000]) },
    { fault: "restart", down: choose([0, 5_000]) },
  ]);
}

function step(choose: Choose): FaultStep {
  return {
    ...fault(choose),
    verb: choose([undefined, "list", "watch", ["create", "update", "patch"], "delete", "get"]),
    resource: choose([undefined, "secrets", "configmaps"]),
    nth: choose([1, 1, 3]),
    times: choose([1, 2, 5]),
    chance: choose([1, 0.5]),
  };
}

function atOnce(choose: Choose): OpenFault {
  return choose<OpenFault>([
    { fault: "cut" },
    { fault: "cut", afterLines: 0.5 },
    { fault: "hang" },
    { fault: "expire" },
    { fault: "dropBookmarks" },
    { fault: "lag", duration: 5_000 },
    { fault: "restart", down: 2_000 },
  ]);
}

/**
 * A controller that keeps a ConfigMap beside each Secret, in bad weather.
 *
 * @returns What has happened: the same for the same seed.
 */
async function run(seed: number): Promise<string[]> {
  const roll = dice(seed);
  const choose: Choose = (values) => values[Math.floor(roll() * values.length)];
  const clock = new ManualClock();
  const faults = [step(choose), step(choose)];
  // No garbage is collected: a cache that has fallen silent would make copies for dead owners at full speed.
  const server = new ApiServer({ clock, seed, faults, garbageCollection: false });
  const client = new Client({ server: ORIGIN, fetch: server.fetch, clock, random: roll, logger: noLogger });
  const informers = new InformerFactory(client);
  const secrets = informers.informer(Secret);
  const stop = new AbortController();
  const log: string[] = [];
  informers.start();
  const running = runController(client, {
    for: Secret,
    owns: [ConfigMap],
    reconcile: async ({ namespace, name }, { object, client, signal }) => {
      const copies = client.resource(ConfigMap).namespace(namespace);
      if (object === undefined) {
        await copies.delete(name, { signal }).catch((error) => {
          if (!isNotFound(error)) throw error;
        });
        return;
      }
      const owner = { apiVersion: "v1", kind: "Secret", name, uid: object.metadata.uid, controller: true };
      await copies.apply(name, {
        metadata: { ownerReferences: [owner] },
        data: { at: object.metadata.resourceVersion },
      }, { fieldManager: "copier", force: true, signal });
    },
  }, { signal: stop.signal, clock, logger: noLogger });
  const copies = () => server.fetch(`${ORIGIN}/api/v1/configmaps`).then((response) => response.json());
  const originals = () => server.fetch(SECRETS).then((response) => response.json());
  try {
    for (let round = 0; round < 30; round++) {
      const kind = choose(["write", "write", "write", "delete", "plan", "now", "wait", "wait"]);
      const name = choose(NAMES);
      if (kind === "write") {
        const metadata = { name, namespace: "default" };
        const secret: Secret = {
          apiVersion: "v1",
          kind: "Secret",
          metadata,
          data: { round: btoa(String(round)) },
        };
        server.load(secret);
      } else if (kind === "delete") { // the weather is bad here, too: it may have been done, or not
        const enough = new AbortController();
        const request = { method: "DELETE", signal: enough.signal };
        const deleting = server.fetch(`${SECRETS}/${name}`, request).then((answer) => answer.text()).catch(
          () => {},
        );
        await clock.advance(0);
        enough.abort();
        await deleting;
      } else if (kind === "plan") server.faults.add(step(choose));
      else if (kind === "now") await server.faults.now(atOnce(choose));
      else await clock.advance(choose([10, 1_000, 20_000]));
      await clock.advance(0);
      log.push(kind);
    }
    await server.faults.clear();
    // What has fallen silent is noticed when a watch should have ended at the latest.
    for (let minute = 0; minute < 15; minute++) await clock.advance(60_000);
    const [there, copied] = [await originals(), await copies()];
    const versions = (items: { metadata: { name: string; resourceVersion: string } }[]) =>
      Object.fromEntries(items.map(({ metadata }) => [metadata.name, metadata.resourceVersion]));
    const expected = versions(there.items);
    assert.deepEqual(versions(secrets.lister.list() as Secret[] as never), expected);
    const made = copied.items as { metadata: { name: string }; data: { at: string } }[];
    assert.deepEqual(
      Object.fromEntries(made.map(({ metadata, data }) => [metadata.name, data.at])),
      expected,
    );
    log.push(JSON.stringify(expected), JSON.stringify(server.requests));
    return log;
  } finally {
    stop.abort();
    await clock.advance(60_000);
    await running;
    await informers[Symbol.asyncDispose]();
    await client[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    assert.equal(server.openWatches, 0);
  }
}

describe("a controller in bad weather", () => {
  for (let seed = 1; seed <= 25; seed++) {
    it(`leaves what it should (seed ${seed})`, async () => void await run(seed));
  }

  it("does the same again with the same seed", async () => {
    assert.deepEqual(await run(7), await run(7));
  });
});
