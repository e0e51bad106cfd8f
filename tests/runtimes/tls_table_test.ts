// Tries what docs/tls.md says, and fails where it is otherwise. To write this runtime's column anew instead:
// COXSWAIN_WRITE=docs deno run -A tools/suite.ts deno|bun|node tests/runtimes/tls_table_test.ts && deno fmt docs/tls.md
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import type { RestClient, RestConfigInit, TlsConfig } from "@coxswain/kube/rest";
import { cleaned, type Cleanup } from "../cleanup.ts";
import { ProxyServer, type ProxyServerOptions } from "./proxy_server.ts";
import { clientOf, identity, listen, pem, RUNTIME } from "./roads.ts";
import type { Exchange, WireServerOptions } from "./wire_server.ts";

const PAGE = fileURLToPath(new URL("../../docs/tls.md", import.meta.url));
const COLUMN = { deno: "Deno", bun: "Bun", node: "Node" }[RUNTIME];
const ca = pem("ca");
const NAMED = "api.coxswain.test"; // which only a proxy can find

/** Greets, or begins a watch with an event that says whose certificate was shown. */
async function serve(exchange: Exchange): Promise<void> {
  const { user = "nobody" } = exchange.connection;
  if (exchange.path === "/") return void await exchange.answer(user);
  await exchange.stream();
  await exchange.chunk(`{"type":"ADDED","object":{"metadata":{"name":"${user}"}}}\n`);
}

/** What became of something: `works`, or the words of the error, with what differs each time left out. */
async function said(attempt: () => Promise<unknown>): Promise<string> {
  try {
    await attempt();
    return "works";
  } catch (error) {
    assert.ok(error instanceof Error);
    return error.message.replace(/^GET \S+ failed: /, "").replaceAll(/:\d{2,5}\b/g, "");
  }
}

/** Nothing takes so long, in milliseconds; a row that does not end says so instead. */
const inTime = () => ({ signal: AbortSignal.timeout(20_000) });

async function request(client: RestClient, user?: string): Promise<void> {
  const text = await (await client.get().absolutePath("/").send(inTime())).text();
  if (user !== undefined) assert.equal(text, user, "the server sees another user");
}

async function watch(client: RestClient, user?: string): Promise<void> {
  for await (const event of (await client.get().absolutePath("/?watch=true").send(inTime())).watch()) {
    if (user !== undefined) {
      assert.equal(
        event.type === "ADDED" && event.object.metadata.name,
        user,
        "the server sees another user",
      );
    }
    return;
  }
}

/** What a row tries: the words for a request, and those for a watch. */
type Trial = (t: Cleanup) => Promise<[request: string, watch: string]>;

interface Case {
  /** The server's certificate. */
  shows?: string;
  server?: WireServerOptions;
  host?: string;
  tls?: TlsConfig;
  proxy?: ProxyServerOptions;
  /** The name in the client's certificate that the server must see. */
  user?: string;
}

/** A request and a watch, each from a client of its own. */
const each =
  ({ shows = "server", server: options, host = "localhost", tls = { ca }, proxy, user }: Case): Trial =>
  async (t) => {
    const server = await listen(t, { tls: identity(shows), serve, ...options });
    const init: RestConfigInit = { server: `https://${host}:${server.port}`, tls };
    if (proxy !== undefined) {
      const through = await ProxyServer.listen(proxy);
      t.after(() => through.close());
      init.proxy = through.url();
    }
    return [
      await said(() => request(clientOf(t, init), user)),
      await said(() => watch(clientOf(t, init), user)),
    ];
  };

const client = (kind: string): Trial =>
  each({ server: { clientCa: ca }, tls: { ca, ...identity(kind) }, user: kind });

