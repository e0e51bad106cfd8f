import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { Client, connect } from "@coxswain/kube";
import { ApiServer } from "@coxswain/kube/testing";
import { runDeployments } from "./deployments.ts";

/** Where the story is played. */
export interface Cluster {
  name: string;
  client: Client;
  /** What the operators need in their environment to come here. */
  env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Starts an API server in memory, on a socket of this machine, where Deployments get ready by themselves. */
export async function openInMemory(): Promise<Cluster> {
  const server = new ApiServer();
  const client = new Client(server.restConfig());
  const stop = new AbortController();
  const working = runDeployments(client, stop.signal);
  const folder = await mkdtemp(join(tmpdir(), "coxswain-demo-"));
  const kubeconfig = join(folder, "kubeconfig");
  await writeFile(kubeconfig, (await server.listen()).kubeconfig(), { mode: 0o600 });
  return {
    name: "an API server in memory",
    client,
    env: { KUBECONFIG: kubeconfig },
    async close() {
      stop.abort();
      await working;
      await client[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}

/** The cluster that the environment leads to. */
export async function openCluster(signal: AbortSignal): Promise<Cluster> {
  const { KUBECONFIG } = process.env;
  // With an environment of this alone, files that do not exist cannot lead on to the service account of a pod.
  const client = await connect({ env: KUBECONFIG ? { KUBECONFIG } : undefined, signal });
  return {
    name: client.rest.config.server.replace(/\/$/, ""),
    client,
    env: {},
    close: () => client[Symbol.asyncDispose](),
  };
}
