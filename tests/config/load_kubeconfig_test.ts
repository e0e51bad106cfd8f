import assert from "node:assert/strict";
import { delimiter, join, relative } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { loadKubeconfig, locationOfOrigin } from "@coxswain/kube/config";
import { withFiles } from "./folder.ts";

const FILES = {
  "one": "contexts: [{name: one}]\ncurrent-context: one",
  "two": "contexts: [{name: two}, {name: one}]\ncurrent-context: two",
  "home/.kube/config": "contexts: [{name: home}]",
  "empty": "",
  "broken": "contexts: [",
};

describe("loadKubeconfig()", () => {
  for (
    const { name, kubeconfig, env, contexts } of [
      {
        name: "the option's file, and no other",
        kubeconfig: "two",
        env: { KUBECONFIG: ["one"], HOME: "home" },
        contexts: ["two", "one"],
      },
      {
        name: "the files in KUBECONFIG, in their order",
        env: { KUBECONFIG: ["one", "two"], HOME: "home" },
        contexts: ["one", "two"],
      },
      {
        name: "those files in KUBECONFIG that exist",
        env: { KUBECONFIG: ["nowhere", "", "two", "one/below-a-file"], HOME: "home" },
        contexts: ["two", "one"],
      },
      {
        name: "a file once that KUBECONFIG names twice",
        env: { KUBECONFIG: ["one", "one"] },
        contexts: ["one"],
      },
      { name: "nothing when KUBECONFIG names missing files only", env: { KUBECONFIG: ["x"] }, contexts: [] },
      { name: "nothing from an empty file", env: { KUBECONFIG: ["empty"] }, contexts: [] },
      { name: "the home folder's file without KUBECONFIG", env: { HOME: "home" }, contexts: ["home"] },
      {
        name: "the home folder's file when KUBECONFIG is empty",
        env: { KUBECONFIG: [], HOME: "home" },
        contexts: ["home"],
      },
      { name: "nothing when the home folder has no file", env: { HOME: "nowhere" }, contexts: [] },
      { name: "nothing without any variable", env: {}, contexts: [] },
    ] as {
      name: string;
      kubeconfig?: string;
      env: { KUBECONFIG?: string[]; HOME?: string };
      contexts: string[];
    }[]
  ) {
    it(`reads ${name} [rest 8.1, 8.3]`, () =>
      withFiles(FILES, async (folder) => {
        const loaded = await loadKubeconfig({
          kubeconfig: kubeconfig && join(folder, kubeconfig),
          env: {
            KUBECONFIG: env.KUBECONFIG?.map((file) => file && join(folder, file)).join(delimiter),
            HOME: env.HOME && join(folder, env.HOME),
          },
        });
        assert.deepEqual(loaded.contexts.map(({ name }) => name), contexts);
      }));
  }

  it("remembers absolute paths, also of files that are named relative to the working folder", () =>
    withFiles(FILES, async (folder) => {
      const file = join(folder, "one");
      const { contexts } = await loadKubeconfig({ kubeconfig: relative(process.cwd(), file) });
      assert.equal(contexts[0][locationOfOrigin], file);
    }));

  it("reads the process's own environment when none is given", () =>
    withFiles(FILES, async (folder) => {
      const { KUBECONFIG } = process.env;
      try {
        process.env.KUBECONFIG = join(folder, "two");
        assert.equal((await loadKubeconfig())["current-context"], "two");
      } finally {
        if (KUBECONFIG === undefined) delete process.env.KUBECONFIG;
        else process.env.KUBECONFIG = KUBECONFIG;
      }
    }));

  for (
    const { name, kubeconfig, list, says } of [
      {
        name: "the option's file does not exist",
        kubeconfig: "nowhere",
        says: /nowhere": the file does not exist/,
      },
      { name: "a listed file is broken", list: ["one", "broken"], says: /broken": it is not YAML at line 1/ },
      { name: "a listed file is a folder", list: ["home"], says: /home": it is a folder/ },
      { name: "the option's file is a folder", kubeconfig: "home", says: /home": it is a folder/ },
    ] as { name: string; kubeconfig?: string; list?: string[]; says: RegExp }[]
  ) {
    it(`fails when ${name}, naming it [rest 8.3]`, () =>
      withFiles(FILES, async (folder) => {
        await assert.rejects(
          loadKubeconfig({
            kubeconfig: kubeconfig && join(folder, kubeconfig),
            env: { KUBECONFIG: list?.map((file) => join(folder, file)).join(delimiter) },
          }),
          { name: "ConfigError", message: says },
        );
      }));
  }

  for (
    const { name, value } of [
      { name: "YAML", value: "users:\n- name: ci\n  user: {token: abc123}" },
      { name: "JSON", value: `{"users":[{"name":"ci","user":{"token":"abc123"}}]}` },
    ]
  ) {
    it(`says so when KUBECONFIG holds a kubeconfig in ${name}, without repeating it`, async () => {
      await assert.rejects(loadKubeconfig({ env: { KUBECONFIG: value } }), (error: Error) => {
        assert.match(error.message, /KUBECONFIG: it holds something other than paths/);
        return !error.message.includes("abc123");
      });
    });
  }

  it("rejects with the signal's reason", () =>
    withFiles(FILES, async (folder) => {
      const options = { kubeconfig: join(folder, "one") };
      const reason = new Error("enough");
      await assert.rejects(loadKubeconfig({ ...options, signal: AbortSignal.abort(reason) }), reason);
      const controller = new AbortController();
      const loading = loadKubeconfig({ ...options, signal: controller.signal });
      controller.abort(reason);
      await assert.rejects(loading, reason);
    }));
});
