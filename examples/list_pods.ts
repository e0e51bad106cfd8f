// Prints the phase of each pod. Run: deno run --allow-net --allow-read --allow-env=KUBECONFIG,HOME examples/list_pods.ts shop   (or: bun …, node …)
import process from "node:process";
import { connect } from "@coxswain/kube";
import { Pod } from "@coxswain/kube/types/core/v1";

await using client = await connect();
for await (const pod of client.resource(Pod).namespace(process.argv[2] ?? "default").items()) {
  console.log(pod.metadata.name, pod.status?.phase ?? "Unknown");
}
