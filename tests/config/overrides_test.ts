import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { describe, it } from "node:test";
import {
  applyOverrides,
  type ConfigOverrides,
  effectiveNamespace,
  inClusterConfig,
  type Kubeconfig,
  loadConfig,
  parseKubeconfig,
  restConfigFrom,
} from "@coxswain/kube/config";
import { noLogger, PrometheusMeter } from "@coxswain/kube/observe";
import { isConfigError } from "@coxswain/kube/rest";
import { ManualClock } from "@coxswain/kube/testing";
import { FIRST_CERT, FIRST_KEY } from "./client_certificates.ts";
import { withFiles } from "./folder.ts";
import { authoritiesOf, CA, CERT, KEY, kubeconfigText } from "./material.ts";

const NEVER = new AbortController().signal;
const OTHER_CA = CA + CA;
const POD = { KUBERNETES_SERVICE_HOST: "10.0.0.1", KUBERNETES_SERVICE_PORT: "443" };

describe("Overrides", () => {
  for (
    const { name, cluster = {}, user = {}, overrides, expected } of [
      {
        name: "lay fields over the entries'",
        cluster: { server: "https://a", "tls-server-name": "x" },
        user: { token: "old" },
        overrides: { user: { token: "new" } },
        expected: { server: "https://a", "tls-server-name": "x", token: "new" },
      },
      {
        name: "clear nothing by false, empty texts and empty lists",
        cluster: { server: "https://a", "insecure-skip-tls-verify": true, "tls-server-name": "x" },
        user: { token: "old", as: "jane", "as-groups": ["dev"] },
        overrides: {
          cluster: { server: "", "insecure-skip-tls-verify": false, "tls-server-name": "" },
          user: { token: "", as: "", "as-groups": [] },
        },
        expected: {
          server: "https://a",
          "insecure-skip-tls-verify": true,
          "tls-server-name": "x",
          token: "old",
          as: "jane",
          "as-groups": ["dev"],
        },
      },
      {
        name: "replace lists whole, and merge maps by their keys",
        cluster: { server: "https://a" },
        user: { as: "jane", "as-groups": ["dev", "ops"], "as-user-extra": { a: ["1"], b: ["1"] } },
        overrides: { user: { "as-groups": ["qa"], "as-user-extra": { b: ["2", "3"] } } },
        expected: {
          server: "https://a",
          as: "jane",
          "as-groups": ["qa"],
          "as-user-extra": { a: ["1"], b: ["2", "3"] },
        },
      },
      {
        name: "replace structures whole, with the fields that they do not set",
        cluster: {
          server: "https://a",
          extensions: [{ name: "a", extension: 1 }, { name: "b", extension: 1 }],
        },
        user: { exec: { command: "old", args: ["x"], interactiveMode: "Never" } },
        overrides: {
          cluster: { extensions: [{ name: "b", extension: 2 }] },
          user: { exec: { command: "new" } },
        },
        expected: {
          server: "https://a",
          extensions: [{ name: "a", extension: 1 }, { name: "b", extension: 2 }],
          exec: { command: "new" },
        },
      },
      {
        name: "that are insecure take the certificate authority away",
        cluster: { server: "https://a", "certificate-authority": "/a", "certificate-authority-data": "YQ==" },
        overrides: { cluster: { "insecure-skip-tls-verify": true } },
        expected: { server: "https://a", "insecure-skip-tls-verify": true },
      },
      {
        name: "with the file of a certificate authority take data and insecurity away",
        cluster: { "certificate-authority-data": "YQ==", "insecure-skip-tls-verify": true },
        overrides: { cluster: { "certificate-authority": "/b" } },
        expected: { server: "https://east:6443", "certificate-authority": "/b" },
      },
      {
        name: "with the data of a certificate authority take the file away",
        cluster: { "certificate-authority": "/a" },
        overrides: { cluster: { "certificate-authority-data": "Yg==" } },
        expected: { server: "https://east:6443", "certificate-authority-data": "Yg==" },
      },
      {
        name: "of the server take tls-server-name away",
        cluster: { "tls-server-name": "old" },
        overrides: { cluster: { server: "https://b" } },
        expected: { server: "https://b" },
      },
      {
        name: "of the server and tls-server-name take both",
        cluster: { "tls-server-name": "old" },
        overrides: { cluster: { server: "https://b", "tls-server-name": "new" } },
        expected: { server: "https://b", "tls-server-name": "new" },
      },
      {
        name: "of tls-server-name alone keep the server",
        cluster: { "tls-server-name": "old" },
        overrides: { cluster: { "tls-server-name": "new" } },
        expected: { server: "https://east:6443", "tls-server-name": "new" },
      },
      {
        name: "with files for a certificate and a key take the data away",
        user: { "client-certificate-data": "YQ==", "client-key-data": "YQ==" },
        overrides: { user: { "client-certificate": "/c", "client-key": "/k" } },
        expected: { server: "https://east:6443", "client-certificate": "/c", "client-key": "/k" },
      },
      {
        name: "with data for a certificate and a key take the files away",
        user: { "client-certificate": "/c", "client-key": "/k" },
        overrides: { user: { "client-certificate-data": "YQ==", "client-key-data": "YQ==" } },
        expected: {
          server: "https://east:6443",
          "client-certificate-data": "YQ==",
          "client-key-data": "YQ==",
        },
      },
      {
        name: "have defaults that hold where nothing else does",
        cluster: { server: "https://a" },
        overrides: { clusterDefaults: { server: "https://d", "tls-server-name": "d" } },
        expected: { server: "https://a", "tls-server-name": "d" },
      },
      {
        name: "keep a tokenFile beside a token, as client-go does",
        user: { tokenFile: "/t" },
        overrides: { user: { token: "new" } },
        expected: { server: "https://east:6443", tokenFile: "/t", token: "new" },
      },
    ] as {
      name: string;
      cluster?: Record<string, unknown>;
      user?: Record<string, unknown>;
      overrides: ConfigOverrides;
      expected: Record<string, unknown>;
    }[]
  ) {
    it(`${name} [rest 8.4]`, async () => {
      const kubeconfig = await parseKubeconfig(kubeconfigText({ cluster, user }));
      const before = structuredClone(kubeconfig);
      const { clusters, users } = await applyOverrides(kubeconfig, { overrides });
      assert.deepEqual({ ...clusters[0].cluster, ...users[0].user }, expected);
      assert.deepEqual(kubeconfig, before);
    });
  }

  it("start relative paths in the working directory, and the file's in its folder [rest 8.3, 8.4]", async () => {
    const kubeconfig = await parseKubeconfig(
      kubeconfigText({ cluster: { "certificate-authority": "ca.pem" } }),
      { file: "/etc/kube/config" },
    );
    const overrides = {
      cluster: { "tls-server-name": "x" },
      user: { tokenFile: "sub/token", exec: { command: "bin/plugin" } },
    };
    const { clusters, users } = await applyOverrides(kubeconfig, { overrides });
    assert.equal(clusters[0].cluster["certificate-authority"], "ca.pem");
    assert.equal(users[0].user.tokenFile, resolve("sub/token"));
    assert.equal(users[0].user.exec?.command, resolve("bin/plugin"));
    const bare = await applyOverrides(kubeconfig, { overrides: { user: { exec: { command: "plugin" } } } });
    assert.equal(bare.users[0].user.exec?.command, "plugin");
  });

  it("choose another context, cluster, user and namespace, in the raw kubeconfig too [rest 8.4]", async () => {
    const kubeconfig = await parseKubeconfig(`
current-context: a
clusters: [{name: a, cluster: {server: https://a}}, {name: b, cluster: {server: https://b}}]
users: [{name: a, user: {token: a}}, {name: b, user: {token: b}}]
contexts: [{name: a, context: {cluster: a, user: a}}, {name: b, context: {cluster: a, user: a, namespace: x}}]`);
    const options = { context: "b", namespace: "shop", overrides: { context: { cluster: "b", user: "b" } } };
    const config = await restConfigFrom(kubeconfig, options);
    assert.deepEqual([config.server, config.bearerToken, config.namespace], ["https://b/", "b", "shop"]);
    const raw = await applyOverrides(kubeconfig, options);
    assert.equal(raw["current-context"], "b");
    assert.deepEqual(raw.contexts[1].context, { cluster: "b", user: "b", namespace: "shop" });
    assert.equal(raw.contexts[0].context, kubeconfig.contexts[0].context);
  });

  it("are a configuration by themselves when they have a server [rest 8.4, 8.6]", async () => {
    const overrides = { cluster: { server: "https://b" }, user: { token: "abc" } };
    const config = await loadConfig({ env: {}, overrides });
    assert.deepEqual([config.server, config.bearerToken], ["https://b/", "abc"]);
    const withPod = await loadConfig({ env: POD, overrides: { clusterDefaults: { server: "https://c" } } });
    assert.deepEqual([withPod.server, withPod.credentials], ["https://c/", undefined]);
    const raw = await applyOverrides({ clusters: [], users: [], contexts: [] }, { overrides });
    assert.deepEqual((await restConfigFrom(raw)).bearerToken, "abc");
  });

  it("reach the configuration: certificates, names and whom to act as [rest 8.5]", () =>
    withFiles({ "c.pem": FIRST_CERT, "k.pem": FIRST_KEY, "ca.pem": OTHER_CA }, async (folder) => {
      const text = kubeconfigText({
        cluster: { "certificate-authority-data": btoa(CA) },
        user: { "client-certificate-data": btoa(CERT), "client-key-data": btoa(KEY) },
      });
      const config = await restConfigFrom(await parseKubeconfig(text), {
        overrides: {
          cluster: { "certificate-authority": join(folder, "ca.pem"), "tls-server-name": "name" },
          user: {
            "client-certificate": join(folder, "c.pem"),
            "client-key": join(folder, "k.pem"),
            as: "jane",
            "as-uid": "1",
            "as-groups": ["dev"],
            "as-user-extra": { a: ["b"] },
          },
        },
      });
      assert.deepEqual([await authoritiesOf(config), config.tls.serverName], [OTHER_CA, "name"]);
      assert.deepEqual(await config.credentials?.({ signal: NEVER }), { cert: FIRST_CERT, key: FIRST_KEY });
      const others = { uid: "1", groups: ["dev"], extra: { a: ["b"] } };
      assert.deepEqual(config.impersonate, { userName: "jane", ...others });
    }));

  for (
    const { name, options, cluster, user, setting, says } of [
      {
        name: "a cluster that does not exist",
        options: { overrides: { context: { cluster: "west" } } },
        setting: "overrides.context.cluster",
        says: /there is no cluster "west"\. Choose one of "east"/,
      },
      {
        name: "a user that does not exist",
        options: { overrides: { context: { user: "cd" } } },
        setting: "overrides.context.user",
        says: /there is no user "cd"\. Choose one of "ci"/,
      },
      {
        name: "a context that does not exist, though there is a server",
        options: { context: "prod", overrides: { cluster: { server: "https://b" } } },
        setting: `context "prod"`,
        says: /there is no such context/,
      },
      {
        name: "a server that is no URL",
        options: { overrides: { cluster: { server: "https://" } } },
        setting: "overrides.cluster.server",
        says: /neither a URL nor host:port\. /,
      },
      {
        name: "a default of the server that is no URL",
        cluster: { server: "" },
        options: { overrides: { clusterDefaults: { server: "https://" } } },
        setting: "overrides.clusterDefaults.server",
        says: /neither a URL/,
      },
      {
        name: "a file that does not exist",
        options: { overrides: { cluster: { "certificate-authority": "/no/such" } } },
        setting: "overrides.cluster.certificate-authority",
        says: /does not exist/,
      },
      {
        name: "a certificate without a key",
        options: { overrides: { user: { "client-certificate-data": btoa(CERT) } } },
        setting: "overrides.user.client-certificate-data",
        says: /there is no client-key/,
      },
      {
        name: "a user name beside the kubeconfig's token",
        user: { token: "abc" },
        options: { overrides: { user: { username: "u", password: "p" } } },
        setting: `users["ci"].user.token`,
        says: /username is there too/,
      },
      {
        name: "groups without a user to act as",
        options: { overrides: { user: { "as-groups": ["dev"] } } },
        setting: "overrides.user.as-groups",
        says: /there is no as\. /,
      },
      {
        name: "a group that no header can hold",
        options: { overrides: { user: { as: "jane", "as-groups": ["a\n"] } } },
        setting: "overrides.user.as-groups",
        says: /control characters/,
      },
      {
        name: "a plugin that is not complete",
        options: { overrides: { user: { exec: { command: "x" } } } },
        setting: `context "dev"`,
        says: /overrides\.user\.exec\.apiVersion: it is not set.*overrides\.user\.exec\.interactiveMode/,
      },
    ] as {
      name: string;
      options: { context?: string; overrides: ConfigOverrides };
      cluster?: Record<string, unknown>;
      user?: Record<string, unknown>;
      setting: string;
      says: RegExp;
    }[]
  ) {
    it(`are named when they have ${name} [rest 8.4, 8.7]`, async () => {
      const kubeconfig = await parseKubeconfig(kubeconfigText({ cluster, user }), { file: "/k" });
      await assert.rejects(restConfigFrom(kubeconfig, options), (error) => {
        assert.ok(isConfigError(error));
        assert.equal(error.setting, setting);
        assert.match(error.message, says);
        return true;
      });
    });
  }
});

