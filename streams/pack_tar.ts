import type { SkippedEntry } from "./unpack_tar.ts";
import type { TarSource } from "./write_tar.ts";

/** Told what is packed, or unpacked. */
export interface PackListener {
  /** A file was begun. */
  onFile(): void;
  /** A piece of a file. */
  onBytes(path: string, length: number): void;
  /** Something was left out. */
  onSkipped(entry: SkippedEntry): void;
}

/** How much of a file is read at once, in bytes. */
const PIECE = 64 * 1024;

/** A file or folder of this machine as entries of an archive, of which the first has the name `base`. */
export async function* packTar(
  from: string,
  base: string,
  { onFile, onBytes, onSkipped }: PackListener,
): AsyncGenerator<TarSource, void, undefined> {
  const { lstat, open, readdir, readlink } = await import("node:fs/promises");

  async function* bytesOf(path: string, inside: string): AsyncGenerator<Uint8Array> {
    const file = await open(path, "r");
    try {
      for (;;) {
        const { bytesRead, buffer } = await file.read(new Uint8Array(PIECE), 0, PIECE);
        if (bytesRead === 0) return;
        onBytes(inside, bytesRead);
        yield buffer.subarray(0, bytesRead);
      }
    } finally {
      await file.close();
    }
  }

  async function* visit(path: string, inside: string): AsyncGenerator<TarSource> {
    const { mode, mtimeMs, size, ...kind } = await lstat(path).then((stats) => ({
      mode: stats.mode & 0o7777,
      mtimeMs: stats.mtimeMs,
      size: stats.size,
      isFile: stats.isFile(),
      isFolder: stats.isDirectory(),
      isLink: stats.isSymbolicLink(),
    }));
    const common = {
      name: inside === "" ? base : `${base}/${inside}`,
      mode,
      mtime: Math.floor(mtimeMs / 1000),
      size: 0,
      linkName: "",
    };
    if (kind.isFile) {
      onFile();
      yield { ...common, type: "file", size, body: bytesOf(path, inside) };
    } else if (kind.isLink) {
      yield { ...common, type: "symlink", linkName: await readlink(path) };
    } else if (kind.isFolder) {
      yield { ...common, type: "directory" };
      for (const name of (await readdir(path)).sort()) {
        yield* visit(`${path}/${name}`, inside === "" ? name : `${inside}/${name}`);
      }
    } else onSkipped({ path: inside, reason: "it is no file, folder or link" });
  }

  yield* visit(from, "");
}
