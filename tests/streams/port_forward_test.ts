import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { connect as dial, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Client } from "@coxswain/kube/client";
import { isForbidden, isNotFound } from "@coxswain/kube/rest";
import { parseForwardedPort, portForward, type PortForwardOptions } from "@coxswain/kube/streams";
import { ManualClock } from "@coxswain/kube/testing";
import { cleaned, type Cleanup } from "../cleanup.ts";
import { type Answer, type Handshake, rawAnswer, type ServerSocket, socketServer } from "./socket_server.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const port = (number: number) => Uint8Array.of(number & 255, number >> 8);

/** A server that answers lists and objects from a table, and port-forwards by hand. */
async function link(
  t: Cleanup,
  { objects = {}, answer, clock, ...target }: Partial<PortForwardOptions> & {
    objects?: Record<string, unknown>;
    answer?: (handshake: Handshake) => Answer;
    clock?: ManualClock;
  } = {},
) {
  const server = await socketServer(t, (handshake) => {
    if (handshake.protocols.length > 0) return answer?.(handshake) ?? { protocol: handshake.protocols[0] };
    const object = objects[handshake.path];
    return { raw: object === undefined ? rawAnswer("404 Not Found", "no") : rawAnswer("200 OK", object) };
  });
  const client = new Client({ server: server.url, clock });
  t.after(() => client[Symbol.asyncDispose]());
  const given = Object.keys(target).length === 0 ? { name: "web-0" } : target;
  const forward = portForward(client, { namespace: "shop", ...given });
  t.after(() => forward[Symbol.asyncDispose]());
  return { server, client, forward };
}

/** What a kubelet says first. */
function greet(peer: ServerSocket, number: number) {
  peer.send(0, port(number));
  peer.send(1, port(number));
}

const pod = (name: string, ready = true) => ({
  metadata: { name },
  spec: { containers: [{ name: "main", ports: [{ name: "http", containerPort: 8080 }] }] },
  status: { conditions: [{ type: "Ready", status: ready ? "True" : "False" }] },
});

describe("parseForwardedPort() [rest 15.1]", () => {
  for (
    const [text, local, remote] of [
      ["5000", 5000, 5000],
      [5000, 5000, 5000],
      ["8888:5000", 8888, 5000],
      [":5000", 0, 5000],
      ["0:5000", 0, 5000],
    ] as const
  ) {
    it(`reads ${JSON.stringify(text)}`, () => assert.deepEqual(parseForwardedPort(text), { local, remote }));
  }
  for (const text of ["a", "1:a", "-1", "65536", "5000:", "1:2:3", "5000:0", "0", "", " 1", "1e3", 1.5]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(() => parseForwardedPort(text), /^(TypeError|RangeError): Cannot forward ports/);
    });
  }
});

