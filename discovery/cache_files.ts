/** Modes of client-go's caches: the group may share them, nobody else may look. */
const FOLDER_MODE = 0o750;
const FILE_MODE = 0o660;

/** A file of a cache, and when it was written, in milliseconds since 1970. */
export interface CacheFile {
  bytes: Uint8Array<ArrayBuffer>;
  written: number;
}

/**
 * Reads a file of a cache.
 *
 * @throws The runtime's error, if there is no such file, it may not be read, or the runtime has no files.
 */
export async function readCacheFile(path: string): Promise<CacheFile> {
  const { open } = await import("node:fs/promises");
  const file = await open(path);
  try {
    const { mtimeMs } = await file.stat();
    return { bytes: new Uint8Array(await file.readFile()), written: mtimeMs };
  } finally {
    await file.close();
  }
}

/**
 * Writes a file of a cache, at once: who reads it meanwhile sees the old or the new one. Makes its folder.
 *
 * @param temporaryFolder Where it is written first, on the same disk. Default: beside it.
 * @throws The runtime's error, if that fails.
 */
export async function writeCacheFile(
  path: string,
  content: string | Uint8Array,
  temporaryFolder?: string,
): Promise<void> {
  const { chmod, mkdir, rename, rm, writeFile } = await import("node:fs/promises");
  const { basename, dirname, join } = await import("node:path");
  const folder = temporaryFolder ?? dirname(path);
  await mkdir(dirname(path), { recursive: true, mode: FOLDER_MODE });
  await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
  const temporary = join(folder, `${basename(path)}.${crypto.randomUUID()}`);
  try {
    await writeFile(temporary, content, { flag: "wx", mode: FILE_MODE });
    await chmod(temporary, FILE_MODE); // writing was subject to the umask
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {}); // the first error tells more
    throw error;
  }
}

/** Deletes a file of a cache, if it is there. */
export async function deleteCacheFile(path: string): Promise<void> {
  const { rm } = await import("node:fs/promises");
  await rm(path, { force: true });
}
