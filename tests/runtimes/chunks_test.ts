import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bytesCodec, NetworkError } from "@coxswain/kube/rest";
import { cleaned } from "../cleanup.ts";
import { link, ROADS } from "./roads.ts";

const HEAD = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n";
const CHUNKS = "5\r\nHTTP/\r\nA;x=y\r\n\r\n\r\nchunke\r\n1\r\nd\r\n";
const TEXT = "HTTP/\r\n\r\nchunked";
const END = "0\r\nX-Last: 1\r\n\r\n";

for (const road of ROADS) {
  describe(`A body in chunks ${road.name}`, () => {
    it(
      "is the same wherever the connection cuts it, and the connection is used again",
      cleaned(async (t) => {
        const { server, ask } = await link(t, road);
        for (const end of [END, "0\r\n\r\n"]) {
          const all = HEAD + CHUNKS + end;
          for (let cut = 1; cut <= all.length; cut += cut < HEAD.length - 6 ? 7 : 1) {
            const asked = ask("GET", "/").send();
            const exchange = await server.next();
            await exchange.write(all.slice(0, cut));
            await exchange.turn();
            if (cut < all.length) await exchange.write(all.slice(cut));
            assert.equal(await (await asked).text(), TEXT, `cut at ${cut}`);
          }
        }
        assert.equal(server.connections.length, 1);
      }),
    );

    it(
      "may come after what a server says beforehand",
      cleaned(async (t) => {
        const { server, ask } = await link(t, road);
        for (
          const early of ["HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", "HTTP/1.1 102 Processing\r\n\r\n"]
        ) {
          for (const isCut of [false, true]) {
            const asked = ask("GET", "/").send();
            const exchange = await server.next();
            if (isCut) {
              await exchange.write(early);
              await exchange.turn();
              await exchange.write(HEAD + CHUNKS + END);
            } else await exchange.write(early + HEAD + CHUNKS + END);
            assert.equal(await (await asked).text(), TEXT);
          }
        }
      }),
    );

    it(
      "that is broken off within a chunk, its length or its end is an error",
      cleaned(async (t) => {
        const { server, ask } = await link(t, road);
        const parts = ["", "5", "5\r", "5\r\n", "5\r\nHT", "5\r\nHTTP/", "5\r\nHTTP/\r\n"];
        if (!road.isNodeHttp) parts.push(`${CHUNKS}0\r\n`); // Deno's does not miss the last line
        for (const part of parts) {
          const asked = ask("GET", "/").send();
          const exchange = await server.next();
          await exchange.write(HEAD);
          const read = (await asked).text();
          if (part !== "") await exchange.write(part);
          exchange.hangUp();
          await assert.rejects(read, NetworkError, `after ${JSON.stringify(part)}`);
        }
      }),
    );

    it(
      "that are none is an error, and the connection is not used again",
      { skip: road.isNodeHttp && "Deno's has rules of its own" },
      cleaned(async (t) => {
        const { server, ask } = await link(t, road);
        for (const [index, part] of ["zz\r\n", "5\r\nHTTP/!\r\n", "5\nHTTP/\r\n", "\r\n"].entries()) {
          for (const isAtOnce of [true, false]) {
            const asked = ask("GET", "/").send();
            const exchange = await server.next();
            await exchange.write(isAtOnce ? HEAD + part : HEAD);
            const read = (await asked).text();
            if (!isAtOnce) await exchange.write(part);
            await assert.rejects(read, (error: NetworkError) => {
              assert.ok(error instanceof NetworkError);
              assert.match(String(error.cause), /not in the chunks that it says/);
              return true;
            });
            await exchange.connection.closed;
            assert.equal(server.connections.length, 2 * index + (isAtOnce ? 1 : 2));
          }
        }
      }),
    );

    it(
      "that is left before its end lets go of the connection",
      cleaned(async (t) => {
        const { server, ask } = await link(t, road);
        const asked = ask("GET", "/").send();
        const exchange = await server.next();
        await exchange.write(`${HEAD}5\r\nHTTP/\r\n`);
        for await (const chunk of (await asked).stream()) {
          assert.equal(new TextDecoder().decode(chunk), TEXT.slice(0, 5));
          break;
        }
        await exchange.connection.closed;
      }),
    );

    it(
      "gives small events and large ones as they are",
      cleaned(async (t) => {
        const { server, ask } = await link(t, road);
        const codec = bytesCodec(({ resourceVersion }) => ({ resourceVersion }));
        const asked = ask("GET", "/").send();
        const exchange = await server.next();
        await exchange.write(HEAD);
        const reader = (await asked).watch(codec);
        // Each is read before the next one comes, so that memory is given back and used again.
        for (let n = 1; n <= 60; n++) {
          const object = {
            apiVersion: "v1",
            kind: "Pod",
            metadata: { name: "a", resourceVersion: String(n) },
            text: "x".repeat(n * 997 % 40_000),
          };
          await exchange.chunk(`${JSON.stringify({ type: "MODIFIED", object })}\n`);
          assert.deepEqual(await reader.nextBatch(), [{
            type: "MODIFIED",
            object: { resourceVersion: String(n) },
          }]);
        }
        await reader[Symbol.asyncDispose]();
        await exchange.connection.closed;
      }),
    );
  });

  describe(`An idle connection ${road.name}`, () => {
    it(
      "that says something is closed, and answers nothing with it",
      { skip: road.isNodeHttp && "Deno's has rules of its own" },
      cleaned(async (t) => {
        const { server, ask } = await link(t, road);
        const asked = ask("GET", "/1").send();
        const first = await server.next();
        first.answer("one");
        assert.equal(await (await asked).text(), "one");
        await first.write("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n");
        await first.connection.closed;
        const again = ask("GET", "/2").send();
        (await server.next()).answer("two");
        assert.equal(await (await again).text(), "two");
        assert.equal(server.connections.length, 2);
      }),
    );
  });
}
