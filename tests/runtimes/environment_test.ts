import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import process from "node:process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { cleaned, type Cleanup } from "../cleanup.ts";
import type { TlsConfig } from "@coxswain/kube/rest";
import { ProxyServer } from "./proxy_server.ts";
import { identity, listen, pem, RUNTIME } from "./roads.ts";
import type { Exchange } from "./wire_server.ts";

const MAIN = fileURLToPath(new URL("./environment_main.ts", import.meta.url));
/** What a program has to be allowed to read on Deno for our rules to hold, and not Deno's own. */
const NAMES = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"].flatMap((
  name,
) => [name, name.toLowerCase()]);
/** A process that has not ended by itself until then does not. In milliseconds. */
const LIMIT = 30_000;

/** Runs a program in a process of its own: runtimes read the environment when they like, some at their start only. */
function outcomesOf(
  urls: readonly string[],
  { env = {}, proxy = "", tls = { ca: pem("ca") }, permissions = ["--allow-net", `--allow-env=${NAMES}`] }: {
    env?: Record<string, string>;
    proxy?: string;
    tls?: TlsConfig;
    permissions?: readonly string[];
  },
): Promise<string[]> {
  const command = {
    bun: [],
    node: [],
    deno: ["run", "--no-prompt", "--no-check", "--quiet", "--allow-read", ...permissions],
  }[RUNTIME];
  const rest = Object.entries(process.env).filter(([name]) => !NAMES.includes(name));
  rest.push(["DENO_NO_UPDATE_CHECK", "1"]); // once a day Deno asks, by the proxy too, whether there is a newer one
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [...command, MAIN, proxy, JSON.stringify(tls), ...urls],
      { timeout: LIMIT, killSignal: "SIGKILL", env: { ...Object.fromEntries(rest), ...env } },
      (error, stdout, stderr) =>
        error === null ? resolve(JSON.parse(stdout)) : reject(new Error(stdout + stderr)),
    );
  });
}

/** Servers and proxies, and what to call them by in a test: `{named}`, `{any}`, `{here}`, `{proxy}`, … */
async function places(t: Cleanup) {
  const serve = (exchange: Exchange) => exchange.answer("hello");
  const plain = await listen(t, { serve, host: "0.0.0.0" });
  const secure = await listen(t, { serve, tls: identity("server") });
  const named = await listen(t, { serve, tls: identity("named") });
  const [proxy, other, socks] = await Promise.all([{}, {}, { socks: true }].map(ProxyServer.listen));
  for (const one of [proxy, other, socks]) t.after(() => one.close());
  const urls: Record<string, string> = {
    named: `https://api.coxswain.test:${named.port}`, // which only a proxy can find
    any: `http://0.0.0.0:${plain.port}`, // which leads here, but is not of the loopback interface
    anyPort: String(plain.port),
    plain: `http://127.0.0.1:${plain.port}`,
    secure: `https://localhost:${secure.port}`,
    proxy: proxy.url(),
    other: other.url(),
    socks: socks.url(),
    bare: proxy.url().slice("http://".length),
  };
  const fill = (text: string) => text.replaceAll(/\{(\w+)\}/g, (_, name: string) => urls[name]);
  return { fill, asked: () => [proxy, other, socks].map(({ asked }) => asked.length) };
}

const BOTH = { HTTP_PROXY: "{proxy}", HTTPS_PROXY: "{proxy}" };
const NOT_KNOWN = /failed: the host name is not known$/;

