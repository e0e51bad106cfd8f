import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ByteSource } from "../../rest/answer.ts";
import { HttpConnection } from "../../rest/http_connection.ts";
import { ReadBlocks } from "../../rest/read_blocks.ts";
import { TransportFailure } from "../../rest/transport_failure.ts";
import { ScriptedConn } from "./scripted_conn.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const REQUEST = encoder.encode("GET / HTTP/1.1\r\n\r\n");

async function textOf(body: ByteSource): Promise<string> {
  let text = "";
  for (;;) {
    const chunks = body.take();
    if (chunks === undefined) return text;
    for (const chunk of chunks) {
      text += decoder.decode(chunk);
      body.release?.(chunk);
    }
    if (chunks.length === 0) await new Promise<void>((ready) => body.wait(ready));
  }
}

/** Asks once and reads the answer. */
async function asked(conn: ScriptedConn, { method = "GET" } = {}) {
  const connection = new HttpConnection(conn, new ReadBlocks());
  const head = await connection.ask(method, REQUEST);
  assert.ok(head !== undefined);
  const ends: boolean[] = [];
  const text = await textOf(connection.body(head, (isUsable) => ends.push(isUsable)));
  return { connection, head, text, ends };
}

const ANSWERS = {
  "a length": { answer: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", text: "hello", isKept: true },
  "no text": { answer: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", text: "", isKept: true },
  "chunks": {
    answer:
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nA: b\r\n\r\n",
    text: "hello",
    isKept: true,
  },
  "an end with the connection": { answer: "HTTP/1.1 200 OK\r\n\r\nhello", text: "hello", isKept: false },
  "something before it": {
    answer: "HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    text: "hello",
    isKept: true,
  },
};

describe("A connection of HTTP", () => {
  for (const [name, { answer, text, isKept }] of Object.entries(ANSWERS)) {
    it(`brings an answer with ${name}, wherever it is cut`, async () => {
      for (let first = 0; first <= answer.length; first++) {
        for (let second = first; second <= answer.length; second += 3) {
          const pieces = [answer.slice(0, first), answer.slice(first, second), answer.slice(second)];
          const conn = new ScriptedConn(pieces.filter((piece) => piece !== ""));
          const { text: brought, ends } = await asked(conn);
          assert.deepEqual([brought, ends], [text, [isKept]], `cut at ${first} and ${second}`);
          assert.equal(conn.isClosed, !isKept);
          assert.equal(conn.written, decoder.decode(REQUEST));
        }
      }
    });
  }

  for (const name of ["a length", "chunks", "something before it"] as const) {
    it(`says that an answer with ${name} has broken off, wherever it has`, async () => {
      const { answer } = ANSWERS[name];
      for (let end = 1; end < answer.length; end++) {
        const conn = new ScriptedConn([answer.slice(0, end)]);
        // What has been sent as an interim answer is none; the connection is as good as one that answered nothing.
        await assert.rejects(asked(conn), {
          message: "the connection closed before the answer was complete",
        });
      }
    });
  }

  it("has no answer if it ends before any", async () => {
    const connection = new HttpConnection(new ScriptedConn([]), new ReadBlocks());
    assert.equal(await connection.ask("GET", REQUEST), undefined);
    assert.equal(connection.hasAnswered, false);
  });

  it("is not used again when more comes than was asked for", async () => {
    for (const name of ["a length", "no text", "chunks"] as const) {
      const { answer, text } = ANSWERS[name];
      const conn = new ScriptedConn([`${answer}HTTP/1.1 200 OK`]);
      const { text: brought, ends } = await asked(conn);
      assert.deepEqual([brought, ends, conn.isClosed], [text, [false], true]);
    }
  });

  it("refuses what is not framed as it says, and closes", async () => {
    for (const body of ["zz\r\n", "3\r\nabcd", `0\r\n${"x".repeat(20_000)}`]) {
      const conn = new ScriptedConn([`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${body}`]);
      await assert.rejects(asked(conn), RangeError);
      assert.ok(conn.isClosed);
    }
  });

  it("brings what came before it was refused", async () => {
    const conn = new ScriptedConn([
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
      "3\r\nabc\r\n",
      "zz\r\n",
    ]);
    const connection = new HttpConnection(conn, new ReadBlocks());
    const body = connection.body((await connection.ask("GET", REQUEST))!, () => {});
    await new Promise<void>((ready) => body.wait(ready));
    assert.equal(decoder.decode(body.take()?.[0]), "abc");
    await new Promise<void>((ready) => body.wait(ready));
    assert.throws(() => body.take(), RangeError);
  });

  it("reads a head of 100 kB, and none of more than 256", async () => {
    const of = (length: number) =>
      `HTTP/1.1 200 OK\r\nX: ${"x".repeat(length)}\r\nContent-Length: 1\r\n\r\n!`;
    const { head, text } = await asked(new ScriptedConn([of(100_000)]));
    assert.deepEqual([head.raw[1].length, text], [100_000, "!"]);
    await assert.rejects(asked(new ScriptedConn([of(300_000)])), TransportFailure);
  });

  it("reads a character for each byte of a header", async () => {
    const bytes = [
      ...encoder.encode("HTTP/1.1 200 OK\r\nX: "),
      0xe4,
      0xff,
      ...encoder.encode("\r\nContent-Length: 0\r\n\r\n"),
    ];
    const { head } = await asked(new ScriptedConn([Uint8Array.from(bytes)]));
    assert.equal(head.raw[1], "\u00e4\u00ff");
  });

  it("refuses to change the protocol", async () => {
    const conn = new ScriptedConn(["HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n"]);
    await assert.rejects(asked(conn), /another protocol/);
  });

  it("reads no body after HEAD, and is used again", async () => {
    const conn = new ScriptedConn(["HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"]);
    const { text, ends } = await asked(conn, { method: "HEAD" });
    assert.deepEqual([text, ends], ["", [true]]);
  });

  it("sends a request in as many pieces as it takes", async () => {
    const conn = new ScriptedConn([ANSWERS["a length"].answer], { isSilent: true });
    conn.room = 1;
    const { text } = await asked(conn);
    while (conn.written.length < REQUEST.length) await Promise.resolve();
    assert.deepEqual([text, conn.written], ["hello", decoder.decode(REQUEST)]);
  });

  it("is not used again if the answer came before all was sent", async () => {
    const conn = new ScriptedConn([ANSWERS["a length"].answer]);
    conn.room = 0;
    const { text, ends } = await asked(conn);
    assert.deepEqual([text, ends, conn.isClosed], ["hello", [false], true]);
  });

  it("is closed when nobody wants its body any more, once", async () => {
    const conn = new ScriptedConn(["HTTP/1.1 200 OK\r\n\r\n", "hel"], { isSilent: true });
    const connection = new HttpConnection(conn, new ReadBlocks());
    const ends: boolean[] = [];
    const body = connection.body((await connection.ask("GET", REQUEST))!, (isUsable) => ends.push(isUsable));
    await new Promise<void>((ready) => body.wait(ready));
    assert.equal(decoder.decode(body.take()?.[0]), "hel");
    const waits = new Promise<void>((ready) => body.wait(ready));
    body.cancel();
    body.cancel();
    await waits;
    assert.deepEqual([body.take(), ends, conn.isClosed], [undefined, [false], true]);
  });

  it("does not keep a process alive while it is idle, and hears of its end", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const conn = new ScriptedConn([ANSWERS["a length"].answer]);
    const { connection } = await asked(conn);
    connection.rest(resolve);
    assert.equal(conn.isReferenced, false);
    await promise;
    assert.ok(conn.isClosed);
  });

  it("is closed when something comes that nobody asked for", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const conn = new ScriptedConn([ANSWERS["a length"].answer, "HTTP/1.1 408 Late\r\n\r\n"], {
      isSilent: true,
    });
    const { connection } = await asked(conn);
    connection.rest(resolve);
    await promise;
    assert.ok(conn.isClosed);
  });

  it("goes on with the read of its rest when it is used again", async () => {
    const { answer } = ANSWERS.chunks;
    const conn = new ScriptedConn([answer, answer], { isSilent: true });
    const { connection } = await asked(conn);
    connection.rest(() => assert.fail("it has not ended"));
    connection.wake();
    assert.ok(conn.isReferenced);
    const head = await connection.ask("GET", REQUEST);
    const ends: boolean[] = [];
    assert.equal(await textOf(connection.body(head!, (isUsable) => ends.push(isUsable))), "hello");
    assert.deepEqual(ends, [true]);
  });

  it("writes nothing over a chunk that somebody holds", async () => {
    const letters = Array.from({ length: 40 }, (_, index) => String.fromCharCode(65 + index).repeat(3000));
    const pieces = letters.map((text) => `${text.length.toString(16)}\r\n${text}\r\n`);
    const start = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    const connection = new HttpConnection(
      new ScriptedConn([start, ...pieces, "0\r\n\r\n"]),
      new ReadBlocks(),
    );
    const body = connection.body((await connection.ask("GET", REQUEST))!, () => {});
    const held: Uint8Array[] = [];
    const texts: string[] = [];
    for (let chunks = body.take(); chunks !== undefined; chunks = body.take()) {
      for (const chunk of chunks) {
        // Each third is given back at once.
        if (texts.push(decoder.decode(chunk)) % 3 === 0) body.release?.(chunk);
        else held.push(chunk);
      }
      await new Promise<void>((ready) => body.wait(ready));
    }
    assert.deepEqual(texts, letters);
    assert.deepEqual(
      held.map((chunk) => decoder.decode(chunk)),
      letters.filter((_, index) => index % 3 !== 2),
    );
  });
});
