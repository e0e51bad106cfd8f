import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import { NetworkError, type NetworkReason, nodeAgents, type RestClient } from "@coxswain/kube/rest";
import { ManualClock } from "@coxswain/kube/testing";
import { cleaned, type Cleanup } from "../cleanup.ts";
import { ProxyServer, type ProxyServerOptions } from "./proxy_server.ts";
import { clientOf, identity, listen, pem, RUNTIME, unusedPort } from "./roads.ts";
import type { Exchange, WireServer, WireServerOptions } from "./wire_server.ts";

const USER = "me:hunter2";
const SERVER_HOST = "api.coxswain.test"; // only a proxy knows where that is
const ca = pem("ca");

const greeting = { serve: (exchange: Exchange) => exchange.answer(`hello ${exchange.header("host")}`) };

async function proxyOf(t: Cleanup, options: ProxyServerOptions = {}): Promise<ProxyServer> {
  const proxy = await ProxyServer.listen(options);
  t.after(() => proxy.close());
  return proxy;
}

describe("nodeAgents()", () => {
  for (const [forwards, asked] of [[true, "GET http://HOST/"], [false, "CONNECT HOST"]] as const) {
    it(
      `${forwards ? "hands" : "on request does not hand"} http: requests to an HTTP proxy to send`,
      cleaned(async (t) => {
        const server = await listen(t, greeting);
        const proxy = await proxyOf(t, { user: USER });
        const agents = await nodeAgents({}, { proxyFor: () => new URL(proxy.url()) }, { forwards });
        t.after(() => agents.close());
        const url = new URL(`http://${SERVER_HOST}:${server.port}/`);
        const { options, forwardedBy } = agents.routeTo(url, new AbortController());
        assert.equal(forwardedBy?.port, forwards ? String(proxy.port) : undefined);
        const status = await new Promise((resolve, reject) => {
          const request = httpRequest(url, { ...options, ...(forwards && { path: url.href }) });
          request.on("error", reject).on("response", (answer) => {
            answer.resume().on("end", () => resolve(answer.statusCode));
          }).end();
        });
        assert.deepEqual([status, proxy.asked], [
          forwards ? 407 : 200, // whoever has a proxy forward says who they are in the request itself
          [asked.replace("HOST", url.host)],
        ]);
      }),
    );
  }
});

interface Way {
  readonly scheme: "http" | "https";
  readonly server: WireServerOptions;
}

const WAYS: readonly Way[] = [
  { scheme: "http", server: {} },
  { scheme: "https", server: { tls: identity("named") } },
];

/** A client of a server that only the proxy can find. */
function clientThrough(
  t: Cleanup,
  { scheme }: Way,
  server: { port: number },
  proxy: string,
  more: { clock?: ManualClock } = {},
): RestClient {
  return clientOf(t, { server: `${scheme}://${SERVER_HOST}:${server.port}`, tls: { ca }, proxy, ...more });
}

const PROXIES: readonly { name: string; options: ProxyServerOptions; protocol?: string }[] = [
  { name: "an HTTP proxy", options: {} },
  { name: "an HTTP proxy with a user", options: { user: USER } },
  { name: "an HTTPS proxy", options: { tls: identity("server"), user: USER } },
  { name: "a SOCKS proxy", options: { socks: true } },
  { name: "a SOCKS proxy with a user", options: { socks: true, user: USER }, protocol: "socks5h" },
];

for (const { name, options, protocol } of PROXIES) {
  for (const way of WAYS) {
    const isForwarding = way.scheme === "http" && !options.socks;

    describe(`Through ${name}, over ${way.scheme},`, () => {
      it(
        "requests go, on one connection",
        cleaned(async (t) => {
          const server = await listen(t, { ...way.server, ...greeting });
          const proxy = await proxyOf(t, options);
          const client = clientThrough(t, way, server, proxy.url({ protocol }));
          const authority = `${SERVER_HOST}:${server.port}`;
          for (let n = 0; n < 3; n++) {
            const text = await (await client.get().absolutePath("/a?b=c").send()).text();
            assert.equal(text, `hello ${authority}`);
          }
          const asked = options.socks
            ? `SOCKS ${authority}`
            : isForwarding
            ? `GET http://${authority}/a?b=c`
            : `CONNECT ${authority}`;
          assert.deepEqual([proxy.asked, proxy.users], [[asked], [options.user]]);
          assert.deepEqual([proxy.connections, server.connections.length], [1, 1]);
          if (way.scheme === "https") assert.equal(server.connections[0].serverName, SERVER_HOST);
          await client[Symbol.asyncDispose]();
          await proxy.idle();
        }),
      );

      it(
        "what the client sends arrives, and a watch runs until it is aborted",
        cleaned(async (t) => {
          const server = await listen(t, way.server);
          const proxy = await proxyOf(t, options);
          const client = clientThrough(t, way, server, proxy.url());
          const posted = client.post().absolutePath("/").body({ a: 1 }).header("X-Two", "1", "2").send();
          const post = await server.next();
          post.answer("{}");
          await (await posted).bytes();
          assert.equal(new TextDecoder().decode(post.body), '{"a":1}');
          assert.deepEqual(post.header("x-two"), ["1", "2"]);
          if (!isForwarding) assert.deepEqual([post.header("proxy-authorization"), post.path], [[], "/"]);

          const controller = new AbortController();
          const watching = client.get().absolutePath("/?watch=true").send({ signal: controller.signal });
          const exchange = await server.next();
          exchange.stream();
          exchange.chunk('{"type":"ADDED","object":{}}\n');
          await assert.rejects(async () => {
            for await (const { type } of (await watching).watch()) {
              assert.equal(type, "ADDED");
              controller.abort("enough");
            }
          }, (error) => error === "enough");
          await exchange.connection.closed;
          await client[Symbol.asyncDispose]();
          await proxy.idle();
        }),
      );
    });
  }
}

