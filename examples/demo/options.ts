import { parseArgs } from "node:util";

/** What the command line and the environment ask for. */
export interface Options {
  /** Where the story is played: on a server in memory, or on the cluster that `KUBECONFIG` leads to. */
  cluster: "in-memory" | "kubeconfig";
  /** What is shown: a board that changes in place, or a line for each thing that happens. */
  output: "board" | "lines";
  /** Whether the board may use colour. */
  colour: boolean;
}

/** The environment, and whether somebody is looking. */
export interface Surroundings {
  CI?: string;
  NO_COLOR?: string;
  TERM?: string;
  /** Whether standard output is a terminal. */
  terminal: boolean;
}

/** A command line that makes no sense. */
export class UsageError extends Error {}

/** What `--help` prints. */
export const HELP = `Shows an operator at work: examples/operator.ts, twice, of which one leads.

Usage: deno task demo [options]

It plays a short story: create, scale, break by hand and heal, kill the leader, delete, stop. It ends by itself.
Without options, the cluster is an API server in memory.

Options:
  --cluster     use the cluster of KUBECONFIG, or of ~/.kube/config: in a namespace of its own, which is deleted
                in the end, as is the definition of the kind WebApp if it was not there before
  --lines       print a line for each thing that happens, also in a terminal
  -h, --help    print this

In a terminal it shows a board; q or Ctrl-C leaves. NO_COLOR is heeded.
`;

/**
 * Reads the command line.
 *
 * @returns `"help"` if help was asked for.
 * @throws {UsageError} If it makes no sense.
 */
export function parseOptions(args: readonly string[], surroundings: Surroundings): Options | "help" {
  const { CI, NO_COLOR, TERM, terminal } = surroundings;
  const { cluster, lines, help } = parse(args);
  if (help) return "help";
  const unattended = CI !== undefined && CI !== "" && CI !== "false";
  return {
    cluster: cluster ? "kubeconfig" : "in-memory",
    output: terminal && !lines && TERM !== "dumb" && !unattended ? "board" : "lines",
    colour: !NO_COLOR,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: args.slice(args[0] === "--" ? 1 : 0), // npm's way to pass options on, with others only noise
      options: {
        cluster: { type: "boolean" },
        lines: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    const { code = "", message } = error as Error & { code?: string };
    if (!code.startsWith("ERR_PARSE_ARGS_")) throw error;
    throw new UsageError(message.split("\n")[0].replace(/\.$/, ""), { cause: error });
  }
}
