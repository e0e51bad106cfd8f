import { Client } from "@coxswain/kube/client";
import type { RestConfigInit } from "@coxswain/kube/rest";
import { listen, type Road } from "../runtimes/roads.ts";
import type { Exchange, WireServer } from "../runtimes/wire_server.ts";
import { FaultClock } from "./fault_clock.ts";
import { type Fault, MAX_RETRIES } from "./faults.ts";
import { HEALTHY } from "./operations.ts";
import type { Cleanup } from "../cleanup.ts";

/** A server with a fault, and a client of it. */
export interface FaultyServer {
  readonly server: WireServer;
  readonly client: Client;
  readonly clock: FaultClock;
  /** What came, but for questions after its health. */
  readonly requests: readonly Exchange[];
}

/** A client whose waits take no time. It is closed when the test is over. */
export function clientOf(
  t: Cleanup,
  road: Road,
  port: number,
  changes: Partial<RestConfigInit> = {},
): { client: Client; clock: FaultClock } {
  const clock = new FaultClock();
  const client = new Client({
    server: `${road.scheme}://127.0.0.1:${port}`,
    ...road.client,
    // On some runtimes, what takes the road is a header that comes twice.
    impersonate: road.groups.length === 0 ? undefined : { userName: "jane", groups: [...road.groups] },
    qps: 0,
    maxRetries: MAX_RETRIES,
    random: () => 0,
    clock,
    ...changes,
  });
  t.after(() => client[Symbol.asyncDispose]());
  return { client, clock };
}

/** A server that does well for a few requests, then ill, and well again when it is asked how it is. */
export async function faultyServer(
  t: Cleanup,
  road: Road,
  fault: Fault,
  { healthy = 0, changes }: { healthy?: number; changes?: Partial<RestConfigInit> } = {},
): Promise<FaultyServer> {
  let left = healthy;
  const requests: Exchange[] = [];
  const server = await listen(t, {
    ...road.server,
    serve(exchange) {
      if (exchange.path === "/healthz") return exchange.answer("ok");
      requests.push(exchange);
      // Not on a connection that was used before: that case is another, with tests of its own.
      if (left-- > 0) return exchange.answer(HEALTHY, { headers: { Connection: "close" } });
      return fault.serve(exchange, made.clock);
    },
  });
  const made = clientOf(t, road, server.port, changes);
  return { server, requests, ...made };
}
