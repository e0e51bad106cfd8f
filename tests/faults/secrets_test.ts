import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "@coxswain/kube/client";
import {
  execSource,
  oidcSource,
  parseKubeconfig,
  redactKubeconfig,
  tokenFileSource,
} from "@coxswain/kube/config";
import { type LogFields, type Logger, PrometheusMeter } from "@coxswain/kube/observe";
import {
  isConfigError,
  requestLog,
  RestClient,
  RestConfig,
  type RestConfigInit,
  type RestResponse,
} from "@coxswain/kube/rest";
import { ApiServer } from "@coxswain/kube/testing";
import { Secret } from "@coxswain/kube/types/core/v1";
import { withFiles } from "../config/folder.ts";
import { withPlugin } from "../config/plugin.ts";
import { identity, listen, pem, ROADS, unusedPort } from "../runtimes/roads.ts";
import type { Exchange } from "../runtimes/wire_server.ts";
import { FAULTS } from "./faults.ts";
import { faultyServer } from "./faulty_server.ts";
import { BODY_CANARY, OPERATIONS } from "./operations.ts";
import { cleaned, type Cleanup } from "../cleanup.ts";

/** Is in all that must not be shown, but for keys. */
const CANARY = "c4n4ry";
const TOKEN = `${CANARY}-token`;
const PASSWORD = `${CANARY}-password`;
const KEY = pem("ec-pkcs8-key");

/** How a secret may appear: as it is, and in base64 at any of its three offsets, as in `Basic`; a key by its lines. */
const FORMS = [
  CANARY,
  ...["", "x", "xx"].map((before) => btoa(before + CANARY).slice(before.length + 1, -4)),
  ...KEY.split("\n").filter((line) => line.length > 20 && !line.startsWith("-----")),
];
assert.ok(BODY_CANARY.includes(CANARY));

const { Deno, Bun } = globalThis as {
  Deno?: { inspect(value: unknown, options: object): string };
  Bun?: { inspect(value: unknown, options: object): string };
};

/** All that printing a value can show, in any of the usual ways. */
function shown(value: unknown): string {
  const texts = [
    inspect(value, { depth: Infinity, showHidden: true, maxArrayLength: null, maxStringLength: null }),
  ];
  if (Deno !== undefined) texts.push(Deno.inspect(value, { depth: 100, showHidden: true }));
  if (Bun !== undefined) texts.push(Bun.inspect(value, { depth: 100 }));
  try {
    texts.push(JSON.stringify(value) ?? "");
  } catch { // circular, or a BigInt: then that is not how it gets out
  }
  texts.push(String(value));
  for (let error = value, depth = 0; error instanceof Error && depth < 10; error = error.cause, depth++) {
    texts.push(error.message, error.stack ?? "", inspect(error, { showHidden: true }));
  }
  return texts.join("\n");
}

function showsNoSecret(value: unknown, what: string): void {
  const text = shown(value);
  for (const form of FORMS) {
    const at = text.indexOf(form);
    assert.ok(at === -1, `${what} shows ${form}: ${text.slice(Math.max(0, at - 200), at + 100)}`);
  }
}

/** Lets errors pass that show nothing, for `assert.rejects`. */
const says = (what: string) => (error: unknown) => {
  showsNoSecret(error, what);
  return error instanceof Error;
};

