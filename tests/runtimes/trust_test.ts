import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { type AddressInfo, createServer } from "node:net";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { execSource } from "@coxswain/kube/config";
import { ConfigError, NetworkError, type TlsConfig } from "@coxswain/kube/rest";
import { cleaned, type Cleanup } from "../cleanup.ts";
import { withPlugin } from "../config/plugin.ts";
import { clientOf, identity, link, listen, pem, request, ROADS } from "./roads.ts";
import type { WireServer, WireServerOptions } from "./wire_server.ts";

const ca = pem("ca");

const greeting: Pick<WireServerOptions, "serve"> = { serve: (exchange) => exchange.answer("hello") };

/** Asks a server something, the way that a program would. */
async function ask(
  t: Cleanup,
  { port }: { port: number },
  tls: TlsConfig,
  host = "localhost",
): Promise<string> {
  const client = clientOf(t, { server: `https://${host}:${port}`, tls });
  return await (await client.get().absolutePath("/").send()).text();
}

/** The error must be ours, say what is wrong, and keep the runtime's own. */
const tlsError = (says: RegExp) => (error: unknown): true => {
  assert.ok(error instanceof NetworkError, String(error));
  assert.match(error.message, /^GET https:\/\/\S+ failed: /);
  assert.match(error.message, says);
  assert.deepEqual([error.reason, error.phase], ["tls", "connect"]);
  assert.ok(error.cause instanceof Error);
  return true;
};

const configError = (setting: string) => (error: unknown): true => {
  assert.ok(error instanceof ConfigError, String(error));
  assert.equal(error.setting, setting);
  return true;
};

