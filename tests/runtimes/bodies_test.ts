import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import { describe, it } from "node:test";
import { createGzip, gzipSync } from "node:zlib";
import { bytesCodec, NetworkError, type RequestBody, StatusError } from "@coxswain/kube/rest";
import { cleaned } from "../cleanup.ts";
import { link, ROADS, RUNTIME } from "./roads.ts";

const text = "Grüße aus dem Hafen ⚓\n";
const allBytes = Uint8Array.from({ length: 100_000 }, (_, index) => index % 256);

function streamOf(...pieces: Uint8Array[]): ReadableStream<Uint8Array> {
  const left = [...pieces];
  return new ReadableStream({
    pull(controller) {
      const piece = left.shift();
      if (piece === undefined) controller.close();
      else controller.enqueue(piece);
    },
  });
}

/** Small and large objects, each with a text of its own. */
const many = Array.from({ length: 300 }, (_, index) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: `map-${index}`, resourceVersion: String(index) },
  data: { text: String.fromCharCode(97 + index % 26).repeat(index * 37 % 9_000) },
}));

const list = JSON.stringify({ apiVersion: "v1", kind: "List", items: many });

/** Keeps the text of objects, as a cache does. */
const texts = bytesCodec((object) => {
  const bytes = new Uint8Array(object.lengthAs("keep"));
  object.copyTo(bytes, 0, "keep");
  return { text: new TextDecoder().decode(bytes) };
});

async function readAll(reader: { nextBatch(): Promise<unknown[] | undefined> }): Promise<unknown[]> {
  const all: unknown[] = [];
  for (let some = await reader.nextBatch(); some !== undefined; some = await reader.nextBatch()) {
    all.push(...some);
  }
  return all;
}

