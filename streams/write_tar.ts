import { TAR_BLOCK, tarChecksum, type TarHeader, tarPadding } from "./tar_entry.ts";

/** The letters of the types that are written. */
const LETTERS = { file: "0", link: "1", symlink: "2", directory: "5" } as const;
/** The largest size that fits into a header as text, in bytes: 8 GiB less one. */
const LARGEST_TEXT = 8 ** 11 - 1;

/** An entry to be written. */
export interface TarSource extends TarHeader {
  /** Its bytes, as many as `size` says. Only files have some. */
  body?: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>;
}

/**
 * Writes a tar archive, entry by entry, as it is read: ustar, with GNU's headers for long names and large sizes, which
 * BusyBox understands too.
 *
 * @throws {TypeError} If an entry is of no type that can be written, or has not the size that it says.
 */
export async function* writeTar(
  entries: AsyncIterable<TarSource> | Iterable<TarSource>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const encoder = new TextEncoder();
  for await (const entry of entries) {
    const letter = LETTERS[entry.type as keyof typeof LETTERS];
    if (letter === undefined) {
      throw new TypeError(`Cannot archive ${JSON.stringify(entry.name)}: it is no file or link`);
    }
    const name = encoder.encode(
      entry.type === "directory" && !entry.name.endsWith("/") ? `${entry.name}/` : entry.name,
    );
    const linkName = encoder.encode(entry.linkName);
    if (linkName.length > 100) yield* longName("K", linkName);
    if (name.length > 100) yield* longName("L", name);
    const size = entry.type === "file" ? entry.size : 0;
    yield header({ ...entry, size }, letter, name, linkName);
    let left = size;
    for await (const piece of entry.body ?? []) {
      const bytes = typeof piece === "string" ? encoder.encode(piece) : piece;
      left -= bytes.length;
      if (left < 0) break;
      if (bytes.length > 0) yield bytes;
    }
    if (left !== 0) {
      throw new TypeError(`Cannot archive ${JSON.stringify(entry.name)}: its size has changed meanwhile`);
    }
    const padding = tarPadding(size);
    if (padding > 0) yield new Uint8Array(padding);
  }
  yield new Uint8Array(2 * TAR_BLOCK);
}

/** A name that does not fit into a header stands before it, as the content of a file. */
function* longName(letter: "K" | "L", name: Uint8Array): Generator<Uint8Array> {
  const size = name.length + 1;
  const label = new TextEncoder().encode("././@LongLink");
  yield header(
    { name: "", type: "file", size, mode: 0, mtime: 0, linkName: "" },
    letter,
    label,
    new Uint8Array(),
  );
  const content = new Uint8Array(size + tarPadding(size));
  content.set(name);
  yield content;
}

function header(entry: TarHeader, letter: string, name: Uint8Array, linkName: Uint8Array): Uint8Array {
  const block = new Uint8Array(TAR_BLOCK);
  const write = (at: number, text: string) => void block.set(new TextEncoder().encode(text), at);
  const octal = (at: number, length: number, value: number) =>
    write(at, `${Math.max(0, Math.trunc(value)).toString(8).padStart(length - 1, "0")}\0`);
  block.set(name.subarray(0, 100));
  octal(100, 8, entry.mode & 0o7777);
  octal(108, 8, 0);
  octal(116, 8, 0);
  if (entry.size <= LARGEST_TEXT) octal(124, 12, entry.size);
  else {
    for (let at = 135, left = entry.size; at > 124; at--, left = Math.floor(left / 256)) {
      block[at] = left % 256;
    }
    block[124] = 0x80;
  }
  octal(136, 12, Math.min(entry.mtime, LARGEST_TEXT));
  write(156, letter);
  block.set(linkName.subarray(0, 100), 157);
  write(257, "ustar  \0"); // GNU's way to write it, since its headers stand beside
  write(148, `${tarChecksum(block).toString(8).padStart(6, "0")}\0 `);
  return block;
}
