import assert from "node:assert/strict";
import { delimiter, join } from "node:path";
import { describe, it } from "node:test";
import { loadConfig, type LoadConfigOptions } from "@coxswain/kube/config";
import { isConfigError } from "@coxswain/kube/rest";
import { withFiles } from "./folder.ts";
import { CA, kubeconfigText } from "./material.ts";

const FILES = {
  "config": kubeconfigText({ user: { token: "abc" }, context: { namespace: "shop" } }),
  "no-current": kubeconfigText({ "current-context": "" }),
  "default": kubeconfigText(),
  "empty": "",
  "context": JSON.stringify({
    "current-context": "there",
    contexts: [{ name: "there", context: { cluster: "east", user: "ci", namespace: "elsewhere" } }],
  }),
  "broken": "users: [",
  "pod/token": "pod-token",
  "pod/ca.crt": CA,
  "pod/namespace": "pod-namespace\n",
  "folders/token/below": "",
};

const POD = { KUBERNETES_SERVICE_HOST: "10.0.0.1", KUBERNETES_SERVICE_PORT: "443" };
const SERVER = { kubeconfig: "https://east:6443/", pod: "https://10.0.0.1/" };

interface Case {
  name: string;
  /** `KUBECONFIG`, `HOME` and the options' paths are paths in the folder of {@linkcode FILES}. */
  env: Record<string, string>;
  options?: LoadConfigOptions;
}

