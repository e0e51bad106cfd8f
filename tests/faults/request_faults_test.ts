import assert from "node:assert/strict";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import { StatusError } from "@coxswain/kube/rest";
import { listen, type Road, ROADS, unusedPort } from "../runtimes/roads.ts";
import type { Exchange } from "../runtimes/wire_server.ts";
import { type Fault, FAULTS } from "./faults.ts";
import { clientOf, faultyServer } from "./faulty_server.ts";
import {
  BODY_CANARY,
  describeOutcome,
  INTERRUPTIONS,
  type Operation,
  OPERATIONS,
  type Outcome,
} from "./operations.ts";
import { cleaned, type Cleanup } from "../cleanup.ts";

/** What nobody caught. Some runners would not notice. */
const unhandled: unknown[] = [];
const note = (reason: unknown) => void unhandled.push(reason);
before(() => void process.on("unhandledRejection", note));
after(() => {
  process.off("unhandledRejection", note);
  assert.deepEqual(unhandled, []);
});

/** An error says what was asked, without query and body, and predicates know it. */
function checkError({ error }: Outcome, what: RegExp): void {
  if (error === undefined) return;
  assert.ok(error instanceof Error);
  assert.ok(!`${error.message}${error.stack}`.includes(BODY_CANARY));
  if (error instanceof StatusError) return assert.ok(!error.message.includes("?"));
  assert.match(error.message, what);
}

for (const road of ROADS) {
  for (const fault of FAULTS) {
    describe(`${fault.name} ${road.name} [rest 3.3, 4.1, 4.2]`, () => {
      for (const operation of OPERATIONS) {
        it(`for ${operation.name}`, cleaned((t) => meet(t, road, fault, operation)));
      }
    });
  }

  describe(`a server that is not there ${road.name} [rest 3.3]`, () => {
    for (const { name, run, healthy } of OPERATIONS) {
      if (healthy > 0) continue;
      it(
        `is asked once for ${name}`,
        cleaned(async (t) => {
          const { client, clock } = clientOf(t, road, await unusedPort());
          const outcome = await run(client);
          assert.equal(describeOutcome(outcome), "NetworkError refused connect");
          assert.deepEqual([clock.timers, clock.pauses], [0, []]);
        }),
      );
    }
  });
}

/**
 * What is sent once when the server closes an idle connection just as it is used again: what changes something may have
 * done so by then.
 */
const SENT_ONCE = new Set(["PUT", "DELETE", "POST", "PATCH"]);

for (const road of ROADS) {
  describe(`a connection that ends just as it is used again ${road.name}`, () => {
    for (const operation of OPERATIONS) {
      if (!SENT_ONCE.has(operation.name)) continue;
      it(
        `sends ${operation.name} once`,
        cleaned(async (t) => {
          const requests: Exchange[] = [];
          const server = await listen(t, {
            ...road.server,
            serve(exchange) {
              if (exchange.path === "/healthz") return exchange.answer("ok");
              requests.push(exchange);
              return exchange.connection.number === 1 ? exchange.hangUp() : exchange.answer("{}");
            },
          });
          const { client, clock } = clientOf(t, road, server.port);
          await (await client.rest.get().absolutePath("/healthz").send()).text();
          const outcome = await operation.run(client);
          assert.equal(requests.length, 1);
          assert.equal(describeOutcome(outcome), "NetworkError cut headers");
          assert.deepEqual([clock.timers, clock.pauses], [0, []]);
        }),
      );
    }
  });
}

async function meet(t: Cleanup, road: Road, fault: Fault, operation: Operation): Promise<void> {
  const { server, client, clock, requests } = await faultyServer(t, road, fault, operation);
  const outcome = await operation.run(client);

  const [expected, each] = fault.expected[operation.kind];
  assert.equal(describeOutcome(outcome), expected);
  checkError(outcome, new RegExp(`^${requests[0].method} https?://[^?]+ failed: [^?]+$`));
  const faulty = requests.slice(operation.healthy);
  const rounds = outcome.again ? INTERRUPTIONS : 1;
  assert.equal(faulty.length, each * rounds, "requests on the wire");
  if (!outcome.again) {
    assert.deepEqual(clock.pauses.slice(operation.healthy), Array(each - 1).fill(fault.pause ?? 1_000));
  }
  // Whatever is sent again is what was sent before.
  for (const { method, path, body } of faulty) {
    assert.deepEqual([method, path, body], [faulty[0].method, faulty[0].path, faulty[0].body]);
  }

  assert.equal(clock.timers, 0);
  if (fault.complete) {
    const { length } = server.connections;
    assert.equal(await (await client.rest.get().absolutePath("/healthz").send()).text(), "ok");
    // The answer was read to its end, so that its connection was free again.
    if (each === 1 && faulty.length === 1 && operation.healthy === 0) {
      assert.equal(server.connections.length, length);
    }
    await client[Symbol.asyncDispose]();
  }
  await Promise.all(server.connections.map(({ closed }) => closed));
}
