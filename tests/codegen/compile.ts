import { execFile } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** The checkout. */
export const ROOT: string = fileURLToPath(new URL("../../", import.meta.url));

/** What the strictest of users has. */
const OPTIONS: Readonly<Record<string, string>> = {
  strict: "true",
  exactOptionalPropertyTypes: "true",
  noPropertyAccessFromIndexSignature: "true",
  noUnusedLocals: "true",
  isolatedDeclarations: "true",
  declaration: "true",
  erasableSyntaxOnly: "true",
  verbatimModuleSyntax: "true",
  target: "es2024",
  module: "nodenext",
  allowImportingTsExtensions: "true",
  types: "",
  noEmit: "true",
  pretty: "false",
};

/**
 * What the TypeScript compiler has against these files with the strictest settings, a line each. What they import is
 * not looked at: users have its declarations alone.
 *
 * @param folder Where the files are.
 */
export function problemsOf(files: readonly string[], folder: string = ROOT): Promise<string[]> {
  const flags = Object.entries(OPTIONS).flatMap(([name, value]) => [`--${name}`, value]);
  const isDeno = "Deno" in globalThis;
  const args = [...isDeno ? ["run", "-A"] : [], `${ROOT}node_modules/typescript/bin/tsc`, ...flags, ...files];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd: folder, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      const lines = stdout.split("\n").filter((line) => files.some((file) => line.startsWith(`${file}(`)));
      if (error === null || stdout.includes("error TS")) resolve(lines);
      else reject(new Error(stdout + stderr, { cause: error })); // it did not run
    });
  });
}
