import { readFileSync } from "node:fs";
import process from "node:process";
import { Client, connect } from "@coxswain/kube";
import type { KubernetesObject } from "@coxswain/kube/meta";
import { ConfigMap, Namespace, Pod } from "@coxswain/kube/types/core/v1";
import type { Benchmark, Outcome, Variant } from "./benchmark.ts";

const CREATES = 5_000;
const WATCHERS = 100;
const EVENTS = 1_000;
/** So many requests are under way at once, as from a busy controller. */
const WORKERS = 16;

/** A server, and a place in it that nobody else uses. */
interface Place {
  readonly client: Client;
  readonly namespace: string;
  close(): Promise<void>;
}

/** The test cluster, which must run: `deno run -A tests/cluster/server.ts` says how to name it. */
async function realServer(): Promise<Place> {
  const file = process.env.COXSWAIN_CLUSTER;
  if (!file) throw new Error("left out: there is no test cluster (deno run -A tests/cluster/server.ts)");
  const { kubeconfig } = JSON.parse(readFileSync(file, "utf8"));
  const client = await connect({ kubeconfig, qps: 0 });
  const { metadata: { name } } = await client.resource(Namespace).create({
    metadata: { generateName: "bench-" },
  });
  return {
    client,
    namespace: name,
    close: async () => {
      await client.resource(ConfigMap).namespace(name).deleteCollection();
      await client.resource(Pod).namespace(name).deleteCollection();
      await client[Symbol.asyncDispose]();
    },
  };
}

/** The server in memory, through `fetch` or a socket. */
async function memoryServer(isOnSocket: boolean): Promise<Place> {
  const { ApiServer } = await import("@coxswain/kube/testing");
  const server = new ApiServer({ historySize: CREATES });
  const client = isOnSocket
    ? new Client({ server: (await server.listen()).url, qps: 0 })
    : new Client({ server: "http://memory.test", fetch: server.fetch, qps: 0 });
  return {
    client,
    namespace: "default",
    close: async () => {
      await client[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

const SERVERS: Readonly<Record<string, () => Promise<Place>>> = {
  "kube-apiserver": realServer,
  "in memory": () => memoryServer(false),
  "in memory, on a socket": () => memoryServer(true),
};

function variants(work: (place: Place) => Promise<number>): Readonly<Record<string, Variant>> {
  const measured = (open: () => Promise<Place>) => async (): Promise<Outcome> => {
    const place = await open();
    const [began, cpu] = [performance.now(), process.cpuUsage()];
    const count = await work(place);
    const wall = performance.now() - began;
    const { user, system } = process.cpuUsage(cpu);
    await place.close();
    return { count, wall, cpu: (user + system) / 1_000 };
  };
  return Object.fromEntries(Object.entries(SERVERS).map(([name, open]) => [name, measured(open)]));
}

/** Calls `work` for each number below `count`, several at once. */
async function each(count: number, work: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: WORKERS }, worker));
}

const map = (index: number): ConfigMap => ({ metadata: { name: `map-${index}` }, data: { key: "value" } });

const pod = (index: number): Pod => ({
  metadata: { name: `web-${index}`, labels: { app: "web" } },
  spec: {
    containers: [{
      name: "main",
      image: "web:1",
      env: [{ name: "PORT", value: "8080" }],
      ports: [{ containerPort: 8080 }],
      resources: { requests: { cpu: "100m", memory: "64Mi" } },
    }],
  },
});

/** Config maps, which have next to nothing to check. */
export const creates: Benchmark = {
  title: "Creates on a server: config maps",
  unit: "items",
  count: CREATES,
  variants: variants(async ({ client, namespace }) => {
    await each(CREATES, (index) => client.resource(ConfigMap).namespace(namespace).create(map(index)));
    return CREATES;
  }),
};

/** Pods, with defaults and validation. */
export const pods: Benchmark = {
  title: "Creates on a server: pods",
  unit: "items",
  count: CREATES,
  variants: variants(async ({ client, namespace }) => {
    await each(CREATES, (index) => client.resource(Pod).namespace(namespace).create(pod(index)));
    return CREATES;
  }),
};

/** Each watcher gets each event; all of them, and the writers, are one program. */
export const watchers: Benchmark = {
  title: `Watchers of a server: ${WATCHERS} × ${EVENTS} events`,
  unit: "events",
  count: WATCHERS * EVENTS,
  variants: variants(async ({ client, namespace }) => {
    const maps = client.resource(ConfigMap).namespace(namespace);
    const { metadata } = await maps.list({ limit: 1 });
    let count = 0;
    const watching = Array.from({ length: WATCHERS }, async () => {
      let left = EVENTS;
      for await (const { type } of maps.watch({ resourceVersion: metadata.resourceVersion })) {
        if (type !== "ADDED") continue;
        count++;
        if (--left === 0) return;
      }
    });
    await each(EVENTS, (index) => maps.create(map(index)));
    await Promise.all(watching);
    return count;
  }),
};

/** From nothing to the first object that is created: what a test waits for. */
export const start: Benchmark = {
  title: "Start of a server: to the first answer",
  unit: "items",
  count: 1,
  variants: {
    "in memory": () =>
      firstAnswer({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } }, "configmaps"),
    "in memory, a pod": () => firstAnswer({ apiVersion: "v1", kind: "Pod", ...pod(0) }, "pods"),
  },
};

async function firstAnswer(object: KubernetesObject, plural: string): Promise<Outcome> {
  const { ApiServer } = await import("@coxswain/kube/testing");
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  const server = new ApiServer();
  const response = await server.fetch(`http://memory.test/api/v1/namespaces/default/${plural}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(object),
  });
  if (response.status !== 201) throw new Error(await response.text());
  await response.text();
  const { user, system } = process.cpuUsage(cpu);
  return { count: 1, wall: performance.now() - began, cpu: (user + system) / 1_000 };
}
