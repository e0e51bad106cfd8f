import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import {
  isExecPluginError,
  type Kubeconfig,
  loadConfig,
  modifyKubeconfig,
  parseKubeconfig,
  restConfigFrom,
} from "@coxswain/kube/config";
import { isConfigError } from "@coxswain/kube/rest";
import { FIRST_CERT, FIRST_KEY } from "./client_certificates.ts";
import { withFiles } from "./folder.ts";
import { CANARY, CERT, KEY, kubeconfigText } from "./material.ts";
import { showsNoSecret } from "./shows_no_secret.ts";
import { type Plugin, V1, withPlugin } from "./plugin.ts";

const SECRET = `${CANARY}-secret`;
const YAML = `users:\n- name: ci\n  user:\n    token: ${SECRET}\n`;

/** Each holds {@linkcode CANARY}, plain or in base64, and cannot be used. */
const BROKEN: { name: string; text: string }[] = [
  { name: "a tab after a token", text: `${YAML}\tx: y` },
  { name: "bad indentation", text: `${YAML}   x: y` },
  { name: "an open quote", text: YAML.replace("token: ", "token: '") },
  { name: "a token that looks like an alias", text: YAML.replace("token: ", "token: *") },
  { name: "a token that looks like a tag", text: YAML.replace("token: ", "token: !") },
  { name: "a token that looks like an anchor", text: `${YAML}    password: &${SECRET} [` },
  { name: "a token that looks like a directive", text: `%${SECRET} x\n---\n${YAML}` },
  { name: "a token as key", text: `${YAML}    ? [${SECRET}]\n    : 1` },
  { name: "a token that is there twice", text: `${YAML}    token: ${SECRET}` },
  { name: "a second document", text: `${YAML}---\n${YAML}` },
  { name: "a secret alone", text: SECRET },
  { name: "a secret as kind", text: `kind: ${SECRET}` },
  { name: "a mapping as token", text: YAML.replace("token: ", "token:\n      ") + ": 1" },
  { name: "a secret in a list of groups", text: YAML.replace("token:", "as-groups:") },
  { name: "broken JSON", text: kubeconfigText({ user: { token: SECRET } }).slice(0, -1) },
  ...[
    { token: SECRET, username: "u", password: SECRET },
    { token: `${SECRET}\nX-Header: 1` },
    { token: `${SECRET}é` },
    { password: SECRET },
    { "client-key-data": SECRET, "client-certificate-data": btoa(CERT) },
    { "client-key-data": `*${SECRET}*`, "client-certificate-data": btoa(CERT) },
    { "client-key-data": btoa(SECRET), "client-certificate-data": btoa(CERT) },
    { "client-key-data": btoa(KEY) },
    { "client-key-data": KEY, "client-certificate-data": btoa(CERT) },
    { "client-key-data": btoa(KEY), "client-certificate-data": btoa(KEY) },
    { "client-key": KEY, "client-certificate-data": btoa(CERT) },
    { "client-key": SECRET, "client-certificate-data": btoa(CERT) },
    { "client-key": `\0${SECRET}`, "client-certificate-data": btoa(CERT) },
    { "client-key": SECRET.repeat(1_000), "client-certificate-data": btoa(CERT) },
    { tokenFile: SECRET },
    { tokenFile: `/${SECRET}` },
    { tokenFile: `config/${SECRET}` },
    { exec: { command: "x", args: [SECRET], env: [{ name: "KEY", value: SECRET }] } },
    { exec: { command: "x", args: [[SECRET]], env: [{ value: SECRET }], apiVersion: "v1" } },
    { "auth-provider": { name: "oidc", config: { "id-token": SECRET } } },
    { "as-user-extra": { scopes: [SECRET] }, token: SECRET },
  ].map((user) => ({
    name: `a user with ${Object.keys(user).join(" and ")}`,
    text: kubeconfigText({ user }),
  })),
  ...[
    { server: `https://u:${SECRET}@east` },
    { server: `https://u:${SECRET}@` },
    { server: `u:${SECRET}@east` },
    { "proxy-url": `u:${SECRET}@proxy` },
    { "proxy-url": `http://u:%${SECRET}@proxy` },
    { "proxy-url": `ftp://u:${SECRET}@proxy` },
    { "proxy-url": `http://u:${SECRET}@` },
    { "certificate-authority-data": `*${SECRET}` },
  ].map((cluster) => ({
    name: `a cluster with ${JSON.stringify(cluster)}`,
    text: kubeconfigText({ cluster, user: { token: SECRET } }),
  })),
];

