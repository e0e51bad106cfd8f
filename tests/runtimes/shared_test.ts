import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PrometheusMeter } from "@coxswain/kube/observe";
import type { RestConfigInit } from "@coxswain/kube/rest";
import { cleaned } from "../cleanup.ts";
import { ProxyServer } from "./proxy_server.ts";
import { clientOf, identity, link, listen, pem, request, ROADS } from "./roads.ts";
import type { Exchange } from "./wire_server.ts";

const greeting = { serve: (exchange: Exchange) => exchange.answer("hello") };

/** The samples of a metric, by their labels. */
function samples(meter: PrometheusMeter, name: string): Record<string, number> {
  const lines = meter.text().split("\n").filter((line) => line.startsWith(name));
  return Object.fromEntries(lines.map((line): [string, number] => {
    const [series, value] = line.split(" ");
    return [series.slice(name.length), Number(value)];
  }));
}

const CALLS = "rest_client_transport_create_calls_total";
const ENTRIES = "rest_client_transport_cache_entries";

for (const road of ROADS) {
  describe(`Clients of one server with the same settings ${road.name}`, () => {
    it(
      "use each other's connections, also when the first one is closed",
      cleaned(async (t) => {
        const { server, client, ask } = await link(t, road, { server: greeting });
        const other = clientOf(t, {
          server: `${client.config.server}prefix`,
          ...road.client,
          bearerToken: "abc123",
        });
        const askOther = () => request(other, road, "GET", "/other").send();
        await (await ask("GET", "/").send()).text();
        await (await askOther()).text();
        await client[Symbol.asyncDispose]();
        await (await askOther()).text();
        assert.equal(server.connections.length, 1);

        await other[Symbol.asyncDispose]();
        await server.connections[0].closed;
      }),
    );

    it(
      "count who shares",
      cleaned(async (t) => {
        const meter = new PrometheusMeter();
        const { server, client, ask } = await link(t, road, { server: greeting, client: { meter } });
        const other = clientOf(t, { server: client.config.server, ...road.client, meter });
        assert.deepEqual(samples(meter, CALLS), {});
        for (let n = 0; n < 2; n++) {
          await (await ask("GET", "/").send()).text();
          await (await request(other, road, "GET", "/").send()).text();
        }
        assert.deepEqual(samples(meter, CALLS), { '{result="miss"}': 1, '{result="hit"}': 1 });
        assert.deepEqual(samples(meter, ENTRIES), { "": 1 });
        await Promise.all([client, other].map((one) => one[Symbol.asyncDispose]()));

        const third = clientOf(t, { server: client.config.server, ...road.client, meter });
        await (await request(third, road, "GET", "/").send()).text();
        assert.deepEqual(samples(meter, CALLS), { '{result="miss"}': 2, '{result="hit"}': 1 });
        await third[Symbol.asyncDispose]();
        assert.equal(server.requests, 5);
      }),
    );
  });
}

describe("Clients of one server", () => {
  for (
    const { name, changes } of [
      { name: "authorities", changes: { tls: { ca: `${pem("ca")}${pem("other-ca")}` } } },
      { name: "client certificates", changes: { tls: { ca: pem("ca"), ...identity("ec-sec1") } } },
      { name: "server names", changes: { tls: { ca: pem("ca"), serverName: "localhost" } } },
      { name: "faith", changes: { tls: { insecure: true } } },
      { name: "ways around proxies", changes: { tls: { ca: pem("ca") }, proxy: "none" } },
    ] satisfies { name: string; changes: Partial<RestConfigInit> }[]
  ) {
    it(
      `do not share a transport when they differ in their ${name}`,
      cleaned(async (t) => {
        const server = await listen(t, { tls: identity("server"), ...greeting });
        const meter = new PrometheusMeter();
        const url = `https://localhost:${server.port}`;
        for (const init of [{ tls: { ca: pem("ca") } }, changes]) {
          const client = clientOf(t, { server: url, meter, ...init });
          await (await client.get().absolutePath("/").send()).text();
        }
        assert.deepEqual(samples(meter, CALLS), { '{result="miss"}': 2 });
        assert.deepEqual(samples(meter, ENTRIES), { "": 2 });
      }),
    );
  }

  it(
    "do not share one either when they differ in their proxies, or in who uses those",
    cleaned(async (t) => {
      const server = await listen(t, greeting);
      const proxy = await ProxyServer.listen({ user: "me:1" });
      t.after(() => proxy.close());
      const url = `http://coxswain.test:${server.port}`;
      const ask = async (proxyUrl: string) => {
        const client = clientOf(t, { server: url, proxy: proxyUrl });
        return await (await client.get().absolutePath("/").send()).text();
      };
      assert.equal(await ask(proxy.url()), "hello");
      await assert.rejects(ask(proxy.url({ user: "me:2" })), /does not accept the user name and password/);
    }),
  );

  it(
    "that bring a fetch share nothing, and it is counted so",
    cleaned(async (t) => {
      const meter = new PrometheusMeter();
      const fetch = () => Promise.resolve(new Response("hello"));
      for (let n = 0; n < 2; n++) {
        const client = clientOf(t, { server: "http://coxswain.test", fetch, meter });
        await (await client.get().absolutePath("/").send()).text();
      }
      assert.deepEqual(samples(meter, CALLS), { '{result="uncacheable"}': 2 });
      assert.deepEqual(samples(meter, ENTRIES), {});
    }),
  );
});
