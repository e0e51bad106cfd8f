import type { RestClient } from "../rest/mod.ts";
import type { DiscoveryCallOptions } from "./discovery.ts";
import { getJson, TIMEOUT } from "./get_json.ts";

/** Which Kubernetes a server is, as it says at `/version`. */
export interface ServerVersion {
  /** `1`. */
  major: string;
  /** `36`; some providers write `36+`. */
  minor: string;
  /** The whole of it, such as `v1.36.2` or `v1.34.1-eks-b707fbb`. */
  gitVersion: string;
  /** The commit that it was built from. */
  gitCommit?: string;
  /** `clean`, or `dirty`. */
  gitTreeState?: string;
  /** When it was built, in RFC 3339. */
  buildDate?: string;
  /** The version of Go that built it. */
  goVersion?: string;
  /** The compiler, such as `gc`. */
  compiler?: string;
  /** What it runs on, such as `linux/amd64`. */
  platform?: string;
  /** The version whose behaviour it shows while it is being upgraded, if it says so. */
  emulationMajor?: string;
  /** The version whose behaviour it shows while it is being upgraded, if it says so. */
  emulationMinor?: string;
}

/**
 * Asks a server for its version.
 *
 * @throws {StatusError} If it refuses.
 * @see client-go `ServerVersion`, spec rest 16.1
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { serverVersion } from "@coxswain/kube/discovery";
 * import { RestClient } from "@coxswain/kube/rest";
 * import { ApiServer } from "@coxswain/kube/testing";
 * const rest = new RestClient(new ApiServer().restConfig());
 * assert.equal((await serverVersion(rest)).major, "1");
 * await rest[Symbol.asyncDispose]();
 * ```
 */
export async function serverVersion(
  rest: RestClient,
  { signal }: DiscoveryCallOptions = {},
): Promise<ServerVersion> {
  const options = { accept: "application/json", timeout: TIMEOUT, signal };
  return (await getJson(rest, "/version", options)).value as ServerVersion;
}
