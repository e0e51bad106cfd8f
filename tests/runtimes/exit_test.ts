import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import process from "node:process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { cleaned } from "../cleanup.ts";
import { PROGRAMS } from "./exit_programs.ts";
import { link, ROADS, RUNTIME } from "./roads.ts";

const MAIN = fileURLToPath(new URL("./exit_main.ts", import.meta.url));

/** What this runtime needs to be told before the name of a program: on Deno, all that one may do. */
const COMMAND: readonly string[] = {
  bun: [],
  deno: ["run", "--no-prompt", "--no-check", "--quiet", "--allow-net=127.0.0.1", "--allow-read"],
  node: [],
}[RUNTIME];

/** A process that has not ended by itself until then does not. In milliseconds. */
const LIMIT = 30_000;

/** Runs a program on this runtime. Resolves to its exit code, or the signal that it took, and what it printed. */
function run(args: readonly string[]): Promise<{ ended: number | string; output: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [...COMMAND, MAIN, ...args],
      { timeout: LIMIT, killSignal: "SIGKILL" },
      (_error, stdout, stderr) =>
        resolve({ ended: child.exitCode ?? child.signalCode ?? "?", output: stdout + stderr }),
    );
  });
}

ROADS.forEach((road, index) => {
  describe(`A process ends by itself when its program, ${road.name},`, () => {
    for (const name of Object.keys(PROGRAMS)) {
      it(
        name,
        cleaned(async (t) => {
          const { client } = await link(t, road, {
            server: {
              serve(exchange) {
                if (exchange.path === "/") return exchange.answer("hello");
                if (exchange.path === "/refused") return exchange.answer("no", { status: 403 });
                exchange.stream();
                exchange.chunk('{"type":"ADDED","object":{}}\n');
              },
            },
          });
          assert.deepEqual(await run([name, String(index), client.config.server]), {
            ended: 0,
            output: "the end\n",
          });
        }),
      );
    }
  });
});