describe("PortForward.connect() [rest 15.2]", () => {
  it(
    "carries bytes both ways, without the numbers of the protocol",
    cleaned(async (t) => {
      const { forward, server } = await link(t);
      const connection = await forward.connect(80);
      const peer = await server.next();
      assert.equal(peer.handshake.path, "/api/v1/namespaces/shop/pods/web-0/portforward?ports=80");
      assert.deepEqual(peer.handshake.protocols, ["v4.channel.k8s.io"]);
      peer.send(0, Uint8Array.of(80)); // in pieces, as nobody forbids
      peer.send(0, Uint8Array.of(0, ...encode("hello ")));
      peer.send(1, port(80));
      peer.send(0, "world");
      const writer = connection.writable.getWriter();
      await writer.write(encode("ping"));
      assert.deepEqual([...(await peer.next())!.payload], [0, ...encode("ping")]);
      peer.close(1000);
      assert.equal(await new Response(connection.readable).text(), "hello world");
      await connection.closed;
    }),
  );

  it(
    "fails with the pod's own words when nothing listens there, on each stream",
    cleaned(async (t) => {
      const { forward, server } = await link(t);
      const connection = await forward.connect(80);
      const peer = await server.next();
      greet(peer, 80);
      peer.send(1, "dial tcp4 127.0.0.1:80: connect: connection refused");
      peer.close(1000);
      const refused = {
        name: "NetworkError",
        reason: "refused",
        message: /port 80 of pod web-0 .*: dial tcp4/,
      };
      await assert.rejects(connection.closed, refused);
      await assert.rejects(new Response(connection.readable).text(), refused);
      await assert.rejects(connection.writable.getWriter().write(Uint8Array.of(1)), refused);
    }),
  );

  it(
    "tells a lost connection from an end",
    cleaned(async (t) => {
      const { forward, server } = await link(t);
      const connection = await forward.connect(80);
      (await server.next()).cut();
      await assert.rejects(connection.closed, { name: "NetworkError", reason: "cut" });
      const other = await forward.connect(80);
      await other[Symbol.asyncDispose]();
      await other.closed;
    }),
  );

  it(
    "goes on when its own side has ended, until the pod is silent for 10 s",
    cleaned(async (t) => {
      const clock = new ManualClock();
      const { forward, server } = await link(t, { clock });
      const connection = await forward.connect(80);
      const peer = await server.next();
      greet(peer, 80);
      await connection.writable.close();
      await clock.advance(9_000);
      peer.send(0, "late");
      const reader = connection.readable.getReader();
      assert.equal(new TextDecoder().decode((await reader.read()).value), "late");
      await clock.advance(9_000);
      peer.send(0, "later");
      assert.equal(new TextDecoder().decode((await reader.read()).value), "later");
      await clock.advance(10_000);
      assert.equal((await reader.read()).done, true);
      await connection.closed;
    }),
  );

  it(
    "is refused with the server's words",
    cleaned(async (t) => {
      const status = {
        apiVersion: "v1",
        kind: "Status",
        status: "Failure",
        reason: "Forbidden",
        code: 403,
        message: "no",
      };
      const { forward } = await link(t, { answer: () => ({ raw: rawAnswer("403 Forbidden", status) }) });
      await assert.rejects(forward.connect(80), isForbidden);
    }),
  );

  it(
    "finds a pod of a service that is ready, and the port by its name",
    cleaned(async (t) => {
      const { forward, server } = await link(t, {
        service: "web",
        objects: {
          "/api/v1/namespaces/shop/services/web": {
            spec: {
              selector: { app: "web" },
              ports: [{ port: 80, targetPort: "http" }, { port: 81, targetPort: 8081 }],
            },
          },
          "/api/v1/namespaces/shop/pods?labelSelector=app%3Dweb": {
            items: [pod("web-0", false), {
              ...pod("web-1"),
              metadata: { name: "web-1", deletionTimestamp: "x" },
            }, pod("web-2")],
          },
        },
      });
      await forward.connect(80);
      assert.match((await server.next()).handshake.path, /pods\/web-2\/portforward\?ports=8080$/);
      await forward.connect(81);
      assert.match((await server.next()).handshake.path, /pods\/web-2\/portforward\?ports=8081$/);
      await assert.rejects(forward.connect(82), /service web has 80, 81/);
    }),
  );

  it(
    "finds another pod of a deployment when the one before is gone",
    cleaned(async (t) => {
      const objects: Record<string, unknown> = {
        "/apis/apps/v1/namespaces/shop/deployments/web": {
          spec: {
            selector: {
              matchLabels: { app: "web" },
              matchExpressions: [{ key: "tier", operator: "In", values: ["a", "b"] }],
            },
          },
        },
      };
      const pods = "/api/v1/namespaces/shop/pods?labelSelector=app%3Dweb%2Ctier+in+%28a%2Cb%29";
      objects[pods] = { items: [pod("web-0")] };
      let gone = "";
      const { forward, server } = await link(t, {
        deployment: "web",
        objects,
        answer: ({ path, protocols }) =>
          gone !== "" && path.includes(gone)
            ? { raw: rawAnswer("404 Not Found", "gone") }
            : { protocol: protocols[0] },
      });
      assert.equal((await forward.connect(80)).pod, "web-0");
      await server.next();
      gone = "web-0";
      objects[pods] = { items: [pod("web-1")] };
      assert.equal((await forward.connect(80)).pod, "web-1");
      objects[pods] = { items: [] };
      gone = "web-";
      await assert.rejects(forward.connect(80), /none of the 0 pods of deployment web is ready/);
    }),
  );

  it(
    "stays with a pod that is named",
    cleaned(async (t) => {
      const { forward } = await link(t, { answer: () => ({ raw: rawAnswer("404 Not Found", "gone") }) });
      await assert.rejects(forward.connect(80), isNotFound);
    }),
  );

  it("refuses no target, and two of them", () => {
    const client = { rest: undefined as never };
    assert.throws(() => portForward(client, {}), TypeError);
    assert.throws(() => portForward(client, { name: "a", service: "b" }), TypeError);
  });
});

