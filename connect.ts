import { Client } from "./client/mod.ts";
import type { LoadConfigOptions } from "./config/mod.ts";

/**
 * A client for the cluster that kubectl would talk to: from `KUBECONFIG`, from `~/.kube/config`, or inside a
 * pod from its service account. Reads the settings, and connects to nothing yet.
 *
 * @throws {ConfigError} If there are no settings, or they cannot work.
 * @example
 * ```ts no-run
 * import { connect } from "@coxswain/kube";
 * import { Pod } from "@coxswain/kube/types/core/v1";
 * await using client = await connect({ context: "staging" });
 * for await (const pod of client.resource(Pod).namespace("shop").items()) console.log(pod.metadata.name);
 * ```
 */
export async function connect(options?: LoadConfigOptions): Promise<Client> {
  // Loaded when it is needed: a client that gets its settings from elsewhere does without a third of the package.
  const { loadConfig } = await import("./config/mod.ts");
  return new Client(await loadConfig(options));
}
