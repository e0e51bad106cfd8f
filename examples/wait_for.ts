// Waits until a pod is ready, for a minute at most. Run: deno run --allow-net --allow-read --allow-env=KUBECONFIG,HOME examples/wait_for.ts shop web-0   (or: bun …, node …)
import process from "node:process";
import { connect } from "@coxswain/kube";
import { WaitTimeoutError } from "@coxswain/kube/client";
import { Pod } from "@coxswain/kube/types/core/v1";

const [namespace, name] = process.argv.slice(2);
await using client = await connect();
const pods = client.resource(Pod).namespace(namespace);
try {
  // Or a function of the pod, or "deleted". The pod need not exist yet.
  const pod = await pods.waitFor(name, { condition: "Ready" }, { timeout: 60_000 });
  console.log(pod.metadata.name, "is ready since", pod.status.startTime ?? "just now");
} catch (error) {
  if (!(error instanceof WaitTimeoutError)) throw error;
  console.error(error.message); // with the last state that was seen
  process.exitCode = 1;
}