/** Changes something while a watch runs, which must go on; what begins then has to go by the change. */
const changed = (
  init: () => { init: Partial<RestConfigInit>; change: () => void },
  before: (client: RestClient) => Promise<void>,
  after: (client: RestClient) => Promise<void>,
): Trial =>
async (t) => {
  const { init: settings, change } = init();
  let running: Exchange | undefined;
  const server = await listen(t, {
    tls: identity("server"),
    clientCa: ca,
    anonymous: true,
    serve: (exchange) => {
      running ??= exchange.path === "/" ? undefined : exchange;
      return serve(exchange);
    },
  });
  const client = clientOf(t, { server: `https://localhost:${server.port}`, ...settings });
  await before(client);
  const events = (await client.get().absolutePath("/?watch=true").send(inTime())).watch()
    [Symbol.asyncIterator]();
  await events.next();
  change();
  const words = await said(() => after(client));
  await running?.chunk('{"type":"MODIFIED","object":{}}\n');
  const goesOn = await said(async () => assert.equal((await events.next()).value?.type, "MODIFIED"));
  return [words, goesOn];
};

const ROWS: readonly { name: string; tries: Trial }[] = [
  { name: "client certificate, EC key in SEC 1", tries: client("ec-sec1") },
  { name: "client certificate, EC key in PKCS #8", tries: client("ec-pkcs8") },
  { name: "client certificate, RSA key in PKCS #1", tries: client("rsa-pkcs1") },
  { name: "client certificate, RSA key in PKCS #8", tries: client("rsa-pkcs8") },
  {
    name: "client certificate with another's key",
    tries: each({ tls: { ca, cert: pem("ec-sec1"), key: pem("ec-pkcs8-key") } }),
  },
  { name: "no client certificate where one is demanded", tries: each({ server: { clientCa: ca } }) },
  { name: "private CA", tries: each({}) },
  { name: "private CA, server by its IP address", tries: each({ host: "127.0.0.1" }) },
  { name: "CA bundle", tries: each({ tls: { ca: `${pem("other-ca")}${ca}` } }) },
  { name: "wrong CA", tries: each({ tls: { ca: pem("other-ca") } }) },
  { name: "private CA that nobody was told of", tries: each({ tls: {} }) },
  { name: "CA that cannot be read", tries: each({ tls: { ca: ca.replace(/\n.+\n/, "\nAAAA\n") } }) },
  { name: "expired certificate", tries: each({ shows: "expired" }) },
  { name: "certificate for another host", tries: each({ shows: "named" }) },
  {
    name: "certificate for another host, `tls.serverName` says which",
    tries: each({ shows: "named", tls: { ca, serverName: NAMED } }),
  },
  { name: "`tls.serverName` of another", tries: each({ tls: { ca, serverName: NAMED } }) },
  { name: "`tls.insecure`, expired certificate", tries: each({ shows: "expired", tls: { insecure: true } }) },
  {
    name: "`tls.insecure` with a client certificate",
    tries: each({
      server: { clientCa: ca },
      tls: { insecure: true, ...identity("ec-sec1") },
      user: "ec-sec1",
    }),
  },
  { name: "HTTP proxy", tries: each({ shows: "named", host: NAMED, proxy: {} }) },
  {
    name: "HTTP proxy with a user",
    tries: each({ shows: "named", host: NAMED, proxy: { user: "me:hunter2" } }),
  },
  {
    name: "HTTP proxy and a client certificate",
    tries: each({
      shows: "named",
      host: NAMED,
      proxy: {},
      server: { clientCa: ca },
      tls: { ca, ...identity("rsa-pkcs8") },
      user: "rsa-pkcs8",
    }),
  },
  { name: "HTTP proxy, certificate for another host", tries: each({ host: NAMED, proxy: {} }) },
  { name: "HTTPS proxy", tries: each({ shows: "named", host: NAMED, proxy: { tls: identity("server") } }) },
  {
    name: "HTTPS proxy that is not trusted",
    tries: async (t) => {
      // Each runtime has its own words for why, which come last.
      const words = await each({ shows: "named", host: NAMED, proxy: { tls: identity("expired") } })(t);
      const [request, watch] = words.map((text) => text.replace(/(speaks no TLS): .+$/, "$1"));
      return [request, watch];
    },
  },
  { name: "SOCKS 5 proxy", tries: each({ shows: "named", host: NAMED, proxy: { socks: true } }) },
  {
    name: "SOCKS 5 proxy with a user",
    tries: each({ shows: "named", host: NAMED, proxy: { socks: true, user: "me:hunter2" } }),
  },
  {
    name: "proxy of the environment, network in `NO_PROXY`",
    tries: async (t) => {
      const proxy = await ProxyServer.listen();
      t.after(() => proxy.close());
      for (const [name, value] of [["HTTPS_PROXY", proxy.url()], ["NO_PROXY", "0.0.0.0/8"]]) {
        const before = process.env[name];
        process.env[name] = value;
        t.after(() => before === undefined ? delete process.env[name] : process.env[name] = before);
      }
      const words = await each({ host: "0.0.0.0", tls: { ca, serverName: "localhost" } })(t);
      assert.deepEqual(proxy.asked, []);
      return words;
    },
  },
  {
    name: "client certificate that changes",
    tries: changed(
      () => {
        let user = "ec-sec1";
        return { init: { tls: { ca }, credentials: () => identity(user) }, change: () => user = "rsa-pkcs8" };
      },
      (client) => request(client, "ec-sec1"),
      (client) => request(client, "rsa-pkcs8"),
    ),
  },
  {
    name: "CA that changes to another",
    tries: changed(
      () => {
        let authorities = ca;
        return { init: { tls: { ca: () => authorities } }, change: () => authorities = pem("other-ca") };
      },
      (client) => request(client),
      (client) => request(client),
    ),
  },
  {
    name: "CA that changes to what cannot be read",
    tries: changed(
      () => {
        let authorities = ca;
        const logger = { debug() {}, info() {}, warn() {}, error() {} };
        return { init: { tls: { ca: () => authorities }, logger }, change: () => authorities = "" };
      },
      (client) => request(client),
      (client) => request(client),
    ),
  },
];