describe("In a pod, overrides", () => {
  const FILES = {
    token: "pod-token",
    "ca.crt": CA,
    namespace: "shop",
    other: "other-token",
    "b.pem": OTHER_CA,
  };

  for (
    const { name, overrides, expected } of [
      {
        name: "may be absent",
        overrides: {},
        expected: { server: "https://10.0.0.1/", token: "pod-token", ca: CA },
      },
      {
        name: "may have a server",
        overrides: { cluster: { server: "https://b" } },
        expected: { server: "https://b/", token: "pod-token", ca: CA },
      },
      {
        name: "may have a token, which replaces the token file too",
        overrides: { user: { token: "mine" } },
        expected: { server: "https://10.0.0.1/", token: "mine", ca: CA },
      },
      {
        name: "may have a token file, which replaces the token too",
        overrides: { user: { tokenFile: "FOLDER/other" } },
        expected: { server: "https://10.0.0.1/", token: "other-token", ca: CA },
      },
      {
        name: "may have the file of a certificate authority",
        overrides: { cluster: { "certificate-authority": "FOLDER/b.pem" } },
        expected: { server: "https://10.0.0.1/", token: "pod-token", ca: OTHER_CA },
      },
      {
        name: "may have all of them",
        overrides: {
          cluster: { server: "https://b", "certificate-authority": "FOLDER/b.pem" },
          user: { token: "mine", tokenFile: "FOLDER/other" },
        },
        expected: { server: "https://b/", token: "other-token", ca: OTHER_CA },
      },
      {
        name: "may be insecure, unlike in client-go",
        overrides: { cluster: { "insecure-skip-tls-verify": true } },
        expected: { server: "https://10.0.0.1/", token: "pod-token", ca: undefined },
      },
      {
        name: "may act as another user, unlike in client-go",
        overrides: { user: { as: "jane" } },
        expected: { server: "https://10.0.0.1/", token: "pod-token", ca: CA, as: "jane" },
      },
    ] as {
      name: string;
      overrides: ConfigOverrides;
      expected: { server: string; token: string; ca: string | undefined; as?: string };
    }[]
  ) {
    it(`${name} [rest 8.6]`, () =>
      withFiles(FILES, async (folder) => {
        const inFolder = JSON.parse(
          JSON.stringify(overrides).replaceAll("FOLDER", JSON.stringify(folder).slice(1, -1)),
        );
        const options = { env: POD, serviceAccountDirectory: folder, overrides: inFolder };
        const isWithoutServer = overrides.cluster?.server === undefined;
        for (const load of [inClusterConfig, ...isWithoutServer ? [loadConfig] : []]) {
          const config = await load(options);
          const { bearerToken = config.bearerToken } = await config.credentials?.({ signal: NEVER }) ?? {};
          assert.deepEqual(
            {
              server: config.server,
              token: bearerToken,
              ca: await authoritiesOf(config),
              as: config.impersonate?.userName,
            },
            { as: undefined, ...expected },
          );
          assert.equal(config.namespace, "shop");
        }
      }));
  }
});

