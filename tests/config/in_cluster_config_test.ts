import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { inClusterConfig } from "@coxswain/kube/config";
import { isConfigError } from "@coxswain/kube/rest";
import { ManualClock } from "@coxswain/kube/testing";
import { withFiles } from "./folder.ts";
import { authoritiesOf, CA } from "./material.ts";

const ENV = { KUBERNETES_SERVICE_HOST: "10.0.0.1", KUBERNETES_SERVICE_PORT: "6443" };
const FILES = { token: "tok-1\n", "ca.crt": CA, namespace: " shop\n" };

describe("inClusterConfig()", () => {
  for (
    const { host, server } of [
      { host: "10.0.0.1", server: "https://10.0.0.1:6443/" },
      { host: "fd00::1", server: "https://[fd00::1]:6443/" },
      { host: "kubernetes.default", server: "https://kubernetes.default:6443/" },
    ]
  ) {
    it(`finds the server at ${host} [rest 1.5]`, () =>
      withFiles(FILES, async (serviceAccountDirectory) => {
        const env = { ...ENV, KUBERNETES_SERVICE_HOST: host };
        const config = await inClusterConfig({ env, serviceAccountDirectory });
        assert.equal(config.server, server);
        assert.equal(await authoritiesOf(config), CA);
      }));
  }

  for (
    const { name, options = {}, env = {}, files, namespace } of [
      { name: "the option", options: { namespace: "mine" }, env: { POD_NAMESPACE: "a" }, namespace: "mine" },
      { name: "POD_NAMESPACE", env: { POD_NAMESPACE: "a" }, namespace: "a" },
      { name: "the file, trimmed", namespace: "shop" },
      { name: "the file when POD_NAMESPACE is empty", env: { POD_NAMESPACE: "" }, namespace: "shop" },
      {
        name: "default when the file is empty",
        files: { token: "t", namespace: "\n" },
        namespace: "default",
      },
      { name: "default without a file", files: { token: "t" }, namespace: "default" },
    ]
  ) {
    it(`takes the namespace from ${name} [rest 8.6]`, () =>
      withFiles(files ?? FILES, async (serviceAccountDirectory) => {
        const config = await inClusterConfig({
          ...options,
          env: { ...ENV, ...env },
          serviceAccountDirectory,
        });
        assert.equal(config.namespace, namespace);
      }));
  }

  it("reads the token again when it may have changed [rest 1.5, 7.4]", () =>
    withFiles(FILES, async (serviceAccountDirectory) => {
      const clock = new ManualClock();
      const { credentials } = await inClusterConfig({ env: ENV, serviceAccountDirectory, clock });
      assert.ok(credentials !== undefined);
      const { signal } = new AbortController();
      assert.deepEqual(await credentials({ signal }), { bearerToken: "tok-1" });
      writeFileSync(join(serviceAccountDirectory, "token"), "tok-2");
      assert.deepEqual(await credentials({ signal }), { bearerToken: "tok-1" });
      await clock.advance(50_000);
      assert.deepEqual(await credentials({ signal }), { bearerToken: "tok-2" });
    }));

  it("reads the authorities again when they may have changed [rest 1.5, 7.7]", () =>
    withFiles({ ...FILES, "ca.crt": "" }, async (serviceAccountDirectory) => {
      const clock = new ManualClock();
      const config = await inClusterConfig({ env: ENV, serviceAccountDirectory, clock });
      await assert.rejects(authoritiesOf(config), /ca\.crt": the file is empty/);
      writeFileSync(join(serviceAccountDirectory, "ca.crt"), CA);
      assert.equal(await authoritiesOf(config), CA);
      writeFileSync(join(serviceAccountDirectory, "ca.crt"), CA + CA);
      await clock.advance(299_999);
      assert.equal(await authoritiesOf(config), CA);
      await clock.advance(1);
      assert.equal(await authoritiesOf(config), CA + CA);
    }));

  it("believes the runtime's authorities when there is no ca.crt [rest 1.5]", () =>
    withFiles({ token: "t" }, async (serviceAccountDirectory) => {
      assert.equal((await inClusterConfig({ env: ENV, serviceAccountDirectory })).tls.ca, undefined);
    }));

  for (
    const { name, env = ENV, files, says } of [
      { name: "the host", env: { KUBERNETES_SERVICE_PORT: "1" }, says: /KUBERNETES_SERVICE_HOST is not set/ },
      { name: "the port", env: { KUBERNETES_SERVICE_HOST: "a" }, says: /KUBERNETES_SERVICE_PORT is not set/ },
      { name: "the token", files: { namespace: "a" }, says: /token" does not exist\. Run in a pod/ },
      {
        name: "a token in the file",
        files: { token: "\n" },
        says: /token file ".*token": the file is empty/,
      },
      {
        name: "a certificate in ca.crt",
        files: { token: "t", "ca.crt": "junk" },
        says: /ca\.crt": expected a "BEGIN CERTIFICATE" block/,
      },
      {
        name: "a host that can be one",
        env: { ...ENV, KUBERNETES_SERVICE_HOST: "a b" },
        says: /KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT: .*neither a URL/,
      },
      {
        name: "a namespace that can be one",
        env: { ...ENV, POD_NAMESPACE: "A" },
        says: /namespace: it cannot be the name of a namespace/,
      },
    ] as { name: string; env?: Record<string, string>; files?: Record<string, string>; says: RegExp }[]
  ) {
    it(`fails without ${name} [rest 1.5]`, () =>
      withFiles(files ?? FILES, async (serviceAccountDirectory) => {
        await assert.rejects(inClusterConfig({ env, serviceAccountDirectory }), (error) => {
          assert.ok(isConfigError(error));
          assert.match(error.message, says);
          return true;
        });
      }));
  }
});
