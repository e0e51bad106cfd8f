// Makes rest/wasm_scanner_code.ts of tools/json_scanner.wat.
//
// Run: deno task wasm
import { readFile, writeFile } from "node:fs/promises";
import wabt from "wabt";
import { ROOT } from "./project.ts";

const SOURCE = `${ROOT}tools/json_scanner.wat`;
const TARGET = `${ROOT}rest/wasm_scanner_code.ts`;

/** The text of the target. */
export async function wasmModule(): Promise<string> {
  const tools = await wabt();
  const module = tools.parseWat("json_scanner.wat", await readFile(SOURCE, "utf8"), { simd: true });
  module.validate();
  const { buffer } = module.toBinary({});
  module.destroy();
  const code = btoa(String.fromCharCode(...buffer));
  const lines = code.match(/.{1,104}/g)!.map((line) => `  "${line}"`);
  return `// Made of tools/json_scanner.wat by \`deno task wasm\`. Not to be edited.

/** A WebAssembly module in Base64. Added up, not joined by a call, so that bundlers see that it can be left out. */
export const WASM_SCANNER_CODE: string =
${lines.join(" +\n")};
`;
}

if (import.meta.main) await writeFile(TARGET, await wasmModule());