describe("effectiveNamespace()", () => {
  const contexts = [
    { name: "dev", context: { namespace: "shop" } },
    { name: "plain", context: { namespace: "default" } },
    { name: "none", context: {} },
  ];
  const kubeconfig: Kubeconfig = { clusters: [], users: [], contexts, "current-context": "dev" };

  for (
    const { name, options, current = "dev", expected } of [
      { name: "the option, explicitly", options: { namespace: "mine" }, expected: ["mine", true] },
      {
        name: "default when the option says so",
        options: { namespace: "default" },
        expected: ["default", true],
      },
      { name: "the current context", options: {}, expected: ["shop", false] },
      { name: "another context", options: { context: "plain" }, expected: ["default", false] },
      { name: "default for a context without", options: { context: "none" }, expected: ["default", false] },
      { name: "default without contexts", options: {}, current: "", expected: ["default", false] },
      { name: "no empty option", options: { namespace: "" }, expected: ["shop", false] },
    ]
  ) {
    it(`takes ${name} [rest 8.4]`, () => {
      const { namespace, isExplicit } = effectiveNamespace(
        { ...kubeconfig, "current-context": current },
        options,
      );
      assert.deepEqual([namespace, isExplicit], expected);
    });
  }

  it("fails for a context that does not exist [rest 8.4]", () => {
    assert.throws(() => effectiveNamespace(kubeconfig, { context: "prod" }), /there is no such context/);
  });
});

