import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { parseKubeconfig, restConfigFrom, type RestConfigFromOptions } from "@coxswain/kube/config";
import { type LogFields, noLogger } from "@coxswain/kube/observe";
import { type ConfigError, isConfigError, type RestConfig } from "@coxswain/kube/rest";
import { ManualClock } from "@coxswain/kube/testing";
import { FIRST_CERT, FIRST_KEY, SECOND_CERT, SECOND_KEY } from "./client_certificates.ts";
import { withFiles } from "./folder.ts";
import { authoritiesOf, CA, CERT, KEY, kubeconfigText } from "./material.ts";

const NEVER = new AbortController().signal;

describe("restConfigFrom()", () => {
  it("carries the server, tls-server-name, CA, client certificate and namespace over [rest 8.5]", async () => {
    const config = await configOf(kubeconfigText({
      cluster: { "certificate-authority-data": btoa(CA), "tls-server-name": "kubernetes" },
      user: { "client-certificate-data": btoa(CERT), "client-key-data": btoa(KEY) },
      context: { namespace: "shop" },
    }));
    assert.equal(config.server, "https://east:6443/");
    assert.equal(config.namespace, "shop");
    assert.deepEqual(config.tls, {
      ca: CA,
      cert: CERT,
      key: KEY,
      serverName: "kubernetes",
      insecure: undefined,
    });
  });

  for (
    const { name, user, cluster, expected } of [
      { name: "a token", user: { token: "abc" }, expected: { bearerToken: "abc" } },
      {
        name: "a user name and a password",
        user: { username: "u", password: "p" },
        expected: { username: "u", password: "p" },
      },
      { name: "nothing", user: {}, expected: {} },
      {
        name: "empty texts, which count as absent",
        user: { token: "", username: "", password: "", "client-key": "", as: "", "as-groups": [] },
        cluster: { "proxy-url": "", "certificate-authority-data": "" },
        expected: {},
      },
      {
        name: "extensions and unknown fields, which it does not need",
        user: { extensions: [{ name: "x", extension: {} }], "future-field": 1 },
        cluster: { "disable-compression": true },
        expected: {},
      },
    ] as {
      name: string;
      user: Record<string, unknown>;
      cluster?: Record<string, unknown>;
      expected: Record<string, string>;
    }[]
  ) {
    it(`accepts a user with ${name} [rest 8.5]`, async () => {
      const { bearerToken, username, password } = await configOf(kubeconfigText({ user, cluster }));
      assert.deepEqual({ bearerToken, username, password }, {
        bearerToken: undefined,
        username: undefined,
        password: undefined,
        ...expected,
      });
    });
  }

  it("accepts insecure-skip-tls-verify [rest 8.5]", async () => {
    const config = await configOf(kubeconfigText({ cluster: { "insecure-skip-tls-verify": true } }));
    assert.equal(config.tls.insecure, true);
  });

  it("makes anonymous requests for a context without a user", async () => {
    const config = await configOf(kubeconfigText({ context: { user: undefined } }));
    assert.equal(config.bearerToken, undefined);
  });

  for (
    const { server, result } of [
      { server: "http://east:8080", result: "http://east:8080/" },
      { server: "east:8080", result: "http://east:8080/" },
      { server: "east", result: "http://east/" },
    ]
  ) {
    it(`leaves credentials, CA and TLS settings out for the server ${server} [rest 8.5, B3]`, async () => {
      const config = await configOf(kubeconfigText({
        cluster: { server, "certificate-authority-data": btoa(CA), "tls-server-name": "x" },
        user: {
          token: "abc",
          "client-certificate-data": btoa(CERT),
          "client-key-data": btoa(KEY),
          tokenFile: "nowhere",
          exec: { command: "x" },
        },
      }));
      assert.equal(config.server, result);
      assert.equal(config.bearerToken, undefined);
      assert.deepEqual(Object.values(config.tls).filter((value) => value !== undefined), []);
    });
  }

  for (const server of ["https://east", "http://east"]) {
    it(`acts as another user, on ${server} too [rest 8.5]`, async () => {
      const user = {
        token: "abc",
        as: "jane",
        "as-uid": "42",
        "as-groups": ["dev", "ops"],
        "as-user-extra": { scopes: ["a", "b"] },
      };
      const { impersonate } = await configOf(kubeconfigText({ cluster: { server }, user }));
      const expected = { uid: "42", groups: ["dev", "ops"], extra: { scopes: ["a", "b"] } };
      assert.deepEqual(impersonate, { userName: "jane", ...expected });
    });
  }

  it("acts as another user with credentials that change, too [rest 8.5]", () =>
    withFiles({ token: "abc" }, async (folder) => {
      const user = { as: "jane", tokenFile: join(folder, "token") };
      const { impersonate, credentials } = await configOf(kubeconfigText({ user }));
      assert.equal(impersonate?.userName, "jane");
      assert.deepEqual(await credentials?.({ signal: NEVER }), { bearerToken: "abc" });
    }));

  for (const server of ["https://east", "http://east"]) {
    for (const proxy of ["http://proxy:3128", "https://u:p@proxy", "socks5://proxy:1080"]) {
      it(`takes the proxy ${proxy} to ${server} [rest 8.5]`, async () => {
        const config = await configOf(kubeconfigText({ cluster: { server, "proxy-url": proxy } }));
        assert.equal(config.proxy, proxy);
      });
    }
  }

  it("asks for uncompressed answers where disable-compression says so [rest 8.5]", async () => {
    const on = await configOf(kubeconfigText({ cluster: { "disable-compression": true } }));
    assert.deepEqual([on.disableCompression, on.proxy], [true, "environment"]);
    assert.equal((await configOf(kubeconfigText())).disableCompression, false);
  });

  it("keeps a path in the server's URL and drops a query and fragment [rest 8.5]", async () => {
    const config = await configOf(kubeconfigText({ cluster: { server: "HTTPS://east/k8s/c-1?x=1#y" } }));
    assert.equal(config.server, "https://east/k8s/c-1/");
  });

  it("reads files relative to the folder of the entry's own file [rest 8.3]", () =>
    withFiles({ "a/ca.pem": CA, "b/pki/cert.pem": FIRST_CERT, "key.pem": FIRST_KEY }, async (folder) => {
      const cluster = await parseKubeconfig(
        kubeconfigText({ cluster: { "certificate-authority": "./ca.pem" } }),
        { file: join(folder, "a/config") },
      );
      const user = await parseKubeconfig(
        kubeconfigText({ user: { "client-certificate": "pki/cert.pem", "client-key": "../key.pem" } }),
        { file: join(folder, "b/config") },
      );
      const config = await restConfigFrom({ ...cluster, users: user.users });
      assert.equal(await authoritiesOf(config), CA);
      assert.deepEqual(await config.credentials?.({ signal: NEVER }), { cert: FIRST_CERT, key: FIRST_KEY });
    }));

  for (
    const { name, user, given } of [
      { name: "alone", user: {}, given: {} },
      { name: "beside a token", user: { token: "abc" }, given: { bearerToken: "abc" } },
      {
        name: "beside a name and password",
        user: { username: "u", password: "p" },
        given: { username: "u", password: "p" },
      },
      { name: "beside a token file", user: { tokenFile: "token" }, given: { bearerToken: "from-file" } },
    ]
  ) {
    it(`reads the files of a client certificate again, ${name} [rest 7.6, 8.5]`, () =>
      withFiles({ "c.pem": FIRST_CERT, "k.pem": FIRST_KEY, token: "from-file" }, async (folder) => {
        const text = kubeconfigText({
          user: { ...user, "client-certificate": "c.pem", "client-key": "k.pem" },
        });
        const kubeconfig = await parseKubeconfig(text, { file: join(folder, "config") });
        const clock = new ManualClock();
        const { credentials, tls } = await restConfigFrom(kubeconfig, { clock });
        assert.deepEqual([tls.cert, tls.key], [undefined, undefined]);
        const first = await credentials?.({ signal: NEVER });
        assert.deepEqual(first, { ...given, cert: FIRST_CERT, key: FIRST_KEY });
        assert.equal(await credentials?.({ signal: NEVER }), first);
        writeFileSync(join(folder, "c.pem"), SECOND_CERT);
        writeFileSync(join(folder, "k.pem"), SECOND_KEY);
        await clock.advance(1_000);
        const second = await credentials?.({ signal: NEVER });
        assert.deepEqual(second, { ...given, cert: SECOND_CERT, key: SECOND_KEY });
      }));
  }

  it("does not read authorities again that are inline [rest 7.7]", async () => {
    const { tls } = await configOf(kubeconfigText({ cluster: { "certificate-authority-data": btoa(CA) } }));
    assert.equal(tls.ca, CA);
  });

  it("does not read inline data again, nor a file that goes with it [rest 7.6]", () =>
    withFiles({ "k.pem": FIRST_KEY }, async (folder) => {
      const { credentials, tls } = await configOf(kubeconfigText({
        user: { "client-certificate-data": btoa(FIRST_CERT), "client-key": join(folder, "k.pem") },
      }));
      assert.equal(credentials, undefined);
      assert.deepEqual([tls.cert, tls.key], [FIRST_CERT, FIRST_KEY]);
    }));

  it("reads a token file, now and at the first request [rest 8.5]", () =>
    withFiles({ token: "first\n" }, async (folder) => {
      const text = kubeconfigText({ user: { tokenFile: "token" } });
      const kubeconfig = await parseKubeconfig(text, { file: join(folder, "config") });
      const { credentials } = await restConfigFrom(kubeconfig);
      assert.deepEqual(await credentials?.({ signal: NEVER }), { bearerToken: "first" });
    }));

  it("prefers the token file to the token, which is for when there is no file, as is then logged [rest 7.4, 8.5, B9]", () =>
    withFiles({ token: "from-file" }, async (folder) => {
      for (const [tokenFile, token] of [["token", "from-file"], ["nowhere", "from-text"]]) {
        const text = kubeconfigText({ user: { tokenFile: join(folder, tokenFile), token: "from-text" } });
        const lines: (LogFields | undefined)[] = [];
        const logger = { ...noLogger, error: (_: string, fields?: LogFields) => void lines.push(fields) };
        const { credentials } = await configOf(text, { logger });
        assert.deepEqual(await credentials?.({ signal: NEVER }), { bearerToken: token });
        assert.equal(lines.length, token === "from-file" ? 0 : 1);
        assert.match(String(lines[0]?.error ?? "nowhere"), /nowhere/);
      }
    }));

  it("combines a token file and a client certificate [rest 8.5]", () =>
    withFiles({ token: "first" }, async (folder) => {
      const clock = new ManualClock();
      const { credentials, tls, bearerToken } = await configOf(
        kubeconfigText({
          user: {
            tokenFile: join(folder, "token"),
            "client-certificate-data": btoa(CERT),
            "client-key-data": btoa(KEY),
          },
        }),
        { clock },
      );
      assert.deepEqual([tls.cert, tls.key, bearerToken], [undefined, undefined, undefined]);
      const first = await credentials?.({ signal: NEVER });
      assert.deepEqual(first, { bearerToken: "first", cert: CERT, key: KEY });
      assert.equal(await credentials?.({ signal: NEVER }), first);
      writeFileSync(join(folder, "token"), "second");
      const second = await credentials?.({ signal: NEVER, refused: first });
      assert.deepEqual(second, { bearerToken: "second", cert: CERT, key: KEY });
      assert.equal(await credentials?.({ signal: NEVER, refused: first }), second);
    }));

  for (
    const { name, options, context, namespace } of [
      {
        name: "the option",
        options: { namespace: "mine" },
        context: { namespace: "shop" },
        namespace: "mine",
      },
      { name: "the context", options: { namespace: "" }, context: { namespace: "shop" }, namespace: "shop" },
      { name: "default without either", context: { namespace: "" }, namespace: "default" },
    ]
  ) {
    it(`takes the namespace from ${name} [rest 8.4]`, async () => {
      assert.equal((await configOf(kubeconfigText({ context }), options)).namespace, namespace);
    });
  }

  it("takes the context of the option, and ignores entries that have nothing to do with it [rest 8.7]", async () => {
    const config = await configOf(
      `
current-context: broken
clusters: [{name: broken, cluster: {proxy-url: "x"}}, {name: good, cluster: {server: https://good}}]
users: [{name: broken, user: {token: a, username: b, exec: {}}}, {name: good, user: {token: abc}}]
contexts: [{name: broken, context: {cluster: broken, user: broken}}, {name: good, context: {cluster: good, user: good}}]`,
      { context: "good" },
    );
    assert.equal(config.bearerToken, "abc");
  });

  for (
    const { name, text, context, setting, says } of [
      {
        name: "the option's context does not exist",
        text: kubeconfigText(),
        context: "prod",
        setting: `context "prod"`,
        says: /there is no such context\. Choose one of "dev"/,
      },
      {
        name: "current-context names none",
        text: kubeconfigText({ "current-context": "prod" }),
        setting: "current-context",
        says: /there is no context "prod"\. Pass the context option with one of "dev"/,
      },
      {
        name: "no context is chosen",
        text: kubeconfigText({ "current-context": "" }),
        setting: "current-context",
        says: /it is not set\. Pass the context option with one of "dev"/,
      },
      {
        name: "there is no context",
        text: "",
        setting: "current-context",
        says: /it is not set\. There are no contexts at all/,
      },
    ] as { name: string; text: string; context?: string; setting: string; says: RegExp }[]
  ) {
    it(`fails when ${name} [rest 8.4]`, async () => {
      const error = await failureOf(configOf(text, { context }));
      assert.equal(error.setting, setting);
      assert.match(error.message, says);
    });
  }

  for (
    const { name, text, setting, says, spec = "8.7" } of [
      {
        name: "a context without a cluster",
        text: kubeconfigText({ context: { cluster: "" } }),
        setting: `contexts["dev"].context.cluster`,
        says: /it is not set/,
      },
      {
        name: "a cluster that does not exist",
        text: kubeconfigText({ context: { cluster: "west" } }),
        setting: `contexts["dev"].context.cluster`,
        says: /there is no cluster "west" \(context "dev" in ".*"\)\. Choose one of "east"/,
      },
      {
        name: "a user that does not exist",
        text: kubeconfigText({ context: { user: "cd" }, users: [] }),
        setting: `contexts["dev"].context.user`,
        says: /there is no user "cd" \(context "dev" in ".*"\)\. There are no users at all/,
      },
      {
        name: "a namespace that cannot be one",
        text: kubeconfigText({ context: { namespace: "Shop_1" } }),
        setting: `contexts["dev"].context.namespace`,
        says: /cannot be the name of a namespace/,
      },
      {
        name: "a namespace of 64 characters",
        text: kubeconfigText({ context: { namespace: "a".repeat(64) } }),
        setting: `contexts["dev"].context.namespace`,
        says: /cannot be the name of a namespace/,
      },
      {
        name: "a cluster without a server",
        text: kubeconfigText({ cluster: { server: "" } }),
        setting: `clusters["east"].cluster.server`,
        says: /it is not set/,
      },
      {
        name: "a server that is no URL",
        text: kubeconfigText({ cluster: { server: "https://" } }),
        setting: `clusters["east"].cluster.server`,
        says: /neither a URL nor host:port.*context "dev" in ".*kube.config"/,
      },
      {
        name: "a server with a path but no scheme",
        text: kubeconfigText({ cluster: { server: "east/path" } }),
        setting: `clusters["east"].cluster.server`,
        says: /neither a URL nor host:port/,
        spec: "1.3",
      },
      {
        name: "a CA given twice",
        text: kubeconfigText({
          cluster: { "certificate-authority": "ca", "certificate-authority-data": "YQ==" },
        }),
        setting: `clusters["east"].cluster.certificate-authority`,
        says: /certificate-authority-data is there too/,
      },
      {
        name: "a CA with insecure-skip-tls-verify",
        text: kubeconfigText({
          cluster: { "insecure-skip-tls-verify": true, "certificate-authority-data": btoa(CA) },
        }),
        setting: `clusters["east"].cluster.insecure-skip-tls-verify`,
        says: /there is a certificate authority too/,
        spec: "7.5",
      },
      {
        name: "a CA file that does not exist",
        text: kubeconfigText({ cluster: { "certificate-authority": "nowhere.pem" } }),
        setting: `clusters["east"].cluster.certificate-authority`,
        says:
          /the file does not exist \(context "dev" in ".*"\)\. Correct the path; a relative one starts in/,
      },
      {
        name: "CA data that is not base64",
        text: kubeconfigText({ cluster: { "certificate-authority-data": "*not*" } }),
        setting: `clusters["east"].cluster.certificate-authority-data`,
        says: /it is not base64/,
      },
      {
        name: "CA data that is not PEM",
        text: kubeconfigText({ cluster: { "certificate-authority-data": btoa("not PEM") } }),
        setting: `clusters["east"].cluster.certificate-authority-data`,
        says: /expected a "BEGIN CERTIFICATE" block, found no PEM block in it.*context "dev"/,
        spec: "7.5",
      },
      {
        name: "CA data that holds a key",
        text: kubeconfigText({ cluster: { "certificate-authority-data": btoa(KEY) } }),
        setting: `clusters["east"].cluster.certificate-authority-data`,
        says: /expected a "BEGIN CERTIFICATE" block, found only PRIVATE KEY in it/,
        spec: "7.5",
      },
      {
        name: "a CA file that holds a key",
        text: kubeconfigText({ cluster: { "certificate-authority": "key.pem" } }),
        setting: `clusters["east"].cluster.certificate-authority`,
        says: /expected a "BEGIN CERTIFICATE" block, found only PRIVATE KEY in it/,
        spec: "7.5",
      },
      {
        name: "a certificate file that holds a key",
        text: kubeconfigText({ user: { "client-certificate": "key.pem", "client-key": "key.pem" } }),
        setting: `users["ci"].user.client-certificate`,
        says: /expected a "BEGIN CERTIFICATE" block/,
        spec: "7.5",
      },
      {
        name: "key data that holds a certificate",
        text: kubeconfigText({
          user: { "client-certificate-data": btoa(CERT), "client-key-data": btoa(CERT) },
        }),
        setting: `users["ci"].user.client-key-data`,
        says: /expected a "BEGIN PRIVATE KEY" block/,
        spec: "7.5",
      },
      {
        name: "a certificate without a key",
        text: kubeconfigText({ user: { "client-certificate-data": btoa(CERT) } }),
        setting: `users["ci"].user.client-certificate-data`,
        says: /there is no client-key/,
      },
      {
        name: "a key without a certificate",
        text: kubeconfigText({ user: { "client-key": "key.pem" } }),
        setting: `users["ci"].user.client-key`,
        says: /there is no client-certificate/,
        spec: "7.5",
      },
      {
        name: "a key given twice",
        text: kubeconfigText({
          user: { "client-certificate-data": btoa(CERT), "client-key": "key.pem", "client-key-data": "YQ==" },
        }),
        setting: `users["ci"].user.client-key`,
        says: /client-key-data is there too/,
      },
      {
        name: "a key file that is a folder",
        text: kubeconfigText({ user: { "client-certificate-data": btoa(CERT), "client-key": "." } }),
        setting: `users["ci"].user.client-key`,
        says: /it is a folder/,
      },
      {
        name: "a token and a user name",
        text: kubeconfigText({ user: { token: "abc", username: "u", password: "p" } }),
        setting: `users["ci"].user.token`,
        says: /username is there too/,
      },
      {
        name: "a token file and a password",
        text: kubeconfigText({ user: { tokenFile: "key.pem", password: "p" } }),
        setting: `users["ci"].user.tokenFile`,
        says: /password is there too/,
      },
      {
        name: "a password without a user name",
        text: kubeconfigText({ user: { password: "p" } }),
        setting: `users["ci"].user.password`,
        says: /there is no username/,
      },
      {
        name: "a token that no header can hold",
        text: kubeconfigText({ user: { token: "a\nb" } }),
        setting: `users["ci"].user.token`,
        says: /no HTTP header can hold/,
      },
      {
        name: "a token file that does not exist",
        text: kubeconfigText({ user: { tokenFile: "nowhere" } }),
        setting: `users["ci"].user.tokenFile`,
        says: /the file does not exist/,
        spec: "8.5",
      },
      {
        name: "a token file that is empty",
        text: kubeconfigText({ user: { tokenFile: "empty" } }),
        setting: `users["ci"].user.tokenFile`,
        says: /the file is empty/,
        spec: "7.4",
      },
      ...Object.entries({
        "as-uid": "0",
        "as-groups": ["system:masters"],
        "as-user-extra": { scopes: ["all"] },
      }).map(([field, value]) => ({
        name: `a user with ${field} and without as`,
        text: kubeconfigText({ user: { [field]: value } }),
        setting: `users["ci"].user.${field}`,
        spec: "8.7",
        says: /there is no as \(context "dev" in ".*"\)\. Name the user to act as/,
      })),
      ...Object.entries({
        "as": { as: "a\nb" },
        "as-uid": { as: "jane", "as-uid": "a\nb" },
        "as-groups": { as: "jane", "as-groups": ["a\nb"] },
        'as-user-extra["scopes"]': { as: "jane", "as-user-extra": { scopes: ["a\nb"] } },
      }).map(([field, user]) => ({
        name: `control characters in ${field}`,
        text: kubeconfigText({ user }),
        setting: `users["ci"].user.${field}`,
        spec: "7.2",
        says: /it has control characters/,
      })),
      ...["proxy:3128", "none", "environment", "ftp://proxy", "http://", "http://u:%@proxy"].map((url) => ({
        name: `the proxy ${url}`,
        text: kubeconfigText({ cluster: { "proxy-url": url } }),
        setting: `clusters["east"].cluster.proxy-url`,
        says: /\(context "dev" in ".*"\)\. Write/,
        spec: "8.5",
      })),
    ]
  ) {
    it(`refuses ${name} [rest ${spec}]`, () =>
      withFiles({ "kube/key.pem": KEY, "kube/empty": " \n" }, async (folder) => {
        const kubeconfig = await parseKubeconfig(text, { file: join(folder, "kube/config") });
        const error = await failureOf(restConfigFrom(kubeconfig));
        assert.equal(error.setting, setting);
        assert.match(error.message, says);
      }));
  }

  it("refuses a namespace option that cannot be one", async () => {
    const error = await failureOf(configOf(kubeconfigText(), { namespace: "ns/shop" }));
    assert.equal(error.setting, "namespace");
  });

  it("lists everything that is wrong with the context at once [rest 8.7]", async () => {
    const error = await failureOf(configOf(kubeconfigText({
      cluster: { server: "", "certificate-authority": "nowhere" },
      user: { token: "abc", username: "u", "client-key-data": "*", exec: {} },
      context: { namespace: "-" },
    })));
    assert.equal(error.setting, `context "dev"`);
    assert.match(error.message, /^Cannot use context "dev": 9 settings are wrong: /);
    for (
      const field of [
        "context.namespace",
        "cluster.server",
        "cluster.certificate-authority",
        "user.token",
        "user.exec.command",
        "user.exec.apiVersion",
        "user.exec.interactiveMode",
        "user.client-key-data: it is not base64",
        "user.client-key-data: there is no client-certificate",
      ]
    ) assert.ok(error.message.includes(field), `${field} is not in: ${error.message}`);
  });
});

async function configOf(text: string, options?: RestConfigFromOptions): Promise<RestConfig> {
  return await restConfigFrom(await parseKubeconfig(text), options);
}

async function failureOf(promise: Promise<unknown>): Promise<ConfigError> {
  const error = await promise.then(() => undefined, (error) => error);
  assert.ok(isConfigError(error), `not a ConfigError: ${error}`);
  return error;
}
