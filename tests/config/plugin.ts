import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import type { KubeconfigExec } from "@coxswain/kube/config";
import { withFiles } from "./folder.ts";

export const V1 = "client.authentication.k8s.io/v1";
export const V1_BETA_1 = "client.authentication.k8s.io/v1beta1";

/** What one run of the plugin saw. */
export interface Run {
  args: string[];
  env: Record<string, string>;
  /** `KUBERNETES_EXEC_INFO`. */
  info: unknown;
  stdin: string;
}

/** Says what it sees, waits if it is to be `held`, and does what the files `output` and `exit` say. */
const SCRIPT = `
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import process from "node:process";
const file = (name) => new URL(name, import.meta.url);
const text = (name) => existsSync(file(name)) ? readFileSync(file(name), "utf8") : "";
const { env } = process;
const info = JSON.parse(env.KUBERNETES_EXEC_INFO);
const stdin = info.spec.interactive ? "" : readFileSync(0, "utf8");
appendFileSync(file("runs"), JSON.stringify({ args: process.argv.slice(2), env, info, stdin }) + "\\n");
if (text("held")) {
  await new Promise((resolve, reject) => connect(Number(text("held")), "127.0.0.1").on("data", resolve).on("error", reject));
}
const exit = text("exit");
if (exit.startsWith("SIG")) process.kill(process.pid, exit);
process.stderr.write(text("complaint"));
process.stdout.write(text("output"), () => process.exit(Number(exit)));
`;

/** How the runtime that runs the tests runs a script. */
export function runtimeArgs(): string[] {
  if (process.versions.deno !== undefined) return ["run", "--quiet", "--no-config", "--no-lock", "-A"];
  return process.versions.bun === undefined ? ["--no-warnings"] : ["run"];
}

/** A plugin that is a program of its own: a script, run by the runtime that runs the tests. */
export interface Plugin {
  folder: string;
  /** A link to the runtime, called `get-token`. */
  command: string;
  exec: KubeconfigExec;
  runs: () => Run[];
  /** What it gives from now on. */
  gives: (status: Record<string, string> | undefined, more?: Record<string, unknown>) => void;
  /** What it writes to standard output from now on. */
  writes: (output: string) => void;
  /** What it ends with from now on: a number or the name of a signal. */
  exits: (how: number | string) => void;
  set: (file: string, text: string) => void;
}

/** Writes a plugin that gives the token `first`, and removes it after use. */
export function withPlugin<T>(use: (plugin: Plugin) => T | Promise<T>): Promise<T> {
  return withFiles({ "plugin.mjs": SCRIPT, runs: "" }, (folder) => {
    const set = (file: string, text: string) => writeFileSync(join(folder, file), text);
    const command = join(folder, "get-token");
    symlinkSync(process.execPath, command);
    const plugin: Plugin = {
      folder,
      command,
      exec: {
        command,
        args: [...runtimeArgs(), join(folder, "plugin.mjs")],
        apiVersion: V1,
        interactiveMode: "Never",
      },
      runs: () =>
        readFileSync(join(folder, "runs"), "utf8").split("\n").filter(Boolean).map((line) =>
          JSON.parse(line)
        ),
      gives: (status, more) =>
        set("output", JSON.stringify({ apiVersion: V1, kind: "ExecCredential", status, ...more })),
      writes: (output) => set("output", output),
      exits: (how) => set("exit", String(how)),
      set,
    };
    plugin.gives({ token: "first" });
    return use(plugin);
  });
}
