import { type Clock, singleFlight, systemClock } from "../async/mod.ts";
import type { Meter } from "../observe/mod.ts";
import { ConfigError, type Credentials, type CredentialSource } from "../rest/mod.ts";
import { checkExec, interactiveModeOf } from "./check_exec.ts";
import { type Environment, isNotPermitted } from "./environment.ts";
import { type ExecCluster, execInfo, readPluginOutput } from "./exec_credential.ts";
import { ExecPluginError } from "./exec_plugin_error.ts";
import { findCommand } from "./find_command.ts";
import { installHelp } from "./install_hint.ts";
import type { KubeconfigExec } from "./kubeconfig.ts";
import { pluginMetrics } from "./plugin_metrics.ts";
import { checkPluginPolicy, decideOnPlugin, type PluginPolicy } from "./plugin_policy.ts";
import { configErrorOf } from "./problem.ts";
import { quotePath } from "./quote.ts";
import { type PluginRun, runPlugin } from "./run_plugin.ts";

/** A plugin that was run, for those who count. The texts are client-go's. */
export interface PluginCall {
  /** What it ended with; 1 if it could not be run, -1 if a signal ended it. */
  exitCode: number;
  /** How that went. */
  status: "no_error" | "plugin_execution_error" | "plugin_not_found_error" | "client_internal_error";
}

/** How credential plugins are run. Read once: changing the object later has no effect. */
export interface PluginOptions {
  /** Which plugins may run. Default all. */
  policy?: PluginPolicy;
  /** The environment that a plugin gets, beside what the kubeconfig adds to it. Default that of the process. */
  env?: Environment;
  /** Whether standard input is a terminal. Default what it is when a plugin is to be run. */
  isTerminal?: boolean;
  /** Why plugins may not have standard input, such as because the program itself reads from it. */
  stdinUnavailable?: string;
  /** Told of each failure after the server has refused credentials: the request then fails with its answer. */
  onError?: (error: Error) => void;
  /** Told of each plugin that was run to its end, or could not be run. */
  onCall?: (call: PluginCall) => void;
  /** Told of each decision of the policy. */
  onPolicyCall?: (decision: "allowed" | "denied") => void;
}

/** Options of {@linkcode execSource}. */
export interface ExecSourceOptions extends PluginOptions {
  /** What a plugin with `provideClusterInfo` is told about the cluster. */
  cluster?: ExecCluster;
  /** Says when credentials have expired. Default the runtime's. */
  clock?: Clock;
  /**
   * Counts runs and decisions of the policy, and tells when certificates expire and how old they were when they were
   * replaced, all under client-go's names.
   */
  meter?: Meter;
}

/**
 * Credentials from a plugin: a program that a kubeconfig names, such as `gke-gcloud-auth-plugin` or
 * `aws eks get-token`. It is run when credentials are needed and there are none, when they have expired, and
 * when the server has refused them. Requests that need them at the same time share one run; when the last of
 * them gives up, the program is told to end (SIGTERM). A bare name is looked up on our own `PATH`.
 *
 * What the program writes to standard error appears on ours. What it writes to standard output appears nowhere,
 * neither do its arguments and variables. On Deno it needs `--allow-run=<command>` and all of `--allow-env`, as
 * the program gets the whole environment; the allowlist of a policy needs `--allow-read` for the folders in
 * `PATH`.
 *
 * Client-go keeps its plugins in a table of the process, so that equal settings share one. Here the source
 * itself is what is shared: pass it to several configurations, or make copies of one with `RestConfig.with`.
 * There is no table, since the first to come would decide for the others on clock, environment and policy.
 *
 * @param exec The settings, as a kubeconfig holds them. A relative path starts from the working directory.
 * @returns A source that throws {@linkcode ExecPluginError} if there are no credentials to be had, and
 *   {@linkcode ConfigError} if that is for want of a permission or because the policy is wrong.
 * @throws {ConfigError} If the settings cannot work.
 * @see client-go `plugin/pkg/client/auth/exec`, spec rest 9
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { execSource } from "@coxswain/kube/config";
 * const source = execSource(
 *   { apiVersion: "client.authentication.k8s.io/v1", command: "get-token", interactiveMode: "Never" },
 *   { policy: { policyType: "DenyAll" }, env: {} },
 * );
 * const { signal } = new AbortController();
 * await assert.rejects(async () => await source({ signal }), /plugin "get-token" not allowed/);
 * ```
 */
export function execSource(exec: KubeconfigExec, options: ExecSourceOptions = {}): CredentialSource {
  const problems = checkExec(exec);
  if (problems.length > 0) {
    throw configErrorOf(
      "exec",
      problems.map(({ field, ...problem }) => ({ setting: `exec.${field}`, ...problem })),
    );
  }
  const { clock = systemClock, meter, onError } = options;
  const metrics = meter && pluginMetrics(meter, clock);
  const run = pluginRunner(structuredClone(exec), {
    ...options,
    clock,
    onCall(call) {
      metrics?.onCall(call);
      options.onCall?.(call);
    },
    onPolicyCall(decision) {
      metrics?.onPolicyCall(decision);
      options.onPolicyCall?.(decision);
    },
  });
  let current: Credentials | undefined;
  let expires: number | undefined;

  const renew = singleFlight(async (signal): Promise<Credentials> => {
    const { credentials, ...rest } = await run(signal);
    if (current === undefined || !isSame(current, credentials)) {
      await metrics?.onChange(credentials);
      current = credentials;
    }
    expires = rest.expires;
    return current;
  });

  return async ({ signal, refused }) => {
    const isGood = current !== undefined && (expires === undefined || clock.date().getTime() <= expires);
    if (current === undefined || !isGood) return await renew(signal);
    if (current !== refused) return current;
    try {
      return await renew(signal);
    } catch (error) {
      if (signal.aborted) throw error;
      onError?.(error as Error);
      return refused; // nothing better to offer, so that the server's refusal is the answer
    }
  };
}

