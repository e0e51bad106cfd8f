import { VERSIONS } from "./exec_credential.ts";
import type { KubeconfigExec } from "./kubeconfig.ts";

const MODES = ["Never", "IfAvailable", "Always"];

/** Something that is wrong with a field of a {@linkcode KubeconfigExec}. */
export interface ExecProblem {
  /** Such as `env[0].name`. */
  field: string;
  /** What is the case. */
  problem: string;
  /** What to do, as a sentence without its full stop. */
  remedy: string;
}

/** What is wrong with the settings of a plugin, as far as they can tell (spec rest 8.7, 9.1, 9.2). */
export function checkExec(exec: KubeconfigExec): ExecProblem[] {
  const { command, apiVersion = "", env = [] } = exec;
  const problems: ExecProblem[] = [];
  const report = (field: string, problem: string, remedy: string) =>
    void problems.push({ field, problem, remedy });
  if (!command) report("command", "it is not set", "Name the plugin's program");
  if (!VERSIONS.includes(apiVersion)) {
    const problem = `exec plugin: invalid apiVersion ${JSON.stringify(apiVersion)}`;
    report("apiVersion", apiVersion === "" ? "it is not set" : problem, `Write ${VERSIONS.join(" or ")}`);
  }
  for (const [index, { name }] of env.entries()) {
    if (!name) report(`env[${index}].name`, "it is not set", "Name the variable, or remove the entry");
  }
  const mode = interactiveModeOf(exec);
  if (!MODES.includes(mode)) {
    const problem = `unknown interactiveMode: ${JSON.stringify(mode)}`;
    report("interactiveMode", mode === "" ? "it is not set" : problem, "Write Never, IfAvailable or Always");
  }
  return problems;
}

/** `interactiveMode`, which only v1 wants to be written down. */
export function interactiveModeOf({ interactiveMode, apiVersion }: KubeconfigExec): string {
  return interactiveMode || (apiVersion?.endsWith("/v1beta1") ? "IfAvailable" : "");
}
