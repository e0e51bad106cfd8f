import { hasFolder } from "./find_command.ts";
import type { KubeconfigCluster, KubeconfigUser } from "./kubeconfig.ts";
import { nodePath } from "./node_path.ts";

/** The fields that hold paths. */
export type PathField =
  | "certificate-authority"
  | "client-certificate"
  | "client-key"
  | "exec.command"
  | "tokenFile";

/** Gives another text for the path in a field. */
export type ChangePath = (path: string, field: PathField) => string | Promise<string>;

/** A copy of a cluster's settings with other texts for its paths (spec rest 8.3). */
export async function withClusterPaths(
  cluster: KubeconfigCluster,
  change: ChangePath,
): Promise<KubeconfigCluster> {
  const field = "certificate-authority";
  const path = cluster[field];
  return path ? { ...cluster, [field]: await change(path, field) } : { ...cluster };
}

/** A copy of a user's settings with other texts for its paths. A command is one if it has a folder (spec rest 8.3). */
export async function withUserPaths(user: KubeconfigUser, change: ChangePath): Promise<KubeconfigUser> {
  const changed = { ...user };
  for (const field of ["client-certificate", "client-key", "tokenFile"] as const) {
    const path = user[field];
    if (path) changed[field] = await change(path, field);
  }
  const { exec } = user;
  if (exec?.command && hasFolder(exec.command, (await nodePath())?.sep ?? "/")) {
    changed.exec = { ...exec, command: await change(exec.command, "exec.command") };
  }
  return changed;
}
