/** Options of {@linkcode discoveryCacheFolder} and {@linkcode httpCacheFolder}. */
export interface CacheFolderOptions {
  /** The folder of kubectl's caches. Default `~/.kube/cache`. */
  cacheFolder?: string;
}

/**
 * The folder in which kubectl caches the discovery of a server: `~/.kube/cache/discovery/10.0.0.1_6443`.
 *
 * Kubectl takes the folder from `KUBECACHEDIR` if that is set; pass its value as `cacheFolder`. On Deno, finding the
 * home folder needs `--allow-sys=homedir`.
 *
 * @param server URL of the server, as a `RestConfig` has it.
 * @see spec rest 16.6
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { discoveryCacheFolder } from "@coxswain/kube/discovery";
 * const folder = await discoveryCacheFolder("https://10.0.0.1:6443/", { cacheFolder: "/tmp/cache" });
 * assert.equal(folder, "/tmp/cache/discovery/10.0.0.1_6443");
 * ```
 */
export async function discoveryCacheFolder(
  server: string,
  options: CacheFolderOptions = {},
): Promise<string> {
  const host = server.replace(/^https?:\/\//, "").replace(/\/+$/, "");
  // Kubectl's own rule: what might not be part of a file's name becomes an underscore.
  return `${await cacheFolderOf(options)}/discovery/${host.replace(/[^(\w/.)]/g, "_")}`;
}

/** The folder in which kubectl caches answers, of all servers: `~/.kube/cache/http`. */
export async function httpCacheFolder(options: CacheFolderOptions = {}): Promise<string> {
  return `${await cacheFolderOf(options)}/http`;
}

async function cacheFolderOf({ cacheFolder }: CacheFolderOptions): Promise<string> {
  if (cacheFolder !== undefined) return cacheFolder;
  const { homedir } = await import("node:os");
  return `${homedir()}/.kube/cache`;
}
