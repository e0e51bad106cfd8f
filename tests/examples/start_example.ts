import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** How an example is started. */
export interface StartOptions {
  /** Its arguments. */
  args?: readonly string[];
  /** Environment variables on top of ours, from which those that change what examples do are taken away. */
  env?: Readonly<Record<string, string>>;
  /** What it may do on Deno, such as `--allow-net`: no more than it needs, so that this is tested too. */
  permissions: readonly string[];
}

/** How an example ended. */
export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** An example that runs in a process of its own. */
export interface Running {
  /** Resolves with what stands in its output when that fits; rejects when it ends before. */
  prints(pattern: RegExp): Promise<RegExpMatchArray>;
  /** Resolves when it has ended. */
  readonly ended: Promise<Ended>;
  /** Sends a signal. */
  kill(signal: NodeJS.Signals): void;
  /** Types something. */
  type(keys: string): void;
  /** Stops listening to what it prints, as `head` does. */
  closeOutput(): void;
}

/** A program that has not ended by then is ended, or its pipes would keep a test's process alive. In milliseconds. */
const LIMIT = 90_000;

const LEFT_OUT = ["CI", "KUBECONFIG", "NO_COLOR", "FORCE_COLOR"];

/** The command that runs an example on the runtime of this test. */
export function commandFor(example: string, { args = [], permissions }: StartOptions): [string, ...string[]] {
  const file = fileURLToPath(new URL(`../../examples/${example}`, import.meta.url));
  const options = process.versions.deno === undefined
    ? []
    : ["run", "--no-prompt", "--no-check", "--quiet", ...permissions];
  return [process.execPath, ...options, file, ...args];
}

/** Starts an example on the runtime of this test. */
export function startExample(example: string, options: StartOptions): Running {
  return startCommand(commandFor(example, options), options.env);
}

/** Starts a command. */
export function startCommand(
  [program, ...args]: readonly [string, ...string[]],
  env: Readonly<Record<string, string>> = {},
): Running {
  const inherited = Object.entries(process.env).filter(([name]) => !LEFT_OUT.includes(name));
  const child = spawn(program, args, {
    env: { ...Object.fromEntries(inherited), ...env },
    timeout: LIMIT,
    killSignal: "SIGKILL",
  });
  let stdout = "";
  let stderr = "";
  let over = false;
  let check = () => {};
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    check();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => stderr += text);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      over = true;
      resolve({ code, stdout, stderr });
      check();
    });
  });
  return {
    ended,
    prints: (pattern) =>
      new Promise((resolve, reject) => {
        check = () => {
          const found = pattern.exec(stdout);
          if (found !== null) resolve(found);
          else if (over) reject(new Error(`It ended without ${pattern}:\n${stdout}\n${stderr}`));
        };
        check();
      }),
    // Not child.kill(): Deno would then say that the signal ended it, whatever it made of the signal.
    kill: (signal) => void process.kill(child.pid ?? 0, signal),
    type: (keys) => void child.stdin.write(keys),
    closeOutput: () => void child.stdout.destroy(),
  };
}

/** A file for a kubeconfig, until it is disposed of. */
export async function writeKubeconfig(text: string): Promise<AsyncDisposable & { file: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), "coxswain-examples-"));
  const file = path.join(folder, "kubeconfig");
  await writeFile(file, text);
  return { file, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}
