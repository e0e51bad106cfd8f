/** What an entry of a tar archive is. */
export type TarEntryType = "file" | "directory" | "symlink" | "link" | "other";

/** What a tar archive says of one entry. */
export interface TarHeader {
  /** Its path, with `/`, as the archive has it: it may be absolute, and may hold `..`. */
  name: string;
  /** What it is. */
  type: TarEntryType;
  /** How many bytes it has; 0 for what has none. */
  size: number;
  /** Its permissions, as in `chmod`. */
  mode: number;
  /** When it was changed, in seconds since 1970. */
  mtime: number;
  /** Where a link points to; empty for what is none. */
  linkName: string;
}

/** Archives are made of blocks of this size, in bytes. */
export const TAR_BLOCK = 512;

/** The letters of the types in headers. */
export const TAR_TYPES: Readonly<Record<string, TarEntryType>> = {
  "\0": "file",
  "0": "file",
  "7": "file",
  "1": "link",
  "2": "symlink",
  "3": "other",
  "4": "other",
  "5": "directory",
  "6": "other",
};

/** How many bytes fill up the last block. */
export function tarPadding(size: number): number {
  return (TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK;
}

/** The sum of a header's bytes, with blanks in the place of the sum itself. */
export function tarChecksum(header: Uint8Array): number {
  let sum = 8 * 32;
  for (let at = 0; at < TAR_BLOCK; at++) if (at < 148 || at >= 156) sum += header[at];
  return sum;
}
