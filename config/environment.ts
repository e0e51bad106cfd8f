import { ConfigError } from "../rest/mod.ts";

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Whether an error is Deno's answer to what it was not allowed to do. It has no `code`. */
export function isNotPermitted(error: unknown): boolean {
  return error instanceof Error && (error.name === "NotCapable" || error.name === "PermissionDenied");
}

/**
 * The value of one environment variable; `undefined` when it is not set or empty. Only this one is read, since
 * Deno permits each by name.
 *
 * @param name The variable.
 * @param env Read instead of the process's own environment.
 * @param permit The names that `--allow-env` needs for the whole of what the caller does.
 * @throws {ConfigError} If there is no environment, or it may not be read.
 */
export async function readVariable(
  name: string,
  env: Environment | undefined,
  permit: readonly string[],
): Promise<string | undefined> {
  if (env !== undefined) return Object.hasOwn(env, name) ? env[name] || undefined : undefined;
  const { default: process } = await import("node:process").catch((cause) => {
    throw new ConfigError(
      name,
      "this runtime has no environment variables",
      "Use restConfigFrom() with a kubeconfig from parseKubeconfig(), or make a RestConfig",
      { cause },
    );
  });
  try {
    return process.env[name] || undefined;
  } catch (cause) {
    if (!isNotPermitted(cause)) throw cause;
    throw new ConfigError(
      name,
      "Deno may not read this environment variable",
      `Run with --allow-env=${permit.join(",")}, or pass the env option`,
      { cause },
    );
  }
}
