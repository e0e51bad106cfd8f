import { Client, isNotFound, type Stored } from "@coxswain/kube";
import type { Clock } from "@coxswain/kube/async";
import { ApiServer } from "@coxswain/kube/testing";
import { type ContainerStatus, Pod, type PodStatus } from "@coxswain/kube/types/core/v1";

/** Options of {@linkcode openWorkload}. */
export interface WorkloadOptions {
  /** Whose time passes: the server stamps with it, and the workload waits on it. */
  clock: Clock;
  /** Where the names of pods and the lengths of pauses come from: a number from 0 up to 1. */
  random?: () => number;
}

/** A cluster in memory whose pods come and go. */
export interface Workload extends AsyncDisposable {
  /** The API server; the workload is one of its clients. */
  readonly server: ApiServer;
}

/** Pods that were there before: namespace, name, node, age in hours, restarts. */
const FIRST_PODS = `
  data  postgres-0          node-a  982   0
  data  postgres-1          node-b  982   2
  edge  ingress-x4kqz       node-a  2310  0
  edge  ingress-7vbhw       node-b  2310  1
  edge  ingress-m2txl       node-c  411   0
  jobs  mail-2884-kp5vd  node-c  26    0
  shop  api-5d8c9-n7wfj     node-a  29    0
  shop  api-5d8c9-zt4gc     node-c  29    1
  shop  web-6b7f4-c9xkl     node-a  53    0
  shop  web-6b7f4-h2mdq     node-b  53    0
  shop  web-6b7f4-tq8rs     node-c  53    0`;

const NODES = ["node-a", "node-b", "node-c"];

/** Seconds that a pod gets to end. It takes less. */
const GRACE_SECONDS = 30;

/** Starts a server in memory with pods that somebody rolls out, scales and crashes, until it is closed. */
export function openWorkload({ clock, random = Math.random }: WorkloadOptions): Workload {
  const server = new ApiServer({ clock });
  const now = clock.date().getTime();
  const pods = FIRST_PODS.trim().split("\n").map((line) => {
    const [namespace, name, node, hours, restarts] = line.trim().split(/ +/);
    const born = new Date(now - Number(hours) * 3_600_000);
    const status = namespace === "jobs" ? completed() : running(Number(restarts));
    return podOf(namespace, name, node, { born, status });
  });
  server.load(...pods);

  const client = new Client(server.restConfig());
  const stop = new AbortController();
  const cluster = new Cluster(client, clock, random, stop.signal);
  const actors = [rollOut, crash, scale, runJobs].map((act) => act(cluster));
  const acted = Promise.all(actors).catch((error) => {
    if (!stop.signal.aborted) throw error; // being told to stop is not a failure
  });
  return {
    server,
    async [Symbol.asyncDispose]() {
      stop.abort();
      try {
        await acted;
      } finally {
        await client[Symbol.asyncDispose]();
        await server[Symbol.asyncDispose]();
      }
    },
  };
}

/** Replaces the pods of `web` one by one with those of a new version, again and again. */
async function rollOut(cluster: Cluster): Promise<never> {
  let pods = await cluster.podsOf("shop", "web");
  for (;;) {
    await cluster.pause(1.5);
    const version = cluster.suffix();
    const fresh: Stored<Pod>[] = [];
    for (const old of pods) {
      const [started] = await Promise.all([cluster.start("shop", `web-${version}`), cluster.pause(1)]);
      fresh.push(started);
      await cluster.stop(old);
    }
    pods = fresh;
    await cluster.pause(8);
  }
}

/** Lets a pod of `api` end with an error now and then; it is started again, ever more slowly. */
async function crash(cluster: Cluster): Promise<never> {
  const pods = await cluster.podsOf("shop", "api");
  for (;;) {
    await cluster.pause(2.5);
    const victim = Math.floor(cluster.random() * pods.length);
    let pod = pods[victim];
    const restarts = pod.status?.containerStatuses?.[0].restartCount ?? 0;
    pod = await cluster.report(pod, failed(restarts));
    await cluster.pause(1);
    pod = await cluster.report(pod, waiting("CrashLoopBackOff", "Running", restarts));
    await cluster.pause(2 + restarts % 3);
    pod = await cluster.report(pod, running(restarts + 1, false));
    await cluster.pause(0.8);
    pods[victim] = await cluster.report(pod, running(restarts + 1));
    await cluster.pause(5);
  }
}

/** Adds pods of `cart` when there is much to do, and takes them away again. */
async function scale(cluster: Cluster): Promise<never> {
  for (;;) {
    await cluster.pause(0.5);
    const pods = await Promise.all(
      Array.from({ length: 3 }, async (_, index) => {
        await cluster.pause(0.6 * index);
        return await cluster.start("shop", "cart-84d6c");
      }),
    );
    await cluster.pause(9);
    await Promise.all(pods.map((pod) => cluster.stop(pod)));
    await cluster.pause(3);
  }
}

