import { fileFailure } from "./file_failure.ts";
import { quotePath } from "./quote.ts";

/** A file and what is to be in it. */
export interface FileChange {
  /** Absolute path; no symbolic link. */
  file: string;
  text: string;
}

/**
 * Replaces whole files, each at once: whoever reads meanwhile sees the old or the new one. All of the new ones are on
 * disk before the first takes its place. They have mode 0600 and the owner of what they replace.
 *
 * @throws {ConfigError} If that fails; as a rule nothing has changed then. Only if a file cannot take its place after
 *   others have, they stay, and the error names them.
 */
export async function replaceFiles(changes: readonly FileChange[]): Promise<void> {
  const { rename, rm } = await import("node:fs/promises");
  const written: { file: string; temporary: string }[] = [];
  const replaced: string[] = [];
  try {
    for (const { file, text } of changes) {
      const temporary = `${file}.${crypto.randomUUID()}.tmp`;
      written.push({ file, temporary });
      await writeBeside(file, temporary, text).catch((error) => {
        throw fileFailure(error, { file, doing: "writing a new one beside it" });
      });
    }
    for (const { file, temporary } of written) {
      await rename(temporary, file).catch((error) => {
        const also = replaced.length > 0 ? `already changed: ${replaced.map(quotePath).join(", ")}` : "";
        throw fileFailure(error, { file, doing: "replacing it", also });
      });
      replaced.push(file);
    }
  } finally {
    for (const { file, temporary } of written) {
      if (!replaced.includes(file)) await rm(temporary, { force: true }).catch(() => {}); // a stray copy is no reason to fail
    }
  }
}

async function writeBeside(file: string, temporary: string, text: string): Promise<void> {
  const { chown, open, stat } = await import("node:fs/promises");
  const handle = await open(temporary, "wx", 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  const old = await stat(file).catch(() => undefined); // most likely there is none; if not, renaming will tell
  if (old === undefined) return;
  const own = await stat(temporary);
  // Else root would take a person's kubeconfig away.
  if (own.uid !== old.uid) await chown(temporary, old.uid, old.gid);
}
