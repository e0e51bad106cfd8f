import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { locationOfOrigin, parseKubeconfig, redactKubeconfig } from "@coxswain/kube/config";
import { CANARY, kubeconfigText } from "./material.ts";

const SECRET = `${CANARY}-secret`;

describe("redactKubeconfig()", () => {
  it("hides what is secret and shows the rest [rest 8.9]", async () => {
    const kubeconfig = await parseKubeconfig(kubeconfigText({
      cluster: {
        server: `https://u:${SECRET}@east:6443/path`,
        "certificate-authority-data": "YWJj",
        "proxy-url": `http://u:p@${SECRET}@proxy:3128`,
        "insecure-skip-tls-verify": false,
        extensions: [{ name: "client.authentication.k8s.io/exec", extension: { key: SECRET } }],
      },
      user: {
        "client-certificate-data": "YWJj",
        "client-key-data": SECRET,
        token: SECRET,
        tokenFile: "/run/token",
        username: "u",
        password: SECRET,
        "auth-provider": { name: "oidc", config: { "id-token": SECRET } },
        exec: {
          command: "aws",
          args: ["--secret", SECRET],
          env: [{ name: "KEY", value: SECRET }],
          apiVersion: "client.authentication.k8s.io/v1",
          future: SECRET,
        },
        "future-field": SECRET,
      },
      preferences: { anything: SECRET },
    }));
    assert.deepEqual(redactKubeconfig(kubeconfig), {
      apiVersion: "v1",
      kind: "Config",
      "current-context": "dev",
      clusters: [{
        name: "east",
        cluster: {
          server: "https://REDACTED@east:6443/path",
          "insecure-skip-tls-verify": false,
          "certificate-authority-data": "DATA+OMITTED",
          "proxy-url": "http://REDACTED@proxy:3128",
        },
      }],
      users: [{
        name: "ci",
        user: {
          "client-certificate-data": "DATA+OMITTED",
          "client-key-data": "REDACTED",
          token: "REDACTED",
          tokenFile: "/run/token",
          username: "u",
          password: "REDACTED",
          "auth-provider": { name: "oidc", config: { "id-token": "REDACTED" } },
          exec: {
            command: "aws",
            args: ["REDACTED", "REDACTED"],
            env: [{ name: "KEY", value: "REDACTED" }],
            apiVersion: "client.authentication.k8s.io/v1",
          },
        },
      }],
      contexts: [{ name: "dev", context: { cluster: "east", user: "ci" } }],
    });
  });

  it("leaves the original as it is", async () => {
    const kubeconfig = await parseKubeconfig(kubeconfigText({ user: { token: "abc" } }));
    redactKubeconfig(kubeconfig);
    assert.equal(kubeconfig.users[0].user.token, "abc");
  });

  it("keeps where entries came from, and shows an absent secret as absent [rest 1.2]", async () => {
    const text = kubeconfigText({ user: { token: "" } });
    const { users: [entry] } = redactKubeconfig(await parseKubeconfig(text, { file: "/k" }));
    assert.equal(entry[locationOfOrigin], "/k");
    assert.equal(entry.user.token, "");
    assert.deepEqual(Object.keys(entry.user), ["token"]);
  });
});