describe("A message about a kubeconfig", () => {
  for (const { name, text } of BROKEN) {
    it(`shows no secret: ${name.replaceAll(SECRET, "SECRET")}`, () =>
      withFiles({ "config": text, "decoy": "" }, async (folder) => {
        for (
          const load of [
            () => loadConfig({ kubeconfig: join(folder, "config"), context: "dev" }),
            async () => await restConfigFrom(await parseKubeconfig(text), { context: "dev" }),
          ]
        ) {
          await assert.rejects(load, (error) => {
            assert.ok(isConfigError(error), String(error));
            showsNoSecret(error);
            return true;
          });
        }
      }));
  }

  it("shows no secret when environment variables hold what belongs into files", async () => {
    for (const value of [YAML, kubeconfigText({ user: { token: SECRET } }), btoa(YAML.repeat(9)), KEY]) {
      for (const env of [{ KUBECONFIG: value }, { HOME: value }]) {
        await assert.rejects(loadConfig({ env }), (error) => {
          assert.ok(isConfigError(error), String(error));
          showsNoSecret(error);
          return true;
        });
      }
    }
  });

  // The first ones are no kubeconfig; the one with a mapping is, and has no context.
  for (const { name, text } of BROKEN.slice(0, 15).filter(({ name }) => name !== "a mapping as token")) {
    it(`that is to be changed shows no secret: ${name}`, () =>
      withFiles({ "config": text }, async (folder) => {
        const changing = modifyKubeconfig(() => {}, { kubeconfig: join(folder, "config") });
        await assert.rejects(changing, (error) => {
          assert.ok(isConfigError(error), String(error));
          showsNoSecret(error);
          return true;
        });
      }));
  }

  for (
    const { name, change } of [
      { name: "in a list", change: ({ users }) => void Object.assign(users[0].user, { token: [SECRET] }) },
      { name: "as an entry", change: ({ users }) => void Object.assign(users, [SECRET]) },
      { name: "as a list", change: (kubeconfig) => void Object.assign(kubeconfig, { users: SECRET }) },
      { name: "as a kubeconfig", change: () => SECRET as unknown as Kubeconfig },
      { name: "where an alias needs it", change: ({ users }) => void users.shift() },
      { name: "where another has it", change: ({ users }) => void (users[0].user.password = SECRET) },
    ] as { name: string; change: (kubeconfig: Kubeconfig) => Kubeconfig | void }[]
  ) {
    it(`that was changed shows no secret ${name}`, () =>
      withFiles({
        "config":
          `users: [{name: ci, user: &u {token: ${SECRET}}}, {name: cd, user: *u}]\nx: &x [${SECRET}]\ny: *x`,
      }, async (folder) => {
        const changing = modifyKubeconfig(change, { kubeconfig: join(folder, "config") });
        await assert.rejects(changing, (error) => {
          assert.ok(isConfigError(error), String(error));
          showsNoSecret(error);
          return true;
        });
      }));
  }

  it("and overrides show no secret", async () => {
    const kubeconfig = await parseKubeconfig(kubeconfigText({ user: { token: "abc" } }));
    for (
      const overrides of [
        { user: { username: "u", password: SECRET } },
        { user: { "client-key-data": SECRET } },
        { user: { token: `${SECRET}\nx` } },
        { user: { "client-certificate": SECRET, "client-key": SECRET } },
        { cluster: { server: `https://u:${SECRET}@east` } },
        { cluster: { "proxy-url": `u:${SECRET}@proxy` } },
      ]
    ) {
      await assert.rejects(restConfigFrom(kubeconfig, { overrides }), (error) => {
        assert.ok(isConfigError(error), String(error));
        showsNoSecret(error);
        return true;
      });
    }
  });

  it("and a configuration with a proxy shows no secret", async () => {
    const cluster = { "proxy-url": `http://u:${SECRET}@proxy` };
    const config = await restConfigFrom(await parseKubeconfig(kubeconfigText({ cluster })));
    showsNoSecret(config);
    assert.ok(!`${config}${JSON.stringify(config)}`.includes(CANARY));
  });

  it("and the configuration itself show no secret", async () => {
    const user = { token: SECRET, "client-key-data": btoa(KEY), "client-certificate-data": btoa(CERT) };
    const config = await restConfigFrom(await parseKubeconfig(kubeconfigText({ user })));
    showsNoSecret(config);
    assert.ok(!`${config}${JSON.stringify(config)}`.includes(CANARY));
  });
});

