import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { NetworkError } from "@coxswain/kube/rest";
import { cleaned } from "../cleanup.ts";
import { link, ROADS } from "./roads.ts";
import type { Connection, Exchange } from "./wire_server.ts";

const greeting = { serve: (exchange: Exchange) => exchange.answer("hello") };

for (const road of ROADS) {
  describe(`Connections ${road.name}`, () => {
    it(
      "are kept: ten requests one after the other share one",
      cleaned(async (t) => {
        const { server, ask } = await link(t, road, { server: greeting });
        for (let n = 0; n < 10; n++) assert.equal(await (await ask("GET", "/").send()).text(), "hello");
        assert.equal(server.connections.length, 1);
      }),
    );

    it(
      "are shared by reads and writes, once answers have been read",
      cleaned(async (t) => {
        const { server, ask } = await link(t, road, { server: greeting });
        for (const method of ["POST", "GET", "PUT", "DELETE", "PATCH"]) {
          const request = ask(method, "/");
          await (await (method === "GET" ? request : request.body({})).send()).text();
        }
        assert.equal(server.connections.length, 1);
      }),
    );

    it(
      "are kept when a request is sent again, if what came was short [rest 3.2]",
      cleaned(async (t) => {
        for (const length of [0, 20, 2_048]) {
          let asked = 0;
          const { server, ask } = await link(t, road, {
            server: {
              serve: (exchange) =>
                asked++ === 0
                  ? exchange.answer("x".repeat(length), { status: 429, headers: { "Retry-After": "0" } })
                  : exchange.answer("hello"),
            },
            client: { maxRetries: 1 },
          });
          assert.equal(await (await ask("GET", "/").send()).text(), "hello");
          assert.equal(server.connections.length, 1);
        }
      }),
    );

    it(
      "that the server has closed while idle are done without",
      cleaned(async (t) => {
        const { server, ask } = await link(t, road);
        for (let n = 0; n < 5; n++) {
          const asked = ask("GET", "/").send();
          const exchange = await server.next();
          exchange.answer("hello");
          assert.equal(await (await asked).text(), "hello");
          exchange.hangUp();
          await exchange.connection.closed;
        }
        assert.equal(server.connections.length, 5);
      }),
    );

    it(
      "that the server closes just when they are used again are done without by GET",
      cleaned(async (t) => {
        // Some connections become idle; later requests through them are cut, as by a server that restarts.
        const IDLE = 3;
        const old = new Set<Connection>();
        const arrived: Exchange[] = [];
        const { server, ask } = await link(t, road, {
          server: {
            serve(exchange) {
              if (old.has(exchange.connection)) return exchange.hangUp();
              if (exchange.path === "/late") return exchange.answer("late");
              arrived.push(exchange);
              if (arrived.length === IDLE) { for (const one of arrived) one.answer("early"); }
            },
          },
        });
        const early = () => ask("GET", "/early").send().then((response) => response.text());
        await Promise.all(Array.from({ length: IDLE }, early));
        for (const connection of server.connections) old.add(connection);
        assert.equal(await (await ask("GET", "/late").send()).text(), "late");
        assert.equal(server.connections.length, IDLE + 1);
      }),
    );

    for (
      const { method, body } of [
        { method: "POST", body: {} },
        { method: "POST", body: "" },
        { method: "PATCH", body: new Uint8Array(10) },
        { method: "PATCH", body: undefined },
      ]
    ) {
      it(
        `that the server closes just when ${method} uses them are an error: it may have been done`,
        cleaned(async (t) => {
          const { server, ask } = await link(t, road, {
            server: {
              serve: (exchange) => exchange.method === "GET" ? exchange.answer("hello") : exchange.hangUp(),
            },
          });
          await (await ask("GET", "/").send()).text();
          const request = ask(method, "/");
          await assert.rejects((body === undefined ? request : request.body(body)).send(), (error) => {
            assert.ok(error instanceof NetworkError, String(error));
            assert.equal(error.reason, "cut");
            return true;
          });
          assert.deepEqual([server.requests, server.connections.length], [2, 1]);
        }),
      );
    }

    it(
      "that were used before are not used again after an abort",
      cleaned(async (t) => {
        const { server, ask } = await link(t, road);
        const before = ask("GET", "/").send();
        (await server.next()).answer("hello");
        await (await before).text();
        const controller = new AbortController();
        const asked = ask("GET", "/").send({ signal: controller.signal });
        const { connection } = await server.next();
        controller.abort("enough");
        await assert.rejects(asked, (error) => error === "enough");
        await connection.closed;
        const after = ask("GET", "/after").send();
        const exchange = await server.next();
        exchange.answer("hello");
        assert.equal(exchange.path, "/after");
        assert.equal(await (await after).text(), "hello");
        assert.deepEqual([server.requests, server.connections.length], [3, 2]);
      }),
    );

    it(
      "that break within an answer are not asked again, though they were used before",
      cleaned(async (t) => {
        const { server, ask } = await link(t, road);
        const before = ask("GET", "/").send();
        (await server.next()).answer("hello");
        await (await before).text();
        const asked = ask("GET", "/").send();
        const exchange = await server.next();
        exchange.head({ headers: { "Content-Length": "1000" } });
        exchange.write("some");
        const reader = (await asked).stream().getReader();
        await reader.read();
        exchange.reset();
        await assert.rejects(
          reader.read(),
          (error) => error instanceof NetworkError && error.reason === "cut",
        );
        await exchange.connection.closed;
        const after = ask("GET", "/").send();
        (await server.next()).answer("hello");
        assert.equal(await (await after).text(), "hello");
        assert.deepEqual([server.requests, server.connections.length], [3, 2]);
      }),
    );
  });

  describe(`Many watches ${road.name}`, () => {
    it(
      "run at once on one client, 300 of them, and other requests pass",
      cleaned(async (t) => {
        const { server, client, ask } = await link(t, road, {
          server: {
            serve(exchange) {
              if (exchange.path === "/small") {
                return exchange.answer(`small ${exchange.header("accept-encoding")}`);
              }
              exchange.stream();
              exchange.chunk('{"type":"ADDED","object":{}}\n');
            },
          },
        });
        const open = async () => {
          const events = (await ask("GET", "/?watch=true").send()).watch()[Symbol.asyncIterator]();
          assert.equal((await events.next()).value?.type, "ADDED");
          return events;
        };
        const watches = [];
        // One after the other: where many connect at once, the system has some try again after seconds.
        while (watches.length < 300) watches.push(await open());
        assert.equal(server.connections.length, 300);
        assert.match(await (await ask("GET", "/small").send()).text(), /^small/);
        const ends = watches.map((events) => assert.rejects(events.next(), { name: "AbortError" }));
        await client[Symbol.asyncDispose]();
        await Promise.all(ends);
        await Promise.all(server.connections.slice(0, 300).map(({ closed }) => closed));
      }),
    );
  });
}

