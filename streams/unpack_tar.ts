import type { PackListener } from "./pack_tar.ts";
import { readTar, type TarEntry } from "./read_tar.ts";

/** Something that was not copied. */
export interface SkippedEntry {
  /** What, relative to what was asked for; empty for that itself. */
  path: string;
  /** Why. */
  reason: string;
}

/**
 * Writes the entries of an archive, of which the first has the name `base`, to this machine as `to`. Nothing is written
 * outside of it, whatever the archive says: links are made when all else is there, folders are never links, and each
 * file is a new one.
 *
 * @throws {SyntaxError} If a path would lead elsewhere.
 */
export async function unpackTar(
  archive: AsyncIterable<Uint8Array>,
  base: string,
  to: string,
  { onFile, onBytes, onSkipped }: PackListener,
): Promise<void> {
  const fs = await import("node:fs/promises");
  const links: { path: string; inside: string; linkName: string }[] = [];
  const folders: { path: string; mode: number; mtime: number }[] = [];
  const made = new Set<string>();
  let isEmpty = true;

  /** The path of an entry on this machine; the folders above it are folders. */
  const placeOf = async (name: string): Promise<{ path: string; inside: string }> => {
    const inside = insideOf(name, base);
    const parts = inside === "" ? [] : inside.split("/");
    let path = to;
    for (const part of parts) {
      await makeFolder(path);
      path = `${path}/${part}`;
    }
    return { path, inside };
  };

  const makeFolder = async (path: string): Promise<void> => {
    if (made.has(path)) return;
    const found = await fs.lstat(path).catch((error) => {
      if (error?.code !== "ENOENT") throw error;
    });
    if (found === undefined) await fs.mkdir(path, { mode: 0o700 | 0o055 });
    // What the caller names may be a link to a folder; what the archive names may not.
    else if (!found.isDirectory() && !(path === to && (await fs.stat(path)).isDirectory())) {
      throw refused(path, "something that is no folder is in the way");
    }
    made.add(path);
  };

  const clear = async (path: string): Promise<void> => {
    const found = await fs.lstat(path).catch((error) => {
      if (error?.code !== "ENOENT") throw error;
    });
    if (found === undefined) return;
    if (found.isDirectory()) throw refused(path, "a folder is in the way");
    await fs.unlink(path);
  };

  const writeFile = async ({ mode, mtime, body }: TarEntry, path: string, inside: string): Promise<void> => {
    await clear(path);
    onFile();
    const file = await fs.open(path, "wx", 0o600); // what exists is not followed
    try {
      for await (const bytes of body) {
        for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at)).bytesWritten;
        onBytes(inside, bytes.length);
      }
    } finally {
      await file.close();
    }
    await fs.chmod(path, mode & 0o777); // not those that lend their owner's rights
    await fs.utimes(path, mtime, mtime);
  };

  for await (const entry of readTar(archive)) {
    isEmpty = false;
    const { path, inside } = await placeOf(entry.name);
    switch (entry.type) {
      case "directory":
        await makeFolder(path);
        folders.push({ path, mode: entry.mode & 0o777, mtime: entry.mtime });
        break;
      case "file":
        await writeFile(entry, path, inside);
        break;
      case "symlink":
        links.push({ path, inside, linkName: entry.linkName });
        break;
      case "link": {
        const target = await placeOf(entry.linkName);
        const found = await fs.lstat(target.path).catch(() => undefined); // not there, or not to be seen
        if (found === undefined || !found.isFile()) {
          onSkipped({
            path: inside,
            reason: `it is a link to "${entry.linkName}", which is no file of the archive`,
          });
          break;
        }
        await clear(path);
        onFile();
        await fs.link(target.path, path);
        break;
      }
      default:
        onSkipped({ path: inside, reason: "it is no file, folder or link" });
    }
  }
  if (isEmpty) throw refused(base, "the archive is empty");
  for (const { path, inside, linkName } of links) {
    if (leadsOut(inside, linkName)) {
      onSkipped({ path: inside, reason: `it is a link that leads out of the copy, to "${linkName}"` });
      continue;
    }
    await clear(path);
    await fs.symlink(linkName, path);
  }
  // From the inside out: a folder that may not be written to may hold others.
  for (const { path, mode, mtime } of folders.reverse()) {
    if (!(await fs.lstat(path)).isDirectory()) continue;
    await fs.chmod(path, mode);
    await fs.utimes(path, mtime, mtime);
  }
}

const refused = (path: string, problem: string) =>
  new SyntaxError(`Cannot unpack ${JSON.stringify(path)}: ${problem}`);

/** A name of the archive, relative to its first. */
function insideOf(name: string, base: string): string {
  const parts = name.replace(/\/+$/, "").split("/");
  if (parts[0] === "." && parts.length > 1) parts.shift();
  if (
    parts[0] !== base ||
    parts.some((part) => part === "" || part === "." || part === ".." || part.includes("\0"))
  ) {
    throw refused(name, `the path does not stay inside "${base}"`);
  }
  return parts.slice(1).join("/");
}

/**
 * Whether a link would lead out of what is copied. The way up is counted from the folder that it is in; after the way down
 * has begun, it may lead through other links, of which nobody knows how far up it is then.
 */
function leadsOut(inside: string, linkName: string): boolean {
  if (linkName === "" || linkName.startsWith("/") || inside === "") return true;
  let depth = inside.split("/").length - 1;
  let isDown = false;
  for (const part of linkName.split("/")) {
    if (part === "..") {
      if (isDown || --depth < 0) return true;
    } else if (part !== "" && part !== ".") isDown = true;
  }
  return false;
}
