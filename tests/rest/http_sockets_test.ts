import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { denoConnect, type DenoNetwork } from "../../rest/deno_connect.ts";
import { HttpSockets, type SocketRequest } from "../../rest/http_sockets.ts";
import { ReadBlocks } from "../../rest/read_blocks.ts";
import { streamOf } from "../../rest/raw_answer.ts";
import { ManualClock } from "../../testing/mod.ts";
import { ScriptedConn } from "./scripted_conn.ts";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

/** Sockets that get these connections, one after the other; `undefined` cannot be connected to. */
function socketsOf(
  conns: (ScriptedConn | undefined)[],
  { handshake = (): Promise<unknown> => Promise.resolve() } = {},
) {
  const clock = new ManualClock();
  const connects: { hostname: string; port: number; signal: AbortSignal }[] = [];
  const secured: object[] = [];
  const network: DenoNetwork = {
    connect({ hostname, port, signal }) {
      connects.push({ hostname, port, signal });
      const conn = conns.shift();
      if (conn === undefined) return Promise.reject(new Error("refused"));
      return Promise.resolve(Object.assign(conn, { setNoDelay() {} }));
    },
    startTls(conn, options) {
      secured.push(options);
      return Promise.resolve(Object.assign(conn, { handshake }));
    },
  };
  const sockets = new HttpSockets({
    blocks: new ReadBlocks(),
    clock,
    connect: (target, signal) => denoConnect(network, "CA", target, signal),
  });
  const ask = async (url = "http://a:8080/x", init: Partial<SocketRequest> = {}) => {
    const request = {
      method: "GET",
      headers: [],
      signal: new AbortController().signal,
      ...init,
    } as SocketRequest;
    const answer = await sockets.ask(url, request);
    return answer === undefined
      ? undefined
      : answer.body === null
      ? ""
      : await new Response(streamOf(answer.body)).text();
  };
  return { sockets, ask, clock, connects, secured };
}

/** A connection that answers each request with the next of these, and is silent afterwards. */
function kept(...answers: string[]): ScriptedConn {
  const conn = new ScriptedConn([], { isSilent: true });
  conn.room = 10_000;
  conn.onWrite = () => {
    const answer = answers.shift();
    if (answer !== undefined) conn.push(answer);
  };
  return conn;
}