// Deno's garbage collector takes away the signal that a fetch was given: under this very load, none of 200 fetches whose
// bodies were read without us ended with it.
describe("Many busy streams", () => {
  for (const road of ROADS.slice(0, 2)) {
    it(
      `all end by one signal after much work, here and at the server, ${road.name}`,
      cleaned(async (t) => {
        const STREAMS = 200;
        const EVENTS = 1_000; // of each stream: a second or more of work in all
        const event = `{"type":"MODIFIED","object":{"metadata":{"name":"web-0","labels":{"app":"web"}}}}\n`;
        const { server, ask } = await link(t, road, {
          server: {
            async serve(exchange) {
              await exchange.stream();
              for (let n = 0; n < EVENTS / 20; n++) {
                await exchange.chunk(event.repeat(20));
                await exchange.turn();
              }
            },
          },
        });
        const controller = new AbortController();
        const { signal } = controller;
        const busy = Promise.withResolvers<void>();
        let left = STREAMS;
        const read = async () => {
          const kept: unknown[] = []; // what is kept for a while is what a major collection is for
          let events = 0;
          for await (const { object } of (await ask("GET", "/?watch=true").send({ signal })).watch()) {
            kept[events % 500] = object;
            if (++events === EVENTS && --left === 0) busy.resolve();
          }
        };
        const ends: Promise<void>[] = [];
        while (ends.length < STREAMS) {
          ends.push(read());
          await server.nextConnection();
        }
        await busy.promise;
        controller.abort("enough");
        const results = await Promise.allSettled(ends);
        assert.ok(results.every((result) => result.status === "rejected" && result.reason === "enough"));
        await Promise.all(server.connections.map(({ closed }) => closed));
        assert.equal(server.connections.length, STREAMS);
      }),
    );
  }
});
