// Lists objects of any kind, as kubectl calls it. Run: deno run --allow-net --allow-read --allow-env=KUBECONFIG,HOME examples/any_kind.ts deploy shop   (or: bun …, node …)
import process from "node:process";
import { connect } from "@coxswain/kube";

const [what = "pods", namespace] = process.argv.slice(2);
await using client = await connect();
const type = await client.find(what); // asks the server what it has
const all = client.resource(type);
const objects = namespace === undefined || type.scope === "Cluster" ? all : all.namespace(namespace);

for await (const { metadata } of objects.metadata().items()) {
  console.log(type.kind, metadata.namespace ?? "-", metadata.name);
}
