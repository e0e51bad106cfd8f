// Prints what happens to pods, until Ctrl-C. Run: deno run --allow-net --allow-read --allow-env=KUBECONFIG,HOME examples/follow_pods.ts shop app=web   (or: bun …, node …)
import process from "node:process";
import { connect } from "@coxswain/kube";
import { Pod } from "@coxswain/kube/types/core/v1";

const [namespace = "default", labelSelector] = process.argv.slice(2);
const stop = new AbortController();
process.once("SIGINT", () => stop.abort());

await using client = await connect();
const pods = client.resource(Pod).namespace(namespace);
try {
  for await (const event of pods.watch({ labelSelector, signal: stop.signal })) {
    if (event.type === "BOOKMARK") continue; // none come unless asked for
    console.log(event.type, event.object.metadata.name, event.object.status?.phase ?? "Unknown");
  }
} catch (error) {
  if (error !== stop.signal.reason) throw error; // that it was told to stop is not a failure
}
