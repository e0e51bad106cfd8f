// The way to the test cluster for the tests in this folder, on every runtime.
import { readFileSync } from "node:fs";
import process from "node:process";

/** Where the test cluster is, and what can be done to it. The tests of a run share one, and run one after another. */
export interface Cluster {
  /** URL of the API server, such as `https://127.0.0.1:40123`; the same after a restart. */
  readonly server: string;
  /** Path of a kubeconfig. README.md lists its contexts. */
  readonly kubeconfig: string;
  /** The program of the cluster, which is kubectl too: `program kubectl --kubeconfig=… get pods`. */
  readonly program: string;
  /**
   * Ends the API server gracefully and starts it again; resolves when it is ready. Its data lives on, its watch caches do
   * not: a watch from a `resourceVersion` of before gets 410, unless it is of secrets, which have no watch cache here.
   */
  restart(): Promise<void>;
  /** Kills the API server; resolves when it is gone and its port refuses connections. It stays down until `start()`. */
  kill(): Promise<void>;
  /** Starts the API server if it is down; resolves when it is ready. */
  start(): Promise<void>;
  /**
   * Compacts etcd, and resolves to the new revision: every `resourceVersion` that was handed out before is lower. Of
   * secrets they are all expired (410) at once; of all else after a `restart()`, as the watch caches know them till then.
   */
  compact(): Promise<number>;
}

/** What tests/cluster/run.ts leaves for the tests in the file that `COXSWAIN_CLUSTER` names. */
export interface ClusterAddress {
  server: string;
  kubeconfig: string;
  /** URL to put before `/restart` and the other commands. */
  control: string;
  /** Path of the cluster's program. */
  program: string;
}

/** The test cluster of this run. */
export function cluster(): Cluster {
  const file = process.env.COXSWAIN_CLUSTER;
  if (!file) {
    throw new Error(
      "Cannot find the test cluster: COXSWAIN_CLUSTER is not set. Run `deno task test:cluster`, or start a cluster with " +
        "`deno run -A tests/cluster/server.ts` and do what it says",
    );
  }
  const { server, kubeconfig, control, program } = JSON.parse(readFileSync(file, "utf8")) as ClusterAddress;
  return {
    server,
    kubeconfig,
    program,
    restart: async () => void await post(control, "restart"),
    kill: async () => void await post(control, "kill"),
    start: async () => void await post(control, "start"),
    compact: async () => (await post(control, "compact")).revision as number,
  };
}

async function post(control: string, command: string): Promise<Record<string, unknown>> {
  const response = await fetch(`${control}/${command}`, { method: "POST" });
  const text = await response.text();
  if (!response.ok) {
    throw new Error(`The test cluster cannot ${command}: ${response.status} ${text.trim()}`);
  }
  return JSON.parse(text);
}
