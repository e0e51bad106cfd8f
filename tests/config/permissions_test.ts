import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { withFiles } from "./folder.ts";
import { CA, kubeconfigText } from "./material.ts";
import { withPlugin } from "./plugin.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const FILES = {
  "home/.kube/config": kubeconfigText({ cluster: { "certificate-authority": "ca.pem" } }),
  "home/.kube/ca.pem": CA,
  "yaml": "current-context: a\nclusters: [{name: a, cluster: {server: https://east:6443}}]\n" +
    "contexts: [{name: a, context: {cluster: a}}]",
  "pod/token": "t",
  "pod/ca.crt": CA,
  "pod/namespace": "shop",
};
const POD = { KUBERNETES_SERVICE_HOST: "10.0.0.1", KUBERNETES_SERVICE_PORT: "443" };
const POD_VARIABLES = "KUBERNETES_SERVICE_HOST,KUBERNETES_SERVICE_PORT,POD_NAMESPACE";

// Other runtimes have no permissions, or not these.
const isDeno = process.versions.deno !== undefined;

describe("On Deno, loadConfig()", { skip: !isDeno }, () => {
  for (
    const { name, home = "home", env = {}, flags, says } of [
      {
        name: "needs KUBECONFIG, HOME and the kubeconfig's folder, where pods' variables are of no matter",
        env: POD,
        flags: ["--allow-env=KUBECONFIG,HOME", "--allow-read=FOLDER/home/.kube"],
        says: /^https:\/\/east:6443\/ default$/,
      },
      {
        name: "needs KUBECONFIG alone when it is set, also to read YAML",
        env: { KUBECONFIG: "FOLDER/yaml" },
        flags: ["--allow-env=KUBECONFIG", "--allow-read=FOLDER/yaml"],
        says: /^https:\/\/east:6443\/ default$/,
      },
      {
        name: "needs the service's variables and folder in a pod",
        home: "nowhere",
        env: POD,
        flags: [
          `--allow-env=KUBECONFIG,HOME,${POD_VARIABLES}`,
          "--allow-read=FOLDER/nowhere/.kube/config,FOLDER/pod",
        ],
        says: /^https:\/\/10\.0\.0\.1\/ shop$/,
      },
      {
        name: "asks for KUBECONFIG and HOME",
        flags: ["--allow-read"],
        says: /^Cannot use KUBECONFIG: Deno may not read.*Run with --allow-env=KUBECONFIG,HOME, or/,
      },
      {
        name: "asks for HOME",
        flags: ["--allow-env=KUBECONFIG"],
        says: /^Cannot use HOME: Deno may not read.*Run with --allow-env=KUBECONFIG,HOME, or/,
      },
      {
        name: "asks for the kubeconfig and does not take it for missing",
        env: POD,
        flags: ["--allow-env"],
        says: /config": Deno may not read the file\. Run with --allow-read="FOLDER\/home\/\.kube\/config"/,
      },
      {
        name: "asks for the files that the kubeconfig names",
        flags: ["--allow-env=KUBECONFIG,HOME", "--allow-read=FOLDER/home/.kube/config"],
        says:
          /certificate-authority: Deno may not read the file.*--allow-read=<what certificate-authority names>/,
      },
      {
        name: "asks for the service's variables when there is no kubeconfig",
        home: "nowhere",
        env: POD,
        flags: ["--allow-env=KUBECONFIG,HOME", "--allow-read"],
        says:
          /does not exist, and whether this is a pod is unknown \(.*Run with --allow-env=KUBERNETES_SERVICE/,
      },
      {
        name:
          "does not speak of pods when KUBECONFIG is set and their variables are not permitted [rest 8.6]",
        env: { KUBECONFIG: "FOLDER/nowhere", ...POD },
        flags: ["--allow-env=KUBECONFIG", "--allow-read"],
        says:
          /^Cannot use KUBECONFIG: none of the files that KUBECONFIG lists exists: "FOLDER\/nowhere"\. Correct KUBECONFIG$/,
      },
      {
        name: "asks for the service's folder in a pod",
        home: "nowhere",
        env: POD,
        flags: ["--allow-env", "--allow-read=FOLDER/nowhere"],
        says: /whether this is a pod is unknown \(.*--allow-read="FOLDER\/pod\/token"\)/,
      },
    ] as { name: string; home?: string; env?: Record<string, string>; flags: string[]; says: RegExp }[]
  ) {
    it(name, () =>
      withFiles({
        ...FILES,
        "main.ts": `import { loadConfig } from ${JSON.stringify(join(ROOT, "config/mod.ts"))};
const config = loadConfig({ serviceAccountDirectory: import.meta.dirname + "/pod" });
console.log(await config.then((c) => c.server + " " + c.namespace, (error) => error.message));`,
      }, async (folder) => {
        const inFolder = (text: string) => text.replaceAll("FOLDER", folder);
        const { PATH, DENO_DIR, HOME } = process.env;
        const { stdout } = await promisify(execFile)(process.execPath, [
          ...["run", "--no-prompt", "--no-check", "--quiet", "--config", join(ROOT, "deno.json")],
          ...flags.map(inFolder),
          join(folder, "main.ts"),
        ], {
          env: {
            PATH,
            DENO_DIR: DENO_DIR ?? join(HOME ?? "", ".cache/deno"),
            HOME: join(folder, home),
            ...Object.fromEntries(Object.entries(env).map(([name, value]) => [name, inFolder(value)])),
          },
        });
        assert.match(stdout.trim().replaceAll(folder, "FOLDER"), says);
      }));
  }
});

describe("On Deno, modifyKubeconfig()", { skip: !isDeno }, () => {
  for (
    const { name, flags, says } of [
      {
        name: "needs to read and write the file's folder",
        flags: ["--allow-read=FOLDER", "--allow-write=FOLDER"],
        says: "x",
      },
      {
        name: "asks to write",
        flags: ["--allow-read=FOLDER"],
        says: `Cannot use kubeconfig "FOLDER/k/config": Deno did not permit making its folder. ` +
          "Run with --allow-read and --allow-write for its folder",
      },
      {
        name: "asks to write the folder, and not the file alone",
        flags: ["--allow-read=FOLDER", "--allow-write=FOLDER/k/config"],
        says: `Cannot use kubeconfig "FOLDER/k/config": Deno did not permit making its folder. ` +
          "Run with --allow-read and --allow-write for its folder",
      },
      {
        name: "asks to read",
        flags: ["--allow-write=FOLDER"],
        says: `Cannot use kubeconfig "FOLDER/k/config": Deno may not read the file. ` +
          `Run with --allow-read="FOLDER/k/config"`,
      },
    ]
  ) {
    it(`${name} [rest 8.8]`, () =>
      withFiles({
        "k/config": "current-context: dev",
        "main.ts": `import { modifyKubeconfig } from ${JSON.stringify(join(ROOT, "config/mod.ts"))};
const modified = modifyKubeconfig((kubeconfig) => {
  kubeconfig["current-context"] = "x";
}, { kubeconfig: import.meta.dirname + "/k/config" });
console.log(await modified.then((k) => k["current-context"], (error) => error.message));`,
      }, async (folder) => {
        const { stdout } = await promisify(execFile)(process.execPath, [
          ...["run", "--no-prompt", "--no-check", "--quiet", "--config", join(ROOT, "deno.json")],
          ...flags.map((flag) => flag.replace("FOLDER", folder)),
          join(folder, "main.ts"),
        ]);
        assert.equal(stdout.trim().replaceAll(folder, "FOLDER"), says);
      }));
  }
});

describe("On Deno, a credential plugin", { skip: !isDeno }, () => {
  const needed = "Run with --allow-run=FOLDER/get-token and --allow-env without a list";
  for (
    const { name, flags, policy, says } of [
      {
        name: "needs itself to be run, and the whole environment",
        flags: ["--allow-run=FOLDER/get-token", "--allow-env"],
        says: "first",
      },
      {
        name: "asks for the environment",
        flags: ["--allow-run=FOLDER/get-token", "--allow-env=HOME"],
        says:
          `Cannot use exec plugin "FOLDER/get-token": Deno may not read the environment, which a plugin gets as a whole. ${needed}`,
      },
      {
        name: "asks to be run",
        flags: ["--allow-run=FOLDER/other", "--allow-env"],
        says: `Cannot use exec plugin "FOLDER/get-token": Deno may not run it. ${needed}`,
      },
      {
        name: "asks to be looked for, when there is an allowlist",
        flags: ["--allow-run=FOLDER/get-token", "--allow-env"],
        policy: { policyType: "Allowlist", allowlist: [{ command: "get-token" }] },
        says: "Cannot use exec plugin: Deno may not look for it in the folders of PATH. " +
          "Run with --allow-read for these folders",
      },
    ]
  ) {
    it(`${name} [rest 9.1]`, () =>
      withPlugin(async ({ exec, folder, set }) => {
        const options = JSON.stringify({ policy });
        set(
          "main.ts",
          `import { execSource } from ${JSON.stringify(join(ROOT, "config/mod.ts"))};
const source = execSource(${JSON.stringify(exec)}, ${options});
const asked = (async () => await source({ signal: new AbortController().signal }))();
console.log(await asked.then(({ bearerToken }) => bearerToken, (error) => error.message));`,
        );
        const { stdout } = await promisify(execFile)(process.execPath, [
          ...["run", "--no-prompt", "--no-check", "--quiet", "--config", join(ROOT, "deno.json")],
          ...flags.map((flag) => flag.replace("FOLDER", folder)),
          join(folder, "main.ts"),
        ]);
        assert.equal(stdout.trim().replaceAll(folder, "FOLDER"), says);
      }));
  }
});
