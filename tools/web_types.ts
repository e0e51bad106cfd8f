// Compiles the library with the types of ECMAScript and the web alone, as tools/web_types/tsconfig.json says: a
// runtime's global does not compile then. `node:` modules are typed as any there, and nothing else is let through.
//
// Run: deno run -A tools/web_types.ts
import { run } from "./project.ts";

/** "Cannot use namespace as a type": a type imported from a module that is typed as any. `deno check` knows it. */
const TYPE_OF_NODE_MODULE = "error TS2709:";

const { code, output } = await run([
  ...[Deno.execPath(), "run", "-A", "node_modules/typescript/bin/tsc"],
  ...["--project", "tools/web_types/tsconfig.json", "--pretty", "false"],
], { capture: true });

const problems = output.split("\n").filter((line) => line !== "" && !line.includes(TYPE_OF_NODE_MODULE));
for (const line of problems) console.log(line);
const allLetThrough = problems.length === 0 && output.includes(TYPE_OF_NODE_MODULE);
Deno.exit(code === 0 || allLetThrough ? 0 : 1);
