import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { startExample, writeKubeconfig } from "./start_example.ts";
import { cleaned } from "../cleanup.ts";
import { socketServer } from "../streams/socket_server.ts";

describe("examples/shell.ts", () => {
  it(
    "shows what a command prints, and ends as it does",
    cleaned(async (t) => {
      const server = await socketServer(t);
      const kubeconfig = JSON.stringify({
        apiVersion: "v1",
        kind: "Config",
        clusters: [{ name: "a", cluster: { server: server.url } }],
        users: [{ name: "a", user: {} }],
        contexts: [{ name: "a", context: { cluster: "a", user: "a" } }],
        "current-context": "a",
      });
      const written = await writeKubeconfig(kubeconfig);
      t.after(() => written[Symbol.asyncDispose]());
      const permissions = [
        "--allow-env=KUBECONFIG,WS_NO_BUFFER_UTIL,WS_NO_UTF_8_VALIDATE",
        `--allow-read=${written.file}`,
        `--allow-net=${new URL(server.url).host}`,
      ];
      const env = { KUBECONFIG: written.file };
      const example = startExample("shell.ts", { env, permissions, args: ["web-0", "echo", "hi"] });
      const peer = await server.next();
      assert.match(
        peer.handshake.path,
        /pods\/web-0\/exec\?command=echo&command=hi&stderr=true&stdin=true&stdout=true$/,
      );
      peer.send(1, "hi\n");
      const details = { causes: [{ reason: "ExitCode", message: "3" }] };
      peer.send(3, JSON.stringify({ status: "Failure", reason: "NonZeroExitCode", details }));
      peer.close(1000);
      const { code, stdout, stderr } = await example.ended;
      assert.deepEqual({ code, stdout, stderr }, { code: 3, stdout: "hi\n", stderr: "" });
    }),
  );
});
