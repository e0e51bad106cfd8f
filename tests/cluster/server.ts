// Starts the test cluster and stops it.
//
// Run: deno run -A tests/cluster/server.ts     serves until Ctrl-C, for kubectl or for one test at a time
import { buildCluster, ClusterError, linesOf } from "./build.ts";
import type { ClusterAddress } from "./cluster.ts";

/** From being asked to end until being killed, in milliseconds. It takes a tenth of a second. */
const GRACE = 10_000;

/** A cluster of one's own. */
export interface RunningCluster extends ClusterAddress {
  /** The file for `COXSWAIN_CLUSTER`. */
  readonly file: string;
  /** What kube-apiserver has logged so far is in this file. */
  readonly log: string;
  /** Stops it, waits until all its processes have ended, and removes all its files. Twice is fine. */
  stop(): Promise<void>;
}

/**
 * Starts a cluster in a temporary folder and resolves when it is ready.
 *
 * @param program As {@linkcode buildCluster} gives it.
 * @param options `flags` are added to those of kube-apiserver.
 * @throws {ClusterError} If it does not start; why is on stderr.
 */
export async function startCluster(
  program: string,
  { flags = [], signal }: { flags?: readonly string[]; signal?: AbortSignal } = {},
): Promise<RunningCluster> {
  signal?.throwIfAborted();
  const folder = await Deno.makeTempDir({ prefix: "coxswain-cluster-" });
  const files = `${folder}/files`;
  const child = new Deno.Command(program, {
    args: ["-dir", files, "--", ...flags],
    stdin: "piped", // its end tells the cluster to end, also when this process is killed
    stdout: "piped",
    stderr: "inherit",
    detached: true, // Ctrl-C is for us, who stop it last
  }).spawn();
  const stop = async (): Promise<void> => {
    const late = setTimeout(() => child.kill("SIGKILL"), GRACE);
    await child.stdin.close().catch(() => {}); // closed before, or the cluster has ended by itself
    await child.status;
    clearTimeout(late);
    await Deno.remove(folder, { recursive: true }).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  };
  const endEarly = (): void => void child.stdin.close().catch(() => {}); // as above
  signal?.addEventListener("abort", endEarly);
  try {
    const line = await firstLineOf(child.stdout);
    signal?.throwIfAborted();
    if (line === undefined) throw new ClusterError("The test cluster did not start.");
    const { server, kubeconfig, control } = JSON.parse(line) as ClusterAddress;
    const file = `${folder}/cluster.json`;
    await Deno.writeTextFile(file, JSON.stringify({ server, kubeconfig, control, program }));
    return { server, kubeconfig, control, program, file, log: `${files}/apiserver.log`, stop };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    signal?.removeEventListener("abort", endEarly);
  }
}

async function firstLineOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string | undefined> {
  for await (const line of linesOf(stream)) return line;
}

/** Aborts when the process is asked to end. */
export function untilAsked(): AbortSignal {
  const asked = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(name, () => asked.abort(new ClusterError(`Ended by ${name}.`)));
  }
  return asked.signal;
}

if (import.meta.main) {
  const signal = untilAsked();
  try {
    const cluster = await startCluster(await buildCluster({ signal }), { signal });
    console.log(`export KUBECONFIG=${cluster.kubeconfig}`);
    console.log(`export COXSWAIN_CLUSTER=${cluster.file}`);
    console.error("With these, kubectl and each file of tests/cluster use this cluster. Ctrl-C ends it.");
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    await cluster.stop();
    Deno.exit(0); // else the signal listeners keep the process
  } catch (error) {
    console.error(error instanceof ClusterError ? error.message : error);
    Deno.exit(1);
  }
}
