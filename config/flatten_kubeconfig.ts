import { encodeBase64 } from "./base64.ts";
import type { Kubeconfig, Located } from "./kubeconfig.ts";
import { configErrorOf, type Problem } from "./problem.ts";
import { readNamedFile, resolvePath } from "./read_material.ts";

/** Options of {@linkcode flattenKubeconfig}. */
export interface FlattenKubeconfigOptions {
  /** Ends the wait. */
  signal?: AbortSignal;
}

/**
 * A kubeconfig that can be used elsewhere: certificates and keys are in it instead of the paths of their files, as
 * `kubectl config view --flatten` shows it. Files with tokens stay files, since they change.
 *
 * @returns A copy. It holds secrets that the original only points to.
 * @throws {ConfigError} If a file cannot be read, or if there is a path and data, too.
 * @see client-go `clientcmdapi.FlattenConfig`, spec rest 8.9
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { flattenKubeconfig, parseKubeconfig } from "@coxswain/kube/config";
 * const kubeconfig = await parseKubeconfig("clusters: [{ name: a, cluster: { certificate-authority: /no/such } }]");
 * await assert.rejects(flattenKubeconfig(kubeconfig), /certificate-authority: the file does not exist/);
 * ```
 */
export async function flattenKubeconfig(
  kubeconfig: Kubeconfig,
  options: FlattenKubeconfigOptions = {},
): Promise<Kubeconfig> {
  const { signal } = options;
  const problems: Problem[] = [];

  /** Fields with the content of files in place of their paths. */
  const inlined = async <
    Field extends string,
    Fields extends { [field in Field | `${Field}-data`]?: string },
  >(
    fields: Fields,
    names: readonly Field[],
    { entry, prefix }: { entry: Located; prefix: string },
  ): Promise<Fields> => {
    const result = { ...fields };
    const report = (field: string, problem: string, remedy: string) =>
      void problems.push({ setting: `${prefix}.${field}`, problem, remedy });
    for (const name of names) {
      const path = fields[name];
      if (!path) continue;
      if (fields[`${name}-data`]) report(name, `${name}-data is there too`, "Leave one of them out");
      const text = await readNamedFile(name, await resolvePath(path, entry), { entry, report, signal });
      delete result[name];
      Object.assign(result, { [`${name}-data`]: encodeBase64(text ?? "") });
    }
    return result;
  };

  const clusters: Kubeconfig["clusters"] = [];
  for (const entry of kubeconfig.clusters) {
    const prefix = `clusters[${JSON.stringify(entry.name)}].cluster`;
    const cluster = await inlined(entry.cluster, ["certificate-authority"], { entry, prefix });
    clusters.push({ ...entry, cluster });
  }
  const users: Kubeconfig["users"] = [];
  for (const entry of kubeconfig.users) {
    const prefix = `users[${JSON.stringify(entry.name)}].user`;
    const user = await inlined(entry.user, ["client-certificate", "client-key"], { entry, prefix });
    users.push({ ...entry, user });
  }
  if (problems.length > 0) throw configErrorOf("kubeconfig", problems);
  return { ...kubeconfig, clusters, users };
}
