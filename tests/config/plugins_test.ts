import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import {
  isExecPluginError,
  loadConfig,
  parseKubeconfig,
  type PluginOptions,
  restConfigFrom,
} from "@coxswain/kube/config";
import { isConfigError, RestClient, type RestConfig } from "@coxswain/kube/rest";
import { CA, CERT, KEY, kubeconfigText } from "./material.ts";
import { type Plugin, runtimeArgs, V1, withPlugin } from "./plugin.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const { signal } = new AbortController();

describe("A user with a credential plugin", () => {
  it("gets its credentials when a request needs them, and not before [rest 8.5, 9]", () =>
    withPlugin(async (plugin) => {
      const config = await configOf(plugin);
      assert.equal(plugin.runs().length, 0);
      assert.equal(config.bearerToken, undefined);
      assert.deepEqual(await config.credentials?.({ signal }), { bearerToken: "first" });
    }));

  it("shares one plugin among all clients of a configuration and its copies [rest 9.3]", () =>
    withPlugin(async (plugin) => {
      const config = await configOf(plugin);
      await Promise.all([config, config, config.with({ namespace: "shop" })].map(({ credentials }) => {
        return credentials?.({ signal });
      }));
      assert.equal(plugin.runs().length, 1);
    }));

  it("has requests sent with new credentials once the server has refused the old ones [rest 9.3, B6]", () =>
    withPlugin(async (plugin) => {
      const tokens: (string | null)[] = [];
      let good = "Bearer first";
      const fetch = (_: RequestInfo | URL, init?: RequestInit) => {
        const token = new Headers(init?.headers).get("authorization");
        tokens.push(token);
        return Promise.resolve(new Response("{}", { status: token === good ? 200 : 401 }));
      };
      const client = new RestClient((await configOf(plugin)).with({ fetch }));
      try {
        const get = () => client.get().absolutePath("/version").send();
        await get();
        good = "Bearer second";
        plugin.gives({ token: "second" });
        await get();
        await get();
        assert.deepEqual(tokens, ["Bearer first", "Bearer first", "Bearer second", "Bearer second"]);
        assert.equal(plugin.runs().length, 2);
        good = "none";
        await assert.rejects(get(), { name: "StatusError" });
      } finally {
        await client[Symbol.asyncDispose]();
      }
    }));

  it("tells it about the cluster, with authorities from a file and its own extension [rest 8.5, 9.1]", () =>
    withPlugin(async (plugin) => {
      writeFileSync(join(plugin.folder, "ca.pem"), CA);
      plugin.exec.provideClusterInfo = true;
      const { credentials } = await configOf(plugin, {}, {
        "certificate-authority": "ca.pem",
        "tls-server-name": "kubernetes",
        extensions: [
          { name: "other", extension: { not: "this" } },
          { name: "client.authentication.k8s.io/exec", extension: { audience: "east" } },
        ],
      });
      await credentials?.({ signal });
      assert.deepEqual((plugin.runs()[0].info as { spec: unknown }).spec, {
        interactive: false,
        cluster: {
          server: "https://east:6443",
          "tls-server-name": "kubernetes",
          "certificate-authority-data": btoa(CA),
          config: { audience: "east" },
        },
      });
    }));

  for (const command of ["./get-token", "bin/get-token", "../kube/bin/get-token"]) {
    it(`finds ${command} from the folder of the kubeconfig [rest 8.3]`, () =>
      withPlugin(async (plugin) => {
        const folder = join(plugin.folder, "kube");
        mkdirSync(join(folder, "bin"), { recursive: true });
        for (const link of ["get-token", "bin/get-token"]) symlinkSync(process.execPath, join(folder, link));
        const text = kubeconfigText({ user: { exec: { ...plugin.exec, command } } });
        writeFileSync(join(folder, "config"), text);
        const { credentials } = await loadConfig({ kubeconfig: join(folder, "config") });
        assert.deepEqual(await credentials?.({ signal }), { bearerToken: "first" });
      }));
  }

  it("shows what it writes to standard error on ours, and the program ends by itself [rest 9.1]", () =>
    withPlugin(async ({ exec, folder, set }) => {
      set("complaint", "please log in again\n");
      set(
        "main.ts",
        `import { execSource } from ${JSON.stringify(join(ROOT, "config/mod.ts"))};
const { bearerToken } = await execSource(${JSON.stringify(exec)})({ signal: new AbortController().signal });
console.log(bearerToken);`,
      );
      const args = runtimeArgs().filter((arg) => arg !== "--no-config");
      if (process.versions.deno !== undefined) args.push("--no-check", "--config", join(ROOT, "deno.json"));
      const { stdout, stderr } = await promisify(execFile)(process.execPath, [
        ...args,
        join(folder, "main.ts"),
      ]);
      assert.equal(stdout, "first\n");
      assert.equal(stderr, "please log in again\n");
    }));

  it("leaves a bare name for PATH, even if the kubeconfig's folder has a file of that name [rest 8.3]", () =>
    withPlugin(async (plugin) => {
      const { credentials } = await configOf({ ...plugin, exec: { ...plugin.exec, command: "get-token" } });
      await assert.rejects(async () => await credentials?.({ signal }), /executable get-token not found/);
    }));

  for (
    const { name, user } of [
      { name: "a token", user: { token: "abc" } },
      { name: "a token file", user: { tokenFile: "plugin.mjs" } },
      { name: "a name and password", user: { username: "u", password: "p" } },
      {
        name: "a client certificate",
        user: { "client-certificate-data": btoa(CERT), "client-key-data": btoa(KEY) },
      },
    ]
  ) {
    it(`does not run it beside ${name} [rest 9.3]`, () =>
      withPlugin(async (plugin) => {
        const { credentials } = await configOf(plugin, {}, {}, user);
        await credentials?.({ signal });
        assert.equal(plugin.runs().length, 0);
      }));
  }

  it("does not run it without TLS [rest 8.5]", () =>
    withPlugin(async (plugin) => {
      assert.equal((await configOf(plugin, {}, { server: "http://east" })).credentials, undefined);
    }));

  it("takes its options from the program [rest 9.5]", () =>
    withPlugin(async (plugin) => {
      const calls: number[] = [];
      const { credentials } = await configOf(plugin, {
        env: { ...process.env, FROM: "program" },
        onCall: ({ exitCode }) => calls.push(exitCode),
      });
      await credentials?.({ signal });
      assert.deepEqual(calls, [0]);
      assert.equal(plugin.runs()[0].env.FROM, "program");
    }));

  it("is subject to the policy, which a kubeconfig cannot set [rest 9.5]", () =>
    withPlugin(async (plugin) => {
      const exec = { ...plugin.exec, policy: { policyType: "AllowAll" }, policyType: "AllowAll" };
      const { credentials } = await configOf({ ...plugin, exec }, { policy: { policyType: "DenyAll" } });
      await assert.rejects(async () => await credentials?.({ signal }), (error) => {
        return isExecPluginError(error) && /policy set to "DenyAll"/.test(error.message);
      });
      assert.equal(plugin.runs().length, 0);
    }));

  it("is refused with a policy that cannot mean what it says, also when there is no plugin [rest 9.5]", async () => {
    const kubeconfig = await parseKubeconfig(kubeconfigText());
    const policy = { policyType: "Allowlist" } as const;
    await assert.rejects(restConfigFrom(kubeconfig, { plugins: { policy } }), (error) => {
      return isConfigError(error) && error.setting === "plugins.policy";
    });
  });

  for (
    const { name, exec, user, setting, says } of [
      { name: "no command", exec: { command: "" }, setting: "exec.command", says: /it is not set/ },
      {
        name: "an old version",
        exec: { apiVersion: "client.authentication.k8s.io/v1alpha1" },
        setting: "exec.apiVersion",
        says: /exec plugin: invalid apiVersion "client\.authentication\.k8s\.io\/v1alpha1" \(context "dev"/,
      },
      {
        name: "no interactiveMode in v1",
        exec: { interactiveMode: undefined },
        setting: "exec.interactiveMode",
        says: /it is not set/,
      },
      {
        name: "a variable without a name",
        exec: { env: [{ value: "x" }] },
        setting: "exec.env[0].name",
        says: /it is not set/,
      },
      {
        name: "an auth-provider too",
        exec: {},
        user: { "auth-provider": { name: "oidc" } },
        setting: "exec",
        says: /there is an auth-provider too/,
      },
    ] as {
      name: string;
      exec: Record<string, unknown>;
      user?: Record<string, unknown>;
      setting: string;
      says: RegExp;
    }[]
  ) {
    it(`is refused with ${name} [rest 8.7]`, async () => {
      const good = { command: "x", apiVersion: V1, interactiveMode: "Never" };
      const text = kubeconfigText({ user: { ...user, exec: { ...good, ...exec } } });
      await assert.rejects(async () => await restConfigFrom(await parseKubeconfig(text)), (error) => {
        assert.ok(isConfigError(error));
        assert.ok(error.message.includes(`users["ci"].user.${setting}`), error.message);
        assert.match(error.message, says);
        return true;
      });
    });
  }
});

async function configOf(
  { exec, folder }: Plugin,
  plugins?: PluginOptions,
  cluster?: Record<string, unknown>,
  user?: Record<string, unknown>,
): Promise<RestConfig> {
  const text = kubeconfigText({ cluster, user: { ...user, exec } });
  return await restConfigFrom(await parseKubeconfig(text, { file: join(folder, "config") }), { plugins });
}