describe("loadConfig()", () => {
  for (
    const { server, namespace, ...given } of [
      { name: "the kubeconfig", env: { KUBECONFIG: "config" }, server: "kubeconfig", namespace: "shop" },
      {
        name: "the kubeconfig in a pod, too",
        env: { KUBECONFIG: "config", ...POD },
        server: "kubeconfig",
        namespace: "shop",
      },
      {
        name: "the kubeconfig's default namespace in a pod",
        env: { KUBECONFIG: "default", ...POD },
        server: "kubeconfig",
        namespace: "default",
      },
      {
        name: "the namespace option over the context's",
        env: { KUBECONFIG: "config" },
        options: { namespace: "mine" },
        server: "kubeconfig",
        namespace: "mine",
      },
      {
        name: "the context option where none is current",
        env: { KUBECONFIG: "no-current", ...POD },
        options: { context: "dev" },
        server: "kubeconfig",
        namespace: "default",
      },
      {
        name: "a context whose cluster and user are in other files",
        env: { KUBECONFIG: "context:config" },
        server: "kubeconfig",
        namespace: "elsewhere",
      },
      { name: "the pod without a kubeconfig", env: POD, server: "pod", namespace: "pod-namespace" },
      {
        name: "the pod when the home folder has no kubeconfig",
        env: { HOME: "nowhere", ...POD },
        server: "pod",
        namespace: "pod-namespace",
      },
      {
        name: "the pod when the kubeconfig is empty",
        env: { KUBECONFIG: "empty", ...POD },
        server: "pod",
        namespace: "pod-namespace",
      },
      {
        name: "the pod when none of the files exists",
        env: { KUBECONFIG: "nowhere", ...POD },
        server: "pod",
        namespace: "pod-namespace",
      },
      {
        name: "the pod when no context is chosen",
        env: { KUBECONFIG: "no-current", ...POD },
        server: "pod",
        namespace: "pod-namespace",
      },
      {
        name: "the namespace option in a pod",
        env: POD,
        options: { namespace: "mine" },
        server: "pod",
        namespace: "mine",
      },
    ] as (Case & { server: "kubeconfig" | "pod"; namespace: string })[]
  ) {
    it(`uses ${given.name} [rest 8, 8.6]`, () =>
      withFiles(FILES, async (folder) => {
        const config = await load(folder, given);
        assert.equal(config.server, SERVER[server]);
        assert.equal(config.namespace, namespace);
      }));
  }

  for (
    const { setting, says, ...given } of [
      {
        name: "there is nothing at all",
        env: {},
        setting: "kubeconfig",
        says:
          /^Cannot use kubeconfig: neither KUBECONFIG nor HOME is set, and this is not a pod: KUBERNETES_SERVICE_HOST is not set\. Set KUBECONFIG, or pass the kubeconfig option$/,
      },
      {
        name: "the home folder has no kubeconfig",
        env: { HOME: "nowhere" },
        setting: "kubeconfig",
        says: /KUBECONFIG is not set and ".*nowhere.\.kube.config" does not exist, and this is not a pod/,
      },
      {
        name: "none of the listed files exists",
        env: { KUBECONFIG: `nowhere${delimiter}else` },
        setting: "KUBECONFIG",
        says: /none of the files that KUBECONFIG lists exists: ".*nowhere", ".*else", and this is not a pod/,
      },
      {
        name: "the kubeconfig is empty",
        env: { KUBECONFIG: "empty" },
        setting: "KUBECONFIG",
        says: /there is no context in ".*empty", and this is not a pod/,
      },
      {
        name: "no context is current",
        env: { KUBECONFIG: "no-current" },
        setting: "KUBECONFIG",
        says: /".*no-current" sets no current-context.*Pass the context option with one of "dev"/,
      },
      {
        name: "the service's port is missing",
        env: { KUBERNETES_SERVICE_HOST: "10.0.0.1" },
        setting: "kubeconfig",
        says: /not a pod: KUBERNETES_SERVICE_PORT is not set/,
      },
      {
        name: "the token is missing",
        env: POD,
        options: { serviceAccountDirectory: "nowhere" },
        setting: "kubeconfig",
        says: /not a pod: ".*nowhere.token" does not exist/,
      },
      {
        name: "the token is a folder",
        env: POD,
        options: { serviceAccountDirectory: "folders" },
        setting: "kubeconfig",
        says: /whether this is a pod is unknown \(.*token.*it is a folder/,
      },
    ] as (Case & { setting: string; says: RegExp })[]
  ) {
    it(`says what it looked for when ${given.name} [rest 8.6]`, () =>
      withFiles(FILES, async (folder) => {
        await assert.rejects(load(folder, given), (error) => {
          assert.ok(isConfigError(error));
          assert.equal(error.setting, setting);
          assert.match(error.message, says);
          assert.doesNotMatch(error.message, /\n/);
          return true;
        });
      }));
  }

  for (
    const { says, ...given } of [
      {
        name: "a kubeconfig is broken",
        env: { KUBECONFIG: `config${delimiter}broken`, ...POD },
        says: /broken": it is not YAML/,
      },
      {
        name: "the option's file does not exist",
        env: POD,
        options: { kubeconfig: "nowhere" },
        says: /the file does not exist/,
      },
      {
        name: "the option's file is empty",
        env: POD,
        options: { kubeconfig: "empty" },
        says: /there is no context in ".*empty"\./,
      },
      {
        name: "the option's context does not exist",
        env: { KUBECONFIG: "config", ...POD },
        options: { context: "prod" },
        says: /context "prod": there is no such context/,
      },
      {
        name: "a context is asked for where there is no kubeconfig",
        env: POD,
        options: { context: "prod" },
        says: /neither KUBECONFIG nor HOME is set\./,
      },
    ] as (Case & { says: RegExp })[]
  ) {
    it(`fails in a pod, too, when ${given.name} [rest 8.6]`, () =>
      withFiles(FILES, async (folder) => {
        await assert.rejects(load(folder, given), { name: "ConfigError", message: says });
      }));
  }
});

function load(folder: string, { env, options = {} }: Case): ReturnType<typeof loadConfig> {
  const inFolder = (paths: string | undefined) =>
    paths?.split(delimiter).map((path) => join(folder, path)).join(delimiter);
  return loadConfig({
    ...options,
    kubeconfig: inFolder(options.kubeconfig),
    serviceAccountDirectory: inFolder(options.serviceAccountDirectory ?? "pod"),
    env: { ...env, KUBECONFIG: inFolder(env.KUBECONFIG), HOME: inFolder(env.HOME) },
  });
}
