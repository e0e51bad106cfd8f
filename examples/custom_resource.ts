// Makes, changes and deletes an object of a kind of one's own. Run: deno run --allow-net --allow-read --allow-env=KUBECONFIG,HOME examples/custom_resource.ts shop   (or: bun …, node …)
// The cluster has to know the kind, by a CustomResourceDefinition.
import process from "node:process";
import { connect, defineResource, type KubernetesObject } from "@coxswain/kube";

interface WebApp extends KubernetesObject {
  spec: { image: string; replicas: number };
}
const WebApp = defineResource<WebApp>({
  group: "example.com",
  version: "v1",
  kind: "WebApp",
  plural: "webapps",
});

await using client = await connect();
const webApps = client.resource(WebApp).namespace(process.argv[2] ?? "default");

const made = await webApps.create({ metadata: { name: "cart" }, spec: { image: "cart:1", replicas: 2 } });
console.log("created", made.metadata.name, "with", made.spec.replicas, "replicas");

const { spec } = await webApps.patch("cart", { merge: { spec: { replicas: 3 } } });
console.log("patched, now", spec.replicas, "replicas of", spec.image);

await webApps.delete("cart", { preconditions: { uid: made.metadata.uid } }); // this one, not a namesake
console.log("deleted");