/** Answers connections as a server of lines, each repeated, that ends after "bye". */
async function repeatLines(next: () => Promise<ServerSocket>, number: number): Promise<void> {
  for (;;) {
    const peer = await next();
    greet(peer, number);
    (async () => {
      for (
        let frame = await peer.next();
        frame !== undefined && frame.opcode === 2;
        frame = await peer.next()
      ) {
        const text = new TextDecoder().decode(frame.payload.subarray(1));
        peer.send(0, text.toUpperCase());
        if (text.includes("bye")) peer.close(1000);
      }
    })();
  }
}

const ended = (socket: Socket) =>
  new Promise<string>((resolve) => {
    let text = "";
    socket.on("data", (bytes) => text += bytes);
    socket.on("error", () => {});
    socket.on("close", () => resolve(text));
  });

describe("PortForward.listen() [rest 15.1, 15.2]", () => {
  it(
    "connects several local ports, each connection with one of its own",
    cleaned(async (t) => {
      const { forward, server } = await link(t);
      repeatLines(server.next, 80);
      const seen: number[] = [];
      const listener = await forward.listen({
        ports: [":80", ":81"],
        addresses: ["127.0.0.1"],
        onConnection: ({ remote }) => seen.push(remote),
      });
      assert.deepEqual(listener.ports.map(({ remote }) => remote), [80, 81]);
      const texts = listener.ports.flatMap(({ local }) =>
        ["one", "two"].map(async (word) => {
          const socket = dial(local as number, "127.0.0.1");
          const all = ended(socket);
          socket.write(`${word} bye`);
          return await all;
        })
      );
      assert.deepEqual(await Promise.all(texts), ["ONE BYE", "TWO BYE", "ONE BYE", "TWO BYE"]);
      assert.deepEqual(seen.sort(), [80, 80, 81, 81]);
      await listener[Symbol.asyncDispose]();
      await listener[Symbol.asyncDispose]();
      await listener.closed;
    }),
  );

  it(
    "takes the same free port on both loopback addresses, as far as there are two",
    cleaned(async (t) => {
      const { forward } = await link(t);
      const { ports } = await forward.listen({ ports: [":80"] });
      assert.ok(ports.length >= 1);
      assert.equal(new Set(ports.map(({ local }) => local)).size, 1);
    }),
  );

  it(
    "listens on a Unix socket",
    cleaned(async (t) => {
      const folder = await mkdtemp(join(tmpdir(), "coxswain-"));
      t.after(() => rm(folder, { recursive: true }));
      const { forward, server } = await link(t);
      repeatLines(server.next, 80);
      const local = join(folder, "web.sock");
      const listener = await forward.listen({ path: { local, remote: 80 } });
      const socket = dial(local);
      const all = ended(socket);
      socket.write("hi bye");
      assert.equal(await all, "HI BYE");
      await listener[Symbol.asyncDispose]();
    }),
  );

  it(
    "tells what went wrong with one connection, and goes on with others",
    cleaned(async (t) => {
      let refuse = true;
      const { forward, server } = await link(t, {
        answer: ({ protocols }) =>
          refuse ? { raw: rawAnswer("404 Not Found", "gone") } : { protocol: protocols[0] },
      });
      repeatLines(server.next, 80);
      const failed = Promise.withResolvers<unknown>();
      const listener = await forward.listen({
        ports: [":80"],
        addresses: ["127.0.0.1"],
        onError: failed.resolve,
      });
      const local = listener.ports[0].local as number;
      await ended(dial(local, "127.0.0.1"));
      assert.ok(isNotFound(await failed.promise));
      refuse = false;
      const socket = dial(local, "127.0.0.1");
      const all = ended(socket);
      socket.write("bye");
      assert.equal(await all, "BYE");
    }),
  );

  it(
    "ends what is open when it is closed, and leaves no connection",
    cleaned(async (t) => {
      const { forward, server } = await link(t);
      const listener = await forward.listen({ ports: [":80"], addresses: ["127.0.0.1"] });
      const socket = dial(listener.ports[0].local as number, "127.0.0.1");
      const all = ended(socket);
      const peer = await server.next();
      await forward[Symbol.asyncDispose]();
      await all;
      await peer.closed;
      await assert.rejects(forward.listen({ ports: [":80"] }));
    }),
  );

  for (
    const { addresses, hosts } of [
      { addresses: ["localhost"], hosts: ["127.0.0.1", "::1"] },
      { addresses: ["localhost", "127.0.0.1"], hosts: ["127.0.0.1", "::1"] },
      { addresses: ["::1", "localhost", "::1"], hosts: ["127.0.0.1", "::1"] },
      { addresses: ["127.0.0.2", "127.0.0.1", "127.0.0.2"], hosts: ["127.0.0.1", "127.0.0.2"] },
      { addresses: ["::1", "127.0.0.1"], hosts: ["127.0.0.1", "::1"] },
    ]
  ) {
    it(
      `takes the addresses ${addresses.join(", ")} for ${hosts.join(" and ")}, each once, in order`,
      cleaned(async (t) => {
        const { forward } = await link(t);
        const { ports } = await forward.listen({ ports: [":80"], addresses });
        assert.deepEqual(ports.map(({ host }) => host), hosts);
      }),
    );
  }

  for (
    const { addresses, told } of [{ addresses: ["localhost"], told: 0 }, {
      addresses: ["localhost", "127.0.0.1"],
      told: 1,
    }]
  ) {
    it(
      `${told === 0 ? "tolerates" : "tells"} that a port is taken on one address of ${
        addresses.join(" and ")
      }`,
      cleaned(async (t) => {
        const taken = createServer();
        await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
        t.after(() => new Promise((resolve) => taken.close(resolve)));
        const { port } = taken.address() as { port: number };
        const { forward } = await link(t);
        const errors: unknown[] = [];
        const { ports } = await forward.listen({
          ports: [`${port}:80`],
          addresses,
          onError: (error) => errors.push(error),
        });
        assert.deepEqual(ports, [{ host: "::1", local: port, remote: 80 }]);
        assert.deepEqual(
          errors.map((error) => (error as { code?: string }).code),
          Array(told).fill("EADDRINUSE"),
        );
      }),
    );
  }

  for (
    const { name, options } of [
      { name: "no port", options: {} },
      { name: "no address", options: { ports: [80], addresses: [] } },
      { name: "an address that is none", options: { ports: [":80"], addresses: ["example.com"] } },
      {
        name: "an address that is not of this machine",
        options: { ports: [":80"], addresses: ["192.0.2.1"] },
      },
    ]
  ) {
    it(
      `refuses ${name}`,
      cleaned(async (t) => {
        const { forward } = await link(t);
        await assert.rejects(forward.listen(options));
      }),
    );
  }
});

