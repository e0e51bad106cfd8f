import process from "node:process";
import { InformerFactory, type InformerOptions } from "@coxswain/kube/cache";
import type { ObjectOf } from "@coxswain/kube/client";
import { Pod } from "@coxswain/kube/types/core/v1";
import { bareBody } from "./bare_body.ts";
import type { Benchmark, Outcome, Surroundings } from "./benchmark.ts";
import { clientGoInformer, clientNode } from "./peers.ts";
import { withClient } from "./with_client.ts";

type Options = InformerOptions<ObjectOf<Pod>> & { only?: undefined };

const DROPPED = { managedFields: "drop" } as const;

const PODS =
  "/api/v1/pods?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";

/** What a program without a library looks at. */
interface PodEvent {
  type: string;
  object: { metadata: { namespace: string; name: string; annotations?: Record<string, string> } };
}

/**
 * What a program without a library does: a watch that begins with what is there, and then so many changes.
 *
 * @param onSync Called when all that is there has come.
 */
async function floor(
  surroundings: Surroundings,
  most: number,
  onSync: () => void = () => {},
): Promise<Map<string, unknown>> {
  const decoder = new TextDecoder();
  const pods = new Map<string, unknown>();
  let text = "";
  let isSynced = false;
  let changes = 0;
  await bareBody(surroundings, PODS, (piece) => {
    const lines = (text + decoder.decode(piece, { stream: true })).split("\n");
    text = lines.pop()!;
    for (const line of lines) {
      const { type, object }: PodEvent = JSON.parse(line);
      const key = `${object.metadata.namespace}/${object.metadata.name}`;
      if (type === "BOOKMARK" && !isSynced) {
        isSynced = true;
        onSync();
      }
      if (type === "DELETED") pods.delete(key);
      else if (type !== "BOOKMARK") pods.set(key, object);
      if (isSynced && type !== "BOOKMARK") changes++;
    }
    return isSynced && changes >= most;
  });
  return pods;
}

const synced = (options: Options) => (surroundings: Surroundings): Promise<Outcome> =>
  withClient(surroundings, async (client) => {
    const informers = new InformerFactory(client);
    const pods = informers.informer(Pod, options);
    informers.start();
    await informers.waitForSync();
    const count = pods.health().size;
    await informers[Symbol.asyncDispose]();
    return { count, kept: pods };
  });

/** An informer begins: all pods of a cluster, by key. */
export const sync: Benchmark = {
  title: "Sync of an informer",
  unit: "pods",
  variants: {
    async floor(surroundings) {
      const pods = await floor(surroundings, 0);
      return { count: pods.size, kept: pods };
    },
    /** Nothing is made of the bytes: what the data costs to get here, and how calm the machine is. */
    async "bytes only"(surroundings) {
      const decoder = new TextDecoder();
      await bareBody(surroundings, PODS, (piece) => {
        return decoder.decode(piece.subarray(-60)).includes("initial-events-end"); // the last thing that it sends
      });
      return {};
    },
    "coxswain compact": synced({ store: "compact" }),
    "coxswain compact, dropped": synced({ store: "compact", managedFields: "drop" }),
    "coxswain compact, list": synced({ store: "compact", ...DROPPED, watchList: false, pageSize: 0 }),
    "coxswain compact, paged": synced({ store: "compact", ...DROPPED, watchList: false, pageSize: 500 }),
    "coxswain informer": synced({}),
    "coxswain informer, dropped": synced({ managedFields: "drop" }),
    "coxswain informer, list": synced({ watchList: false, pageSize: 0 }),
    "coxswain informer, paged": synced({ watchList: false, pageSize: 500 }),
    "client-go Protobuf": clientGoInformer({ updates: false }),
    "client-go Protobuf, list": clientGoInformer({ updates: false, list: true }),
    async "client-node informer"(surroundings) {
      const informer = await openClientNode(surroundings);
      await informer.start();
      const count = informer.list().length;
      await informer.stop();
      return { count, kept: informer };
    },
  },
};

/** Time and processor time from a moment on. */
function stopwatch(): () => Pick<Outcome, "wall" | "cpu"> {
  const began = performance.now();
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return { wall: performance.now() - began, cpu: (user + system) / 1000 };
  };
}

/** @param reads Whether the handler reads each object that has changed, as a reconciler does. */
const updated = (options: Options, reads = false) => (surroundings: Surroundings): Promise<Outcome> =>
  withClient(surroundings, async (client) => {
    const informers = new InformerFactory(client);
    const pods = informers.informer(Pod, options);
    let count = 0;
    let absent = 0; // deleted, or about to be
    const all = Promise.withResolvers<void>();
    pods.addEventHandler({
      onChange: ({ key, isInInitialList }) => {
        if (isInInitialList || key === "") return;
        if (reads && pods.lister.byKey(key)?.spec === undefined) absent++;
        if (++count === surroundings.count) all.resolve();
      },
    }, { bufferSize: 2 * surroundings.count });
    informers.start();
    await informers.waitForSync();
    const taken = stopwatch();
    await all.promise;
    const outcome = { count: absent < count / 2 ? count : 0, kept: pods, ...taken() };
    await informers[Symbol.asyncDispose]();
    return outcome;
  });

/** An informer that has synced takes updates, of which a handler gets the key. */
export const updates: Benchmark = {
  title: "Updates to a handler of an informer that has synced",
  unit: "events",
  variants: {
    async floor(surroundings) {
      let taken = stopwatch();
      const pods = await floor(surroundings, surroundings.count, () => taken = stopwatch());
      return { count: surroundings.count, kept: pods, ...taken() };
    },
    "coxswain compact": updated({ store: "compact" }),
    "coxswain compact, dropped": updated({ store: "compact", managedFields: "drop" }),
    "coxswain informer": updated({}),
    "coxswain informer, dropped": updated({ managedFields: "drop" }),
    /** Each object that has changed is read, once: more than most reconcilers do, since queues merge changes. */
    "coxswain compact, read": updated({ store: "compact", managedFields: "drop" }, true),
    "coxswain informer, read": updated({ managedFields: "drop" }, true),
    "client-go Protobuf": clientGoInformer({ updates: true }),
    async "client-node informer"(surroundings) {
      const informer = await openClientNode(surroundings);
      let count = 0;
      let isSynced = false;
      const all = Promise.withResolvers<void>();
      const took = () => isSynced && ++count === surroundings.count && all.resolve();
      for (const event of ["add", "update", "delete"] as const) informer.on(event, took);
      await informer.start();
      isSynced = true;
      const taken = stopwatch();
      await all.promise;
      const outcome = { count, kept: informer, ...taken() };
      await informer.stop();
      return outcome;
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
