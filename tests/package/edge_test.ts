import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { pack } from "../../tools/pack.ts";
import { run } from "../../tools/project.ts";
import { runtime } from "../../tools/runtimes.ts";
import { readTarball } from "../../tools/tarball.ts";

/** Cloudflare's runtime: ECMAScript and the web's APIs, nothing of Node. */
const COMPATIBILITY_DATE = "2026-11-01";

/** `workerd test` calls this in place of a request, so no socket is needed. */
const WORKER = `
import { listPods } from "./list_pods.js";
export default {
  async test() {
    const names = await listPods();
    if (names.join() !== "web-0,web-0: web") throw new Error("listed: " + names.join());
  },
};
`;

describe("On workerd, the packed package", () => {
  let folder: string;
  before(async () => {
    folder = await Deno.makeTempDir({ prefix: "coxswain-edge-" });
  });
  after(() => Deno.remove(folder, { recursive: true }));

  it("makes, sends, lists and caches through a custom fetch", async () => {
    await pack(`${folder}/package.tgz`);
    const files = await readTarball(`${folder}/package.tgz`);
    const { exports } = JSON.parse(files.get("package.json")!) as {
      exports: Record<string, { import: string }>;
    };
    const program = await Deno.readTextFile(new URL("list_pods.ts", import.meta.url));
    // workerd has no package resolution: its modules have paths, and a bundler would put those in for the names.
    const resolved = program.replace(
      /"@coxswain\/kube([^"]*)"/g,
      (_, path: string) => `"./package/${exports[`.${path}`].import.slice(2)}"`,
    );
    const modules = new Map([["worker.js", WORKER], ["list_pods.js", resolved]]);
    for (const [path, text] of files) if (path.endsWith(".js")) modules.set(`package/${path}`, text);
    for (const [path, text] of modules) {
      await Deno.mkdir(`${folder}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.writeTextFile(`${folder}/${path}`, text);
    }
    await Deno.writeTextFile(`${folder}/config.capnp`, configOf([...modules.keys()]));

    const command = [await runtime("workerd"), "test", "config.capnp"];
    const { code, output } = await run(command, { cwd: folder, capture: true, limit: 60_000 });
    assert.equal(code, 0, output);
    assert.match(output, /\[ PASS \] main/);
  });
});

function configOf(paths: readonly string[]): string {
  const modules = paths.map((path) => `(name = "${path}", esModule = embed "${path}")`);
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "main", worker = (
  modules = [${modules.join(",\n")}],
  compatibilityDate = "${COMPATIBILITY_DATE}",
))]);
`;
}
