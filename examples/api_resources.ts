// Prints what the server has and can be listed, as `kubectl api-resources --verbs=list` does; with a name, what that means.
// Run: deno run --allow-net --allow-read --allow-env=KUBECONFIG,HOME examples/api_resources.ts deploy   (or: bun …, node …)
import process from "node:process";
import { connect } from "@coxswain/kube";
import {
  DiscoveryClient,
  filterResources,
  preferredResources,
  resourceTypes,
  supportsVerbs,
} from "@coxswain/kube/discovery";
import { apiVersionOf, type ResourceType } from "@coxswain/kube/meta";

const [name] = process.argv.slice(2);
await using client = await connect();

const show = (type: ResourceType) =>
  console.log(
    [type.plural, type.shortNames?.join(","), apiVersionOf(type), type.scope, type.kind].join("\t"),
  );

if (name !== undefined) show(await client.find(name));
else {
  const served = await new DiscoveryClient(client.rest).all();
  for (const [groupVersion, { message }] of served.failures) console.error(`${groupVersion}: ${message}`);
  filterResources(preferredResources(served), supportsVerbs("list")).flatMap(resourceTypes).forEach(show);
}