/** The error must be ours, say what it should, and hold the password nowhere. */
function failure(reason: NetworkReason, says: RegExp | string): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof NetworkError, String(error));
    const [, what] = /^GET https?:\/\/api\.coxswain\.test:\d+\/ failed: (.*)$/s.exec(error.message) ?? [];
    if (typeof says === "string") assert.equal(what, says);
    else assert.match(what, says);
    assert.equal(error.reason, reason);
    for (const secret of ["hunter2", btoa(USER)]) {
      assert.ok(!inspect(error, { depth: 9, showHidden: true }).includes(secret));
    }
    return true;
  };
}

const socksReply = (code: number) => Uint8Array.from([5, code, 0, 1, 0, 0, 0, 0, 0, 0]);

interface Refusal {
  name: string;
  options: ProxyServerOptions;
  url?: (proxy: ProxyServer) => string;
  scheme?: "http" | "https";
  reason: NetworkReason;
  says: (proxy: string, target: string) => string | RegExp;
}

const answers = (answer: string | Uint8Array, hangUp = false): ProxyServerOptions => ({
  instead: { at: "request", answer, hangUp },
});

const REFUSALS: readonly Refusal[] = [
  {
    name: "asks who one is",
    options: { user: USER },
    url: (proxy) => `http://127.0.0.1:${proxy.port}`,
    reason: "other",
    says: (proxy) => `the proxy ${proxy} asks for a user name and password`,
  },
  {
    name: "asks who one is, of a request that it should forward",
    options: { user: USER },
    url: (proxy) => `http://127.0.0.1:${proxy.port}`,
    scheme: "http",
    reason: "other",
    says: (proxy) => `the proxy ${proxy} asks for a user name and password`,
  },
  {
    name: "does not believe who one is",
    options: { user: "me:other" },
    url: (proxy) => proxy.url({ user: USER }),
    reason: "other",
    says: (proxy) => `the proxy ${proxy} does not accept the user name and password`,
  },
  {
    name: "does not believe who one is, of a request that it should forward",
    options: { user: "me:other" },
    url: (proxy) => proxy.url({ user: USER }),
    scheme: "http",
    reason: "other",
    says: (proxy) => `the proxy ${proxy} does not accept the user name and password`,
  },
  {
    name: "does not allow it",
    options: answers("HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno"),
    reason: "other",
    says: (proxy, target) => `the proxy ${proxy} does not allow connections to ${target} (status 403)`,
  },
  {
    name: "cannot reach the server",
    options: answers("HTTP/1.0 502 Bad Gateway\r\n\r\n", true),
    reason: "other",
    says: (proxy, target) => `the proxy ${proxy} does not connect to ${target}: it answers with status 502`,
  },
  {
    name: "is no HTTP server",
    options: answers("SSH-2.0-OpenSSH_9.2\r\n"),
    reason: "other",
    says: (proxy) => `the proxy ${proxy} does not answer as HTTP proxies do`,
  },
  {
    name: "answers without an end",
    options: answers("HTTP/1.1 200 OK\r\n" + "X-Long: long\r\n".repeat(2000)),
    reason: "other",
    says: (proxy) => `the proxy ${proxy} does not answer as HTTP proxies do`,
  },
  {
    name: "answers with a page instead of a tunnel",
    options: answers("HTTP/1.1 200 OK\r\nContent-Length: 19\r\n\r\n<html>log in</html>"),
    reason: "other",
    says: (proxy, target) =>
      `the proxy ${proxy} does not connect to ${target}, but answers by itself with status 200`,
  },
  {
    name: "answers with a page instead of a tunnel, later",
    options: {
      instead: {
        at: "request",
        answer: "HTTP/1.1 200 OK\r\nContent-Length: 19\r\n\r\n",
        later: "<html>log in</html>",
      },
    },
    reason: "tls",
    says: () => /./,
  },
  {
    name: "is a SOCKS proxy that says more than it was asked",
    options: { socks: true, instead: { at: "request", answer: Uint8Array.from([...socksReply(0), 1]) } },
    reason: "other",
    says: (proxy) => `the proxy ${proxy} does not answer as SOCKS 5 proxies do`,
  },
  {
    name: "hangs up instead of an answer",
    options: answers("", true),
    reason: "cut",
    says: (proxy) => `the proxy ${proxy} closed the connection`,
  },
  {
    name: "hangs up within its answer",
    options: answers("HTTP/1.1 20", true),
    reason: "cut",
    says: (proxy) => `the proxy ${proxy} closed the connection`,
  },
  {
    name: "speaks no TLS though its URL says so",
    options: { instead: { at: "begin", answer: "HTTP/1.1 400 Bad Request\r\n\r\n", hangUp: true } },
    url: (proxy) => `https://127.0.0.1:${proxy.port}`,
    reason: "tls",
    says: (proxy) => new RegExp(`^the proxy ${proxy} is not trusted, or speaks no TLS: .`),
  },
  {
    name: "shows a certificate for another name",
    options: { tls: identity("named") },
    reason: "tls",
    says: (proxy) => new RegExp(`^the proxy ${proxy} is not trusted, or speaks no TLS: .`),
  },
  {
    name: "is a SOCKS proxy that asks who one is",
    options: { socks: true, user: USER },
    url: (proxy) => `socks5://127.0.0.1:${proxy.port}`,
    reason: "other",
    says: (proxy) => `the proxy ${proxy} asks for a user name and password`,
  },
  {
    name: "is a SOCKS proxy that does not believe who one is",
    options: { socks: true, user: "me:other" },
    url: (proxy) => proxy.url({ user: USER }),
    reason: "other",
    says: (proxy) => `the proxy ${proxy} does not accept the user name and password`,
  },
  {
    name: "is no SOCKS proxy",
    options: { socks: true, instead: { at: "greeting", answer: "HTTP/1.1 400 Bad Request\r\n\r\n" } },
    reason: "other",
    says: (proxy) => `the proxy ${proxy} does not answer as SOCKS 5 proxies do`,
  },
  ...(["greeting", "login", "request"] as const).map((at): Refusal => ({
    name: `is a SOCKS proxy that hangs up after the ${at}`,
    options: { socks: true, user: USER, instead: { at, answer: Uint8Array.from([5]), hangUp: true } },
    reason: "cut",
    says: (proxy) => `the proxy ${proxy} closed the connection`,
  })),
  ...[
    { code: 1, words: "it had a failure" },
    { code: 2, words: "its rules do not allow that" },
    { code: 3, words: "the network cannot be reached" },
    { code: 4, words: "the host cannot be reached" },
    { code: 5, words: "connection refused" },
    { code: 6, words: "the connection took too long" },
    { code: 7, words: "it does not know how" },
    { code: 8, words: "it knows no such kind of address" },
    { code: 99, words: "it answers with code 99" },
  ].map(({ code, words }): Refusal => ({
    name: `is a SOCKS proxy that answers with code ${code}`,
    options: { socks: true, instead: { at: "request", answer: socksReply(code) } },
    reason: code === 5 ? "refused" : "other",
    says: (proxy, target) => `the proxy ${proxy} does not connect to ${target}: ${words}`,
  })),
];

