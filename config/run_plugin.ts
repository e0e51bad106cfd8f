import { onAbort } from "../async/mod.ts";
import { isNotPermitted } from "./environment.ts";

/** The most that a plugin may write, in bytes: a thousand times a long chain of certificates. */
const MOST_OUTPUT = 16 * 1024 * 1024;

/** Options of {@linkcode runPlugin}. */
export interface RunPluginOptions {
  /** Arguments. */
  args: readonly string[];
  /** All of its environment; the command is looked up on the `PATH` in it. */
  env: Readonly<Record<string, string>>;
  /** Whether it gets our standard input. */
  interactive: boolean;
  /** Ends it. */
  signal: AbortSignal;
}

/** What became of a plugin. */
export type PluginRun =
  | { outcome: "succeeded"; stdout: string }
  /** It ran and said so itself; -1 if a signal ended it. */
  | { outcome: "failed"; exitCode: number }
  /** There is no such program. */
  | { outcome: "missing" }
  /** Deno does not let us. */
  | { outcome: "not permitted" }
  /** It could not be started, or not be listened to. `isMissing`: as good as missing. */
  | { outcome: "unusable"; problem: string; isMissing?: boolean };

/**
 * Runs a program to its end and takes what it writes to standard output. Standard error is ours. Errors of the
 * runtime are not passed on: they show arguments and variables, which are secrets.
 *
 * @throws The signal's `reason`; the program has then been told to end, and is no longer waited for.
 */
export async function runPlugin(
  command: string,
  { args, env, interactive, signal }: RunPluginOptions,
): Promise<PluginRun> {
  const processes = await import("node:child_process").catch(() => undefined);
  if (processes === undefined) return { outcome: "unusable", problem: "this runtime cannot run programs" };
  signal.throwIfAborted();
  const start = () =>
    processes.spawn(command, [...args], {
      env: { ...env },
      stdio: [interactive ? "inherit" : "ignore", "pipe", "inherit"],
      windowsHide: true,
    });
  return await new Promise((resolve, reject) => {
    let child: ReturnType<typeof start>;
    try {
      child = start();
    } catch (error) {
      return resolve(failureOf(error));
    }
    const stop = () => {
      child.kill();
      child.stdout?.destroy(); // a program that it has started may keep the other end open
      child.unref();
    };
    const forget = onAbort(signal, (reason) => {
      reject(reason);
      stop();
    });
    const end = (run: PluginRun) => {
      forget();
      resolve(run);
    };
    const decoder = new TextDecoder();
    let stdout = "";
    let size = 0;
    child.stdout?.on("data", (chunk: Uint8Array) => {
      stdout += decoder.decode(chunk, { stream: true });
      size += chunk.length;
      if (size <= MOST_OUTPUT) return;
      stop();
      end({ outcome: "unusable", problem: `it wrote more than ${MOST_OUTPUT} bytes to standard output` });
    });
    child.on("error", (error: Error) => end(failureOf(error)));
    child.on("close", (exitCode: number | null) => {
      if (exitCode === 0) end({ outcome: "succeeded", stdout: stdout + decoder.decode() });
      else end({ outcome: "failed", exitCode: exitCode ?? -1 });
    });
  });
}

function failureOf(error: unknown): PluginRun {
  if (isNotPermitted(error)) return { outcome: "not permitted" };
  const { code } = error as { code?: unknown };
  if (code === "ENOENT") return { outcome: "missing" };
  if (code === "EACCES" || code === "EPERM") {
    return { outcome: "unusable", problem: "this process may not run it", isMissing: true };
  }
  return { outcome: "unusable", problem: `starting it failed with ${String(code)}` };
}
