import { ConfigError } from "../rest/mod.ts";

/** `node:path`; `undefined` on the edge, which has no files for paths to lead to. */
export async function nodePath(): Promise<typeof import("node:path") | undefined> {
  return await import("node:path").catch(() => undefined); // a module that is not there is the answer
}

/** @throws {ConfigError} On the edge. */
export async function requireNodePath(): Promise<typeof import("node:path")> {
  const module = await nodePath();
  if (module !== undefined) return module;
  throw new ConfigError(
    "kubeconfig",
    "this runtime has no files",
    "Use restConfigFrom() with a kubeconfig from parseKubeconfig(), or make a RestConfig",
  );
}
