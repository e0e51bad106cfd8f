import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RestResponse } from "@coxswain/kube/rest";
import { cleaned } from "../cleanup.ts";
import { clientOf, link, listen, request, ROADS } from "./roads.ts";

/** A reason that is nobody else's: what rejects with it was ended by this abort. */
const enough = { said: "enough" };

for (const road of ROADS) {
  describe(`Aborting a request ${road.name}`, () => {
    it(
      "before it is sent sends nothing",
      cleaned(async (t) => {
        const { server, ask } = await link(t, road);
        await assert.rejects(ask("GET", "/").send({ signal: AbortSignal.abort(enough) }), isEnough);
        assert.equal(server.connections.length, 0);
      }),
    );

    if (road.scheme === "https") {
      it(
        "ends the connection while it is being made",
        cleaned(async (t) => {
          const server = await listen(t, {}); // never answers the handshake
          const client = clientOf(t, { server: `https://127.0.0.1:${server.port}`, ...road.client });
          const controller = new AbortController();
          const asked = request(client, road, "GET", "/").send({ signal: controller.signal });
          const connection = await server.nextConnection();
          controller.abort(enough);
          await assert.rejects(asked, isEnough);
          await connection.closed;
        }),
      );
    }

    it(
      "ends the connection while headers are awaited",
      cleaned(async (t) => {
        const { server, ask } = await link(t, road);
        const controller = new AbortController();
        const asked = ask("GET", "/").send({ signal: controller.signal });
        const { connection } = await server.next();
        controller.abort(enough);
        await assert.rejects(asked, isEnough);
        await connection.closed;
      }),
    );

    it(
      "ends the connection while a body is being sent",
      cleaned(async (t) => {
        const { server, ask } = await link(t, road);
        const controller = new AbortController();
        const cancelled = Promise.withResolvers<void>();
        const pulled = Promise.withResolvers<void>();
        let pieces = 0;
        const body = new ReadableStream<Uint8Array>({
          pull(stream) {
            if (++pieces === 1) return stream.enqueue(new Uint8Array(10));
            pulled.resolve();
            return cancelled.promise; // the next piece never comes
          },
          cancel: () => cancelled.resolve(),
        });
        const asked = ask("POST", "/").body(body, "text/plain").send({ signal: controller.signal });
        const connection = await server.nextConnection();
        await pulled.promise;
        controller.abort(enough);
        await assert.rejects(asked, isEnough);
        await connection.closed;
        await cancelled.promise;
      }),
    );

    it(
      "rejects the read that waits, and ends the connection",
      cleaned(async (t) => {
        const { server, ask } = await link(t, road);
        const controller = new AbortController();
        const asked = ask("GET", "/").send({ signal: controller.signal });
        const exchange = await server.next();
        exchange.stream();
        exchange.chunk("one");
        const reader = (await asked).stream().getReader();
        await reader.read();
        const read = reader.read();
        controller.abort(enough);
        await assert.rejects(read, isEnough);
        await assert.rejects(reader.closed, isEnough);
        await exchange.connection.closed;
      }),
    );

    it(
      "rejects a watch",
      cleaned(async (t) => {
        const { server, ask } = await link(t, road);
        const controller = new AbortController();
        const asked = ask("GET", "/?watch=true").send({ signal: controller.signal });
        const exchange = await server.next();
        exchange.stream();
        exchange.chunk('{"type":"ADDED","object":{}}\n');
        await assert.rejects(async () => {
          for await (const { type } of (await asked).watch()) {
            assert.equal(type, "ADDED");
            controller.abort(enough);
          }
        }, isEnough);
        await exchange.connection.closed;
      }),
    );

    it(
      "ends the connection when nobody reads",
      cleaned(async (t) => {
        const { server, ask } = await link(t, road);
        const controller = new AbortController();
        const asked = ask("GET", "/").send({ signal: controller.signal });
        const exchange = await server.next();
        exchange.stream();
        exchange.chunk("one");
        const response = await asked;
        controller.abort(enough);
        await exchange.connection.closed;
        await assert.rejects(response.bytes(), isEnough);
      }),
    );

    it(
      "after the end changes nothing, and no listener stays behind",
      cleaned(async (t) => {
        const { server, ask } = await link(t, road, {
          server: { serve: (exchange) => exchange.answer("hello") },
        });
        const controller = new AbortController();
        const { signal } = controller;
        let listeners = 0;
        for (const [name, step] of [["addEventListener", 1], ["removeEventListener", -1]] as const) {
          const original: (...args: never[]) => void = signal[name].bind(signal);
          signal[name] = (...args: never[]) => {
            listeners += step;
            original(...args);
          };
        }
        for (let n = 0; n < 3; n++) {
          assert.equal(await (await ask("GET", "/").send({ signal })).text(), "hello");
          assert.equal(listeners, 0);
        }
        controller.abort(enough);
        assert.equal(await (await ask("GET", "/").send()).text(), "hello");
        assert.equal(server.connections.length, 1);
      }),
    );
  });

  describe(`Leaving an answer early ${road.name}`, () => {
    for (
      const { name, leave } of [
        { name: "by closing it", leave: (response) => response.close() },
        { name: "by disposing of it", leave: (response) => response[Symbol.asyncDispose]() },
        { name: "by cancelling its stream", leave: (response) => response.stream().cancel() },
        {
          name: "by leaving the loop over a watch",
          leave: async (response) => {
            for await (const _event of response.watch()) break;
          },
        },
        { name: "by disposing of a watch", leave: (response) => response.watch()[Symbol.asyncDispose]() },
      ] satisfies { name: string; leave: (response: RestResponse) => unknown }[]
    ) {
      it(
        `${name} ends the connection`,
        cleaned(async (t) => {
          const { server, ask } = await link(t, road);
          const asked = ask("GET", "/?watch=true").send();
          const exchange = await server.next();
          exchange.stream();
          exchange.chunk('{"type":"ADDED","object":{}}\n');
          await leave(await asked);
          await exchange.connection.closed;
        }),
      );
    }
  });

  describe(`Closing a client ${road.name}`, () => {
    it(
      "ends its requests, wherever they are, and refuses new ones",
      cleaned(async (t) => {
        const { server, client, ask } = await link(t, road);
        const reading = ask("GET", "/reading").send();
        const exchange = await server.next();
        exchange.stream();
        exchange.chunk("one");
        const reader = (await reading).stream().getReader();
        await reader.read();
        const read = reader.read();
        const waiting = ask("GET", "/waiting").send();
        const { connection } = await server.next();
        const starting = ask("GET", "/starting").send();

        const closed = client[Symbol.asyncDispose]();
        for (const request of [read, waiting, starting]) {
          await assert.rejects(request, { name: "AbortError" });
        }
        await closed;
        await Promise.all([exchange.connection.closed, connection.closed]);
        await assert.rejects(ask("GET", "/").send(), /the client is closed/);
        await client[Symbol.asyncDispose]();
      }),
    );

    it(
      "before its first request, and twice at once, is fine",
      cleaned(async (t) => {
        const { server, client } = await link(t, road);
        await Promise.all([client[Symbol.asyncDispose](), client[Symbol.asyncDispose]()]);
        assert.equal(server.connections.length, 0);
      }),
    );

    it(
      "lets go of idle connections",
      cleaned(async (t) => {
        const { server, client, ask } = await link(t, road, {
          server: { serve: (exchange) => exchange.answer("hello") },
        });
        await (await ask("GET", "/").send()).text();
        await client[Symbol.asyncDispose]();
        await server.connections[0].closed;
      }),
    );

    it(
      "leaves other clients' requests alone",
      cleaned(async (t) => {
        const { server, client, ask } = await link(t, road);
        const other = clientOf(t, { server: client.config.server, ...road.client });
        const asked = request(other, road, "GET", "/").send();
        const exchange = await server.next();
        ask("GET", "/").send().catch(() => {}); // is ended, as above
        await server.next();
        await client[Symbol.asyncDispose]();
        exchange.answer("still here");
        assert.equal(await (await asked).text(), "still here");
      }),
    );
  });
}

function isEnough(error: unknown): true {
  assert.equal(error, enough);
  return true;
}
