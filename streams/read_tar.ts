import { TAR_BLOCK, TAR_TYPES, tarChecksum, type TarHeader, tarPadding } from "./tar_entry.ts";

/** The longest extended header that is read, in bytes: names are far shorter. */
const LONGEST_EXTENSION = 1024 * 1024;
/** How many extended headers may stand before one entry. */
const MOST_EXTENSIONS = 16;

/** An entry of an archive that is being read. */
export interface TarEntry extends TarHeader {
  /** Its bytes. To be read before the next entry is asked for; what is not read is passed over. */
  body: AsyncGenerator<Uint8Array, void, undefined>;
}

/**
 * Reads a tar archive as it comes: ustar, with the long names, sizes and times of pax and GNU tar. Nothing of it is kept
 * but what is being read.
 *
 * @throws {SyntaxError} If it is no tar archive, or breaks off. Names that are not UTF-8 and sparse files are refused.
 * @see POSIX.1-2017 pax, "ustar Interchange Format"
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { readTar, writeTar } from "@coxswain/kube/streams";
 * const archive = writeTar([{ name: "a.txt", type: "file", size: 2, mode: 0o644, mtime: 0, linkName: "", body: ["hi"] }]);
 * for await (const { name, body } of readTar(archive)) {
 *   const [bytes] = await Array.fromAsync(body);
 *   assert.deepEqual([name, new TextDecoder().decode(bytes)], ["a.txt", "hi"]);
 * }
 * ```
 */
export async function* readTar(
  archive: AsyncIterable<Uint8Array>,
): AsyncGenerator<TarEntry, void, undefined> {
  const source = new BlockSource(archive);
  const global: Record<string, string> = {};
  try {
    for (let local: Record<string, string> = {}, extensions = 0;;) {
      const block = await source.block();
      if (block === undefined || block.every((byte) => byte === 0)) {
        if (extensions > 0) throw broken("it ends after an extended header");
        if (block !== undefined) await source.drain(); // or who sends would find nobody there
        return;
      }
      const { letter, ...header } = readHeader(block);
      if (/[xgLK]/.test(letter)) {
        if (header.size > LONGEST_EXTENSION || ++extensions > MOST_EXTENSIONS) {
          throw broken("an extended header is too long");
        }
        const bytes = await source.bytes(header.size);
        if (letter === "L") local.path = text(bytes);
        else if (letter === "K") local.linkpath = text(bytes);
        else Object.assign(letter === "g" ? global : local, readPax(bytes));
        continue;
      }
      const entry = extended(header, { ...global, ...local });
      [local, extensions] = [{}, 0];
      if (letter === "S") {
        throw broken(`${JSON.stringify(entry.name)} is a sparse file, which is not understood`);
      }
      if (entry.type === "directory" || entry.type === "symlink" || entry.type === "link") entry.size = 0;
      const body = source.body(entry.size);
      yield { ...entry, body };
      for await (const _ of body); // what nobody has read
      await source.skip(tarPadding(entry.size));
    }
  } finally {
    await source.close();
  }
}

const broken = (problem: string) => new SyntaxError(`Cannot read the tar archive: ${problem}`);

function readHeader(block: Uint8Array): TarHeader & { letter: string } {
  if (readNumber(block, 148, 8) !== tarChecksum(block)) {
    throw broken("a header is damaged, or it is no archive");
  }
  const letter = String.fromCharCode(block[156]);
  const isUstar = String.fromCharCode(...block.subarray(257, 263)) === "ustar\0";
  const prefix = isUstar ? text(block.subarray(345, 500)) : "";
  const base = text(block.subarray(0, 100));
  const size = readNumber(block, 124, 12);
  return {
    letter,
    name: prefix === "" ? base : `${prefix}/${base}`,
    type: (letter === "0" || letter === "\0") && base.endsWith("/")
      ? "directory"
      : TAR_TYPES[letter] ?? "other",
    size,
    mode: readNumber(block, 100, 8) & 0o7777,
    mtime: readNumber(block, 136, 12),
    linkName: text(block.subarray(157, 257)),
  };
}

