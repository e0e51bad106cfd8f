// Follows the pods of a cluster in a live table; without KUBECONFIG, of one in memory that changes by itself.
// Run: deno task demo   (or: bun examples/demo.ts, node examples/demo.ts)   --help says more
import process from "node:process";
import { main } from "./demo/main.ts";

// Not process.exit(): that the process ends by itself shows that nothing is left open.
process.exitCode = await main(process.argv.slice(2));
