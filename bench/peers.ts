// Other clients to compare with, installed when a benchmark needs them: no user of the package gets them.
import { existsSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { execFile } from "node:child_process";
import { fileURLToPath, pathToFileURL } from "node:url";
import process from "node:process";
import { promisify } from "node:util";
import type { Outcome, Surroundings } from "./benchmark.ts";

/** An informer of client-go, in a program of its own that measures itself. */
export function clientGoInformer(
  { updates, list = false }: { updates: boolean; list?: boolean },
): (surroundings: Surroundings) => Promise<Outcome> {
  return async ({ clientGo, caFile = "", count }) => {
    if (clientGo === undefined) throw new Error("left out: there is no `go` in PATH");
    const { program, server } = clientGo;
    const { stdout } = await promisify(execFile)(
      program,
      ["informer", server, caFile, "application/vnd.kubernetes.protobuf", String(updates ? count : 0)],
      { env: { ...process.env, KUBE_FEATURE_WatchListClient: String(!list) } },
    );
    const { updatesWall, updatesCpu, ...cost } = JSON.parse(stdout);
    return { ...cost, wall: updatesWall ?? cost.wall, cpu: updatesCpu ?? cost.cpu };
  };
}

const CLIENT_NODE = "2.0.1";

/** What of `@kubernetes/client-node` is used here. */
export interface ClientNode {
  KubeConfig: new () => {
    loadFromOptions(options: object): void;
    makeApiClient(api: unknown): { listPodForAllNamespaces(): Promise<unknown> };
  };
  CoreV1Api: unknown;
  makeInformer(config: object, path: string, list: () => Promise<unknown>): {
    on(event: "add" | "update" | "delete" | "connect" | "error", handler: (one: unknown) => void): void;
    start(): Promise<void>;
    stop(): Promise<void>;
    list(): readonly unknown[];
  };
}

/** `@kubernetes/client-node`, from npm, in the checkout's `.cache/`. */
export async function clientNode(): Promise<ClientNode> {
  // Deno takes no packages from a folder of somebody else's in a project of its own.
  if (process.versions.deno !== undefined) throw new Error("it is compared on Node and Bun");
  const folder = fileURLToPath(new URL(`../.cache/peers/client-node-${CLIENT_NODE}/`, import.meta.url));
  if (!existsSync(folder)) {
    const work = `${folder.slice(0, -1)}-${process.pid}`;
    await mkdir(work, { recursive: true });
    await writeFile(
      `${work}/package.json`,
      JSON.stringify({ dependencies: { "@kubernetes/client-node": CLIENT_NODE } }),
    );
    await promisify(execFile)("npm", ["install", "--silent", "--ignore-scripts"], { cwd: work });
    await rename(work, folder).catch(() => rm(work, { recursive: true })); // another process was faster
  }
  return await import(pathToFileURL(`${folder}node_modules/@kubernetes/client-node/dist/index.js`).href);
}
