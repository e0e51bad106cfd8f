import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** The operator's program. */
const OPERATOR = fileURLToPath(new URL("../operator.ts", import.meta.url));

/** What an operator may do on Deno: what `connect()` and plugins of a kubeconfig need. */
const PERMISSIONS = ["--allow-env", "--allow-net", "--allow-read", "--allow-run", "--allow-write"];

/** One process of the operator. */
export interface Replica {
  /** Its identity: what the Lease says while it leads. */
  readonly name: string;
  /** Resolves to its exit code when it has ended; `null` when a signal ended it. */
  readonly ended: Promise<number | null>;
  /** What it has said on its standard error, or of why it could not be started. */
  readonly complaints: () => string;
  /** Sends a signal, unless it has ended. */
  kill(signal: "SIGTERM" | "SIGKILL"): void;
}

/** Starts the operator on this program's runtime. */
export function startReplica(name: string, env: Readonly<Record<string, string>>): Replica {
  const isDeno = process.versions.deno !== undefined;
  const options = isDeno ? ["run", "--no-prompt", "--quiet", ...PERMISSIONS] : [];
  const child: ChildProcess = spawn(process.execPath, [...options, OPERATOR], {
    env: { ...process.env, ...env, POD_NAME: name },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let complaints = "";
  child.stderr?.setEncoding("utf8").on(
    "data",
    (text: string) => complaints = (complaints + text).slice(-2000),
  );
  let hasEnded = false;
  const ended = new Promise<number | null>((resolve) => {
    child.on("error", (error) => {
      complaints += String(error);
      hasEnded = true;
      resolve(1);
    });
    child.on("close", (code) => {
      hasEnded = true;
      resolve(code);
    });
  });
  return {
    name,
    ended,
    complaints: () => complaints.trim(),
    kill(signal) {
      // Not child.kill(): Deno would then say that the signal ended it, whatever the operator made of it.
      if (!hasEnded && child.pid !== undefined) process.kill(child.pid, signal);
    },
  };
}