function extended(
  header: TarHeader,
  { path, linkpath, size, mtime, ...others }: Record<string, string>,
): TarHeader {
  if (Object.keys(others).some((key) => key.startsWith("GNU.sparse."))) {
    throw broken(`${JSON.stringify(path ?? header.name)} is a sparse file, which is not understood`);
  }
  const number = (value: string | undefined, otherwise: number) => {
    if (value === undefined) return otherwise;
    if (!/^\d{1,15}(\.\d*)?$/.test(value)) throw broken("an extended header has a number that is none");
    return Number(value);
  };
  return {
    ...header,
    name: path ?? header.name,
    linkName: linkpath ?? header.linkName,
    size: Math.trunc(number(size, header.size)),
    mtime: number(/^-/.test(mtime ?? "") ? "0" : mtime, header.mtime),
  };
}

/** Octal text; or, for what is too large for it, bytes after one with its highest bit set, as GNU tar has it. */
function readNumber(block: Uint8Array, at: number, length: number): number {
  const bytes = block.subarray(at, at + length);
  if (bytes[0] & 0x80) {
    if (bytes[0] & 0x40) return 0; // before 1970
    let value = bytes[0] & 0x3f;
    for (const byte of bytes.subarray(1)) value = value * 256 + byte;
    if (!Number.isSafeInteger(value)) throw broken("a number is too large");
    return value;
  }
  const digits = String.fromCharCode(...bytes).replaceAll("\0", " ").trim();
  if (!/^[0-7]*$/.test(digits)) throw broken("a number is none");
  return digits === "" ? 0 : parseInt(digits, 8);
}

function text(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
      end < 0 ? bytes : bytes.subarray(0, end),
    );
  } catch {
    throw broken("a name is not UTF-8");
  }
}

/** Records such as `30 mtime=1350244992.023960108\n`, each with its own length before it. */
function readPax(bytes: Uint8Array): Record<string, string> {
  const records: Record<string, string> = {};
  for (let at = 0; at < bytes.length;) {
    if (bytes[at] === 0) break;
    const blank = bytes.indexOf(32, at);
    const digits = blank < 0 || blank - at > 10 ? "" : String.fromCharCode(...bytes.subarray(at, blank));
    const end = at + Number(digits);
    if (!/^[1-9]\d*$/.test(digits) || end > bytes.length || end <= blank + 1 || bytes[end - 1] !== 10) {
      throw broken("an extended header is damaged");
    }
    const record = bytes.subarray(blank + 1, end - 1);
    const equals = record.indexOf(61);
    if (equals < 1) throw broken("an extended header is damaged");
    const key = text(record.subarray(0, equals));
    if (key !== "__proto__") {
      records[key] = /^(path|linkpath|size|mtime)$/.test(key) ? text(record.subarray(equals + 1)) : "";
    }
    at = end;
  }
  return records;
}

/** Bytes in pieces of the size that is needed. */
class BlockSource {
  readonly #iterator: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();
  #hasEnded = false;

  constructor(archive: AsyncIterable<Uint8Array>) {
    this.#iterator = archive[Symbol.asyncIterator]();
  }

  /** The next block; `undefined` at the end. */
  async block(): Promise<Uint8Array | undefined> {
    if (this.#rest.length === 0 && !(await this.#more())) return undefined;
    return await this.bytes(TAR_BLOCK, 0);
  }

  /** So many bytes, and what fills up their last block. */
  async bytes(length: number, padding: number = tarPadding(length)): Promise<Uint8Array> {
    const all = new Uint8Array(length);
    let at = 0;
    for await (const bytes of this.body(length)) {
      all.set(bytes, at);
      at += bytes.length;
    }
    await this.skip(padding);
    return all;
  }

  async *body(length: number): AsyncGenerator<Uint8Array, void, undefined> {
    while (length > 0) {
      if (this.#rest.length === 0 && !(await this.#more())) throw broken("it breaks off");
      const bytes = this.#rest.subarray(0, length);
      this.#rest = this.#rest.subarray(bytes.length);
      length -= bytes.length;
      yield bytes;
    }
  }

  async skip(length: number): Promise<void> {
    for await (const _ of this.body(length));
  }

  async drain(): Promise<void> {
    while (await this.#more());
  }

  async close(): Promise<void> {
    if (!this.#hasEnded) await this.#iterator.return?.();
  }

  async #more(): Promise<boolean> {
    do {
      const { done, value } = await this.#iterator.next();
      if (done) {
        this.#hasEnded = true;
        return false;
      }
      this.#rest = value;
    } while (this.#rest.length === 0);
    return true;
  }
}
