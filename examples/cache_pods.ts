// Keeps the pods of a namespace at hand, and prints after each change how many are on each node, until Ctrl-C. Run: deno run --allow-net --allow-read --allow-env=KUBECONFIG,HOME examples/cache_pods.ts shop   (or: bun …, node …)
import process from "node:process";
import { connect, InformerFactory } from "@coxswain/kube";
import { Pod } from "@coxswain/kube/types/core/v1";

const stop = new AbortController();
process.once("SIGINT", () => stop.abort());

await using client = await connect();
await using informers = new InformerFactory(client, { namespaces: process.argv[2] ?? "default" });
const pods = informers.informer(Pod, { indexers: { byNode: (pod) => [pod.spec?.nodeName ?? "none"] } });
informers.start();
try {
  await informers.waitForSync({ signal: stop.signal });
  for await (const { type, metadata, object, old } of pods.changes({ signal: stop.signal })) {
    const node = object.spec?.nodeName ?? "none";
    if (type !== "MODIFIED" || old?.spec?.nodeName !== object.spec?.nodeName) {
      console.log(`${type} ${metadata.name}: ${pods.lister.byIndex("byNode", node).length} on ${node}`);
    }
  }
} catch (error) {
  if (error !== stop.signal.reason) throw error; // that it was told to stop is not a failure
}
