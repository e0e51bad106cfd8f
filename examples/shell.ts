// A shell in a container. Run: deno run -A examples/shell.ts web-0   (or: bun …, node …)
import process from "node:process";
import { connect } from "@coxswain/kube";
import { connectTerminal, exec } from "@coxswain/kube/streams";

await using client = await connect();
const [name = "web-0", ...command] = process.argv.slice(2);
const shell = await exec(client, {
  name,
  command: command.length > 0 ? command : ["sh"],
  stdin: true,
  tty: process.stdin.isTTY ?? false,
});
const { code } = await connectTerminal(shell);
process.exitCode = code;
