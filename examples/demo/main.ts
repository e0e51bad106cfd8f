import process from "node:process";
import { Client, connect, isConfigError, isForbidden, isNetworkError, isUnauthorized } from "@coxswain/kube";
import { systemClock } from "@coxswain/kube/async";
import { statusErrorOf } from "@coxswain/kube/rest";
import { Pod } from "@coxswain/kube/types/core/v1";
import { followPods } from "./follow.ts";
import { openLines } from "./lines.ts";
import { HELP, type Options, parseOptions, type Surroundings, UsageError, VARIABLES } from "./options.ts";
import { openTable } from "./table.ts";
import { printable } from "./text.ts";
import type { View } from "./view.ts";
import { openWorkload } from "./workload.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const BUGS = ["uncaughtException", "unhandledRejection"] as const;

/**
 * The demo as a command.
 *
 * @returns Its exit code: 0 when it was left or its time was up, 1 if it failed, 2 if the command line makes no sense.
 */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const options = parseOptions(args, surroundings());
    if (options === "help") process.stdout.write(HELP);
    else await run(options);
    return 0;
  } catch (error) {
    const problem = explain(error);
    if (problem === undefined) throw error; // a bug: its stack is what is wanted
    process.stderr.write(`demo: ${printable(problem.replace(/\s+/g, " "))}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

async function run(options: Options): Promise<void> {
  const stop = new AbortController();
  const leave = () => stop.abort();
  let bug: unknown;
  const fail = (error: unknown) => {
    bug ??= error;
    stop.abort();
  };
  for (const signal of SIGNALS) process.on(signal, leave);
  for (const event of BUGS) process.on(event, fail); // Deno and Bun would end without giving the terminal back
  process.stdout.on("error", leave); // whoever read our lines has gone, as `head` does

  let cluster: Cluster | undefined;
  let view: View | undefined;
  let cancel = () => {};
  try {
    const { name, client } = cluster = await openCluster(options, stop.signal);
    const { output, namespace, duration } = options;
    if (output === "table" && options.cluster === "kubeconfig") {
      process.stdout.write(`Connecting to ${printable(name)}\n`);
    }
    const pods = client.resource(Pod);
    await followPods(namespace === undefined ? pods : pods.namespace(namespace), {
      signal: stop.signal,
      clock: systemClock,
      onState: (state) => view?.tell(state),
      onChanges(changes) {
        // Not before there is something to show: what fails at first, fails on the ordinary screen.
        if (view === undefined) {
          view = openView(options, name, leave);
          if (duration !== undefined) cancel = systemClock.schedule(leave, duration);
        }
        view.show(changes);
      },
    });
  } catch (error) {
    if (!stop.signal.aborted) throw error; // being told to stop is not a failure
  } finally {
    cancel();
    try {
      view?.close();
    } finally {
      await cluster?.close();
      for (const signal of SIGNALS) process.off(signal, leave);
      for (const event of BUGS) process.off(event, fail);
    }
  }
  if (bug !== undefined) throw bug;
}

function openView(
  { output, colour, cluster, namespace, duration }: Options,
  name: string,
  leave: () => void,
): View {
  const place = printable(`${namespace === undefined ? "All pods" : `Pods of ${namespace}`} on ${name}`);
  const ends = duration === undefined ? "" : ` ends after ${duration / 1000} s`;
  if (output === "lines") {
    return openLines(place, ends ? `${ends.trim()}, or with Ctrl-C` : "Ctrl-C ends it", systemClock);
  }
  const hint = cluster === "in-memory" ? " · KUBECONFIG=… shows a cluster of yours" : " · read only";
  return openTable(place, { clock: systemClock, colour, hint: ends ? ` ·${ends}` : hint, onLeave: leave });
}

/** A cluster to look at. */
interface Cluster {
  name: string;
  client: Client;
  close(): Promise<void>;
}

async function openCluster(options: Options, signal: AbortSignal): Promise<Cluster> {
  if (options.cluster === "in-memory") {
    const workload = openWorkload({ clock: systemClock });
    const client = new Client(workload.server.restConfig());
    const close = async () => {
      await client[Symbol.asyncDispose]();
      await workload[Symbol.asyncDispose]();
    };
    return { name: "an API server in memory", client, close };
  }
  const { kubeconfig, context } = options;
  const { KUBECONFIG } = process.env;
  // With an environment of this alone, files that do not exist cannot lead on to the service account of a pod.
  const env = KUBECONFIG ? { KUBECONFIG } : undefined;
  const client = await connect({ kubeconfig, context, env, signal });
  return {
    name: client.rest.config.server.replace(/\/$/, ""),
    client,
    close: () => client[Symbol.asyncDispose](),
  };
}

function surroundings(): Surroundings {
  const variables = Object.fromEntries(VARIABLES.map((name) => [name, process.env[name]]));
  return { ...variables, terminal: process.stdout.isTTY === true };
}

/** What went wrong, in a sentence; `undefined` if that should not have happened at all. */
function explain(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { message, name } = error;
  if (error instanceof UsageError) return `${message}. --help lists the options`;
  if (isUnauthorized(error)) {
    return `The server does not accept the credentials: ${message}. Renew those of the context`;
  }
  if (isForbidden(error)) {
    return `The server refuses: ${message}. Look at a --namespace that you may list pods in`;
  }
  if (statusErrorOf(error) !== undefined) return `The server refuses: ${message}`;
  if (isNetworkError(error)) return `${message}. Does the cluster run, and is it reached from here?`;
  if (isConfigError(error)) return message;
  if (name === "NotCapable") {
    return `${message.replace(/, run again.*/, "")}. "deno task demo" allows what is needed`;
  }
  return undefined;
}
