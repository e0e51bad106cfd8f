import { ConfigError } from "../rest/mod.ts";
import { quotePath } from "./quote.ts";
import { fileFailure } from "./file_failure.ts";

/**
 * Holds a lock on each of `files` while `use` runs: the file of the same name with `.lock`, which must not be there,
 * as kubectl and everything else that is built on client-go does it. A file whose folder does not exist needs none.
 *
 * @throws {ConfigError} If another program holds one of the locks, which is not waited for, or if a lock cannot be
 *   made.
 * @see client-go `clientcmd.lockFile`, spec rest 8.8
 */
export async function withLocks<T>(files: readonly string[], use: () => Promise<T>): Promise<T> {
  const { open, rm } = await import("node:fs/promises");
  const held: string[] = [];
  try {
    for (const file of [...new Set(files)].sort()) { // in one order everywhere, so that nobody waits in a circle
      const lock = `${file}.lock`;
      try {
        const handle = await open(lock, "wx", 0o600);
        held.push(lock);
        await handle.close();
      } catch (error) {
        const { code } = error as { code?: unknown };
        if (code === "ENOENT" || code === "ENOTDIR") continue;
        if (code !== "EEXIST") throw fileFailure(error, { file, doing: "making its lock" });
        throw new ConfigError(
          `kubeconfig ${quotePath(file)}`,
          `it is locked: ${quotePath(lock)} exists`,
          "Try again when no other program is changing it; if none is, one was ended while it did: remove the lock",
        );
      }
    }
    return await use();
  } finally {
    // Whoever finds one that stayed is told what to do.
    for (const lock of held.reverse()) await rm(lock, { force: true }).catch(() => {});
  }
}