describe("HTTP over sockets", () => {
  it("carry one request after another by one connection, each origin by its own", async () => {
    const first = kept(OK, OK);
    const { ask, connects } = socketsOf([first, kept(OK)]);
    assert.deepEqual([await ask(), await ask(), await ask("http://b/")], ["hello", "hello", "hello"]);
    assert.deepEqual(connects.map(({ hostname, port }) => [hostname, port]), [["a", 8080], ["b", 80]]);
    assert.equal(
      first.written,
      "GET /x HTTP/1.1\r\nhost: a:8080\r\naccept-encoding: gzip\r\n\r\n".repeat(2),
    );
  });

  it("send headers as they are given, and a body with its length", async () => {
    const conn = kept(OK);
    const { ask } = socketsOf([conn]);
    const headers: [string, string][] = [["A", "1"], ["A", "2"], ["Host", "other"], [
      "Accept-Encoding",
      "identity",
    ]];
    await ask("http://a/y?z=1", { method: "PATCH", headers, body: "{\u00e4}" });
    assert.equal(
      conn.written,
      "PATCH /y?z=1 HTTP/1.1\r\nA: 1\r\nA: 2\r\nHost: other\r\nAccept-Encoding: identity\r\ncontent-length: 4\r\n\r\n{\u00e4}",
    );
  });

  it("say that a POST without a body has none", async () => {
    const conn = kept(OK);
    await socketsOf([conn]).ask("http://a/", { method: "POST" });
    assert.match(conn.written, /\r\ncontent-length: 0\r\n\r\n$/);
  });

  it("speak TLS to what https names, and know the brackets of an address", async () => {
    const { ask, connects, secured } = socketsOf([kept(OK)]);
    await ask("https://[::1]/x");
    assert.deepEqual(connects.map(({ hostname, port }) => [hostname, port]), [["::1", 443]]);
    assert.deepEqual(secured, [{ hostname: "::1", caCerts: ["CA"], alpnProtocols: ["http/1.1"] }]);
  });

  it("leave to others what they cannot connect to, and try again after 10 s", async () => {
    const { ask, connects, clock } = socketsOf([undefined, kept(OK)]);
    assert.equal(await ask(), undefined);
    assert.equal(await ask(), undefined);
    await clock.advance(9_999);
    assert.equal(await ask(), undefined);
    assert.equal(connects.length, 1);
    await clock.advance(1);
    assert.equal(await ask(), "hello");
  });

  it("close what they could not agree with", async () => {
    const conn = kept(OK);
    const { ask } = socketsOf([conn], { handshake: () => Promise.reject(new Error("UnknownIssuer")) });
    assert.equal(await ask("https://a/"), undefined);
    assert.deepEqual([conn.isClosed, conn.written], [true, ""]);
  });

  it("close a connection that has been idle for 90 s, and do not use it", async () => {
    const conn = kept(OK, OK);
    const { ask, clock, connects } = socketsOf([conn, kept(OK)]);
    await ask();
    await clock.advance(90_000);
    assert.equal(await ask(), "hello");
    assert.deepEqual([conn.isClosed, connects.length], [true, 2]);
  });

  it("keep 100 idle connections, and close those that have been idle for longest", async () => {
    const conns = Array.from({ length: 105 }, () => kept(OK));
    const { ask } = socketsOf([...conns]);
    await Promise.all(conns.map(() => ask()));
    assert.equal(conns.filter(({ isClosed }) => !isClosed).length, 100);
  });

  it("ask again by another connection where one that was idle ends before an answer", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const old = kept(OK);
    // It ends just when it is used.
    const { ask, connects } = socketsOf([old, kept(OK)]);
    await ask();
    old.onWrite = () => {
      old.end();
      resolve();
    };
    const asked = ask();
    await promise;
    assert.equal(await asked, "hello");
    assert.deepEqual([old.isClosed, connects.length], [true, 2]);
  });

  it("do not ask again for what may have been done", async () => {
    for (const init of [{ method: "POST" }, { method: "DELETE" }, { body: "x" }]) {
      const old = kept(OK);
      const { ask, connects } = socketsOf([old, kept(OK)]);
      await ask();
      old.onWrite = () => old.end();
      await assert.rejects(ask(undefined, init), { message: "the connection closed before an answer came" });
      assert.deepEqual([old.isClosed, connects.length], [true, 1]);
    }
  });

  it("fail when a new connection ends before an answer", async () => {
    const conn = new ScriptedConn([]);
    await assert.rejects(socketsOf([conn]).ask(), { message: "the connection closed before an answer came" });
    assert.ok(conn.isClosed);
  });

  it("end a request with its reason, and its connection with it", async () => {
    const reason = new Error("enough");
    const conn = kept();
    const { ask } = socketsOf([conn]);
    const controller = new AbortController();
    conn.onWrite = () => controller.abort(reason);
    await assert.rejects(ask(undefined, { signal: controller.signal }), reason);
    assert.ok(conn.isClosed);
  });

  it("end an attempt to agree with its reason", async () => {
    const reason = new Error("enough");
    const conn = kept();
    const controller = new AbortController();
    const { promise, reject } = Promise.withResolvers<void>();
    const { ask } = socketsOf([conn], {
      handshake: () => {
        controller.abort(reason);
        if (conn.isClosed) reject(new Error("closed"));
        return promise;
      },
    });
    await assert.rejects(ask("https://a/", { signal: controller.signal }), reason);
    assert.ok(conn.isClosed);
  });

  it("tell an attempt to connect that it is over", async () => {
    const reason = new Error("enough");
    const controller = new AbortController();
    const { ask, connects } = socketsOf([undefined]);
    const asked = ask(undefined, { signal: controller.signal });
    controller.abort(reason);
    await assert.rejects(asked, reason);
    assert.equal(connects[0].signal.reason, reason);
  });

  it("let go of idle connections when they are closed, and of others when these become idle", async () => {
    const [idle, busy] = [kept(OK), kept("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")];
    const { sockets, ask } = socketsOf([idle, busy]);
    await ask("http://a/");
    const answer = await sockets.ask("http://b/", {
      method: "GET",
      headers: [],
      signal: new AbortController().signal,
    });
    sockets.close();
    sockets.close();
    assert.deepEqual([idle.isClosed, busy.isClosed], [true, false]);
    busy.push("hello");
    assert.equal(await new Response(streamOf(answer!.body!)).text(), "hello");
    assert.equal(busy.isClosed, true);
  });

  it("refuse a status that is none", async () => {
    const conn = kept("HTTP/1.1 700 What\r\nContent-Length: 0\r\n\r\n");
    await assert.rejects(socketsOf([conn]).ask(), /the status 700/);
    assert.ok(conn.isClosed);
  });

  it("have no body with 205, whatever the server sends", async () => {
    const conn = kept("HTTP/1.1 205 Reset\r\nContent-Length: 5\r\n\r\n");
    assert.equal(await socketsOf([conn]).ask(), "");
    assert.ok(conn.isClosed);
  });
});
