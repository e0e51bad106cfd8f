import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { connect } from "@coxswain/kube";
import { CustomResourceDefinition } from "@coxswain/kube/types/apiextensions/v1";
import { runDeployments } from "../../examples/demo/deployments.ts";
import { startExample } from "../examples/start_example.ts";
import { cluster } from "./cluster.ts";

/** What needs more of a server than the one in memory has. The others run in tests/examples. */
describe("examples/apply_file.ts", () => {
  it("applies a file, says what became of each object, and deletes what a later version has not", async () => {
    const folder = await mkdtemp(join(tmpdir(), "coxswain-example-"));
    const file = join(folder, `example-${Math.random().toString(36).slice(2, 8)}.yaml`);
    const settings = {
      env: { KUBECONFIG: cluster().kubeconfig },
      permissions: ["--allow-all"],
      args: [file],
    };
    const map = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n`;
    const run = async (text: string) => {
      await writeFile(file, text);
      return await startExample("apply_file.ts", settings).ended;
    };
    try {
      const first = await run(`${map("example-a")}---\n${map("example-b")}`);
      const created = "created ConfigMap example-a\ncreated ConfigMap example-b\n";
      assert.deepEqual(first, { code: 0, stdout: created, stderr: "" });
      const second = await run(map("example-a"));
      assert.deepEqual([second.code, second.stderr], [0, ""]);
      assert.match(
        second.stdout,
        /^(?:unchanged|configured) ConfigMap example-a\npruned ConfigMap example-b\n$/,
      );
      const mistaken = await run(`${map("example-a")}---\nkind: ConfigMap\n`);
      assert.deepEqual([mistaken.code, mistaken.stdout], [1, ""]);
      assert.match(mistaken.stderr, /document 2, line 5: it does not say its apiVersion/);
      assert.match((await run("")).stdout, /pruned ConfigMap example-a/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe("the demo with --cluster", () => {
  it("plays its story on a real server, and takes away what it has made", { timeout: 180_000 }, async () => {
    const { kubeconfig } = cluster();
    const client = await connect({ kubeconfig });
    const stop = new AbortController();
    const deployments = runDeployments(client, stop.signal); // there are no controllers on this server
    try {
      const settings = { env: { KUBECONFIG: kubeconfig }, permissions: ["--allow-all"], args: ["--cluster"] };
      const { code, stdout, stderr } = await startExample("demo.ts", settings).ended;
      // A server serves a new kind for moments, then not, while its definition settles; informers go on, and say so.
      const told = stderr.replace(
        /^WARN Failed to watch webapps\..* could not find the requested resource .*\n/gm,
        "",
      );
      assert.deepEqual({ code, stderr: told }, { code: 0, stderr: "" });
      assert.match(
        stdout,
        /^ +kill +operator-[ab] killed; operator-[ab] led \d+\.\d s later, and went on/m,
      );
      assert.match(stdout, /^ +stop +operator-[ab] gave its lease back, ended with code 0/m);
      const definitions = client.resource(CustomResourceDefinition);
      await definitions.waitFor("webapps.example.com", "deleted", { timeout: 60_000 });
    } finally {
      stop.abort();
      await deployments;
      await client[Symbol.asyncDispose]();
    }
  });
});