for (const road of ROADS) {
  describe(`Objects that come as bytes ${road.name}`, () => {
    // What has been read is given back, and its memory used again or ended.
    for (const size of [700, 5_000, 60_000]) {
      it(
        `are what was sent, in pieces of ${size} bytes, in one answer after the other`,
        cleaned(async (t) => {
          const { server, ask } = await link(t, road);
          const watch = many.map((object) => `${JSON.stringify({ type: "ADDED", object })}\n`).join("");
          const wanted = many.map((object) => JSON.stringify(object));
          for (const round of [1, 2]) {
            const asked = ask("GET", `/list/${round}`).send();
            (await server.next()).answer(list);
            const items = await readAll((await asked).list(texts)) as { text: string }[];
            assert.deepEqual(items.map(({ text }) => text), wanted);

            const opened = ask("GET", `/watch/${round}`).send();
            const exchange = await server.next();
            const sent = (async () => {
              await exchange.stream();
              for (let at = 0; at < watch.length; at += size) {
                await exchange.chunk(watch.slice(at, at + size));
              }
              await exchange.write("0\r\n\r\n");
            })();
            const events = await readAll((await opened).watch(texts)) as { object: { text: string } }[];
            await sent;
            assert.deepEqual(events.map(({ object }) => object.text), wanted);

            // And by who keeps what was read, on the same connections.
            const whole = ask("GET", `/text/${round}`).send();
            (await server.next()).answer(list);
            assert.equal(await (await whole).text(), list);
          }
        }),
      );
    }

    it(
      "are also there for a tool that hears what comes",
      { skip: RUNTIME !== "node" }, // the others do not tell of answers in this way
      cleaned(async (t) => {
        const heard: Uint8Array[] = [];
        const hear = (message: unknown) => {
          const { response } = message as { response: IncomingMessage };
          response.on("data", (piece: Uint8Array) => heard.push(piece));
        };
        subscribe("http.client.response.finish", hear);
        t.after(() => void unsubscribe("http.client.response.finish", hear));
        const { server, ask } = await link(t, road);
        for (const isChunked of [false, true]) {
          heard.length = 0;
          const asked = ask("GET", "/").send();
          const exchange = await server.next();
          if (isChunked) {
            await exchange.stream();
            await exchange.chunk(list);
            await exchange.write("0\r\n\r\n");
          } else exchange.answer(list);
          assert.equal((await readAll((await asked).list(texts))).length, many.length);
          assert.equal(Buffer.concat(heard).toString(), list);
        }
      }),
    );
  });

  describe(`A request ${road.name}`, () => {
    it(
      "sends a header of several values in as many lines",
      cleaned(async (t) => {
        const { server, ask } = await link(t, road);
        const groups = ["shop", "a, b", "web"];
        const asked = ask("GET", "/").header("Impersonate-Group", ...groups).header("X-One", "1").send();
        const exchange = await server.next();
        exchange.answer("");
        await (await asked).bytes();
        assert.deepEqual(exchange.header("impersonate-group"), groups);
        assert.deepEqual(exchange.header("x-one"), ["1"]);
      }),
    );

    it(
      "sends no credentials in a header that nobody asked for, and its own headers once",
      cleaned(async (t) => {
        const { server, ask } = await link(t, road);
        const asked = ask("GET", "/path?a=b%20c").header("Accept", "text/plain").send();
        const exchange = await server.next();
        exchange.answer("");
        await (await asked).bytes();
        assert.deepEqual([exchange.method, exchange.path], ["GET", "/path?a=b%20c"]);
        for (
          const [name, values] of Object.entries({
            "accept": ["text/plain"],
            "user-agent": ["coxswain"],
            "host": [`127.0.0.1:${server.port}`],
            "content-length": [],
            "transfer-encoding": [],
            "content-type": [],
            "authorization": [],
            "origin": [],
            "cookie": [],
          })
        ) {
          assert.deepEqual(exchange.header(name), values, name);
        }
      }),
    );

    for (
      const { name, body, sent } of [
        { name: "an object", body: { text }, sent: new TextEncoder().encode(JSON.stringify({ text })) },
        { name: "text", body: text, sent: new TextEncoder().encode(text) },
        { name: "empty text", body: "", sent: new Uint8Array() },
        { name: "bytes", body: allBytes, sent: allBytes },
        {
          name: "a part of an array",
          body: allBytes.subarray(7, 300),
          sent: Uint8Array.from(allBytes.subarray(7, 300)),
        },
      ] satisfies { name: string; body: RequestBody; sent: Uint8Array }[]
    ) {
      for (const method of ["POST", "PATCH", "DELETE"]) {
        it(
          `sends ${name} by ${method}`,
          cleaned(async (t) => {
            const { server, ask } = await link(t, road);
            const asked = ask(method, "/").body(body, "application/x-test").send();
            const exchange = await server.next();
            exchange.answer("done");
            assert.equal(await (await asked).text(), "done");
            assert.equal(exchange.method, method);
            assert.deepEqual(exchange.body, sent);
            assert.deepEqual(exchange.header("content-type"), ["application/x-test"]);
            assert.deepEqual(exchange.header("transfer-encoding"), []);
            assert.deepEqual(exchange.header("content-length"), [String(sent.length)]);
          }),
        );
      }
    }

    it(
      "sends a stream as it comes",
      cleaned(async (t) => {
        const { server, ask } = await link(t, road);
        const pieces = [allBytes, new TextEncoder().encode(text), allBytes];
        const asked = ask("POST", "/").body(streamOf(...pieces), "text/plain").send();
        const exchange = await server.next();
        exchange.answer("done");
        assert.equal(await (await asked).text(), "done");
        assert.equal(exchange.body.length, 200_000 + pieces[1].length);
        assert.deepEqual(exchange.body.subarray(100_000, -100_000), pieces[1]);
        assert.deepEqual(exchange.header("transfer-encoding"), ["chunked"]);
      }),
    );

    it(
      "fails when the stream that it sends fails, and keeps the reason",
      cleaned(async (t) => {
        const { server, ask } = await link(t, road);
        const lost = new Error("the disk is gone");
        let pulled = 0;
        const body = new ReadableStream<Uint8Array>({
          pull: (controller) => pulled++ === 0 ? controller.enqueue(allBytes) : controller.error(lost),
        });
        const connection = server.nextConnection();
        await assert.rejects(ask("POST", "/").body(body, "text/plain").send(), (error) => {
          assert.ok(error instanceof NetworkError, String(error));
          return true;
        });
        await (await connection).closed;
        assert.equal(server.requests, 0);
      }),
    );
  });

  describe(`An answer ${road.name}`, () => {
    for (const status of [204, 205]) {
      it(
        `has no body when its status is ${status}, and the connection is used again`,
        cleaned(async (t) => {
          const { server, ask } = await link(t, road, {
            server: {
              serve: (exchange) =>
                exchange.path === "/"
                  ? exchange.write(
                    `HTTP/1.1 ${status} Nothing\r\n${status === 205 ? "Content-Length: 0\r\n" : ""}\r\n`,
                  )
                  : exchange.answer("more"),
            },
          });
          const response = await ask("GET", "/").send();
          assert.equal(response.status, status);
          assert.equal((await response.bytes()).length, 0);
          assert.equal(await (await ask("GET", "/more").send()).text(), "more");
          assert.equal(server.connections.length, 1);
        }),
      );
    }

    it(
      "of a known length is read as it comes, to its last byte, and its connection is used again",
      cleaned(async (t) => {
        const { server, ask } = await link(t, road);
        const asked = ask("GET", "/").send();
        const exchange = await server.next();
        exchange.head({ headers: { "Content-Length": "200000" } });
        exchange.write(allBytes);
        const reader = (await asked).stream().getReader();
        const read: number[] = [];
        while (read.length < 100_000) read.push(...(await reader.read()).value!);
        exchange.write(allBytes);
        for (let next = await reader.read(); !next.done; next = await reader.read()) read.push(...next.value);
        assert.deepEqual(Uint8Array.from(read), Uint8Array.from([...allBytes, ...allBytes]));
        const more = ask("GET", "/more").send();
        (await server.next()).answer("more");
        assert.equal(await (await more).text(), "more");
        assert.equal(server.connections.length, 1);
      }),
    );

    it(
      "in gzip is as long as what it is unpacked to, though its length is that of the packed",
      cleaned(async (t) => {
        const { server, ask } = await link(t, road);
        const asked = ask("GET", "/").send();
        (await server.next()).answer(gzipSync(text.repeat(1000)), {
          headers: { "Content-Encoding": "gzip" },
        });
        assert.equal(await (await asked).text(), text.repeat(1000));
      }),
    );

    it(
      "is read by a middleware, changed, and read again",
      cleaned(async (t) => {
        const { server, ask } = await link(t, road, {
          client: {
            middleware: [async (request, next) => {
              const answer = await next(request);
              const [copy, said] = [answer.clone(), await answer.text()];
              assert.equal(await copy.text(), said);
              return new Response(said.toUpperCase(), answer);
            }],
          },
        });
        const asked = ask("GET", "/").send();
        (await server.next()).answer(text, { headers: { "X-One": "1" } });
        const response = await asked;
        assert.equal(response.headers.get("x-one"), "1");
        assert.equal(await response.text(), text.toUpperCase());
      }),
    );

    it(
      "to HEAD has no body, whatever its length",
      cleaned(async (t) => {
        const { server, ask } = await link(t, road);
        const asked = ask("HEAD", "/").send();
        (await server.next()).head({ headers: { "Content-Length": "1000" } });
        const response = await asked;
        assert.equal(response.headers.get("content-length"), "1000");
        assert.equal((await response.bytes()).length, 0);
      }),
    );

    for (
      const { name, status, body, message } of [
        { name: "is refused with the server's words", status: 500, body: "on fire", message: /"on fire"/ },
        {
          name: "is refused when it says that nothing has changed",
          status: 304,
          body: "",
          message: /status code 304/,
        },
      ]
    ) {
      it(
        `${name} (${status})`,
        cleaned(async (t) => {
          const { server, ask } = await link(t, road);
          const asked = ask("GET", "/").send();
          const exchange = await server.next();
          if (body === "") exchange.head({ status });
          else exchange.answer(body, { status, headers: { "Content-Type": "text/plain" } });
          await assert.rejects(asked, (error) => {
            assert.ok(error instanceof StatusError, String(error));
            assert.equal(error.code, status);
            assert.match(error.message, message);
            return true;
          });
        }),
      );
    }

    for (const status of [301, 302, 307, 308]) {
      it(
        `that sends elsewhere is a refusal, and is not followed (${status})`,
        cleaned(async (t) => {
          const { server, ask } = await link(t, road);
          const asked = ask("GET", "/").send();
          (await server.next()).answer("", { status, headers: { Location: "/elsewhere" } });
          await assert.rejects(asked, (error) => {
            assert.ok(error instanceof StatusError, String(error));
            assert.equal(error.code, status);
            return true;
          });
          assert.equal(server.requests, 1);
        }),
      );
    }

    it(
      "brings its headers, and each value of a repeated one",
      cleaned(async (t) => {
        const { server, ask } = await link(t, road);
        const asked = ask("GET", "/").send();
        const line = 'Warning: 299 - "old"\r\n';
        (await server.next()).write(
          `HTTP/1.1 200 OK\r\n${line}${line}Audit-Id: 7\r\nContent-Length: 0\r\n\r\n`,
        );
        const { headers } = await asked;
        assert.equal(headers.get("warning"), '299 - "old", 299 - "old"');
        assert.equal(headers.get("audit-id"), "7");
      }),
    );

    describe("that is compressed", () => {
      const packed = gzipSync(text.repeat(1000));
      const asGzip = { headers: { "Content-Encoding": "gzip" } };

      it(
        "was asked for, and is unpacked",
        cleaned(async (t) => {
          const { server, ask } = await link(t, road, {
            server: {
              serve: (exchange) =>
                exchange.path === "/" ? exchange.answer(packed, asGzip) : exchange.answer("hello"),
            },
          });
          const response = await ask("GET", "/").send();
          assert.equal(await response.text(), text.repeat(1000));
          assert.deepEqual(
            [response.headers.get("content-encoding"), response.headers.get("content-length")],
            [null, null],
          );
          assert.equal(await (await ask("GET", "/hello").send()).text(), "hello");
          assert.equal(server.connections.length, 1);
        }),
      );

      it(
        "is asked for as gzip at least",
        cleaned(async (t) => {
          const { server, ask } = await link(t, road);
          const asked = ask("GET", "/").send();
          const exchange = await server.next();
          exchange.answer("");
          await (await asked).bytes();
          const [encodings, ...more] = exchange.header("accept-encoding");
          assert.match(encodings, /gzip/);
          assert.deepEqual(more, []);
        }),
      );

      it(
        "is not asked for where the configuration says so",
        cleaned(async (t) => {
          const { server, ask } = await link(t, road, { client: { disableCompression: true } });
          for (const method of ["GET", "POST"]) {
            const asked = ask(method, "/").send();
            const exchange = await server.next();
            exchange.answer("");
            await (await asked).bytes();
            assert.deepEqual(exchange.header("accept-encoding"), ["identity"]);
          }
        }),
      );

      it(
        "is unpacked as it comes, event by event",
        cleaned(async (t) => {
          const { server, ask } = await link(t, road);
          const asked = ask("GET", "/?watch=true").send();
          const exchange = await server.next();
          exchange.head({ headers: { "Transfer-Encoding": "chunked", "Content-Encoding": "gzip" } });
          const gzip = createGzip();
          gzip.on("data", (bytes: Uint8Array) => {
            exchange.write(`${bytes.length.toString(16)}\r\n`);
            exchange.write(bytes);
            exchange.write("\r\n");
          });
          const send = (name: string) => {
            gzip.write(`{"type":"ADDED","object":{"metadata":{"name":"${name}"}}}\n`);
            gzip.flush();
          };
          send("web-0");
          const names: unknown[] = [];
          for await (const event of (await asked).watch()) {
            names.push(event.type === "ADDED" && event.object.metadata.name);
            if (names.length === 5) break;
            send(`web-${names.length}`);
          }
          assert.deepEqual(names, ["web-0", "web-1", "web-2", "web-3", "web-4"]);
          await exchange.connection.closed;
          gzip.destroy();
        }),
      );

      for (
        const { name, bytes, reason } of [
          { name: "breaks off", bytes: packed.subarray(0, packed.length / 2), reason: "cut" },
          { name: "lacks its last bytes", bytes: packed.subarray(0, -6), reason: "cut" },
          { name: "is something else", bytes: new TextEncoder().encode(text), reason: undefined },
        ]
      ) {
        it(
          `is an error when its text ${name}, though HTTP ends well`,
          cleaned(async (t) => {
            const { server, ask } = await link(t, road);
            const asked = ask("GET", "/").send();
            (await server.next()).answer(bytes, asGzip);
            await assert.rejects(async () => await (await asked).text(), (error) => {
              assert.ok(error instanceof NetworkError, String(error));
              if (reason !== undefined) assert.equal(error.reason, reason);
              return true;
            });
          }),
        );
      }

      for (const end of ["reset", "hangUp"] as const) {
        it(
          `is an error when the connection is cut by a ${end === "reset" ? "reset" : "clean end"}`,
          cleaned(async (t) => {
            const { server, ask } = await link(t, road);
            const asked = ask("GET", "/").send();
            const exchange = await server.next();
            exchange.head({ headers: { ...asGzip.headers, "Content-Length": String(packed.length) } });
            exchange.write(packed.subarray(0, packed.length / 2));
            const reader = (await asked).stream().getReader();
            exchange[end]();
            await assert.rejects(async () => {
              while (!(await reader.read()).done);
            }, (error) => error instanceof NetworkError && error.reason === "cut");
            await exchange.connection.closed;
          }),
        );
      }

      it(
        "may be empty, and has no body when only its headers were asked for",
        cleaned(async (t) => {
          const { server, ask } = await link(t, road);
          for (const method of ["GET", "HEAD"]) {
            const asked = ask(method, "/").send();
            (await server.next()).head({
              headers: { ...asGzip.headers, "Content-Length": method === "HEAD" ? "1000" : "0" },
            });
            assert.equal((await (await asked).bytes()).length, 0);
          }
          assert.equal(server.connections.length, 1);
        }),
      );
    });

    it(
      "is read to the last byte, as plain arrays",
      cleaned(async (t) => {
        const { server, ask } = await link(t, road);
        const asked = ask("GET", "/").send();
        const exchange = await server.next();
        const sent = (async () => {
          await exchange.stream();
          for (let n = 0; n < 30; n++) {
            await exchange.write(`${allBytes.length.toString(16)}\r\n`);
            await exchange.write(allBytes);
            await exchange.write("\r\n");
          }
          await exchange.write("0\r\n\r\n");
        })();
        let length = 0;
        for await (const chunk of (await asked).stream()) {
          assert.equal(Object.getPrototypeOf(chunk), Uint8Array.prototype);
          assert.equal(chunk[0], allBytes[length % allBytes.length]);
          length += chunk.length;
        }
        assert.equal(length, 30 * allBytes.length);
        await sent;
      }),
    );

    it(
      "ends with the connection when it has no length",
      cleaned(async (t) => {
        const { server, ask } = await link(t, road);
        const asked = ask("GET", "/").send();
        const exchange = await server.next();
        exchange.head();
        exchange.write(text);
        exchange.hangUp();
        assert.equal(await (await asked).text(), text);
      }),
    );

    // Deno's own TLS sockets read without regard to whoever reads from them.
    const skip = road.isNodeHttp &&
      "Deno reads TLS sockets ahead without bound";
    for (const isPacked of [false, true]) {
      it(
        `is held back while nobody reads it${isPacked ? ", also when it is compressed" : ""}`,
        { skip },
        cleaned(async (t) => {
          const TOTAL = 96 * 1024 * 1024;
          const zeros = new Uint8Array(64 * 1024);
          // One text of gzip after the other, none of them smaller than what is in it.
          const piece = isPacked ? new Uint8Array(gzipSync(zeros, { level: 0 })) : zeros;
          let written = 0;
          const { ask } = await link(t, road, {
            server: {
              async serve(exchange) {
                if (exchange.path === "/small") return exchange.answer("small");
                const headers = { "Content-Length": String(TOTAL) };
                await exchange.head({
                  headers: isPacked ? { ...headers, "Content-Encoding": "gzip" } : headers,
                });
                while (written < TOTAL && await exchange.write(piece)) written += piece.length;
              },
            },
          });
          const reader = (await ask("GET", "/big").send()).stream().getReader();
          await reader.read();
          // Other requests pass while the server tries to go on; it is held back when it has not for many of them.
          for (let same = 0, before = -1; same < 30 && written < TOTAL; before = written) {
            assert.equal(await (await ask("GET", "/small").send()).text(), "small");
            same = written === before ? same + 1 : 0;
          }
          assert.ok(written < TOTAL / 2, `${written} of ${TOTAL} bytes were taken without a reader`);
          await reader.cancel();
        }),
      );
    }
  });
}