describe("PortForward.fetch()", () => {
  const answers: { name: string; raw: string; method?: string; status: number; text: string }[] = [
    {
      name: "of a known length",
      raw: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
      status: 200,
      text: "hello",
    },
    {
      name: "in chunks",
      raw: "HTTP/1.1 404 Nope\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\n\r\n",
      status: 404,
      text: "abcdefg",
    },
    { name: "until the end", raw: "HTTP/1.0 200 OK\r\n\r\nall of it", status: 200, text: "all of it" },
    { name: "without a body", raw: "HTTP/1.1 204 No Content\r\n\r\n", status: 204, text: "" },
    {
      name: "to HEAD",
      raw: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
      method: "HEAD",
      status: 200,
      text: "",
    },
    {
      name: "after a 100",
      raw: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok",
      status: 201,
      text: "ok",
    },
  ];
  for (const { name, raw, method, status, text } of answers) {
    for (const size of [1, 7, 10_000]) {
      it(
        `reads an answer ${name}, in pieces of ${size}`,
        cleaned(async (t) => {
          const { forward, server } = await link(t);
          const asked = forward.fetch("http://web:8080/a?b=c", { method, headers: { "x-one": "1" } });
          const peer = await server.next();
          greet(peer, 8080);
          const head = new TextDecoder().decode((await peer.next())!.payload.subarray(1));
          assert.ok(head.startsWith(`${method ?? "GET"} /a?b=c HTTP/1.1\r\nHost: web:8080\r\n`), head);
          assert.match(head, /\r\nx-one: 1\r\n/);
          for (let at = 0; at < raw.length; at += size) peer.send(0, raw.slice(at, at + size));
          peer.close(1000);
          const answer = await asked;
          assert.equal(answer.status, status);
          assert.equal(await answer.text(), text);
          await peer.closed;
        }),
      );
    }
  }

  it(
    "sends a body",
    cleaned(async (t) => {
      const { forward, server } = await link(t);
      const asked = forward.fetch("http://web/", { method: "POST", body: "payload" });
      const peer = await server.next();
      greet(peer, 80);
      let sent = "";
      while (!sent.endsWith("payload")) {
        sent += new TextDecoder().decode((await peer.next())!.payload.subarray(1));
      }
      assert.match(sent, /\r\nContent-Length: 7\r\n/);
      peer.send(0, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
      assert.equal(await (await asked).text(), "");
    }),
  );

  for (
    const { name, raw } of [
      { name: "no HTTP", raw: "SSH-2.0-OpenSSH\r\n\r\n" },
      { name: "nothing", raw: "" },
      { name: "an endless head", raw: `HTTP/1.1 200 OK\r\n${"x: y\r\n".repeat(20_000)}` },
      { name: "a header that is none", raw: "HTTP/1.1 200 OK\r\nbad header\r\n\r\n" },
    ]
  ) {
    it(
      `refuses ${name}`,
      cleaned(async (t) => {
        const { forward, server } = await link(t);
        const asked = forward.fetch("http://web/");
        asked.catch(() => {});
        const peer = await server.next();
        greet(peer, 80);
        for (let at = 0; at < raw.length; at += 900) peer.send(0, raw.slice(at, at + 900));
        peer.close(1000);
        await assert.rejects(asked, { name: "NetworkError" });
        await peer.closed;
      }),
    );
  }

  for (
    const raw of [
      "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
    ]
  ) {
    it(
      `does not take ${JSON.stringify(raw.slice(15))} for complete`,
      cleaned(async (t) => {
        const { forward, server } = await link(t);
        const asked = forward.fetch("http://web/");
        const peer = await server.next();
        greet(peer, 80);
        peer.send(0, raw);
        peer.close(1000);
        await assert.rejects((await asked).text());
      }),
    );
  }

  it(
    "is for http: alone",
    cleaned(async (t) => {
      const { forward } = await link(t);
      await assert.rejects(forward.fetch("https://web/"), TypeError);
    }),
  );
});
