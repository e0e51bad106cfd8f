// Counts the pods of the cluster by node, page by page. Run: deno run --allow-net --allow-read --allow-env=KUBECONFIG,HOME examples/page.ts 100   (or: bun …, node …)
import process from "node:process";
import { connect } from "@coxswain/kube";
import { Pod } from "@coxswain/kube/types/core/v1";

const limit = Number(process.argv[2] ?? 500);
await using client = await connect();
const counts = new Map<string, number>();
// The next page is asked for while this one is counted. All show the same moment.
for await (const { items, metadata } of client.resource(Pod).pages({ limit })) {
  for (const { spec } of items) {
    const node = spec.nodeName ?? "none";
    counts.set(node, (counts.get(node) ?? 0) + 1);
  }
  console.log(items.length, "pods,", metadata.remainingItemCount ?? 0, "to come");
}
for (const [node, count] of counts) console.log(node, count);
