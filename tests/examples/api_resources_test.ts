import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { defineResource } from "@coxswain/kube/meta";
import { ApiServer } from "@coxswain/kube/testing";
import { cleaned } from "../cleanup.ts";
import { startExample, writeKubeconfig } from "./start_example.ts";

describe("examples/api_resources.ts", () => {
  for (
    const { args, lines } of [
      { args: ["deploy"], lines: ["deployments\tdeploy\tapps/v1\tNamespaced\tDeployment"] },
      { args: ["wa"], lines: ["webapps\twa\texample.com/v1\tNamespaced\tWebApp"] },
      {
        args: [],
        lines: [
          "configmaps\tcm\tv1\tNamespaced\tConfigMap",
          "nodes\tno\tv1\tCluster\tNode",
          "webapps\twa\texample.com/v1\tNamespaced\tWebApp",
        ],
      },
    ]
  ) {
    it(
      `prints ${args[0] ?? "everything"}, and ends`,
      cleaned(async (t) => {
        const group = { group: "example.com", kind: "WebApp", plural: "webapps", shortNames: ["wa"] };
        const resources = ["v1", "v1beta1"].map((version) => defineResource({ ...group, version }));
        const server = new ApiServer({ resources });
        t.after(() => server[Symbol.asyncDispose]());
        const { url, kubeconfig } = await server.listen();
        const written = await writeKubeconfig(kubeconfig());
        t.after(() => written[Symbol.asyncDispose]());
        const { code, stdout, stderr } = await startExample("api_resources.ts", {
          args,
          env: { KUBECONFIG: written.file },
          permissions: [
            "--allow-env=KUBECONFIG",
            `--allow-read=${written.file}`,
            `--allow-net=${new URL(url).host}`,
          ],
        }).ended;
        assert.deepEqual([code, stderr], [0, ""]);
        const printed = stdout.trimEnd().split("\n");
        assert.ok(lines.every((line) => printed.includes(line)), stdout);
        assert.equal(
          printed.filter((line) => line.startsWith("webapps")).length,
          args[0] === "deploy" ? 0 : 1,
        );
      }),
    );
  }
});
