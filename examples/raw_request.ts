// Prints the end of a pod's log, with requests built by hand. Run: deno run --allow-net --allow-read --allow-env=KUBECONFIG,HOME examples/raw_request.ts shop web-0   (or: bun …, node …)
import process from "node:process";
import { connect } from "@coxswain/kube";

const [namespace = "default", name = "web-0"] = process.argv.slice(2);
await using client = await connect();

const version = await client.rest.get().absolutePath("/version").send();
console.log("server", (await version.json<{ gitVersion: string }>()).gitVersion);

const pod = client.rest.get().resource("pods").namespace(namespace).name(name); // a value, to build upon
const log = await pod.subresource("log").query({ tailLines: 10 }).send();
for await (const text of log.stream().pipeThrough(new TextDecoderStream())) process.stdout.write(text);
