import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  NetworkError,
  type NetworkPhase,
  type NetworkReason,
  type RestConfigInit,
  StatusError,
} from "@coxswain/kube/rest";
import { ManualClock } from "@coxswain/kube/testing";
import { cleaned, type Cleanup } from "../cleanup.ts";
import { clientOf, link, listen, request, ROADS, RUNTIME, unusedPort } from "./roads.ts";
import type { Exchange } from "./wire_server.ts";

/** The error must be ours, name the request without its query, and keep the runtime's own as its cause. */
function failure(reason: NetworkReason, phase: NetworkPhase, says: RegExp): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof NetworkError, String(error));
    assert.match(error.message, /^GET https?:\/\/[^?]+ failed: [^?]+$/);
    assert.match(error.message, says);
    assert.deepEqual([error.reason, error.phase], [reason, phase]);
    assert.equal(error.cause instanceof Error, reason !== "timeout"); // those are our own
    return true;
  };
}

/** The words of a URL are not those of a failure, whatever they are. */
const PATH = "/apis/certificates.k8s.io/expired-alert/handshake-timeout?watch=alert";

for (const road of ROADS) {
  /** Asks a server that {@linkcode link} did not make. */
  const ask = (t: Cleanup, host: string, init: Partial<RestConfigInit> = {}) => {
    const client = clientOf(t, { server: `${road.scheme}://${host}`, ...road.client, ...init });
    return request(client, road, "GET", PATH).send();
  };

  describe(`A request ${road.name}`, () => {
    it(
      "says when nobody listens",
      cleaned(async (t) => {
        const asked = ask(t, `127.0.0.1:${await unusedPort()}`);
        await assert.rejects(asked, failure("refused", "connect", /failed: connection refused$/));
      }),
    );

    it(
      "says when the host is not known",
      cleaned(async (t) => {
        const asked = ask(t, "coxswain.invalid:6443");
        await assert.rejects(asked, failure("dns", "connect", /failed: the host name is not known$/));
      }),
    );

    if (road.scheme === "https") {
      it(
        "gives up on a server that never answers the handshake",
        cleaned(async (t) => {
          const server = await listen(t, {});
          const clock = new ManualClock();
          const asked = ask(t, `127.0.0.1:${server.port}`, { clock });
          const connection = await server.nextConnection();
          // Others do not know beforehand that the connection will tell when it stands.
          const isTimed = RUNTIME === "node" || road.isNodeHttp;
          const says = isTimed ? /failed: no connection within 30 s$/ : /failed: no answer within 105 s$/;
          const ended = assert.rejects(asked, failure("timeout", "connect", says));
          await clock.advance(105_000);
          await ended;
          await connection.closed;
        }),
      );
    }

    it(
      "gives up on a server that sends no headers",
      cleaned(async (t) => {
        const clock = new ManualClock();
        const { server, ask } = await link(t, road, { client: { clock } });
        const asked = ask("GET", PATH).send();
        const { connection } = await server.next();
        const ended = assert.rejects(
          asked,
          failure("timeout", "headers", /failed: no answer within 75 s$/),
        );
        await clock.advance(105_000);
        await ended;
        await connection.closed;
      }),
    );

    it(
      "gives up on an answer that falls silent",
      cleaned(async (t) => {
        const clock = new ManualClock();
        const { server, ask } = await link(t, road, { client: { clock } });
        const asked = ask("GET", PATH).send();
        const exchange = await server.next();
        exchange.stream();
        exchange.chunk("one");
        const reader = (await asked).stream().getReader();
        assert.equal((await reader.read()).value?.length, 3);
        const ended = assert.rejects(reader.read(), failure("timeout", "body", /silent for 60 s$/));
        await clock.waitForTimer();
        await clock.advance(60_000);
        await ended;
        await exchange.connection.closed;
      }),
    );

    for (
      const { name, fail } of [
        { name: "is reset", fail: (exchange: Exchange) => exchange.reset() },
        { name: "is ended", fail: (exchange: Exchange) => exchange.hangUp() },
        {
          name: "is ended within the headers",
          fail: (exchange: Exchange) => {
            exchange.write("HTTP/1.1 200 OK\r\nContent-");
            exchange.hangUp();
          },
        },
      ]
    ) {
      it(
        `says when the connection ${name} before there is an answer`,
        cleaned(async (t) => {
          const { server, ask } = await link(t, road);
          const asked = ask("GET", PATH).send();
          fail(await server.next());
          await assert.rejects(
            asked,
            failure("cut", "headers", /failed: the connection was cut$/),
          );
          assert.equal(server.requests, 1);
        }),
      );
    }

    for (
      const { name, begin } of [
        { name: "an answer in chunks", begin: (exchange: Exchange) => exchange.stream() },
        {
          name: "an answer of known length",
          begin: (exchange: Exchange) => exchange.head({ headers: { "Content-Length": "1000" } }),
        },
      ]
    ) {
      for (const end of ["reset", "hangUp"] as const) {
        it(
          `says when ${name} is broken off by a ${end === "reset" ? "reset" : "clean end"}`,
          cleaned(async (t) => {
            const { server, ask } = await link(t, road);
            const asked = ask("GET", PATH).send();
            const exchange = await server.next();
            begin(exchange);
            exchange.write("5\r\nhello\r\n");
            const reader = (await asked).stream().getReader();
            assert.ok(!(await reader.read()).done);
            exchange[end]();
            await assert.rejects(reader.read(), failure("cut", "body", /failed: the connection was cut$/));
            await exchange.connection.closed;
          }),
        );
      }
    }

    for (
      const { name, answer } of [
        { name: "is not HTTP", answer: "SSH-2.0-OpenSSH_9.2\r\n\r\n" },
        { name: "has a status that none may have", answer: "HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n" },
        {
          name: "changes to another protocol",
          answer: "HTTP/1.1 101 Switching\r\nUpgrade: chat\r\nConnection: Upgrade\r\n\r\n",
        },
      ]
    ) {
      it(
        `says when the answer ${name}`,
        cleaned(async (t) => {
          const { server, ask } = await link(t, road);
          const asked = ask("GET", PATH).send();
          (await server.next()).write(answer);
          await assert.rejects(asked, (error) => {
            assert.ok(error instanceof NetworkError || error instanceof StatusError, String(error));
            assert.ok(!error.message.includes("watch=alert"));
            return true;
          });
        }),
      );
    }
  });
}