/** Takes down what clients say of themselves. */
function observer(): { init: Pick<RestConfigInit, "logger" | "meter">; check: () => void; lines: unknown[] } {
  const lines: unknown[] = [];
  const log = (level: string) => (message: string, fields?: LogFields) =>
    void lines.push([level, message, fields]);
  const logger: Logger = { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") };
  const meter = new PrometheusMeter();
  const check = () => {
    for (const line of lines) showsNoSecret(line, "a line in the log");
    showsNoSecret(meter.text() + meter.openMetricsText(), "the metrics");
  };
  return { init: { logger, meter }, check, lines };
}

/** Every way of saying who asks, but for plugins and files, which are below. */
const CREDENTIALS: Record<string, Partial<RestConfigInit>> = {
  "a bearer token": { bearerToken: TOKEN },
  "a name and a password": { username: "ci", password: PASSWORD },
  "a source": { credentials: () => ({ bearerToken: TOKEN }) },
  "a source that fails when it is asked for others": {
    credentials: ({ refused }) => {
      if (refused !== undefined) throw new Error("no others");
      return { username: "ci", password: PASSWORD };
    },
  },
};

/** What stands between, and knows all. */
const cookies: RestConfigInit["middleware"] = [
  (request, next) =>
    next({ ...request, headers: [...request.headers, ["Cookie", `a=${TOKEN}`], ["X-Api-Key", TOKEN]] }),
];

const [PLAIN, TLS] = ROADS;

describe("No credentials, headers or bodies are shown", () => {
  for (const fault of FAULTS) {
    it(
      `after ${fault.name}`,
      cleaned(async (t) => {
        const all = Object.entries(CREDENTIALS);
        for (const [index, operation] of OPERATIONS.entries()) {
          const [name, credentials] = all[index % all.length];
          const { init, check } = observer();
          const changes = { ...credentials, ...init, middleware: cookies };
          const { client, requests } = await faultyServer(t, PLAIN, fault, {
            healthy: operation.healthy,
            changes,
          });
          const { error } = await operation.run(client);
          assert.ok(requests[0].header("authorization")[0].length > 10);
          showsNoSecret(error, `an error of ${operation.name} with ${name}`);
          showsNoSecret(client, "a client");
          check();
        }
      }),
    );
  }

  for (const [name, credentials] of Object.entries(CREDENTIALS)) {
    it(
      `when the server does not take ${name}`,
      cleaned(async (t) => {
        const { init, check, lines } = observer();
        const serve = (exchange: Exchange) => exchange.answer("no", { status: 401 });
        const fault = { ...FAULTS[0], name, serve };
        const { client } = await faultyServer(t, PLAIN, fault, { changes: { ...credentials, ...init } });
        for (const { run } of OPERATIONS.slice(0, 2)) showsNoSecret((await run(client)).error, "an error");
        assert.equal(lines.length > 0, name.includes("others"));
        check();
      }),
    );
  }

  it(
    "when a client certificate, the server's or the connection is no good",
    cleaned(async (t) => {
      const client = { cert: pem("ec-pkcs8"), key: KEY };
      const servers = {
        "is refused": { tls: identity("server"), clientCa: pem("other-ca") },
        "is not trusted": { tls: identity("expired") },
      };
      for (const [what, options] of Object.entries(servers)) {
        const { init, check } = observer();
        const { port } = await listen(t, { ...options, serve: (exchange) => exchange.reset() });
        for (
          const tls of [{ ca: pem("ca"), ...client }, { ca: pem("other-ca"), ...client }, {
            insecure: true,
            ...client,
          }]
        ) {
          const made = new Client({
            server: `https://127.0.0.1:${port}`,
            tls,
            maxRetries: 0,
            bearerToken: TOKEN,
            ...init,
          });
          t.after(() => made[Symbol.asyncDispose]());
          for (const { run } of OPERATIONS.slice(0, 1)) {
            const { error } = await run(made);
            assert.ok(error instanceof Error, what);
            showsNoSecret(error, what);
          }
          showsNoSecret(made, what);
        }
        check();
      }
    }),
  );

  it(
    "when a request is given up, or its client is closed",
    cleaned(async (t) => {
      const server = await listen(t, TLS.server);
      const made = new RestClient({
        server: `https://127.0.0.1:${server.port}`,
        ...TLS.client,
        bearerToken: TOKEN,
      });
      const ask = (signal?: AbortSignal) =>
        made.post().resource("secrets").namespace("shop").header("Cookie", TOKEN).body({ data: TOKEN }).send({
          signal,
        });
      const controller = new AbortController();
      const aborted = assert.rejects(ask(controller.signal), says("an aborted request"));
      await server.next();
      controller.abort();
      const open = assert.rejects(ask(), says("a request of a closed client"));
      await server.next();
      await Promise.all([aborted, made[Symbol.asyncDispose](), open]);
      await assert.rejects(ask(), says("a request to a closed client"));
    }),
  );

  it("when a setting or a header cannot be sent", async () => {
    const server = "https://coxswain.test";
    const refused: (() => unknown)[] = [
      () => new RestConfig({ server, bearerToken: `${TOKEN}\n` + TOKEN }),
      () => new RestConfig({ server, bearerToken: TOKEN, username: TOKEN, password: PASSWORD }),
      () => new RestConfig({ server, bearerToken: TOKEN, credentials: () => ({}) }),
      () => new RestConfig({ server, userAgent: `${TOKEN}\0` }),
      () => new RestConfig({ server: `https://ci:${PASSWORD}@coxswain.test` }),
      () => new RestConfig({ server: `ci:${PASSWORD}@coxswain.test:x` }),
      () => new RestConfig({ server, tls: { cert: KEY, key: pem("ec-pkcs8") } }),
      () => new RestConfig({ server, tls: { cert: pem("ec-pkcs8"), key: TOKEN } }),
      () => new RestConfig({ server, tls: { key: KEY } }),
      () => new RestClient({ server }).get().header("Authorization", `Bearer ${TOKEN}\r\nX: y`),
      () => new RestClient({ server }).get().header("X-é", `${TOKEN}é`),
    ];
    for (const make of refused) assert.throws(make, says(String(make)));

    const invalid: Partial<RestConfigInit>[] = [
      { credentials: () => ({ bearerToken: `${TOKEN}\n${TOKEN}` }) },
      { credentials: () => Promise.reject(new Error("no credentials")) },
      { tls: { cert: pem("rsa-pkcs8"), key: KEY } },
      { credentials: () => ({ cert: pem("rsa-pkcs8"), key: KEY }) },
      { credentials: () => ({ cert: pem("rsa-pkcs8"), key: KEY.replace(/\n.{20}/, "\n") }) },
      // Deno's own words for this repeat the value.
      { middleware: [(request, next) => next({ ...request, headers: [["Cookie", `a=${TOKEN}\n`]] })] },
      { middleware: [(request, next) => next({ ...request, headers: [["Cookie", `a=${TOKEN}\0é`]] })] },
    ];
    for (const init of invalid) {
      const { init: observed, check } = observer();
      const client = new RestClient({ server: "https://127.0.0.1:1", ...init, ...observed });
      await assert.rejects(client.get().absolutePath("/").send(), says(inspect(init)));
      await client[Symbol.asyncDispose]();
      check();
    }
  });

  it("of a plugin and of a file with a token", () =>
    withPlugin((plugin) =>
      withFiles({}, async (folder) => {
        plugin.exec.args?.push(TOKEN);
        plugin.exec.env = [{ name: "KEY", value: PASSWORD }];
        plugin.gives({ token: TOKEN });
        const sources = { plugin: execSource(plugin.exec), file: tokenFileSource(join(folder, "token")) };
        for (const [name, credentials] of Object.entries(sources)) {
          const { init, check } = observer();
          const sent: unknown[] = [];
          writeFileSync(join(folder, "token"), TOKEN);
          const client = new RestClient({
            server: "http://coxswain.test",
            credentials,
            ...init,
            fetch: (_url, options) => {
              sent.push(new Headers(options?.headers).get("authorization"));
              return Promise.resolve(new Response("no", { status: 401 }));
            },
          });
          const ask = () => client.get().absolutePath("/").send();
          await assert.rejects(ask(), says(name));
          assert.equal(sent[0], `Bearer ${TOKEN}`);
          plugin.writes(TOKEN);
          plugin.exits(1);
          writeFileSync(join(folder, "token"), `${TOKEN}\0\n${TOKEN}`);
          await assert.rejects(ask(), says(`${name} that fails`));
          for (const one of [credentials, client, client.config]) showsNoSecret(one, name);
          check();
        }
      })
    ));
});

describe("No secret is logged of requests", () => {
  const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "a" }, data: { password: PASSWORD } };
  for (const verbosity of [6, 7, 8, 9, 10]) {
    it(
      `at verbosity ${verbosity}`,
      cleaned(async (t) => {
        for (const credentials of Object.values(CREDENTIALS)) {
          for (const answer of [() => Response.json(secret), () => Promise.reject(new TypeError("no"))]) {
            const { init, check, lines } = observer();
            const log = requestLog({ logger: init.logger!, verbosity });
            const client = new Client({
              ...{ server: "http://coxswain.test", ...credentials, ...init, maxRetries: 0 },
              middleware: [...cookies!, log],
              fetch: async () => {
                const response = await answer();
                response.headers.set("set-cookie", `a=${TOKEN}`);
                return response;
              },
            });
            t.after(() => client[Symbol.asyncDispose]());
            const secrets = client.resource(Secret).namespace("shop");
            for (
              const call of [
                () => secrets.get("a"),
                () => secrets.create({ data: { password: PASSWORD } }),
                () => secrets.patch("a", { merge: { data: { password: PASSWORD } } }),
                () => client.rest.get().resource(Secret).send().then((response) => response.text()),
              ]
            ) await call().catch(says("an error"));
            assert.ok(lines.length >= 4);
            check();
          }
        }
      }),
    );
  }
});