describe("A proxy that", () => {
  for (const { name, options, url, scheme = "https", reason, says } of REFUSALS) {
    it(
      `${name} is an error that says so, and no socket stays behind`,
      cleaned(async (t) => {
        const proxy = await proxyOf(t, options);
        const proxyUrl = url?.(proxy) ?? proxy.url();
        const client = clientThrough(t, { scheme, server: {} }, { port: 6443 }, proxyUrl);
        const shown = proxyUrl.replace(`${USER}@`, "");
        await assert.rejects(
          client.get().absolutePath("/").send(),
          failure(reason, says(shown, `${SERVER_HOST}:6443`)),
        );
        await proxy.idle();
      }),
    );
  }

  it(
    "is not trusted shows a certificate in vain",
    cleaned(async (t) => {
      const proxy = await proxyOf(t, { tls: identity("server"), user: USER });
      const client = clientOf(t, {
        server: `https://${SERVER_HOST}:6443`,
        tls: { ca: pem("other-ca") },
        proxy: proxy.url(),
      });
      await assert.rejects(
        client.get().absolutePath("/").send(),
        failure("tls", /is not trusted, or speaks no TLS/),
      );
      assert.deepEqual(proxy.asked, []);
      await proxy.idle();
    }),
  );

  it(
    "does not listen is an error that says so",
    cleaned(async (t) => {
      const proxy = `127.0.0.1:${await unusedPort()}`;
      const client = clientThrough(t, WAYS[1], { port: 6443 }, `http://${USER}@${proxy}`);
      await assert.rejects(
        client.get().absolutePath("/").send(),
        failure("refused", `the proxy http://${proxy} refuses connections`),
      );
    }),
  );

  it(
    "is not known is an error that says so",
    cleaned(async (t) => {
      const client = clientThrough(t, WAYS[1], { port: 6443 }, `socks5://${USER}@proxy.invalid`);
      await assert.rejects(
        client.get().absolutePath("/").send(),
        failure("dns", "the proxy socks5://proxy.invalid has a host name that is not known"),
      );
    }),
  );

  for (const socks of [false, true]) {
    it(
      `does its part leaves the server to prove who it is (${socks ? "SOCKS" : "HTTP"})`,
      cleaned(async (t) => {
        const server = await listen(t, { tls: identity("server"), ...greeting });
        const proxy = await proxyOf(t, { socks });
        const client = clientThrough(t, WAYS[1], server, proxy.url());
        await assert.rejects(
          client.get().absolutePath("/").send(),
          failure("tls", "the server's certificate is for another name"),
        );
        await proxy.idle();
      }),
    );
  }

  it(
    "is asked for an address gets an address, also one of IPv6",
    cleaned(async (t) => {
      const proxy = await proxyOf(t, { socks: true, instead: { at: "request", answer: socksReply(3) } });
      const http = await proxyOf(t, { instead: { at: "request", answer: "HTTP/1.1 503 No\r\n\r\n" } });
      for (const host of ["192.0.2.1", "[2001:db8::5]"]) {
        for (const { url } of [{ url: proxy.url() }, { url: http.url() }]) {
          const client = clientOf(t, { server: `https://${host}:6443`, proxy: url, tls: { ca } });
          await assert.rejects(client.get().absolutePath("/").send(), NetworkError);
        }
      }
      assert.deepEqual(proxy.asked, ["SOCKS 192.0.2.1:6443", "SOCKS [2001:db8:0:0:0:0:0:5]:6443"]);
      assert.deepEqual(http.asked, ["CONNECT 192.0.2.1:6443", "CONNECT [2001:db8::5]:6443"]);
    }),
  );
});