describe("A server's certificate", () => {
  // The runtimes' own servers cannot be made to speak as servers did in 2007.
  it(
    "is not asked for by a protocol older than TLS 1.2, where openssl can try [rest 7.5]",
    cleaned(async (t) => {
      const file = (name: string) => fileURLToPath(new URL(`../certificates/${name}.pem`, import.meta.url));
      const ciphers = ["-cipher", "DEFAULT:@SECLEVEL=0"];
      const old = spawn("openssl", [
        ...["s_server", "-accept", "127.0.0.1:0", "-www", "-tls1_1", ...ciphers],
        ...["-cert", file("server"), "-key", file("server-key")],
      ], { stdio: ["ignore", "pipe", "ignore"] });
      const ended = new Promise((resolve) => old.on("close", resolve).on("error", resolve));
      t.after(() => ended);
      t.after(() => old.kill());
      let said = "";
      const port = await new Promise<number>((resolve) => {
        old.stdout!.on("data", (text) => {
          const found = /ACCEPT \S+:(\d+)/.exec(said += text)?.[1];
          if (found !== undefined) resolve(Number(found));
        });
        ended.then(() => resolve(0)); // no openssl, or one that knows no such old protocol
      });
      if (port === 0) return t.skip("openssl cannot serve TLS 1.1 here");
      for (const tls of [{ ca }, { ca, serverName: "localhost" }]) {
        await assert.rejects(ask(t, { port }, tls, "127.0.0.1"), tlsError(/the TLS handshake failed/));
      }
    }),
  );

  for (
    const { name, host, tls, serverName } of [
      { name: "is accepted when the CA is the one given", tls: { ca }, serverName: "localhost" },
      { name: "is accepted for an IP address in it", host: "127.0.0.1", tls: { ca } },
      {
        name: "is accepted when its CA is the last of a bundle",
        tls: { ca: `# other\n${pem("other-ca")}\n# ours\n${ca}` },
        serverName: "localhost",
      },
      { name: "is accepted when its CA is the first of a bundle", tls: { ca: `${ca}${pem("other-ca")}` } },
      { name: "is not looked at in insecure mode", tls: { insecure: true }, serverName: "localhost" },
      {
        name: "is not looked at in insecure mode, with another's name",
        tls: { insecure: true, serverName: "x.test" },
        serverName: "x.test",
      },
    ]
  ) {
    it(
      name,
      cleaned(async (t) => {
        const server = await listen(t, { tls: identity("server"), ...greeting });
        assert.equal(await ask(t, server, tls, host), "hello");
        if (serverName !== undefined) assert.equal(server.connections.at(-1)?.serverName, serverName);
      }),
    );
  }

  for (const groups of [[], ["shop", "web"]]) { // repeated headers take the other transport on Bun
    it(
      `is accepted for an IPv6 address in it, and for no other${groups.length === 0 ? "" : ", with groups"}`,
      cleaned(async (t) => {
        for (const name of ["server", "named"]) {
          let server: WireServer;
          try {
            server = await listen(t, { tls: identity(name), host: "::1", ...greeting });
          } catch (error) {
            return t.skip(`this machine has no IPv6: ${error}`);
          }
          const client = clientOf(t, { server: `https://[::1]:${server.port}`, tls: { ca } });
          const asked = client.get().absolutePath("/").header("Impersonate-Group", ...groups).send();
          if (name === "server") assert.equal(await (await asked).text(), "hello");
          else await assert.rejects(asked, tlsError(/certificate is for another name/));
        }
      }),
    );
  }

  it(
    "is accepted for the server name given, and the server is asked for that name",
    cleaned(async (t) => {
      const server = await listen(t, { tls: identity("named"), ...greeting });
      assert.equal(await ask(t, server, { ca, serverName: "api.coxswain.test" }, "127.0.0.1"), "hello");
      assert.equal(server.connections.at(-1)?.serverName, "api.coxswain.test");
    }),
  );

  for (
    const { name, server: shown, host, tls, says } of [
      {
        name: "is refused when its CA is not the one given",
        server: "server",
        tls: { ca: pem("other-ca") },
        says: /not signed by a CA that is trusted here/,
      },
      {
        name: "is refused when the machine does not trust its CA",
        server: "server",
        tls: {},
        says: /not signed by a CA that is trusted here/,
      },
      {
        name: "is refused for another host name",
        server: "named",
        tls: { ca },
        says: /certificate is for another name/,
      },
      {
        name: "is refused for an IP address that is not in it",
        server: "named",
        host: "127.0.0.1",
        tls: { ca },
        says: /certificate is for another name/,
      },
      {
        name: "is refused for another server name, though it fits the host",
        server: "server",
        tls: { ca, serverName: "api.coxswain.test" },
        says: /certificate is for another name/,
      },
      {
        name: "is refused when it has expired",
        server: "expired",
        tls: { ca },
        says: /certificate has expired/,
      },
    ]
  ) {
    it(
      name,
      cleaned(async (t) => {
        const server = await listen(t, { tls: identity(shown), ...greeting });
        await assert.rejects(ask(t, server, tls, host), tlsError(says));
        assert.equal(server.requests, 0);
      }),
    );
  }

  it(
    "is missing where a server speaks plain HTTP, and that is an error",
    cleaned(async (t) => {
      const server = createServer((socket) => {
        socket.on("error", () => {}); // the client does not wait for the end of the answer
        socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"));
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      t.after(() => server.close());
      const { port } = server.address() as AddressInfo;
      await assert.rejects(ask(t, { port }, { ca }), tlsError(/TLS handshake failed/));
    }),
  );
});

for (const road of ROADS.filter(({ scheme }) => scheme === "https")) {
  const withCertificate = (user: string) => ({ tls: { ...road.client.tls, ...identity(user) } });

  describe(`A client's certificate ${road.name}`, () => {
    for (const kind of ["ec-sec1", "ec-pkcs8", "rsa-pkcs1", "rsa-pkcs8"]) {
      it(
        `is shown when its key is ${kind}`,
        cleaned(async (t) => {
          const { server, ask } = await link(t, road, {
            server: { clientCa: ca, ...greeting },
            client: withCertificate(kind),
          });
          assert.equal(await (await ask("GET", "/").send()).text(), "hello");
          assert.equal(server.connections[0].user, kind);
        }),
      );
    }

    it(
      "is shown when parameters of the curve stand before its key, as openssl writes them",
      cleaned(async (t) => {
        const { cert, key } = identity("ec-sec1");
        const parameters = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
        const { server, ask } = await link(t, road, {
          server: { clientCa: ca, ...greeting },
          client: { tls: { ...road.client.tls, cert, key: parameters + key } },
        });
        assert.equal(await (await ask("GET", "/").send()).text(), "hello");
        assert.equal(server.connections[0].user, "ec-sec1");
      }),
    );

    it(
      "is missed by a server that demands one",
      cleaned(async (t) => {
        const { server, ask } = await link(t, road, { server: { clientCa: ca, ...greeting } });
        await assert.rejects(ask("GET", "/").send(), (error) => {
          assert.ok(error instanceof NetworkError, String(error));
          assert.match(error.message, /TLS handshake failed/);
          assert.equal(error.reason, "tls");
          assert.ok(error.cause instanceof Error);
          return true;
        });
        assert.equal(server.requests, 0);
      }),
    );

    it(
      "stays with its client when others use the same server",
      cleaned(async (t) => {
        // Asks for a certificate without demanding it, so that none is an identity as well.
        const server = await listen(t, {
          ...road.server,
          clientCa: ca,
          anonymous: true,
          serve: (exchange) => exchange.answer(exchange.connection.user ?? "nobody"),
        });
        const url = `https://127.0.0.1:${server.port}`;
        const clients = [
          { user: "ec-sec1", client: clientOf(t, { server: url, ...withCertificate("ec-sec1") }) },
          { user: "rsa-pkcs8", client: clientOf(t, { server: url, ...withCertificate("rsa-pkcs8") }) },
          { user: "nobody", client: clientOf(t, { server: url, ...road.client }) },
        ];
        for (let round = 0; round < 3; round++) {
          for (const { client, user } of clients) {
            assert.equal(await (await request(client, road, "GET", "/").send()).text(), user);
          }
        }
        assert.equal(server.connections.length, clients.length); // each kept its own alive
        // Trust is not shared either: the server is known by now, but not to this one.
        const other = clientOf(t, { server: url, tls: { ...road.client.tls, ca: pem("other-ca") } });
        const asked = request(other, road, "GET", "/").send();
        await assert.rejects(asked, tlsError(/not signed by a CA/));
      }),
    );

    it(
      "can change: what runs goes on, what begins has the new one",
      cleaned(async (t) => {
        let user = "ec-sec1";
        const { server, ask } = await link(t, road, {
          server: { clientCa: ca },
          client: { credentials: () => identity(user) },
        });
        const watching = ask("GET", "/watch").send();
        const watch = await server.next();
        watch.stream();
        watch.chunk("one");
        const reader = (await watching).stream().getReader();
        assert.equal((await reader.read()).value?.length, 3);

        user = "rsa-pkcs8";
        const asked = ask("GET", "/").send();
        const exchange = await server.next();
        exchange.answer("hello");
        assert.equal(await (await asked).text(), "hello");
        assert.deepEqual([watch.connection.user, exchange.connection.user], ["ec-sec1", "rsa-pkcs8"]);

        watch.chunk("three");
        assert.equal((await reader.read()).value?.length, 5);
        watch.write("0\r\n\r\n");
        assert.ok((await reader.read()).done);
        await watch.connection.closed;
      }),
    );

    it("comes from a plugin: another one makes a new connection, another token does not [rest 9.3]", (context) =>
      withPlugin(({ exec, gives }) =>
        cleaned(async (t) => {
          // Expired already, so that the plugin runs for each request.
          const give = (name: string, token: string) =>
            gives({
              token,
              clientCertificateData: pem(name),
              clientKeyData: pem(`${name}-key`),
              expirationTimestamp: "2020-01-01T00:00:00Z",
            });
          const { server, ask } = await link(t, road, {
            server: {
              clientCa: ca,
              serve: (exchange) => {
                const { number, user } = exchange.connection;
                return exchange.answer(`${number} ${user} ${exchange.header("authorization")}`);
              },
            },
            client: { credentials: execSource(exec) },
          });
          const seen: string[] = [];
          for (const [name, token] of [["ec-sec1", "a"], ["ec-sec1", "b"], ["rsa-pkcs8", "b"]]) {
            give(name, token);
            seen.push(await (await ask("GET", "/").send()).text());
          }
          assert.deepEqual(seen, ["1 ec-sec1 Bearer a", "1 ec-sec1 Bearer b", "2 rsa-pkcs8 Bearer b"]);
          assert.equal(server.connections.length, 2);
        })(context)
      ));

    it(
      "is not sent with another's key",
      cleaned(async (t) => {
        for (const other of ["ec-pkcs8", "rsa-pkcs8"]) {
          const { server, ask } = await link(t, road, {
            client: { tls: { ...road.client.tls, cert: pem("ec-sec1"), key: pem(`${other}-key`) } },
          });
          await assert.rejects(ask("GET", "/").send(), configError("tls.key"));
          assert.equal(server.connections.length, 0);
        }
      }),
    );

    for (const setting of ["ca", "cert", "key"] as const) {
      it(
        `is not sent when tls.${setting} looks like PEM but is none`,
        cleaned(async (t) => {
          const label = setting === "key" ? "PRIVATE KEY" : "CERTIFICATE";
          const garbage = `-----BEGIN ${label}-----\nAAAA\n-----END ${label}-----\n`;
          const { server, ask } = await link(t, road, {
            client: { tls: { ...withCertificate("ec-sec1").tls, [setting]: garbage } },
          });
          await assert.rejects(ask("GET", "/").send(), configError(`tls.${setting}`));
          assert.equal(server.connections.length, 0);
        }),
      );
    }
  });
}
