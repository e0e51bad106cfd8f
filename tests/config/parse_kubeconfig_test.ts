import assert from "node:assert/strict";
import process from "node:process";
import { describe, it } from "node:test";
import { type Kubeconfig, locationOfOrigin, parseKubeconfig } from "@coxswain/kube/config";
import { type ConfigError, isConfigError } from "@coxswain/kube/rest";
import { CANARY } from "./material.ts";

const REAL = `
apiVersion: v1
kind: Config
preferences: {}
current-context: kind-dev
clusters:
- cluster:
    certificate-authority-data: YWJj
    server: https://127.0.0.1:38081
    extensions:
    - name: minikube.sigs.k8s.io
      extension: {version: v1.33.0}
    future-field: [1, 2]
  name: kind-dev
contexts:
- {name: kind-dev, context: {cluster: kind-dev, user: kind-dev}}
users:
- name: kind-dev
  user:
    client-certificate-data: YWJj
    client-key-data: YWJj
`;

describe("parseKubeconfig()", () => {
  it("gives the file's own structure and keeps fields that it does not know [rest 8.2]", async () => {
    const expected = {
      apiVersion: "v1",
      kind: "Config",
      preferences: {},
      "current-context": "kind-dev",
      clusters: [{
        name: "kind-dev",
        cluster: {
          "certificate-authority-data": "YWJj",
          server: "https://127.0.0.1:38081",
          extensions: [{ name: "minikube.sigs.k8s.io", extension: { version: "v1.33.0" } }],
          "future-field": [1, 2],
        },
      }],
      contexts: [{ name: "kind-dev", context: { cluster: "kind-dev", user: "kind-dev" } }],
      users: [{ name: "kind-dev", user: { "client-certificate-data": "YWJj", "client-key-data": "YWJj" } }],
    };
    assert.deepEqual(await parseKubeconfig(REAL), expected);
    assert.deepEqual(await parseKubeconfig(JSON.stringify(expected, null, "\t")), expected);
  });

  for (
    const { name, text } of [
      { name: "no text", text: "" },
      { name: "a comment", text: "# nothing yet\n" },
      { name: "null", text: "null" },
      { name: "an empty document", text: "---\n" },
      { name: "an empty mapping", text: "{}" },
      { name: "empty lists", text: "clusters: []\nusers: null\ncontexts:" },
    ]
  ) {
    it(`takes ${name} for an empty kubeconfig [rest 8.3]`, async () => {
      assert.deepEqual(await parseKubeconfig(text), { clusters: [], users: [], contexts: [] });
    });
  }

  for (
    const { name, text, clusters } of [
      { name: "a byte order mark", text: "\ufeffclusters: [{name: a}]", clusters: ["a"] },
      { name: "Windows' line ends", text: "clusters:\r\n- name: a\r\n- name: b\r\n", clusters: ["a", "b"] },
      { name: "document marks", text: "---\nclusters: [{name: a}]\n...\n---\n", clusters: ["a"] },
      { name: "anchors and merge keys", text: "x: &x {name: a}\nclusters: [{<<: *x}]", clusters: ["a"] },
      { name: "texts that only YAML 1.1 reads otherwise", text: "clusters: [{name: no}]", clusters: ["no"] },
      { name: "names in quotes that look like numbers", text: `clusters: [{name: "1"}]`, clusters: ["1"] },
    ]
  ) {
    it(`reads ${name}`, async () => {
      const kubeconfig = await parseKubeconfig(text);
      assert.deepEqual(kubeconfig.clusters, clusters.map((name) => ({ name, cluster: {} })));
    });
  }

  it("notes on each entry the file that it came from, and nowhere that is written [rest 8.3]", async () => {
    const kubeconfig = await parseKubeconfig(REAL, { file: "/etc/kube/config" });
    for (const entry of [...kubeconfig.clusters, ...kubeconfig.users, ...kubeconfig.contexts]) {
      assert.equal(entry[locationOfOrigin], "/etc/kube/config");
    }
    assert.equal(JSON.stringify(kubeconfig), JSON.stringify(await parseKubeconfig(REAL)));
  });

  for (
    const { name, text, setting = `kubeconfig "/k"`, says } of [
      { name: "a list", text: "- a", says: /expected a mapping, found a list/ },
      { name: "a text", text: "just words", says: /expected a mapping, found text/ },
      { name: "two documents", text: "kind: Config\n---\nkind: Config", says: /holds 2 YAML documents/ },
      { name: "another kind", text: "apiVersion: v1\nkind: Pod", says: /not of apiVersion v1, kind Config/ },
      { name: "another version", text: "apiVersion: v2", says: /not of apiVersion v1, kind Config/ },
      { name: "tabs", text: "a:\n\tb: c", says: /not YAML at line 2, column 1 \(tab as indent\)/ },
      {
        name: "a key that is there twice",
        text: "kind: Config\nkind: Config",
        says: /line 2.*duplicate key/,
      },
      { name: "tags", text: "users: !!js/function x", says: /not YAML at line 1.*tag resolve failed/ },
      { name: "an unknown alias", text: "users: *x", says: /an alias without an anchor/ },
      { name: "what contains itself", text: "a: &a [*a, *a]", says: /nested too deep|aliases/ },
      { name: "deep nesting", text: "[".repeat(20_000), says: /nested too deep|not YAML/ },
      {
        name: "deep nesting in JSON",
        text: `{"a":${"[".repeat(5_000)}${"]".repeat(5_000)}}`,
        says: /nested too deep/,
      },
      {
        name: "aliases that multiply",
        text: "abcdefghi".split("").reduce(
          (text, key, index, keys) =>
            `${text}\n${key}: &${key} [${Array(9).fill(index === 0 ? "x" : `*${keys[index - 1]}`).join()}]`,
          "",
        ),
        says: /aliases expand to too much/,
      },
      {
        name: "clusters of the same name",
        text: "clusters: [{name: a}, {name: b}, {name: a}]",
        setting: "clusters",
        says: /clusters: the name "a" is there twice \("\/k"\)/,
      },
      {
        name: "users of the same name",
        text: "users: [{name: a}, {name: a}]",
        setting: "users",
        says: /users: the name "a" is there twice/,
      },
      {
        name: "contexts of the same name",
        text: "contexts: [{name: a}, {name: a}]",
        setting: "contexts",
        says: /contexts: the name "a" is there twice/,
      },
      {
        name: "extensions of the same name",
        text: "clusters: [{name: a, cluster: {extensions: [{name: x}, {name: x}]}}]",
        setting: `clusters["a"].cluster.extensions`,
        says: /the name "x" is there twice/,
      },
      {
        name: "a number where text belongs",
        text: "users: [{name: ci, user: {token: 12345}}]",
        setting: `users["ci"].user.token`,
        says: /expected text, found a number \("\/k"\)\. Put it in quotes/,
      },
      {
        name: "a text where a choice belongs",
        text: `clusters: [{name: a, cluster: {insecure-skip-tls-verify: "true"}}]`,
        setting: `clusters["a"].cluster.insecure-skip-tls-verify`,
        says: /expected true or false, found text/,
      },
      {
        name: "entries without structure",
        text: "users: [ci]",
        setting: "users[0]",
        says: /users\[0\]: expected a mapping, found text/,
      },
      {
        name: "a mapping in place of a list",
        text: "contexts: {a: b}",
        setting: "contexts",
        says: /contexts: expected a list, found a mapping/,
      },
      {
        name: "several wrong fields, all of them",
        text: "users: [{name: ci, user: {as-groups: x, exec: {args: [1], env: [{name: 1}]}}}]",
        says:
          /3 settings are wrong: .*user\.as-groups: expected a list.*exec\.args\[0\].*exec\.env\[0\]\.name/,
      },
    ]
  ) {
    it(`refuses ${name} [rest 8.2]`, async () => {
      const error = await failureOf(parseKubeconfig(text, { file: "/k" }));
      assert.equal(error.setting, setting);
      assert.match(error.message, says);
    });
  }

  it("calls a text without a file just kubeconfig", async () => {
    assert.equal((await failureOf(parseKubeconfig("[]"))).setting, "kubeconfig");
  });

  it("does not let keys reach a prototype", async () => {
    const texts = [
      "__proto__: {polluted: 1}\nusers: [{name: __proto__, user: {__proto__: {polluted: 1}, token: a}}]",
      `{"__proto__": {"polluted": 1}, "users": [{"name": "__proto__", "user": {"__proto__": {"polluted": 1}}}]}`,
      "x: &x {__proto__: {polluted: 1}}\nusers: [{<<: *x, name: __proto__, user: {constructor: {prototype: 1}}}]",
    ];
    for (const text of texts) {
      const kubeconfig: Kubeconfig = await parseKubeconfig(text);
      assert.equal(kubeconfig.users[0].name, "__proto__");
      for (const object of [{}, kubeconfig, kubeconfig.users[0], kubeconfig.users[0].user]) {
        assert.equal((object as { polluted?: unknown }).polluted, undefined);
        assert.equal(Object.getPrototypeOf(object), Object.prototype);
        assert.ok(!Object.hasOwn(object, "__proto__"));
      }
    }
  });

  it("prints nothing, whatever the YAML parser's debugging variables say", async () => {
    const { log, dir } = console;
    const { env } = process;
    const printed: unknown[] = [];
    try {
      env.LOG_TOKENS = env.LOG_STREAM = "1";
      console.log = console.dir = (...values: unknown[]) => void printed.push(values);
      await parseKubeconfig(`users: [{name: ci, user: {token: ${CANARY}}}]`);
    } finally {
      Object.assign(console, { log, dir });
      delete env.LOG_TOKENS;
      delete env.LOG_STREAM;
    }
    assert.deepEqual(printed, []);
    assert.equal(process.env, env);
  });
});

async function failureOf(promise: Promise<unknown>): Promise<ConfigError> {
  const error = await promise.then(() => undefined, (error) => error);
  assert.ok(isConfigError(error), `not a ConfigError: ${error}`);
  return error;
}
