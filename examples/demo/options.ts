import { parseArgs } from "node:util";

/** What the command line and the environment ask for. */
export interface Options {
  /** Whether pods are followed on a server in memory or on a cluster. */
  cluster: "in-memory" | "kubeconfig";
  /** The kubeconfig to read in place of what `KUBECONFIG` names. */
  kubeconfig?: string;
  /** The context to use in place of the current one. */
  context?: string;
  /** The only namespace to look at. */
  namespace?: string;
  /** Milliseconds after which the demo ends by itself; absent: when it is told to. */
  duration?: number;
  /** What is shown: a table that changes in place, or a line for each event. */
  output: "table" | "lines";
  /** Whether the table may use colour. */
  colour: boolean;
}

/** The environment variables that matter here. On Deno, each has to be allowed by name. */
export const VARIABLES = ["CI", "KUBECONFIG", "NO_COLOR", "TERM"] as const;

/** The environment, and whether somebody is looking. */
export interface Surroundings extends Partial<Record<typeof VARIABLES[number], string>> {
  /** Whether standard output is a terminal. */
  terminal: boolean;
}

/** A command line that makes no sense. */
export class UsageError extends Error {}

/** How long the demo runs where nobody would end it, in milliseconds. */
const BRIEFLY = 5_000;

/** What `--help` prints. */
export const HELP = `Follows the pods of a cluster, and changes nothing in it.

Usage: deno task demo [options]

Without KUBECONFIG, the cluster is an API server in memory with a small workload that changes by itself.
With KUBECONFIG, --kubeconfig or --context, it is the one that the kubeconfig leads to.

Options:
  --kubeconfig FILE     read this kubeconfig
  --context NAME        use this context instead of the current one
  -n, --namespace NAME  look at this namespace only; default: all
  --in-memory           use the server in memory even if KUBECONFIG is set
  --for SECONDS         end after that time; default: ${
  BRIEFLY / 1000
} in CI, and in memory without a terminal
  -h, --help            print this

In a terminal it shows a table; q or Ctrl-C leaves. Otherwise it prints a line for each event. NO_COLOR is heeded.
`;

/**
 * Reads the command line.
 *
 * @returns `"help"` if help was asked for.
 * @throws {UsageError} If it makes no sense.
 */
export function parseOptions(args: readonly string[], surroundings: Surroundings): Options | "help" {
  const { CI, KUBECONFIG, NO_COLOR, TERM, terminal } = surroundings;
  const { kubeconfig, context, namespace, help, "in-memory": inMemory, for: seconds } = parse(args);
  if (help) return "help";
  for (const [option, value] of Object.entries({ kubeconfig, context, namespace })) {
    if (value === "") throw new UsageError(`Option '--${option}' is empty`);
  }
  const named = kubeconfig !== undefined || context !== undefined;
  if (inMemory && named) {
    throw new UsageError("Option '--in-memory' makes no sense with '--kubeconfig' or '--context'");
  }
  // A kubeconfig in somebody's home directory is not touched unless it is asked for.
  const cluster = inMemory || !(named || KUBECONFIG) ? "in-memory" : "kubeconfig";
  const unattended = CI !== undefined && CI !== "" && CI !== "false";
  const brief = unattended || (cluster === "in-memory" && !terminal);
  return {
    cluster,
    kubeconfig,
    context,
    namespace,
    duration: seconds === undefined ? (brief ? BRIEFLY : undefined) : parseSeconds(seconds),
    output: terminal && TERM !== "dumb" && !unattended ? "table" : "lines",
    colour: !NO_COLOR,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: args.slice(args[0] === "--" ? 1 : 0), // npm's way to pass options on, with others only noise
      options: {
        kubeconfig: { type: "string" },
        context: { type: "string" },
        namespace: { type: "string", short: "n" },
        "in-memory": { type: "boolean" },
        for: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    const { code = "", message } = error as Error & { code?: string };
    if (!code.startsWith("ERR_PARSE_ARGS_")) throw error;
    throw new UsageError(message.split("\n")[0].replace(/\.$/, ""), { cause: error });
  }
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (text.trim() !== "" && seconds > 0 && seconds < Infinity) return seconds * 1000;
  throw new UsageError(`Option '--for' must be a number of seconds above 0, got '${text}'`);
}
