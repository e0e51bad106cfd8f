// A program that gives its terminal to a shell in a container. Run by stream_parts_test.ts.
import { connect } from "@coxswain/kube";
import { connectTerminal, exec } from "@coxswain/kube/streams";
import { cluster } from "./cluster.ts";

const client = await connect({ kubeconfig: cluster().kubeconfig });
const command = ["sh", "-c", "echo ready; exec sh"];
const shell = await exec(client, {
  namespace: "default",
  name: "web",
  container: "main",
  command,
  stdin: true,
  tty: true,
});
const { code } = await connectTerminal(shell);
await client[Symbol.asyncDispose]();
console.log(`code ${code}`);
