import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { loadExecCredential } from "@coxswain/kube/config";
import { isConfigError } from "@coxswain/kube/rest";
import { CA } from "./material.ts";
import { V1, V1_BETA_1 } from "./plugin.ts";

const infoOf = (cluster?: Record<string, unknown>, more: Record<string, unknown> = {}) =>
  JSON.stringify({ apiVersion: V1, kind: "ExecCredential", spec: { interactive: false, cluster }, ...more });

describe("loadExecCredential()", () => {
  for (const apiVersion of [V1, V1_BETA_1]) {
    it(`gives what the client says and a configuration in ${apiVersion} [rest 9.6]`, async () => {
      const { credential, config } = await loadExecCredential({
        KUBERNETES_EXEC_INFO: infoOf({
          server: "https://east:6443",
          "tls-server-name": "kubernetes",
          "certificate-authority-data": btoa(CA),
          config: { audience: "east", nested: [1] },
        }, { apiVersion }),
      });
      assert.equal(credential.apiVersion, apiVersion);
      assert.deepEqual(credential.spec?.cluster?.config, { audience: "east", nested: [1] });
      assert.equal(credential.spec?.interactive, false);
      assert.equal(config.server, "https://east:6443/");
      assert.deepEqual([config.tls.ca, config.tls.serverName], [CA, "kubernetes"]);
    });
  }

  it("gives a configuration without authorities and without what the kubeconfig has for the plugin [rest 9.6]", async () => {
    const { credential, config } = await loadExecCredential({
      KUBERNETES_EXEC_INFO: infoOf({ server: "https://east", "insecure-skip-tls-verify": true }),
    });
    assert.equal(credential.spec?.cluster?.config, undefined);
    assert.equal(config.tls.insecure, true);
  });

  for (
    const { name, text, says } of [
      { name: "nothing", text: undefined, says: "env var is unset or empty" },
      { name: "an empty text", text: "", says: "env var is unset or empty" },
      { name: "broken JSON", text: "{", says: "decode: " },
      { name: "a list", text: "[]", says: "decode: expected an object, found a list" },
      {
        name: "a wrong type",
        text: infoOf({ server: 1 }),
        says: "decode: spec.cluster.server: expected text, found a number",
      },
      {
        name: "another kind",
        text: infoOf({}, { kind: "TokenReview" }),
        says: "invalid group/kind: wanted ExecCredential.client.authentication.k8s.io, " +
          "got TokenReview.client.authentication.k8s.io",
      },
      {
        name: "another group",
        text: infoOf({}, { apiVersion: "example.com/v1" }),
        says: "invalid group/kind: wanted ExecCredential.client.authentication.k8s.io, " +
          "got ExecCredential.example.com",
      },
      { name: "no kind", text: "{}", says: "invalid group/kind: " },
      {
        name: "another version",
        text: infoOf({}, { apiVersion: "client.authentication.k8s.io/v1alpha1" }),
        says: "decode: unknown version v1alpha1",
      },
      {
        name: "no cluster",
        text: infoOf(),
        says: "ExecCredential does not contain cluster information. Set provideClusterInfo",
      },
      { name: "no spec", text: infoOf(undefined, { spec: null }), says: "ExecCredential does not contain" },
      { name: "no server", text: infoOf({}), says: "cannot create rest.Config: server: " },
      {
        name: "an authority that is none",
        text: infoOf({ server: "https://east", "certificate-authority-data": btoa("junk") }),
        says: `cannot create rest.Config: tls.ca: expected a "BEGIN CERTIFICATE" block`,
      },
      {
        name: "an authority that is not base64",
        text: infoOf({ server: "https://east", "certificate-authority-data": "*" }),
        says: "cannot create rest.Config: certificate-authority-data: it is not base64",
      },
    ]
  ) {
    it(`refuses ${name} [rest 9.6]`, async () => {
      await assert.rejects(loadExecCredential({ KUBERNETES_EXEC_INFO: text }), (error) => {
        assert.ok(isConfigError(error));
        assert.ok(error.message.startsWith(`Cannot use KUBERNETES_EXEC_INFO: ${says}`), error.message);
        return true;
      });
    });
  }
});