interface Plugged {
  credentials: Credentials;
  /** Milliseconds since 1970. */
  expires?: number;
}

/** Runs the plugin once, each time that it is called. */
function pluginRunner(
  exec: KubeconfigExec,
  options: ExecSourceOptions & { clock: Clock },
): (signal: AbortSignal) => Promise<Plugged> {
  const { command = "", apiVersion = "", args = [], env: added = [] } = exec;
  const { cluster, clock, onCall, onPolicyCall } = options;
  const policy = structuredClone(options.policy ?? {}); // nobody widens it later
  const help = installHelp(exec.installHint ?? "", clock);
  const setsPath = added.some(({ name }) => name?.toUpperCase() === "PATH");
  const failed = (problem: string, exitCode?: number) => new ExecPluginError(problem, { command, exitCode });

  return async (signal) => {
    await checkPluginPolicy(policy);
    const interactive = await mayInteract(exec, options);
    if (typeof interactive === "string") {
      throw failed(`exec plugin cannot support interactive mode: ${interactive}`);
    }
    const parent = options.env ?? await processEnvironment(command);
    const find = (name: string) => findCommand(name, parent);
    const decision = await decideOnPlugin(command, policy, find);
    onPolicyCall?.(decision.outcome);
    if (decision.outcome === "denied") throw failed(decision.problem);
    // Never on the PATH that a kubeconfig sets: what the policy allows by name could be anything there.
    const program = setsPath && decision.program === command ? await find(command) : decision.program;

    const info = execInfo(apiVersion, interactive, exec.provideClusterInfo ? cluster : undefined);
    const env = environmentOf(parent, [...added, { name: "KUBERNETES_EXEC_INFO", value: info }]);
    const result: PluginRun = program === undefined
      ? { outcome: "missing" }
      : await runPlugin(program, { args, env, interactive, signal });
    onCall?.(callOf(result));
    const shown = showCommand(command);
    switch (result.outcome) {
      case "not permitted":
        throw notPermitted(command, "Deno may not run it");
      case "missing":
        throw failed(`exec: executable ${shown} not found${help()}`);
      case "failed":
        throw failed(
          `exec: executable ${shown} failed with exit code ${result.exitCode}. Standard error says why`,
          result.exitCode,
        );
      case "unusable":
        throw failed(`exec: executable ${shown}: ${result.problem}`);
    }
    const output = await readPluginOutput(result.stdout, apiVersion);
    if (output.outcome === "failed") throw failed(output.problem);
    const { token, clientCertificateData, clientKeyData } = output.status;
    return {
      credentials: {
        ...token && { bearerToken: token },
        ...clientCertificateData && { cert: clientCertificateData, key: clientKeyData },
      },
      expires: output.expires,
    };
  };
}

/** Whether the plugin may ask a person, or why it cannot be run (spec rest 9.2). */
async function mayInteract(
  exec: KubeconfigExec,
  { isTerminal, stdinUnavailable }: PluginOptions,
): Promise<boolean | string> {
  const mode = interactiveModeOf(exec);
  if (mode === "Never") return false;
  const terminal = isTerminal ?? await isInputTerminal();
  if (mode === "IfAvailable") return terminal && stdinUnavailable === undefined;
  if (!terminal) return "standard input is not a terminal";
  if (stdinUnavailable === undefined) return true;
  return `standard input is unavailable${stdinUnavailable && `: ${stdinUnavailable}`}`;
}

async function isInputTerminal(): Promise<boolean> {
  const terminals = await import("node:tty").catch(() => undefined); // no such module, no terminal
  return terminals?.isatty(0) ?? false;
}

/** What the process has, and what is added to it. */
function environmentOf(parent: Environment, added: KubeconfigExec["env"] = []): Record<string, string> {
  const env = new Map<string, string>();
  for (const [name, value] of Object.entries(parent)) if (value !== undefined) env.set(name, value);
  for (const { name = "", value = "" } of added) env.set(name, value);
  return Object.fromEntries(env);
}

async function processEnvironment(command: string): Promise<Environment> {
  // Without a process there is nothing to run a plugin with either, which is said then.
  const { default: process } = await import("node:process").catch(() => ({ default: { env: {} } }));
  try {
    return { ...process.env };
  } catch (error) {
    if (!isNotPermitted(error)) throw error;
    throw notPermitted(command, "Deno may not read the environment, which a plugin gets as a whole");
  }
}

function notPermitted(command: string, problem: string): ConfigError {
  const shown = quotePath(command);
  return new ConfigError(
    `exec plugin ${shown}`,
    problem,
    `Run with --allow-run=${showCommand(command)} and --allow-env without a list`,
  );
}

/** A command in client-go's messages: as it is, unless there is something strange about it. */
function showCommand(command: string): string {
  return /^[\w./\\:@+-]{1,256}$/.test(command) ? command : quotePath(command);
}

function callOf(result: PluginRun): PluginCall {
  switch (result.outcome) {
    case "succeeded":
      return { exitCode: 0, status: "no_error" };
    case "failed":
      return { exitCode: result.exitCode, status: "plugin_execution_error" };
    case "missing":
      return { exitCode: 1, status: "plugin_not_found_error" };
    case "not permitted":
      return { exitCode: 1, status: "client_internal_error" };
    case "unusable":
      return { exitCode: 1, status: result.isMissing ? "plugin_not_found_error" : "client_internal_error" };
  }
}

function isSame(one: Credentials, other: Credentials): boolean {
  return one.bearerToken === other.bearerToken && one.cert === other.cert && one.key === other.key;
}