const BEGIN = "<!-- table: tests/runtimes/tls_table_test.ts -->\n";
const END = "\n<!-- end of table -->";

/** The page's table: for each row its cells, by the names of their columns. */
function readTable(page: string): Map<string, Record<string, string>> {
  const [start, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  const lines = page.slice(start + BEGIN.length, end).split("\n").filter((line) => line.startsWith("|"));
  const [names, , ...rows] = lines.map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
  return new Map(
    rows.map(([name, ...cells]) => [
      name,
      Object.fromEntries(cells.map((cell, index) => [names[index + 1], cell])),
    ]),
  );
}

function writeTable(page: string, table: ReadonlyMap<string, Record<string, string>>): string {
  const columns = ["Deno", "Bun", "Node"];
  const lines = [
    ["", ...columns],
    ["---", ...columns.map(() => "---")],
    ...[...table].map(([name, cells]) => [name, ...columns.map((column) => cells[column] ?? "")]),
  ].map((cells) => `| ${cells.join(" | ")} |`);
  return page.slice(0, page.indexOf(BEGIN) + BEGIN.length) + lines.join("\n") + page.slice(page.indexOf(END));
}

describe(`The table of docs/tls.md, as to ${COLUMN},`, () => {
  const table = readTable(readFileSync(PAGE, "utf8"));
  for (const { name, tries } of ROWS) {
    it(
      `is right about: ${name}`,
      cleaned(async (t) => {
        const [request, watch] = await tries(t);
        const cell = request === watch ? request : `request: ${request}; watch: ${watch}`;
        if (process.env.COXSWAIN_WRITE === "docs") {
          const page = readFileSync(PAGE, "utf8");
          const now = readTable(page);
          const rows = ROWS.map(({ name }): [string, Record<string, string>] => [name, { ...now.get(name) }]);
          const written = new Map(rows);
          written.set(name, { ...written.get(name), [COLUMN]: cell });
          writeFileSync(PAGE, writeTable(page, written));
        } else {
          assert.equal(cell, table.get(name)?.[COLUMN]);
        }
      }),
    );
  }

  it("has these rows and no others", () => {
    if (process.env.COXSWAIN_WRITE === "docs") return;
    assert.deepEqual([...table.keys()], ROWS.map(({ name }) => name));
  });
});
