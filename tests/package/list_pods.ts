// A program as a user writes it. It has no type annotations, so that workerd runs it as it is.
import { Client } from "@coxswain/kube";
import { InformerFactory } from "@coxswain/kube/cache";
import { ApiServer } from "@coxswain/kube/testing";
import { Pod } from "@coxswain/kube/types/core/v1";

/** Makes a pod on a server in memory, and lists what is there: of the server, and of a cache that keeps bytes. */
export async function listPods() {
  const server = new ApiServer();
  const client = new Client(server.restConfig());
  const informers = new InformerFactory(client, { store: "compact" });
  try {
    const pods = client.resource(Pod).namespace("default");
    await pods.create({
      metadata: { name: "web-0" },
      spec: { containers: [{ name: "main", image: "web" }] },
    });
    const names = [];
    for await (const pod of pods.items()) names.push(pod.metadata.name);
    const cached = informers.informer(Pod);
    informers.start();
    await informers.waitForSync();
    for (const pod of cached.lister.list()) {
      names.push(`${pod.metadata.name}: ${pod.spec?.containers[0].image}`);
    }
    return names;
  } finally {
    await informers[Symbol.asyncDispose]();
    await client[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  }
}
