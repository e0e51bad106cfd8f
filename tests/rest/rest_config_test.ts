import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import { noLogger, noMeter } from "@coxswain/kube/observe";
import { type ConfigError, isConfigError, RestConfig, type RestConfigInit } from "@coxswain/kube/rest";
import { ManualClock } from "@coxswain/kube/testing";
import { maskedCodec } from "./masked_codec.ts";

const pem = (label: string) => `-----BEGIN ${label}-----\nQUJD\n-----END ${label}-----\n`;
const CA = pem("CERTIFICATE");
const KEY = pem("EC PRIVATE KEY");

describe("RestConfig", () => {
  for (
    const [server, tls, expected] of [
      ["127.0.0.1", {}, "http://127.0.0.1/"],
      ["foo.bar.com:8080", {}, "http://foo.bar.com:8080/"],
      ["foo.bar.com", { ca: CA }, "https://foo.bar.com/"],
      ["foo.bar.com", { cert: CA, key: KEY }, "https://foo.bar.com/"],
      ["foo.bar.com", { insecure: true }, "https://foo.bar.com/"],
      ["foo.bar.com", { serverName: "other" }, "http://foo.bar.com/"],
      ["[::1]:6443", { insecure: true }, "https://[::1]:6443/"],
      ["https://host:6443", {}, "https://host:6443/"],
      ["http://host/prefix", {}, "http://host/prefix/"],
      ["https://host/prefix//?a=b#c", {}, "https://host/prefix/"],
    ] as [string, RestConfigInit["tls"], string][]
  ) {
    it(`makes ${expected} of "${server}" with ${Object.keys(tls ?? {}).join(" and ") || "no TLS"} [rest 1.3]`, () => {
      assert.equal(new RestConfig({ server, tls }).server, expected);
    });
  }

  for (
    const [what, init, setting] of [
      ["an empty server", { server: "" }, "server"],
      ["a path without a scheme [rest 1.3]", { server: "host/server" }, "server"],
      ["another scheme", { server: "ftp://host" }, "server"],
      ["a password in the URL", { server: "https://me:hunter2@host" }, "server"],
      ["a malformed URL with a password", { server: "me:hunter2@host:port" }, "server"],
      [
        "a CA that would be ignored [rest 7.5]",
        { server: "h", tls: { ca: CA, insecure: true } },
        "tls.insecure",
      ],
      ["a certificate without a key", { server: "h", tls: { cert: CA } }, "tls.cert"],
      ["a key without a certificate", { server: "h", tls: { key: KEY } }, "tls.key"],
      ["a CA that is no PEM", { server: "h", tls: { ca: "hunter2" } }, "tls.ca"],
      ["a CA that holds only a key [rest 7.5]", { server: "h", tls: { ca: KEY } }, "tls.ca"],
      ["a key that is a certificate", { server: "h", tls: { cert: CA, key: CA } }, "tls.key"],
      ["TLS beside a custom fetch [rest 7.5]", { server: "h", tls: { ca: CA }, fetch }, "tls.ca"],
      [
        "two ways to say who asks [rest 7.1]",
        { server: "h", bearerToken: "hunter2", username: "me" },
        "bearerToken and username",
      ],
      ["a token with a line break", { server: "h", bearerToken: "hunter2\r\nX-Other: 1" }, "bearerToken"],
      [
        "a server that is none before TLS that is none [rest 1.1]",
        { server: "", tls: { ca: "x" } },
        "server",
      ],
      ["a negative rate [rest 1.1]", { server: "h", qps: -1 }, "qps"],
      ["a negative time-out", { server: "h", timeouts: { idle: -1 } }, "timeouts.idle"],
    ] as [string, RestConfigInit, string][]
  ) {
    it(`refuses ${what}, without repeating secrets`, () => {
      assert.throws(() => new RestConfig(init), (error: ConfigError) => {
        assert.ok(isConfigError(error));
        assert.equal(error.setting, setting);
        assert.doesNotMatch(error.message, /hunter2/);
        return true;
      });
    });
  }

  it("takes one good certificate among other text", () => {
    new RestConfig({ server: "h", tls: { ca: `# my CA\n${CA}\n${pem("X509 CRL")}` } });
  });

  it("shows no secret, however it is printed [rest 1.2]", () => {
    const config = new RestConfig({
      server: "https://host",
      username: "me",
      password: "hunter2",
      tls: { ca: CA, cert: CA, key: pem("PRIVATE KEY").replace("QUJD", "aHVudGVyMg==") },
    });
    const token = new RestConfig({ server: "https://host", bearerToken: "hunter2" });
    for (const one of [config, token]) {
      for (
        const shown of [
          JSON.stringify(one),
          String(one),
          inspect(one, { depth: 9, showHidden: true }),
          inspect({ one }),
        ]
      ) {
        assert.doesNotMatch(shown, /hunter2|aHVudGVyMg/);
      }
    }
    assert.match(JSON.stringify(token), /REDACTED/);
    assert.equal(JSON.parse(JSON.stringify(new RestConfig({ server: "h" }))).bearerToken, undefined);
  });

  it("is copied with changes, and does not change itself", () => {
    const config = new RestConfig({ server: "https://host", bearerToken: "a", namespace: "shop" });
    const other = config.with({ bearerToken: undefined, namespace: "ops" });
    assert.deepEqual([config.bearerToken, config.namespace], ["a", "shop"]);
    assert.deepEqual([other.server, other.bearerToken, other.namespace], ["https://host/", undefined, "ops"]);
  });

  /** One of each setting: a new one must be added here, and is then copied. */
  const each: Required<Omit<RestConfigInit, "username" | "password" | "bearerToken" | "fetch">> = {
    server: "https://host/prefix/",
    namespace: "shop",
    credentials: () => ({}),
    tls: { ca: CA, serverName: "other" },
    proxy: "http://proxy.test:3128/",
    disableCompression: true,
    timeouts: { connect: 1, headers: 2, idle: 3 },
    userAgent: "mine/1",
    qps: 1,
    burst: 2,
    rateLimiter: { wait: () => Promise.resolve(0) },
    impersonate: { userName: "jane" },
    middleware: [(request, next) => next(request)],
    onWarning: () => {},
    logger: noLogger,
    meter: noMeter,
    durationsBy: "url",
    codecs: [{ ...maskedCodec }],
    contentType: "application/json",
    accept: "application/json",
    maxRetries: 3,
    clock: new ManualClock(),
    random: () => 0.5,
  };
  type Setting = Exclude<keyof typeof each, "qps" | "burst" | "tls" | "codecs">;
  const settings = (Object.keys(each) as (keyof typeof each)[])
    .filter((name): name is Setting => !["qps", "burst", "tls", "codecs"].includes(name));

  it("keeps every setting in a copy [rest 1.2]", () => {
    const copy = new RestConfig(each).with({});
    for (const name of settings) assert.deepEqual(copy[name], each[name], name);
    assert.deepEqual([copy.tls.ca, copy.tls.serverName, copy.codecs[0]], [CA, "other", each.codecs[0]]);
  });

  it("takes a rate limiter before qps and burst, whatever they say [rest 1.1]", () => {
    const { rateLimiter } = each;
    for (const qps of [0, 7]) {
      assert.equal(new RestConfig({ server: "h", rateLimiter, qps, burst: 0 }).rateLimiter, rateLimiter);
    }
    assert.equal(new RestConfig({ server: "h", qps: 0 }).rateLimiter, undefined);
  });

  it("says nothing of who asks in an anonymous copy, and all else [rest 1.2]", () => {
    const certificate = { cert: CA, key: KEY };
    const all = [
      new RestConfig(each),
      new RestConfig({ ...each, credentials: undefined, bearerToken: "hunter2" }),
      new RestConfig({ ...each, credentials: undefined, username: "me", password: "hunter2" }),
      new RestConfig({ ...each, credentials: undefined, tls: { ...each.tls, ...certificate } }),
    ].map((config) => config.anonymous());
    const dropped = ["credentials", "impersonate", "middleware"];
    for (const copy of all) {
      for (const name of settings) {
        if (!dropped.includes(name)) assert.deepEqual(copy[name], each[name], name);
      }
      const { bearerToken, username, password, credentials, impersonate, middleware, tls } = copy;
      assert.deepEqual(
        [bearerToken, username, password, credentials, impersonate, tls.cert, tls.key],
        Array(7).fill(undefined),
      );
      assert.deepEqual([middleware, tls.ca, tls.serverName], [[], CA, "other"]);
    }
    assert.equal(new RestConfig({ server: "h", fetch }).anonymous().fetch, undefined);
  });
});
