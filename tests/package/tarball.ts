// The npm package as `deno pack` makes it.
import assert from "node:assert/strict";
import { run } from "../../tools/project.ts";

/** Packs the checkout into `file`. Without source maps, which would hold this machine's paths. */
export async function pack(file: string): Promise<void> {
  const command = [Deno.execPath(), "pack", "--quiet", "--no-source-maps", "--allow-dirty", "--output", file];
  const { code, output } = await run(command, { capture: true });
  assert.equal(code, 0, output);
}

/** The files of a packed package by their paths inside it. Reads what `deno pack` writes, which is plain ustar. */
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
    files.set(
      path.slice("package/".length),
      decoder.decode(bytes.subarray(header + 512, header + 512 + size)),
    );
    header += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}
