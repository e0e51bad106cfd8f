import process from "node:process";
import { isConfigError, isForbidden, isNetworkError, isUnauthorized, runUntilSignal } from "@coxswain/kube";
import { systemClock } from "@coxswain/kube/async";
import { statusErrorOf } from "@coxswain/kube/rest";
import { openBoard } from "./board.ts";
import { type Cluster, openCluster, openInMemory } from "./cluster.ts";
import { openLines } from "./lines.ts";
import { HELP, type Options, parseOptions, UsageError } from "./options.ts";
import { playStory, StoryError } from "./story.ts";
import { printable } from "./text.ts";
import type { View } from "./view.ts";

const BUGS = ["uncaughtException", "unhandledRejection"] as const;

/** Between two steps of the story, in milliseconds: on a board there is more to look at. */
const PAUSE = { board: 1_200, lines: 200 };

/**
 * The demo as a command.
 *
 * @returns Its exit code: 0 when the story has ended well or was left, 1 if it failed, 2 if the command line makes no
 * sense.
 */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const { CI, NO_COLOR, TERM } = process.env;
    const options = parseOptions(args, { CI, NO_COLOR, TERM, terminal: process.stdout.isTTY === true });
    if (options === "help") process.stdout.write(HELP);
    else await runUntilSignal((signal) => run(options, signal), { signals: ["SIGINT", "SIGTERM", "SIGHUP"] });
    return 0;
  } catch (error) {
    const problem = explain(error);
    if (problem === undefined) throw error; // a bug: its stack is what is wanted
    process.stderr.write(`demo: ${printable(problem.replace(/\s+/g, " "))}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

async function run({ cluster: where, output, colour }: Options, told: AbortSignal): Promise<void> {
  const stop = new AbortController();
  const leave = () => stop.abort();
  let bug: unknown;
  const fail = (error: unknown) => {
    bug ??= error;
    stop.abort();
  };
  told.addEventListener("abort", leave);
  for (const event of BUGS) process.on(event, fail); // Deno and Bun would end without giving the terminal back
  process.stdout.on("error", leave); // whoever read our lines has gone, as `head` does

  let cluster: Cluster | undefined;
  let view: View | undefined;
  let summary: string[] | undefined;
  try {
    cluster = where === "in-memory" ? await openInMemory() : await openCluster(stop.signal);
    const namespace = where === "in-memory" ? "shop" : `coxswain-demo-${Date.now().toString(36)}`;
    const place = printable(`An operator at work on ${cluster.name}, namespace ${namespace}`);
    process.stdout.write(`${place}\n`);
    view = output === "board"
      ? openBoard({ clock: systemClock, colour, onLeave: leave })
      : openLines(systemClock);
    const { client, env } = cluster;
    const options = { client, env, place, namespace, view, clock: systemClock, pause: PAUSE[output] };
    summary = await playStory({ ...options, signal: stop.signal });
  } catch (error) {
    if (!stop.signal.aborted) throw error; // being told to stop is not a failure
  } finally {
    view?.close();
    await cluster?.close();
    for (const event of BUGS) process.off(event, fail);
    told.removeEventListener("abort", leave);
  }
  if (bug !== undefined) throw bug;
  const last = summary ?? ["The story was left before its end; what it had made is gone."];
  const how = "How it is done: examples/operator.ts, which docs/controllers.md walks through";
  process.stdout.write(`${printable(last.join("\0")).replaceAll("\\u{0}", "\n")}\n${how}\n`);
}

/** What went wrong, in a sentence; `undefined` if that should not have happened at all. */
function explain(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { message, name } = error;
  if (error instanceof UsageError) return `${message}. --help lists the options`;
  if (error instanceof StoryError) return message;
  if (isUnauthorized(error)) {
    return `The server does not accept the credentials: ${message}. Renew those of the context`;
  }
  if (isForbidden(error)) {
    return `The server refuses: ${message}. The story needs a cluster where you may do everything`;
  }
  if (statusErrorOf(error) !== undefined) return `The server refuses: ${message}`;
  if (isNetworkError(error)) return `${message}. Does the cluster run, and is it reached from here?`;
  if (isConfigError(error)) return message;
  if (name === "NotCapable") {
    return `${message.replace(/, run again.*/, "")}. "deno task demo" allows what is needed`;
  }
  return undefined;
}