describe("A message about a credential plugin", () => {
  const status = { token: SECRET, clientCertificateData: SECRET, clientKeyData: SECRET };
  const good = { apiVersion: V1, kind: "ExecCredential", status };
  const outputs: Record<string, string> = {
    "a secret alone": SECRET,
    "broken JSON": JSON.stringify(good).slice(0, -2),
    "broken YAML": `status:\n  token: ${SECRET}\n token: '${SECRET}`,
    "a secret as kind": JSON.stringify({ ...good, kind: SECRET }),
    "a secret as apiVersion": JSON.stringify({ ...good, apiVersion: SECRET }),
    "a secret as group": JSON.stringify({ ...good, apiVersion: `${SECRET}/${SECRET}` }),
    "a secret as status": JSON.stringify({ ...good, status: SECRET }),
    "a secret in a list": JSON.stringify({ ...good, status: { token: [SECRET] } }),
    "a secret as time": JSON.stringify({ ...good, status: { token: SECRET, expirationTimestamp: SECRET } }),
    "a secret as certificate": JSON.stringify(good),
    "a secret as key": JSON.stringify({
      ...good,
      status: { clientCertificateData: FIRST_CERT, clientKeyData: KEY },
    }),
    "a certificate alone": JSON.stringify({ ...good, status: { clientCertificateData: SECRET } }),
  };
  const failures: Record<string, (plugin: Plugin) => void> = {
    ...Object.fromEntries(
      Object.entries(outputs).map(([name, text]) => [`${name} in its output`, ({ writes }) => writes(text)]),
    ),
    "it ends with 1": ({ exits }) => exits(1),
    "it does not exist": ({ exec }) => void (exec.command = "/no/such"),
    "it is not on PATH": ({ exec }) => void (exec.command = "no-such"),
    "it is no program": ({ exec, folder }) => void (exec.command = folder),
    "an argument that no program can have": ({ exec }) => void exec.args?.push(`\0${SECRET}`),
    "a variable that no program can have": ({ exec }) =>
      void exec.env?.push({ name: "A", value: `\0${SECRET}` }),
    "the name of a variable that no program can have": ({ exec }) =>
      void exec.env?.push({ name: `A=\0${SECRET}`, value: "" }),
  };

  for (const [name, change] of Object.entries(failures)) {
    it(`shows no secret: ${name} [rest 9.4]`, () =>
      withPlugin(async (plugin) => {
        plugin.exec.args?.push(SECRET);
        plugin.exec.env = [{ name: "KEY", value: SECRET }];
        plugin.writes(SECRET);
        change(plugin);
        const config = await restConfigFrom(
          await parseKubeconfig(kubeconfigText({ user: { exec: plugin.exec } })),
        );
        const { signal } = new AbortController();
        await assert.rejects(async () => await config.credentials?.({ signal }), (error) => {
          assert.ok(isExecPluginError(error), String(error));
          showsNoSecret(error);
          assert.ok(!JSON.stringify(error).includes(CANARY));
          return true;
        });
        showsNoSecret(config);
      }));
  }

  it("and the configuration itself show no secret of one that works", () =>
    withPlugin(async (plugin) => {
      plugin.exec.args?.push(SECRET);
      plugin.exec.env = [{ name: "KEY", value: SECRET }];
      plugin.gives({ token: SECRET, clientCertificateData: FIRST_CERT, clientKeyData: FIRST_KEY });
      const config = await restConfigFrom(
        await parseKubeconfig(kubeconfigText({ user: { exec: plugin.exec } })),
      );
      assert.equal(
        (await config.credentials?.({ signal: new AbortController().signal }))?.bearerToken,
        SECRET,
      );
      showsNoSecret(config);
      assert.ok(!`${config}${JSON.stringify(config)}`.includes(CANARY));
    }));
});