/** What a proxy, or a provider of tokens, may do instead of its work. */
const REFUSALS: Record<string, (exchange: Exchange) => unknown> = {
  "is reset": (exchange) => exchange.reset(),
  "hangs up within headers"(exchange) {
    exchange.write("HTTP/1.1 200 OK\r\nConte");
    exchange.hangUp();
  },
  "answers what is not HTTP"(exchange) {
    exchange.write("SSH-2.0-OpenSSH_9.2\r\n\r\n");
    exchange.hangUp();
  },
  "answers 407": (exchange) =>
    exchange.answer("no", { status: 407, headers: { "Proxy-Authenticate": "Basic" } }),
  "answers 502": (exchange) => exchange.answer("<html>no</html>", { status: 502 }),
};

const asJson = { "Content-Type": "application/json" };

/** What a provider of tokens may answer that is of no use. */
const USELESS: typeof REFUSALS = {
  "answers JSON that is cut": (exchange) => exchange.answer(`{"id_token":"${TOKEN}",`, { headers: asJson }),
  "answers with tokens that are none": (exchange) =>
    exchange.answer(JSON.stringify({ id_token: TOKEN, refresh_token: TOKEN, token_endpoint: TOKEN }), {
      headers: asJson,
    }),
  "refuses and repeats what it was asked": (exchange) =>
    exchange.answer(JSON.stringify({ error: "invalid_grant", refresh_token: TOKEN }), {
      status: 400,
      headers: asJson,
    }),
};