describe("The environment", () => {
  for (
    const { name, env, proxy = "", ask, isPermitted = true, only } of [
      {
        name: "says by which proxy to go, but not to this machine",
        env: BOTH,
        ask: { "{named}": "proxy", "{any}": "proxy", "{plain}": "direct", "{secure}": "direct" },
      },
      {
        name: "leaves out networks and names",
        env: { ...BOTH, NO_PROXY: "0.0.0.0/8, .coxswain.test" },
        ask: { "{any}": "direct", "{named}": NOT_KNOWN },
      },
      {
        name: "leaves out an address with its port",
        env: { ...BOTH, NO_PROXY: "0.0.0.0:{anyPort}" },
        ask: { "{any}": "direct", "{named}": "proxy" },
      },
      {
        name: "leaves out everything",
        env: { ...BOTH, no_proxy: "*" },
        ask: { "{any}": "direct", "{secure}": "direct", "{named}": NOT_KNOWN },
      },
      {
        name: "is not asked when there shall be no proxy",
        env: BOTH,
        proxy: "none",
        ask: { "{any}": "direct", "{named}": NOT_KNOWN },
      },
      {
        name: "is not asked when a proxy is given",
        env: { ...BOTH, NO_PROXY: "*" },
        proxy: "{other}",
        ask: { "{any}": "other", "{named}": "other" },
      },
      {
        name: "may say so in lower case and without a scheme",
        env: { https_proxy: "{bare}" },
        ask: { "{named}": "proxy", "{any}": "direct" },
      },
      {
        name: "may name a SOCKS proxy",
        env: { HTTPS_PROXY: "{socks}" },
        ask: { "{named}": "socks", "{any}": "direct" },
      },
      {
        name: "says nothing by ALL_PROXY",
        env: { ALL_PROXY: "{proxy}", all_proxy: "{proxy}" },
        ask: { "{any}": "direct", "{secure}": "direct" },
      },
      {
        name: "is refused by the name of its variable",
        env: { HTTPS_PROXY: "ftp://me:hunter2@proxy.test" },
        ask: { "{named}": /^ConfigError: Cannot use HTTPS_PROXY: (?!.*hunter2)/, "{any}": "direct" },
      },
      {
        name: "is Deno's to read when we may not, and nobody is asked",
        only: "deno",
        env: BOTH,
        isPermitted: false,
        ask: { "{named}": "proxy", "{any}": "proxy" },
      },
      {
        name: "is not asked when there shall be no proxy, though we may not know whether it names one",
        only: "deno",
        env: BOTH,
        isPermitted: false,
        proxy: "none",
        ask: { "{any}": "direct", "{secure}": "direct" },
      },
    ] as {
      name: string;
      env: Record<string, string>;
      proxy?: string;
      ask: Record<string, "direct" | "proxy" | "other" | "socks" | RegExp>;
      isPermitted?: boolean;
      only?: typeof RUNTIME;
    }[]
  ) {
    it(
      name,
      { skip: only !== undefined && only !== RUNTIME && `a matter of ${only}` },
      cleaned(async (t) => {
        const { fill, asked } = await places(t);
        const ways = Object.values(ask);
        const outcomes = await outcomesOf(Object.keys(ask).map(fill), {
          env: Object.fromEntries(Object.entries(env).map(([name, text]) => [name, fill(text)])),
          proxy: fill(proxy),
          permissions: isPermitted ? undefined : ["--allow-net"],
        });
        for (const [index, way] of ways.entries()) {
          if (way instanceof RegExp) assert.match(outcomes[index], way);
          else assert.equal(outcomes[index], "hello", Object.keys(ask)[index]);
        }
        assert.deepEqual(
          asked(),
          ["proxy", "other", "socks"].map((name) => ways.filter((way) => way === name).length),
        );
      }),
    );
  }
});

describe("Authorities that the machine trusts", () => {
  const here = fileURLToPath(new URL("../certificates/ca.pem", import.meta.url));
  const notTrusted = /not signed by a CA that is trusted here$/;
  for (
    const { name, tls, outcome } of [
      { name: "are believed when no others are given", tls: {}, outcome: /^hello$/ },
      {
        // docs/tls.md says so: there is no way of telling Deno's fetch to forget its own.
        name: `are ${RUNTIME === "deno" ? "still" : "not"} believed when others are given`,
        tls: { ca: pem("other-ca") },
        outcome: RUNTIME === "deno" ? /^hello$/ : notTrusted,
      },
      {
        name: "are not believed when others and a server name are given",
        tls: { ca: pem("other-ca"), serverName: "localhost" },
        outcome: notTrusted,
      },
    ]
  ) {
    it(
      name,
      cleaned(async (t) => {
        const { fill } = await places(t);
        const [said] = await outcomesOf([fill("{secure}")], { tls, env: { NODE_EXTRA_CA_CERTS: here } });
        assert.match(said, outcome);
      }),
    );
  }
});

describe("A permission that Deno does not give", { skip: RUNTIME !== "deno" && "a matter of Deno" }, () => {
  for (
    const { name, permissions, url = "https://127.0.0.1:6443", says, ...settings } of [
      {
        name: "to reach the server",
        permissions: ["--allow-net=127.0.0.1:1"],
        says:
          "Cannot use server: Deno may not connect to 127.0.0.1:6443. Run with --allow-net=127.0.0.1:6443",
      },
      ...["http", "socks5"].map((protocol) => ({
        name: `to reach the ${protocol} proxy`,
        permissions: ["--allow-net=127.0.0.1:6443"],
        proxy: `${protocol}://me:hunter2@127.0.0.1:2`,
        says: "Cannot use proxy: Deno may not connect to 127.0.0.1:2. Run with --allow-net=127.0.0.1:2",
      })),
      {
        name: "to read its authorities, where its fetch does not do",
        permissions: ["--allow-net"],
        tls: { serverName: "api.coxswain.test" },
        url: "{secure}",
        says: "Cannot use tls: Deno may not read its own certificate authorities, " +
          "for which it asks for sys access. Give tls.ca, or run with --allow-sys=",
      },
    ] as {
      name: string;
      permissions: string[];
      url?: string;
      proxy?: string;
      tls?: TlsConfig;
      says: string;
    }[]
  ) {
    it(
      `${name} is asked for by its name`,
      cleaned(async (t) => {
        const { fill } = await places(t);
        const [said] = await outcomesOf([fill(url)], { permissions, ...settings });
        assert.ok(said.startsWith(`ConfigError: ${says}`), said);
      }),
    );
  }
});
