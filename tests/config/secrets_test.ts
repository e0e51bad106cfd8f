import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import { loadConfig, parseKubeconfig, restConfigFrom } from "@coxswain/kube/config";
import { isConfigError } from "@coxswain/kube/rest";
import { withFiles } from "./folder.ts";
import { CANARY, CERT, KEY, kubeconfigText } from "./material.ts";

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
    { "proxy-url": `http://u:${SECRET}@proxy` },
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

  it("and the configuration itself show no secret", async () => {
    const user = { token: SECRET, "client-key-data": btoa(KEY), "client-certificate-data": btoa(CERT) };
    const config = await restConfigFrom(await parseKubeconfig(kubeconfigText({ user })));
    showsNoSecret(config);
    assert.ok(!`${config}${JSON.stringify(config)}`.includes(CANARY));
  });
});

/** Looks for the canary in all that printing a value could show, also in base64 at any of its three offsets. */
function showsNoSecret(value: unknown): void {
  const shown = inspect(value, { depth: Infinity, showHidden: true }) +
    (value instanceof Error ? `${value.message}${value.stack}` : "");
  const encoded = ["", "x", "xx"].map((before) => btoa(before + CANARY).slice(before.length + 1, -4));
  for (const canary of [CANARY, ...encoded]) assert.ok(!shown.includes(canary), `${canary} is in: ${shown}`);
}
