// A program as a user writes it. It has no type annotations, so that workerd runs it as it is.
import { Client } from "@coxswain/kube";
import { ApiServer } from "@coxswain/kube/testing";
import { Pod } from "@coxswain/kube/types/core/v1";

/** Makes a pod on a server in memory and lists what is there. */
export async function listPods() {
  const server = new ApiServer();
  const client = new Client(server.restConfig());
  try {
    const pods = client.resource(Pod).namespace("default");
    await pods.create({
      metadata: { name: "web-0" },
      spec: { containers: [{ name: "main", image: "web" }] },
    });
    const names = [];
    for await (const pod of pods.items()) names.push(pod.metadata.name);
    return names;
  } finally {
    await client[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  }
}
