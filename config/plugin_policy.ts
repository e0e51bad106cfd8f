import { ConfigError } from "../rest/mod.ts";
import { hasFolder } from "./find_command.ts";
import { requireNodePath } from "./node_path.ts";
import { quotePath } from "./quote.ts";

/**
 * Which credential plugins a program lets a kubeconfig run. A kubeconfig names programs: one from a stranger
 * could name any. Only the program that reads a kubeconfig can set this, the kubeconfig itself cannot.
 *
 * @see client-go `clientcmd/api.PluginPolicy`, spec rest 9.5
 */
export interface PluginPolicy {
  /** Default `AllowAll`. */
  policyType?: "" | "AllowAll" | "DenyAll" | "Allowlist";
  /** The programs that may run, of which there is at least one. With `Allowlist`, and only with it. */
  allowlist?: readonly PluginAllowlistEntry[];
}

/** A program that may run. */
export interface PluginAllowlistEntry {
  /** A path without `..` and the like, or a name to be found on `PATH`. */
  command: string;
}

/** Whether a plugin may run. With an allowlist, `program` is what may run, or absent if there is no such program. */
export type PolicyDecision =
  | { outcome: "allowed"; program?: string }
  | { outcome: "denied"; problem: string };

/**
 * Checks a policy before it is needed.
 *
 * @throws {ConfigError} If it contradicts itself or could not mean what it says.
 */
export async function checkPluginPolicy({ policyType = "", allowlist }: PluginPolicy): Promise<void> {
  const refuse = (problem: string, remedy: string) => {
    throw new ConfigError("plugins.policy", `invalid plugin policy: ${problem}`, remedy);
  };
  switch (policyType) {
    case "":
    case "AllowAll":
    case "DenyAll":
      if (allowlist === undefined) return;
      return refuse(
        `the policy is ${JSON.stringify(policyType)}, and there is an allowlist too`,
        `Leave the allowlist out, or set policyType to "Allowlist"`,
      );
    case "Allowlist":
      break;
    default:
      return refuse(
        `unknown plugin policy: ${JSON.stringify(policyType)}`,
        "Use AllowAll, DenyAll or Allowlist",
      );
  }
  if (allowlist === undefined) {
    return refuse("the allowlist is unspecified", "Set allowlist, or use another policyType");
  }
  if (allowlist.length === 0) return refuse("the allowlist is empty", `Use the policyType "DenyAll"`);
  for (const [index, { command }] of allowlist.entries()) {
    if (!command) refuse(`entry ${index + 1} of the allowlist is empty`, "Give it a command");
    const clean = await cleanPath(command);
    if (clean !== command) {
      refuse(`non-normalized file path: ${quotePath(command)}`, `Write ${quotePath(clean)}`);
    }
  }
}

/**
 * Decides whether a plugin may run (spec rest 9.5).
 *
 * @param policy One that {@linkcode checkPluginPolicy} has let pass.
 * @param find Finds a program as `findCommand` does.
 */
export async function decideOnPlugin(
  command: string,
  { policyType = "", allowlist = [] }: PluginPolicy,
  find: (command: string) => Promise<string | undefined>,
): Promise<PolicyDecision> {
  if (policyType === "" || policyType === "AllowAll") return { outcome: "allowed", program: command };
  const denied = (problem: string): PolicyDecision => ({ outcome: "denied", problem });
  const shown = quotePath(command);
  if (policyType === "DenyAll") return denied(`plugin ${shown} not allowed: policy set to "DenyAll"`);

  const found = await find(command);
  const clean = await cleanPath(command);
  if (allowlist.some((entry) => entry.command === clean || entry.command === found)) {
    return { outcome: "allowed", program: found };
  }
  if (found === undefined) {
    return denied(
      `plugin path ${shown} cannot be resolved for credential plugin allowlist check: executable not found`,
    );
  }
  const { basename, resolve } = await requireNodePath();
  for (const entry of allowlist) {
    if (basename(entry.command) !== basename(command)) continue;
    const allowed = await find(entry.command);
    if (allowed !== undefined && resolve(allowed) === resolve(found)) {
      return { outcome: "allowed", program: found };
    }
  }
  return denied(`plugin path ${shown} is not permitted by the credential plugin allowlist`);
}

/** A path without `.`, inner `..`, doubled and final separators. */
async function cleanPath(path: string): Promise<string> {
  const { normalize, parse, sep } = await requireNodePath();
  const normal = normalize(path);
  const isRoot = normal === parse(normal).root;
  return !isRoot && hasFolder(normal.slice(-1), sep) ? normal.slice(0, -1) : normal;
}
