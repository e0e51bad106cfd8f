import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { flattenKubeconfig, minifyKubeconfig, parseKubeconfig } from "@coxswain/kube/config";
import { isConfigError } from "@coxswain/kube/rest";
import { withFiles } from "./folder.ts";
import { CA, CERT, KEY, kubeconfigText } from "./material.ts";

const MANY = `
current-context: b
clusters: [{name: a}, {name: b}]
users: [{name: a, user: {token: x}}, {name: b, user: {token: y}}]
contexts: [{name: a, context: {cluster: a, user: a}}, {name: b, context: {cluster: b, user: b}}]
mine: 1`;

describe("minifyKubeconfig()", () => {
  it("keeps the current context, its cluster and its user, and other fields [rest 8.9]", async () => {
    const kubeconfig = await parseKubeconfig(MANY);
    assert.deepEqual(minifyKubeconfig(kubeconfig), {
      "current-context": "b",
      clusters: [{ name: "b", cluster: {} }],
      users: [{ name: "b", user: { token: "y" } }],
      contexts: [{ name: "b", context: { cluster: "b", user: "b" } }],
      mine: 1,
    });
    assert.equal(kubeconfig.clusters.length, 2);
  });

  it("keeps no user for a context that has none [rest 8.9]", async () => {
    const kubeconfig = await parseKubeconfig(kubeconfigText({ context: { user: "" } }));
    assert.deepEqual(minifyKubeconfig(kubeconfig).users, []);
  });

  for (
    const { name, text, setting } of [
      {
        name: "no context is current",
        text: kubeconfigText({ "current-context": "" }),
        setting: "current-context",
      },
      { name: "the context is missing", text: kubeconfigText({ contexts: [] }), setting: "current-context" },
      {
        name: "its cluster is missing",
        text: kubeconfigText({ clusters: [] }),
        setting: `contexts["dev"].context.cluster`,
      },
      {
        name: "it names no cluster",
        text: kubeconfigText({ context: { cluster: "" } }),
        setting: `contexts["dev"].context.cluster`,
      },
      {
        name: "its user is missing",
        text: kubeconfigText({ users: [] }),
        setting: `contexts["dev"].context.user`,
      },
    ]
  ) {
    it(`fails when ${name} [rest 8.9]`, async () => {
      const kubeconfig = await parseKubeconfig(text);
      assert.throws(() => minifyKubeconfig(kubeconfig), (error) => {
        return isConfigError(error) && error.setting === setting;
      });
    });
  }
});

describe("flattenKubeconfig()", () => {
  it("puts the content of files into the kubeconfig, but not tokens [rest 8.9]", () =>
    withFiles({ "k/ca.pem": CA, "c.pem": CERT, "k/k.pem": KEY }, async (folder) => {
      const text = kubeconfigText({
        cluster: { "certificate-authority": "ca.pem", "tls-server-name": "x" },
        user: { "client-certificate": "../c.pem", "client-key": join(folder, "k/k.pem"), tokenFile: "token" },
      });
      const kubeconfig = await parseKubeconfig(text, { file: join(folder, "k/config") });
      const { clusters, users } = await flattenKubeconfig(kubeconfig);
      assert.deepEqual(clusters[0].cluster, {
        server: "https://east:6443",
        "tls-server-name": "x",
        "certificate-authority-data": btoa(CA),
      });
      assert.deepEqual(users[0].user, {
        tokenFile: "token",
        "client-certificate-data": btoa(CERT),
        "client-key-data": btoa(KEY),
      });
      assert.equal(kubeconfig.clusters[0].cluster["certificate-authority"], "ca.pem");
    }));

  it("lists every file that is missing and every field that is there twice [rest 8.9]", async () => {
    const kubeconfig = await parseKubeconfig(kubeconfigText({
      cluster: { "certificate-authority": "/no/such", "certificate-authority-data": "YQ==" },
      user: { "client-key": "/no/such" },
    }));
    await assert.rejects(flattenKubeconfig(kubeconfig), {
      name: "ConfigError",
      message:
        /3 settings are wrong: .*certificate-authority: certificate-authority-data is there too.*client-key: the file/,
    });
  });
});
