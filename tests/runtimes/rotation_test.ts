import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { restConfigFrom } from "@coxswain/kube/config";
import { type LogFields, noLogger, PrometheusMeter } from "@coxswain/kube/observe";
import { type CertificateAuthoritySource, ConfigError, NetworkError, RestClient } from "@coxswain/kube/rest";
import { ManualClock } from "@coxswain/kube/testing";
import { cleaned } from "../cleanup.ts";
import { withFiles } from "../config/folder.ts";
import { identity, link, listen, pem, request, ROADS } from "./roads.ts";
import type { Exchange } from "./wire_server.ts";

const greeting = { serve: (exchange: Exchange) => exchange.answer("hello") };
const RELOADS = /rest_client_transport_ca_reload_total\{(.*)\} (\d+)/g;

for (const road of ROADS.filter(({ scheme }) => scheme === "https")) {
  /** A client whose authorities a test can change, and what it says of them. */
  const rotating = (first: string) => {
    const lines: (LogFields | undefined)[] = [];
    const meter = new PrometheusMeter();
    const state = { ca: first as string | Error, asked: 0, lines };
    const ca: CertificateAuthoritySource = () => {
      state.asked++;
      if (state.ca instanceof Error) throw state.ca;
      return state.ca;
    };
    const logger = { ...noLogger, error: (_: string, fields?: LogFields) => void lines.push(fields) };
    const reloads = () =>
      [...meter.text().matchAll(RELOADS)].map(([, labels, value]) => `${labels} ${value}`);
    return { state, reloads, client: { tls: { ...road.client.tls, ca }, logger, meter } };
  };

  describe(`Authorities from a source ${road.name}`, () => {
    it(
      "are asked for before each request, and while they are the same so is the connection",
      cleaned(async (t) => {
        const { state, reloads, client } = rotating(pem("ca"));
        const { server, ask } = await link(t, road, { server: greeting, client });
        assert.equal(state.asked, 0);
        for (let n = 0; n < 3; n++) assert.equal(await (await ask("GET", "/").send()).text(), "hello");
        assert.deepEqual([state.asked, server.connections.length], [3, 1]);
        assert.deepEqual(reloads(), []);
      }),
    );

    it(
      "can change: what runs goes on, what begins believes the new ones",
      cleaned(async (t) => {
        const { state, reloads, client } = rotating(pem("ca"));
        const { server, ask } = await link(t, road, { client });
        const watching = ask("GET", "/watch").send();
        const watch = await server.next();
        watch.stream();
        watch.chunk("one");
        const reader = (await watching).stream().getReader();
        assert.equal((await reader.read()).value?.length, 3);

        state.ca = pem("other-ca");
        await assert.rejects(ask("GET", "/").send(), /not signed by a CA that is trusted here/);
        watch.chunk("three");
        assert.equal((await reader.read()).value?.length, 5);

        state.ca = `${pem("other-ca")}${pem("ca")}`;
        const asked = ask("GET", "/").send();
        const exchange = await server.next();
        exchange.answer("hello");
        assert.equal(await (await asked).text(), "hello");
        assert.notEqual(exchange.connection, watch.connection);
        assert.deepEqual(reloads(), ['reason="updated",result="success" 2']);

        watch.write("0\r\n\r\n");
        assert.ok((await reader.read()).done);
        await watch.connection.closed;
      }),
    );

    for (
      const { name, bad, reason, says } of [
        { name: "are empty", bad: "", reason: "empty", says: /^Cannot use tls\.ca: / },
        {
          name: "cannot be read",
          bad: "hunter2",
          reason: "ca_parse_error",
          says: /^Cannot use tls\.ca: (?!.*hunter2)/,
        },
        {
          name: "are not to be had",
          bad: new Error("the disk is gone"),
          reason: "read_error",
          says: /^the disk is gone$/,
        },
      ]
    ) {
      it(
        `stay the old ones when the new ones ${name}, which is said once`,
        cleaned(async (t) => {
          const { state, reloads, client } = rotating(pem("ca"));
          const { server, ask } = await link(t, road, { server: greeting, client });
          const asks = async (times: number) => {
            for (let n = 0; n < times; n++) {
              assert.equal(await (await ask("GET", "/").send()).text(), "hello");
            }
          };
          await asks(1);
          state.ca = bad;
          await asks(3);
          assert.deepEqual(reloads(), [`reason="${reason}",result="failure" 1`]);
          assert.equal(state.lines.length, 1);
          assert.match(String(state.lines[0]?.error), says);
          state.ca = pem("ca");
          await asks(1);
          state.ca = bad;
          await asks(2);
          assert.equal(state.lines.length, 2);
          assert.equal(server.connections.length, 1);
        }),
      );

      it(
        `fail a request when there are no old ones and they ${name}`,
        cleaned(async (t) => {
          const { state, client } = rotating(pem("ca"));
          state.ca = bad;
          const { server, ask } = await link(t, road, { server: greeting, client });
          await assert.rejects(ask("GET", "/").send(), (error) => {
            assert.ok(error instanceof Error);
            assert.equal(error instanceof ConfigError, !(bad instanceof Error));
            assert.match(error.message, says);
            return true;
          });
          assert.equal(server.connections.length, 0);
          state.ca = pem("ca");
          assert.equal(await (await ask("GET", "/").send()).text(), "hello");
          assert.deepEqual(state.lines, []);
        }),
      );
    }

    it("come from the file that a kubeconfig names, as it is every five minutes [rest 7.7]", (context) =>
      withFiles({ "ca.pem": "" }, (folder) =>
        cleaned(async (t) => {
          const file = join(folder, "ca.pem");
          const clock = new ManualClock();
          const { reloads, state, client } = rotating("");
          const watched = Promise.withResolvers<Exchange>();
          const server = await listen(t, {
            tls: identity("server"),
            serve: (exchange) => exchange.path === "/" ? exchange.answer("hello") : watched.resolve(exchange),
          });
          const config = await restConfigFrom({
            "current-context": "a",
            clusters: [{
              name: "a",
              cluster: {
                server: `https://127.0.0.1:${server.port}`,
                "certificate-authority": file,
                "tls-server-name": road.client.tls?.serverName,
              },
            }],
            users: [],
            contexts: [{ name: "a", context: { cluster: "a" } }],
          }, { clock, meter: client.meter, logger: client.logger });
          const rest = new RestClient(config.with({ proxy: "none", maxRetries: 0 }));
          t.after(() => rest[Symbol.asyncDispose]());
          const greets = async () => await (await request(rest, road, "GET", "/").send()).text();

          await assert.rejects(greets(), /ca\.pem": the file is empty/);
          writeFileSync(file, pem("ca"));
          const watching = request(rest, road, "GET", "/watch").send();
          const watch = await watched.promise;
          watch.stream();
          watch.chunk("one");
          const reader = (await watching).stream().getReader();
          assert.equal((await reader.read()).value?.length, 3);

          writeFileSync(file, pem("other-ca"));
          assert.equal(await greets(), "hello");
          for (
            const change of [
              () => writeFileSync(file, ""),
              () => writeFileSync(file, "junk"),
              () => rmSync(file),
              () => writeFileSync(file, pem("ca")),
            ]
          ) {
            change();
            await clock.advance(300_000);
            assert.equal(await greets(), "hello");
            assert.equal(await greets(), "hello");
          }
          writeFileSync(file, pem("other-ca"));
          await clock.advance(300_000);
          await assert.rejects(greets(), /not signed by a CA that is trusted here/);
          assert.deepEqual(reloads(), [
            'reason="ca_parse_error",result="failure" 1',
            'reason="empty",result="failure" 1',
            'reason="read_error",result="failure" 1',
            'reason="unchanged",result="success" 1',
            'reason="updated",result="success" 1',
          ]);
          assert.equal(state.lines.length, 3);

          watch.chunk("three");
          assert.equal((await reader.read()).value?.length, 5);
          watch.write("0\r\n\r\n");
          assert.ok((await reader.read()).done);
        })(context)));

    it(
      "are not waited for after an abort",
      cleaned(async (t) => {
        const asked = Promise.withResolvers<void>();
        const ca: CertificateAuthoritySource = () => {
          asked.resolve();
          return new Promise<string>(() => {});
        };
        const { server, ask } = await link(t, road, { client: { tls: { ...road.client.tls, ca } } });
        const controller = new AbortController();
        const ended = assert.rejects(
          ask("GET", "/").send({ signal: controller.signal }),
          (error) => error === "enough",
        );
        await asked.promise;
        controller.abort("enough");
        await ended;
        assert.equal(server.connections.length, 0);
      }),
    );

    it(
      "change together with the client's certificate",
      cleaned(async (t) => {
        const { state, client } = rotating(pem("ca"));
        let user = "ec-sec1";
        const { server, ask } = await link(t, road, {
          server: {
            clientCa: pem("ca"),
            serve: (exchange) => exchange.answer(exchange.connection.user ?? "nobody"),
          },
          client: { ...client, credentials: () => identity(user) },
        });
        assert.equal(await (await ask("GET", "/").send()).text(), "ec-sec1");
        user = "rsa-pkcs8";
        state.ca = `${pem("ca")}${pem("other-ca")}`;
        assert.equal(await (await ask("GET", "/").send()).text(), "rsa-pkcs8");
        state.ca = pem("other-ca");
        await assert.rejects(ask("GET", "/").send(), NetworkError);
        assert.equal(server.requests, 2);
      }),
    );
  });
}
