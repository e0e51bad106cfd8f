import { Buffer } from "node:buffer";
import https from "node:https";
import http from "node:http";
import process from "node:process";
import { Client } from "@coxswain/kube/client";
import { ConfigMap } from "@coxswain/kube/types/core/v1";
import type { Benchmark, Outcome, Surroundings, Variant } from "./benchmark.ts";
import { clientNode } from "./peers.ts";

/** What is asked for: one small object, so that the request is what costs. */
const [NAMESPACE, NAME] = ["shop", "settings"];
/** Its path. */
export const SETTINGS = `/api/v1/namespaces/${NAMESPACE}/configmaps/${NAME}`;

/** One request of the runtime itself, connections kept: nothing but the bytes and `JSON.parse`. */
function bareGet({ server, ca }: Surroundings): { get: () => Promise<unknown>; close(): void } {
  const url = server + SETTINGS;
  const { Deno, Bun } = globalThis as unknown as {
    Bun?: unknown;
    Deno?: { createHttpClient(options: object): { close(): void } };
  };
  if (Deno !== undefined) {
    const client = Deno.createHttpClient({ caCerts: ca === undefined ? [] : [ca], http2: false });
    const get = async () => await (await fetch(url, { client } as RequestInit)).json();
    return { get, close: () => client.close() };
  }
  if (Bun !== undefined) {
    return { get: async () => await (await fetch(url, { tls: { ca } } as RequestInit)).json(), close() {} };
  }
  const module = url.startsWith("https:") ? https : http;
  const agent = new module.Agent({ keepAlive: true, ...(ca === undefined ? {} : { ca }) });
  const get = () =>
    new Promise((resolve, reject) => {
      module.get(url, { agent }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("end", () => resolve(JSON.parse(Buffer.concat(chunks).toString())));
      }).on("error", reject);
    });
  return { get, close: () => agent.destroy() };
}

/** Many requests by `workers` that each send one after another. */
async function repeated(get: () => Promise<unknown>, count: number, workers: number): Promise<Outcome> {
  let left = count;
  let seen = 0;
  const work = async () => {
    while (left-- > 0) {
      const { metadata } = await get() as { metadata: { name: string } };
      if (metadata.name === NAME) seen++;
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  return { count: seen };
}

const floor = (workers: number): Variant => async (surroundings) => {
  const { get, close } = bareGet(surroundings);
  try {
    return await repeated(get, surroundings.count, workers);
  } finally {
    close();
  }
};

const coxswain = (workers: number): Variant => async ({ server, ca, count }) => {
  const client = new Client({ server, tls: { ca }, qps: 0 });
  try {
    const maps = client.resource(ConfigMap).namespace(NAMESPACE);
    return await repeated(() => maps.get(NAME), count, workers);
  } finally {
    await client[Symbol.asyncDispose]();
  }
};

const peer = (workers: number): Variant => async ({ server, ca, count }) => {
  if (process.versions.bun !== undefined) throw new Error("it is compared on Node");
  const { CoreV1Api, KubeConfig } = await clientNode();
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [{ name: "a", server, caData: ca && Buffer.from(ca).toString("base64") }],
    users: [{ name: "a" }],
    contexts: [{ name: "a", cluster: "a", user: "a" }],
    currentContext: "a",
  });
  const core = config.makeApiClient(CoreV1Api) as unknown as {
    readNamespacedConfigMap(which: { namespace: string; name: string }): Promise<unknown>;
  };
  const which = { namespace: NAMESPACE, name: NAME };
  return await repeated(() => core.readNamespacedConfigMap(which), count, workers);
};

/** Requests one after another. */
export const gets: Benchmark = {
  title: "GETs, one after another",
  unit: "requests",
  count: 5_000,
  variants: { floor: floor(1), "coxswain get": coxswain(1), "client-node get": peer(1) },
};

/** Requests of 64 workers. */
export const gets64: Benchmark = {
  title: "GETs, 64 at a time",
  unit: "requests",
  count: 20_000,
  variants: { floor: floor(64), "coxswain get": coxswain(64) },
};