describe("No password of a proxy is shown", () => {
  for (const [what, serve] of Object.entries(REFUSALS)) {
    it(
      `when the proxy ${what}`,
      cleaned(async (t) => {
        const { port } = await listen(t, { serve });
        for (const server of ["http://coxswain.test", "https://coxswain.test"]) {
          const { init, check } = observer();
          const proxy = `http://${CANARY}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}`;
          const client = new Client({ server, proxy, bearerToken: TOKEN, maxRetries: 0, ...init });
          t.after(() => client[Symbol.asyncDispose]());
          const { error } = await OPERATIONS[0].run(client);
          assert.ok(error instanceof Error);
          for (const value of [error, client, client.rest.config]) showsNoSecret(value, server);
          check();
        }
      }),
    );
  }

  it(
    "when it is not there, or its URL cannot be used",
    cleaned(async (t) => {
      const server = "https://coxswain.test";
      for (const end of ["[", ":99999", "%zz@a", "/\\ "]) {
        const refused = () => new RestConfig({ server, proxy: `http://u:${PASSWORD}@127.0.0.1${end}` });
        try {
          showsNoSecret(refused(), end);
        } catch (error) {
          assert.ok(isConfigError(error), String(error));
          showsNoSecret(error, end);
        }
      }
      for (const proxy of [`ftp://u:${PASSWORD}@a`, `u:${PASSWORD}@a`, PASSWORD, `http://u:%${PASSWORD}@a`]) {
        assert.throws(() => new RestConfig({ server, proxy }), says(proxy.replace(PASSWORD, "…")));
      }
      for (const scheme of ["http", "https", "socks5"]) {
        const proxy = `${scheme}://u:${PASSWORD}@127.0.0.1:${await unusedPort()}`;
        const client = new Client({ server, proxy, maxRetries: 0 });
        t.after(() => client[Symbol.asyncDispose]());
        const { error } = await OPERATIONS[0].run(client);
        assert.ok(error instanceof Error);
        for (const value of [error, client]) showsNoSecret(value, scheme);
      }
    }),
  );
});