/** Steps at which nothing comes from the other side. */
const SILENCES: readonly {
  name: string;
  options: ProxyServerOptions;
  url?: (proxy: ProxyServer) => string;
}[] = [
  {
    name: "before it speaks TLS",
    options: { instead: { at: "begin" } },
    url: (proxy) => proxy.url({ protocol: "https" }),
  },
  { name: "after CONNECT", options: { instead: { at: "request" } } },
  { name: "after CONNECT over TLS", options: { tls: identity("server"), instead: { at: "request" } } },
  ...(["greeting", "login", "request"] as const).map((at) => ({
    name: `after the ${at} of SOCKS`,
    options: { socks: true, user: USER, instead: { at } },
  })),
  { name: "when it is through", options: {} },
];

describe("A proxy that falls silent", () => {
  for (const { name, options, url } of SILENCES) {
    const begin = async (t: Cleanup) => {
      const server: WireServer = await listen(t, {}); // never answers a handshake
      const proxy = await proxyOf(t, options);
      const clock = new ManualClock();
      const client = clientThrough(t, WAYS[1], server, url?.(proxy) ?? proxy.url(), { clock });
      const silent = options.instead === undefined ? server.nextConnection() : proxy.reached;
      return { proxy, clock, client, silent };
    };

    it(
      `${name} is given up in time`,
      cleaned(async (t) => {
        const { proxy, clock, client, silent } = await begin(t);
        // Only where all requests take this transport is it known that there will be word of the connection.
        const says = RUNTIME === "node" ? "no connection within 30 s" : "no answer within 105 s";
        const ended = assert.rejects(client.get().absolutePath("/").send(), failure("timeout", says));
        await silent;
        await clock.advance(105_000);
        await ended;
        await proxy.idle();
      }),
    );

    it(
      `${name} is left when the request is aborted`,
      cleaned(async (t) => {
        const { proxy, client, silent } = await begin(t);
        const controller = new AbortController();
        const ended = assert.rejects(
          client.get().absolutePath("/").send({ signal: controller.signal }),
          (error) => error === "enough",
        );
        await silent;
        controller.abort("enough");
        await ended;
        await proxy.idle();
      }),
    );

    it(
      `${name} is left when the client is closed`,
      cleaned(async (t) => {
        const { proxy, client, silent } = await begin(t);
        const ended = assert.rejects(client.get().absolutePath("/").send(), { name: "AbortError" });
        await silent;
        await client[Symbol.asyncDispose]();
        await ended;
        await proxy.idle();
      }),
    );
  }
});
