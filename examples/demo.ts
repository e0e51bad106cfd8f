// Shows examples/operator.ts at work: two of them, of which one leads, and a short story.
// Run: deno task demo   (or: bun examples/demo.ts, node examples/demo.ts)   --help says more
import process from "node:process";
import { main } from "./demo/main.ts";

// Not process.exit(): that the process ends by itself shows that nothing is left open.
process.exitCode = await main(process.argv.slice(2));
