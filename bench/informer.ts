import { InformerFactory, type InformerOptions } from "@coxswain/kube/cache";
import type { ObjectOf } from "@coxswain/kube/client";
import { Pod } from "@coxswain/kube/types/core/v1";
import type { Benchmark, Outcome, Surroundings } from "./benchmark.ts";
import { clientNode } from "./peers.ts";
import { withClient } from "./with_client.ts";

type Options = InformerOptions<ObjectOf<Pod>> & { only?: undefined };

const INITIAL =
  "watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";

/** What a program without a library looks at. */
interface PodEvent {
  type: string;
  object: { metadata: { namespace: string; name: string; annotations?: Record<string, string> } };
}

/** What a program without a library does: a watch that begins with what is there, until `isEnough`. */
async function floor(
  { server }: Surroundings,
  isEnough: (pods: Map<string, unknown>, changes: number) => boolean,
): Promise<Map<string, unknown>> {
  const abort = new AbortController();
  const response = await fetch(`${server}/api/v1/pods?${INITIAL}`, { signal: abort.signal });
  const reader = response.body!.getReader();
  const decoder = new TextDecoder();
  const pods = new Map<string, unknown>();
  let text = "";
  let isSynced = false;
  let changes = 0;
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    const lines = (text + decoder.decode(read.value, { stream: true })).split("\n");
    text = lines.pop()!;
    for (const line of lines) {
      const { type, object }: PodEvent = JSON.parse(line);
      const key = `${object.metadata.namespace}/${object.metadata.name}`;
      if (type === "BOOKMARK") isSynced = true;
      else if (type === "DELETED") pods.delete(key);
      else pods.set(key, object);
      if (isSynced && type !== "BOOKMARK") changes++;
    }
    if (isSynced && isEnough(pods, changes)) break;
  }
  await reader.cancel();
  abort.abort();
  return pods;
}

const synced = (options: Options) => (surroundings: Surroundings): Promise<Outcome> =>
  withClient(surroundings, async (client) => {
    const informers = new InformerFactory(client);
    const pods = informers.informer(Pod, options);
    informers.start();
    await informers.waitForSync();
    const count = pods.lister.list().length;
    await informers[Symbol.asyncDispose]();
    return { count, kept: pods };
  });

/** An informer begins: all pods of a cluster, by key. */
export const sync: Benchmark = {
  title: "Sync of an informer",
  unit: "pods",
  variants: {
    async floor(surroundings) {
      const pods = await floor(surroundings, () => true);
      return { count: pods.size, kept: pods };
    },
    "coxswain informer": synced({}),
    "coxswain informer, dropped": synced({ managedFields: "drop" }),
    "coxswain informer, list": synced({ watchList: false, pageSize: 0 }),
    "coxswain informer, paged": synced({ watchList: false, pageSize: 500 }),
    async "client-node informer"(surroundings) {
      const informer = await openClientNode(surroundings);
      await informer.start();
      const count = informer.list().length;
      await informer.stop();
      return { count, kept: informer };
    },
  },
};

const updated = (options: Options) => (surroundings: Surroundings): Promise<Outcome> =>
  withClient(surroundings, async (client) => {
    const informers = new InformerFactory(client);
    const pods = informers.informer(Pod, options);
    let count = 0;
    const all = Promise.withResolvers<void>();
    pods.addEventHandler({
      onChange: ({ key, isInInitialList }) => {
        if (isInInitialList || key === "") return;
        if (++count === surroundings.count) all.resolve();
      },
    }, { bufferSize: 2 * surroundings.count });
    informers.start();
    await all.promise;
    await informers[Symbol.asyncDispose]();
    return { count, kept: pods };
  });

/** An informer begins, and then takes updates, of which a handler gets the key. */
export const updates: Benchmark = {
  title: "Sync, and updates to a handler of an informer",
  unit: "events",
  variants: {
    async floor(surroundings) {
      let count = 0;
      const pods = await floor(surroundings, (_, changes) => (count = changes) >= surroundings.count);
      return { count, kept: pods };
    },
    "coxswain informer": updated({}),
    "coxswain informer, dropped": updated({ managedFields: "drop" }),
    async "client-node informer"(surroundings) {
      const informer = await openClientNode(surroundings);
      let count = 0;
      let isSynced = false;
      const all = Promise.withResolvers<void>();
      const took = () => isSynced && ++count === surroundings.count && all.resolve();
      for (const event of ["add", "update", "delete"] as const) informer.on(event, took);
      await informer.start();
      isSynced = true;
      await all.promise;
      await informer.stop();
      return { count, kept: informer };
    },
  },
};

async function openClientNode({ server, ca }: Surroundings) {
  const { KubeConfig, CoreV1Api, makeInformer } = await clientNode();
  const config = new KubeConfig();
  config.loadFromOptions({
    // It speaks plain HTTP only to who says that he trusts anybody.
    clusters: [{ name: "c", server, caData: ca && btoa(ca), skipTLSVerify: ca === undefined }],
    users: [{ name: "u" }],
    contexts: [{ name: "x", cluster: "c", user: "u" }],
    currentContext: "x",
  });
  const api = config.makeApiClient(CoreV1Api);
  return makeInformer(config, "/api/v1/pods", () => api.listPodForAllNamespaces());
}