describe("No tokens of OpenID Connect are shown", () => {
  const claims = { exp: 1, email: `${CANARY}@example.com` };
  const expired = `x.${btoa(JSON.stringify(claims)).replaceAll("=", "")}.${CANARY}`;
  for (const [what, serve] of Object.entries({ ...REFUSALS, ...USELESS })) {
    it(
      `when the provider ${what}`,
      cleaned(async (t) => {
        const { port } = await listen(t, { serve });
        for (const token of [expired, "", CANARY]) {
          const { init, check } = observer();
          const source = oidcSource({
            "idp-issuer-url": `http://127.0.0.1:${port}`,
            "client-id": "kubernetes",
            "client-secret": PASSWORD,
            "refresh-token": TOKEN,
            "id-token": token,
          });
          const client = new RestClient({ server: "http://coxswain.test", credentials: source, ...init });
          t.after(() => client[Symbol.asyncDispose]());
          await assert.rejects(client.get().absolutePath("/").send(), says(what));
          for (const value of [source, client, client.config]) showsNoSecret(value, what);
          check();
        }
      }),
    );
  }
});

const SECRET = JSON.stringify({
  kind: "Secret",
  apiVersion: "v1",
  type: TOKEN,
  data: { password: btoa(PASSWORD) },
});
const LIST = `{"kind":"SecretList","apiVersion":"v1","items":[${SECRET},${SECRET}]}`;
const EVENT = `{"type":"ADDED","object":${SECRET}}\n`;

/** Answers that hold a Secret and cannot be read. */
const GARBLED: Record<string, string | Uint8Array> = {
  "an object that is cut": SECRET.slice(0, -5),
  "an object with a mistake": SECRET.replace('"data":', '"data":,'),
  "an object with a mistake in its secret": SECRET.replace(btoa(PASSWORD), `${btoa(PASSWORD)}\n"`),
  "an object that is there twice": SECRET + SECRET,
  "an object in place of a list or an event": SECRET,
  "a list that is cut": LIST.slice(0, -20),
  "a list with a mistake": LIST.replace('"data":', '"data";'),
  "a list in place of an event": LIST,
  "a list of texts": JSON.stringify({ kind: "SecretList", items: [TOKEN] }),
  "an event that is cut": EVENT.slice(0, -20),
  "an event with a mistake": EVENT.replace('"data":', '"data";'),
  "an event of a secret kind": JSON.stringify({ type: TOKEN, object: {} }) + "\n",
  "an event of a kind that is an object": JSON.stringify({ type: { a: TOKEN }, object: {} }) + "\n",
  "an ERROR without a Status": EVENT.replace("ADDED", "ERROR"),
  "a secret alone": TOKEN,
  "what is not UTF-8": new Uint8Array([...new TextEncoder().encode(LIST.slice(0, -20)), 0xff, 0xfe]),
};

const READS: Record<string, (response: RestResponse) => Promise<unknown>> = {
  "as JSON": (response) => response.json(),
  "as a list": (response) => response.list().collect(),
  async "item by item"(response) {
    for await (const _item of response.list());
  },
  async "as a watch"(response) {
    for await (const _event of response.watch());
  },
};

describe("No answer is repeated in an error", () => {
  for (const [what, body] of Object.entries(GARBLED)) {
    it(`when it is ${what}`, async () => {
      const { init, check } = observer();
      for (const status of [200, 404, 500]) {
        const client = new RestClient({
          server: "http://coxswain.test",
          ...init,
          fetch: () =>
            Promise.resolve(
              new Response(body as BodyInit, { status, headers: { "Content-Type": "application/json" } }),
            ),
        });
        let errors = 0;
        for (const [how, read] of Object.entries(READS)) {
          const request = client.get().resource("secrets").namespace("shop");
          await request.send().then(read).catch((error) => {
            errors++;
            showsNoSecret(error, `${what}, ${how}, ${status}`);
          });
        }
        assert.ok(errors > 0);
      }
      check();
    });
  }
});