/** Runs a job every so often, and keeps the last two. */
async function runJobs(cluster: Cluster): Promise<never> {
  const done = await cluster.podsOf("jobs", "mail");
  for (let number = 2885;; number++) {
    await cluster.pause(4);
    const pod = await cluster.start("jobs", `mail-${number}`);
    await cluster.pause(4);
    done.push(await cluster.report(pod, completed()));
    if (done.length > 2) await cluster.stop(done.shift()!);
    await cluster.pause(6);
  }
}

/** What controllers, a scheduler and kubelets do, as far as it shows in pods. Each actor changes pods of its own. */
class Cluster {
  readonly random: () => number;
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #started = 0;

  constructor(client: Client, clock: Clock, random: () => number, signal: AbortSignal) {
    this.#client = client;
    this.#clock = clock;
    this.random = random;
    this.#signal = signal;
  }

  /** Waits for about so many seconds. */
  async pause(seconds: number): Promise<void> {
    await this.#clock.sleep(seconds * (0.75 + this.random() / 2) * 1000, { signal: this.#signal });
  }

  /** Five characters as Kubernetes appends them: without vowels, they make no words. */
  suffix(): string {
    const letters = "bcdfghjklmnpqrstvwxz2456789";
    return Array.from({ length: 5 }, () => letters[Math.floor(this.random() * letters.length)]).join("");
  }

  async podsOf(namespace: string, app: string): Promise<Stored<Pod>[]> {
    const options = { labelSelector: `app=${app}`, signal: this.#signal };
    return (await this.#client.resource(Pod).namespace(namespace).list(options)).items;
  }

  /** Creates a pod and sees it through to where it takes requests. */
  async start(namespace: string, owner: string): Promise<Stored<Pod>> {
    const node = NODES[this.#started++ % NODES.length];
    const pods = this.#client.resource(Pod).namespace(namespace);
    let pod = await pods.create(podOf(namespace, `${owner}-${this.suffix()}`, node), {
      signal: this.#signal,
    });
    await this.pause(0.5);
    pod = await this.report(pod, waiting("ContainerCreating", "Pending", 0));
    await this.pause(1.2);
    pod = await this.report(pod, running(0, false));
    await this.pause(0.8);
    return await this.report(pod, running(0));
  }

  /** Deletes a pod, which ends after a while. */
  async stop({ metadata: { namespace, name } }: Stored<Pod>): Promise<void> {
    const pods = this.#client.resource(Pod).namespace(namespace!); // a pod has one
    await pods.delete(name, { signal: this.#signal });
    await this.pause(1.2);
    await pods.delete(name, { gracePeriodSeconds: 0, signal: this.#signal }).catch((error) => {
      if (!isNotFound(error)) throw error; // one that had ended by itself was gone at once
    });
  }

  /** Sets the status of a pod, as its kubelet would. */
  report(pod: Stored<Pod>, status: PodStatus): Promise<Stored<Pod>> {
    const pods = this.#client.resource(Pod).namespace(pod.metadata.namespace!);
    return pods.updateStatus({ ...pod, status }, { signal: this.#signal });
  }
}

function podOf(
  namespace: string,
  name: string,
  nodeName: string,
  { born, status }: { born?: Date; status?: PodStatus } = {},
): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      namespace,
      name,
      labels: { app: name.split("-")[0] },
      ...(born === undefined ? {} : { creationTimestamp: `${born.toISOString().slice(0, 19)}Z` }),
    },
    spec: {
      containers: [{ name: "main", image: `example.com/${name.split("-")[0]}` }],
      nodeName,
      terminationGracePeriodSeconds: GRACE_SECONDS,
    },
    status,
  };
}

function running(restarts: number, ready = true): PodStatus {
  return statusOf("Running", { running: {} }, restarts, ready);
}

function waiting(reason: string, phase: PodStatus["phase"], restarts: number): PodStatus {
  return statusOf(phase, { waiting: { reason } }, restarts);
}

function failed(restarts: number): PodStatus {
  return statusOf("Running", { terminated: { exitCode: 1, reason: "Error" } }, restarts);
}

function completed(): PodStatus {
  return statusOf("Succeeded", { terminated: { exitCode: 0, reason: "Completed" } }, 0);
}

function statusOf(
  phase: PodStatus["phase"],
  state: ContainerStatus["state"],
  restartCount: number,
  ready = false,
): PodStatus {
  return {
    phase,
    conditions: [{ type: "Ready", status: ready ? "True" : "False" }],
    containerStatuses: [{ name: "main", image: "example.com/main", imageID: "", ready, restartCount, state }],
  };
}
