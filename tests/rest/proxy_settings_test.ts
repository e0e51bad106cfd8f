import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import { ConfigError, RestConfig } from "@coxswain/kube/rest";
import { chooseProxy, type ProxyEnvironment } from "../../rest/proxy_settings.ts";

const https = "http://secure.test:3128";
const http = "http://plain.test:3128";

describe("chooseProxy() [rest 7.8]", () => {
  for (
    const {
      name,
      proxy = "environment",
      environment = {},
      url = "https://api.test:6443",
      goes,
      strays = false,
    } of [
      { name: "nothing is said", goes: undefined },
      { name: "one is for https", environment: { https }, goes: https, strays: true },
      { name: "one is for http alone", environment: { http }, goes: undefined },
      {
        name: "one is for http",
        environment: { http, https },
        url: "http://api.test",
        goes: http,
        strays: true,
      },
      {
        name: "one lacks its scheme",
        environment: { https: "me:hunter2@proxy.test:80" },
        goes: "http://me:hunter2@proxy.test",
        strays: true,
      },
      {
        name: "one speaks SOCKS",
        environment: { https: "socks5://proxy.test" },
        goes: "socks5://proxy.test",
        strays: true,
      },
      { name: "the server is excluded", environment: { https, none: "api.test" }, goes: undefined },
      {
        name: "the server is excluded by its port",
        environment: { https, none: "api.test:6443" },
        goes: undefined,
        strays: true,
      },
      {
        name: "the server is on this machine",
        environment: { https },
        url: "https://127.0.0.1:6443",
        goes: undefined,
        strays: true,
      },
      {
        name: "one is for all, which is no custom of Go programs",
        environment: { all: https },
        goes: undefined,
        strays: true,
      },
      { name: "there shall be none", proxy: "none", environment: { https }, goes: undefined, strays: true },
      { name: "there shall be none, and there is none", proxy: "none", goes: undefined },
      {
        name: "there shall be none, and it is unknown whether there is",
        proxy: "none",
        environment: { isKnown: false },
        goes: undefined,
        strays: true,
      },
      { name: "the environment is unknown", environment: { isKnown: false }, goes: undefined },
      {
        name: "one is given, whatever the environment says",
        proxy: http,
        environment: { https, none: "*" },
        goes: http,
        strays: true,
      },
    ] as {
      name: string;
      proxy?: string;
      environment?: Partial<ProxyEnvironment>;
      url?: string;
      goes?: string;
      strays?: boolean;
    }[]
  ) {
    it(`sends requests ${goes === undefined ? "to the server" : "by a proxy"} when ${name}`, () => {
      const choice = chooseProxy(proxy, { isKnown: true, ...environment });
      assert.equal(choice.proxyFor(new URL(url))?.href, goes && new URL(goes).href);
      assert.equal(choice.fetchMayStray(new URL(url)), strays);
    });
  }

  it("refuses what the environment says when it is needed, and does not repeat it", () => {
    const choice = chooseProxy("environment", {
      isKnown: true,
      https: "ftp://me:hunter2@proxy.test",
      none: "other.test",
    });
    assert.equal(choice.proxyFor(new URL("http://api.test")), undefined);
    assert.equal(choice.proxyFor(new URL("https://other.test")), undefined);
    assert.throws(() => choice.proxyFor(new URL("https://api.test")), (error) => {
      assert.ok(error instanceof ConfigError && error.setting === "HTTPS_PROXY");
      assert.doesNotMatch(inspect(error), /hunter2/);
      return true;
    });
  });
});

describe("RestConfig.proxy", () => {
  for (
    const { name, proxy } of [
      { name: "no URL", proxy: "hunter2" },
      { name: "a host and a port without a scheme", proxy: "me:hunter2@proxy.test:3128" },
      { name: "another protocol", proxy: "ftp://me:hunter2@proxy.test" },
      { name: "an older SOCKS", proxy: "socks4://me:hunter2@proxy.test" },
      { name: "no host", proxy: "socks5://" },
      { name: "nothing", proxy: "" },
      { name: "a password with a stray %", proxy: "http://me:hunter2%zz@proxy.test" },
    ]
  ) {
    it(`is refused when it is ${name}, without repeating it`, () => {
      assert.throws(() => new RestConfig({ server: "https://host", proxy }), (error) => {
        assert.ok(error instanceof ConfigError && error.setting === "proxy", String(error));
        assert.doesNotMatch(inspect(error, { depth: 9, showHidden: true }), /hunter2/);
        return true;
      });
    });
  }

  for (const proxy of ["none", "http://proxy.test"]) {
    it(`is refused as ${proxy} beside a custom fetch`, () => {
      assert.throws(
        () => new RestConfig({ server: "https://host", proxy, fetch }),
        /Cannot use proxy: a custom fetch/,
      );
    });
  }

  it("is shown without who uses it", () => {
    const config = new RestConfig({ server: "https://host", proxy: "socks5://me:hunter2@proxy.test" });
    assert.equal(config.proxy, "socks5://me:hunter2@proxy.test");
    for (
      const shown of [JSON.stringify(config), String(config), inspect(config, { depth: 9, showHidden: true })]
    ) {
      assert.doesNotMatch(shown, /hunter2/);
    }
    assert.equal(config.toJSON().proxy, "socks5://--- REDACTED ---@proxy.test");
    assert.equal(new RestConfig({ server: "h" }).proxy, "environment");
  });
});
