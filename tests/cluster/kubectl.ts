// kubectl of the cluster's own version, for tests that compare with it.
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { cluster } from "./cluster.ts";

/** What a run of kubectl came to. */
export interface KubectlResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** What a run of kubectl may be given besides its arguments. */
export interface KubectlOptions {
  /** Written to a file, whose path is the last argument. */
  input?: string;
  /** Variables of its environment. */
  env?: Record<string, string>;
  /** Ends it at so many lines of output, for commands that never end. */
  lines?: number;
  /** Called with what it has printed so far. */
  onOutput?: (text: string) => void;
}

/**
 * Runs kubectl against the test cluster, with caches of its own.
 *
 * @param input Written to a file, whose path is the last argument.
 * @param more Variables of its environment.
 */
export function kubectl(
  args: readonly string[],
  input?: string,
  more: Record<string, string> = {},
): Promise<KubectlResult> {
  return kubectlAt(cluster().kubeconfig, args, { input, env: more });
}

/** Runs kubectl against any server, with caches of its own. */
export async function kubectlAt(
  kubeconfig: string,
  args: readonly string[],
  { input, env = {}, lines = Infinity, onOutput }: KubectlOptions = {},
): Promise<KubectlResult> {
  const { program } = cluster();
  const folder = await mkdtemp(join(tmpdir(), "coxswain-kubectl-"));
  try {
    const all = ["kubectl", `--kubeconfig=${kubeconfig}`, `--cache-dir=${folder}/cache`, ...args];
    if (input !== undefined) {
      await writeFile(`${folder}/input.yaml`, input);
      all.push(`${folder}/input.yaml`);
    }
    return await new Promise((resolve) => {
      const options = { env: { ...process.env, HOME: folder, KUBERC: "off", ...env }, maxBuffer: 2 ** 26 };
      const child = execFile(program, all, options, (error, stdout, stderr) => {
        const ended = error === null || child.killed ? 0 : Number(error.code ?? 1);
        resolve({ code: ended, stdout, stderr });
      });
      let seen = "";
      child.stdout!.on("data", (text: string) => {
        seen += text;
        onOutput?.(seen);
        if (seen.split("\n").length > lines) child.kill("SIGKILL");
      });
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
