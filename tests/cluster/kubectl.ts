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

/**
 * Runs kubectl against the test cluster, with caches of its own.
 *
 * @param input Written to a file, whose path is the last argument.
 * @param more Variables of its environment.
 */
export async function kubectl(
  args: readonly string[],
  input?: string,
  more: Record<string, string> = {},
): Promise<KubectlResult> {
  const { program, kubeconfig } = cluster();
  const folder = await mkdtemp(join(tmpdir(), "coxswain-kubectl-"));
  try {
    const all = ["kubectl", `--kubeconfig=${kubeconfig}`, `--cache-dir=${folder}/cache`, ...args];
    if (input !== undefined) {
      await writeFile(`${folder}/input.yaml`, input);
      all.push(`${folder}/input.yaml`);
    }
    return await new Promise((resolve) => {
      const env = { ...process.env, HOME: folder, KUBERC: "off", ...more };
      execFile(program, all, { env, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr });
      });
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
