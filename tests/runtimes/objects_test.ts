import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { NetworkError, type RestRequest } from "@coxswain/kube/rest";
import { ManualClock } from "@coxswain/kube/testing";
import { cleaned, type Cleanup } from "../cleanup.ts";
import { link, type Road, ROADS } from "./roads.ts";
import type { Exchange } from "./wire_server.ts";

const object = { metadata: { name: "settings" }, data: { text: "Grüße ⚓".repeat(20_000) } };
const small = { metadata: { name: "settings" } };
const all = new TextEncoder().encode(JSON.stringify(object));

/** Cuts bytes in pieces of so many. */
function* piecesOf(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Writes an answer in chunks. */
async function writeChunks(exchange: Exchange, bytes: Uint8Array, headers: Record<string, string> = {}) {
  await exchange.head({ headers: { ...headers, "Transfer-Encoding": "chunked" } });
  for (const piece of piecesOf(bytes, 7_000)) {
    await exchange.write(`${piece.length.toString(16)}\r\n`);
    await exchange.write(piece);
    await exchange.write("\r\n");
  }
  await exchange.write("0\r\n\r\n");
}

/** Asks along a road for what is known to be one object, which some runtimes read in one call. */
function objectOf({ groups }: Road, request: RestRequest): RestRequest {
  const asked = request.resource("configmaps").namespace("shop").name("settings");
  return groups.length === 0 ? asked : asked.header("Impersonate-Group", ...groups);
}

for (const road of ROADS) {
  describe(`An object ${road.name} [rest 4.2]`, () => {
    it(
      "is read as it was sent, in one piece, in pieces and packed, and its connection used again",
      cleaned(async (t) => {
        const { server, client } = await link(t, road);
        const ways: ((exchange: Exchange) => unknown)[] = [
          (exchange) => exchange.answer(all),
          (exchange) => writeChunks(exchange, all),
          async (exchange) => {
            await exchange.head({ headers: { "Content-Length": String(all.length) } });
            for (const piece of piecesOf(all, 50_000)) await exchange.write(piece);
          },
          (exchange) => exchange.answer(gzipSync(all), { headers: { "Content-Encoding": "gzip" } }),
          (exchange) => writeChunks(exchange, gzipSync(all), { "Content-Encoding": "gzip" }),
        ];
        for (const way of ways) {
          const asked = objectOf(road, client.get()).send();
          const serving = way(await server.next());
          assert.deepEqual(await (await asked).json(), object);
          await serving;
        }
        assert.equal(server.connections.length, 1);
      }),
    );

    for (
      const { kind, headers, begin } of [
        { kind: "known length", headers: { "Content-Length": "1000" }, begin: '{"metadata":' },
        {
          kind: "unknown length",
          headers: { "Transfer-Encoding": "chunked" },
          begin: 'c\r\n{"metadata":\r\n',
        },
      ]
    ) {
      /** Half an answer, and what reads it. */
      const half = async (t: Cleanup, signal?: AbortSignal) => {
        const clock = new ManualClock();
        const { server, client } = await link(t, road, { client: { clock } });
        const asked = objectOf(road, client.get()).send({ signal });
        const exchange = await server.next();
        await exchange.head({ headers: headers as unknown as Record<string, string> });
        await exchange.write(begin);
        return { clock, client, exchange, response: await asked };
      };

      it(
        `of ${kind} that falls silent fails when its time is over, and frees the connection`,
        cleaned(async (t) => {
          const { clock, exchange, response } = await half(t);
          const reading = assert.rejects(response.json(), (error) => {
            assert.ok(error instanceof NetworkError, String(error));
            assert.deepEqual([error.reason, error.phase], ["timeout", "body"]);
            return true;
          });
          await clock.advance(60_000);
          await reading;
          await exchange.connection.closed;
        }),
      );

      it(
        `of ${kind} that is given up half read frees the connection: by a signal, by closing it, by closing the client`,
        cleaned(async (t) => {
          const enough = new Error("enough");
          const controller = new AbortController();
          const aborted = await half(t, controller.signal);
          const reading = assert.rejects(aborted.response.json(), enough);
          controller.abort(enough);
          await reading;
          await aborted.exchange.connection.closed;

          const left = await half(t);
          const cut = assert.rejects(left.response.json(), SyntaxError);
          left.response.close();
          await cut;
          await left.exchange.connection.closed;

          const closed = await half(t);
          const ended = assert.rejects(closed.response.json(), /The client was closed/);
          await closed.client[Symbol.asyncDispose]();
          await ended;
          await closed.exchange.connection.closed;
        }),
      );

      it(
        `of ${kind} that nobody reads frees the connection when it is closed`,
        cleaned(async (t) => {
          const { exchange, response } = await half(t);
          response.close();
          response.close();
          await exchange.connection.closed;
        }),
      );
    }

    it(
      "is forgotten when it has been read: 250 one after the other take one connection", // Bun's fetch has 200 at most
      cleaned(async (t) => {
        const { server, client } = await link(t, road, {
          server: { serve: (exchange) => exchange.answer(JSON.stringify(small)) },
        });
        for (let n = 0; n < 250; n++) await (await objectOf(road, client.get()).send()).json();
        assert.equal(server.connections.length, 1);
      }),
    );

    it(
      "that nobody need wait for is there when its server falls silent after it",
      cleaned(async (t) => {
        const { server, client } = await link(t, road);
        const asked = objectOf(road, client.get()).send();
        (await server.next()).answer(JSON.stringify(small)); // and no end of the connection
        assert.deepEqual(await (await asked).json(), small);
      }),
    );

    it(
      "is none where there are events, which come one by one also in an answer whose length is known",
      cleaned(async (t) => {
        const { server, client } = await link(t, road);
        const asked = objectOf(road, client.get()).query({ watch: true }).send();
        const exchange = await server.next();
        const event = `${JSON.stringify({ type: "ADDED", object: small })}\n`;
        await exchange.head({ headers: { "Content-Length": String(2 * event.length) } });
        await exchange.write(event);
        const events = (await asked).watch();
        assert.equal((await events.nextBatch())?.length, 1); // the other has not been sent
        await exchange.write(event);
        assert.equal((await events.nextBatch())?.length, 1);
        assert.equal(await events.nextBatch(), undefined);
      }),
    );

    it(
      "has no body where there cannot be one",
      cleaned(async (t) => {
        const { server, client } = await link(t, road);
        for (const [method, status] of [["HEAD", 200], ["GET", 204]] as const) {
          const asked = objectOf(road, client.verb(method)).send();
          const headers: Record<string, string> = method === "HEAD" ? { "Content-Length": "1000" } : {};
          (await server.next()).head({ status, headers });
          assert.equal((await (await asked).bytes()).length, 0);
        }
        assert.equal(server.connections.length, 1);
      }),
    );
  });
}