describe("Nothing that a program holds shows a secret when it is printed", () => {
  function clientOf(t: Cleanup, init: Partial<RestConfigInit>): Client {
    const server = new ApiServer();
    server.load(JSON.parse(SECRET.replace('"data"', '"metadata":{"name":"web","namespace":"shop"},"data"')));
    const client = new Client({ ...init, server: "http://coxswain.test", fetch: server.fetch });
    t.after(() => client[Symbol.asyncDispose]());
    return client;
  }

  for (const [name, init] of Object.entries(CREDENTIALS)) {
    it(
      `with ${name}: clients, requests, answers and their readers`,
      cleaned(async (t) => {
        const client = clientOf(t, { ...init, middleware: cookies });
        const secrets = client.resource(Secret);
        const list = client.rest.get().resource(Secret).header("Authorization", `Bearer ${TOKEN}`);
        const lists = [await list.send(), await list.send(), await list.query({ watch: true }).send()];
        const reader = lists[0].list<Secret>();
        const batch = reader.nextBatch();
        const held: Record<string, unknown> = {
          client,
          rest: client.rest,
          config: client.rest.config,
          copy: client.rest.config.with({ userAgent: "other" }),
          secrets,
          shop: secrets.namespace("shop"),
          items: secrets.items(),
          watch: secrets.watch(),
          request: list.header("Cookie", TOKEN),
          post: client.rest.post().resource(Secret).body({ data: { password: PASSWORD } }),
          text: client.rest.put().resource(Secret).body(TOKEN, "text/plain"),
          patch: client.rest.patch().resource(Secret).patch("merge", { data: { password: PASSWORD } }),
          list: lists[1],
          reader,
          events: lists[2].watch(),
        };
        for (const [what, value] of Object.entries(held)) showsNoSecret(value, what);
        await batch;
        showsNoSecret(reader, "a reader that has read");
        for (const response of lists) response.close();
      }),
    );
  }

  it("a configuration with a certificate", () => {
    const tls = { ca: pem("ca"), cert: pem("ec-pkcs8"), key: KEY };
    const config = new RestConfig({ server: "https://coxswain.test", tls, bearerToken: TOKEN });
    for (const value of [config, config.with({}), new RestClient(config), new Client(config)]) {
      showsNoSecret(value, "a configuration");
    }
  });

  it("a kubeconfig after redactKubeconfig()", async () => {
    const kubeconfig = await parseKubeconfig(JSON.stringify({
      clusters: [{
        name: "a",
        cluster: { server: `https://u:${PASSWORD}@a`, "proxy-url": `http://u:${PASSWORD}@b` },
      }],
      users: [
        { name: "a", user: { token: TOKEN, password: PASSWORD, "client-key-data": btoa(KEY) } },
        { name: "b", user: { exec: { command: "x", args: [TOKEN], env: [{ name: "A", value: TOKEN }] } } },
        { name: "c", user: { "auth-provider": { name: "oidc", config: { "id-token": TOKEN } } } },
      ],
      contexts: [],
      extensions: [{ name: "x", extension: { token: TOKEN } }],
    }));
    assert.throws(() => showsNoSecret(kubeconfig, "it"), "the test sees it before");
    showsNoSecret(redactKubeconfig(kubeconfig), "a kubeconfig");
  });

  it("a kubeconfig that cannot be read", async () => {
    const text = `users:\n- name: ci\n  user: { token: "${TOKEN}", password: [${PASSWORD}] }\n`;
    for (let length = text.length; length > 30; length -= 7) {
      await parseKubeconfig(text.slice(0, length)).catch((error) => {
        assert.ok(isConfigError(error));
        showsNoSecret(error, "an error");
      });
    }
  });
});