describe("The settings that a program gives", () => {
  const clock = new ManualClock();
  const fail = () => assert.fail("nothing is sent");
  const notJson = { encode: fail, decode: fail, decodeList: fail, decodeWatch: fail };
  const settings = {
    qps: 7,
    burst: 9,
    userAgent: "mine/1",
    maxRetries: 3,
    accept: "application/json",
    codecs: [{ ...notJson, mediaType: "application/cbor" }],
    contentType: "application/json",
    durationsBy: "url" as const,
    timeouts: { connect: 1, headers: 2, idle: 3 },
    logger: noLogger,
    meter: new PrometheusMeter(),
    middleware: [],
    onWarning: () => {},
    random: () => 0.5,
    clock,
  };

  for (
    const { name, load } of [
      {
        name: "restConfigFrom()",
        load: async () => restConfigFrom(await parseKubeconfig(kubeconfigText()), settings),
      },
      {
        name: "restConfigFrom(), with credentials that change",
        load: async () => {
          const user = {
            exec: { apiVersion: "client.authentication.k8s.io/v1", command: "x", interactiveMode: "Never" },
          };
          return restConfigFrom(await parseKubeconfig(kubeconfigText({ user })), settings);
        },
      },
      {
        name: "loadConfig()",
        load: () => loadConfig({ env: {}, overrides: { cluster: { server: "https://b" } }, ...settings }),
      },
      {
        name: "inClusterConfig()",
        load: () =>
          withFiles(
            { token: "t" },
            (serviceAccountDirectory) => inClusterConfig({ env: POD, serviceAccountDirectory, ...settings }),
          ),
      },
    ]
  ) {
    it(`pass through ${name}`, async () => {
      const config = await load();
      for (const field of ["userAgent", "maxRetries", "timeouts", "logger", "meter", "middleware"] as const) {
        assert.deepEqual(config[field], settings[field]);
      }
      for (const field of ["accept", "contentType", "durationsBy"] as const) {
        assert.equal(config[field], settings[field]);
      }
      assert.equal(config.codecs.length, 2);
      assert.equal(config.onWarning, settings.onWarning);
      assert.equal(config.random, settings.random);
      assert.equal(config.clock, clock);
    });
  }

  it("may be a fetch, unless the kubeconfig has certificates", async () => {
    const fetch = () => Promise.resolve(new Response("ok"));
    const config = await restConfigFrom(await parseKubeconfig(kubeconfigText()), { fetch });
    assert.equal(config.fetch, fetch);
    const cluster = { "certificate-authority-data": btoa(CA) };
    await assert.rejects(restConfigFrom(await parseKubeconfig(kubeconfigText({ cluster })), { fetch }), {
      message:
        /clusters\["east"\]\.cluster\.certificate-authority-data: a custom fetch makes its own connections \(context/,
    });
  });
});
