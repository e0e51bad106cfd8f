// Packages of npm: plain ustar, zipped, all paths below `package/`. The same files make the same bytes.
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";

const BLOCK = 512;

/** The files of a packed package by their paths inside it. */
export async function readTarball(file: string): Promise<Map<string, string>> {
  const packed = await Deno.open(file);
  const unzipped = packed.readable.pipeThrough(new DecompressionStream("gzip"));
  const bytes = new Uint8Array(await new Response(unzipped).arrayBuffer());
  const decoder = new TextDecoder();
  const text = (start: number, length: number): string =>
    decoder.decode(bytes.subarray(start, start + length)).replace(/\0[^]*$/, "");
  const files = new Map<string, string>();
  for (let header = 0; bytes[header] !== 0 && header < bytes.length;) {
    const prefix = text(header + 345, 155);
    const path = (prefix === "" ? "" : `${prefix}/`) + text(header, 100);
    const size = Number.parseInt(text(header + 124, 12), 8);
    assert.match(text(header + 156, 1), /^0?$/, `${path} is not a plain file`);
    assert.match(path, /^package\//);
    const content = bytes.subarray(header + BLOCK, header + BLOCK + size);
    files.set(path.slice("package/".length), decoder.decode(content));
    header += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
}

/** Writes what {@linkcode readTarball} reads, in the order of the paths and without times. */
export async function writeTarball(file: string, files: ReadonlyMap<string, string>): Promise<void> {
  const encoder = new TextEncoder();
  const parts: Uint8Array[] = [];
  for (const path of [...files.keys()].sort()) {
    const content = encoder.encode(files.get(path));
    const padding = (BLOCK - content.length % BLOCK) % BLOCK;
    parts.push(headerOf(`package/${path}`, content.length), content, new Uint8Array(padding));
  }
  parts.push(new Uint8Array(2 * BLOCK));
  const whole = new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
  await Deno.writeFile(file, gzipSync(whole, { level: 9 }));
}

function headerOf(path: string, size: number): Uint8Array {
  const header = new Uint8Array(BLOCK);
  const put = (at: number, text: string) => header.set(new TextEncoder().encode(text), at);
  const octal = (value: number, length: number) => `${value.toString(8).padStart(length - 1, "0")}\0`;
  if (path.length > 100) throw new RangeError(`Cannot pack ${path}: it is longer than 100 characters`);
  put(0, path);
  put(100, octal(0o644, 8));
  put(108, octal(0, 8)); // nobody's
  put(116, octal(0, 8));
  put(124, octal(size, 12));
  put(136, octal(0, 12)); // the time
  put(148, " ".repeat(8)); // the sum, which is counted with spaces in its place
  put(156, "0");
  put(257, "ustar\x0000");
  put(148, `${octal(header.reduce((sum, byte) => sum + byte, 0), 7)} `);
  return header;
}
