import { type Clock, systemClock } from "../async/mod.ts";
import { type Logger, noLogger } from "../observe/mod.ts";

/** A signal of the operating system that tells a process to end. */
export type EndingSignal = "SIGINT" | "SIGTERM" | "SIGHUP";

/** Options of {@linkcode runUntilSignal}. */
export interface RunUntilSignalOptions {
  /** Which signals end it. Default `SIGINT` (Ctrl-C) and `SIGTERM`, which Kubernetes sends. */
  signals?: readonly EndingSignal[];
  /**
   * How long the work may go on after the signal, in milliseconds; then the process ends with code 1. Default 25,000:
   * Kubernetes waits for 30 s and kills without a word. It should be more than `gracePeriod` of a manager.
   */
  deadline?: number;
  /** Where it says why the process ends. Default: nowhere. */
  logger?: Logger;
  /** The clock. Default the runtime's. */
  clock?: Clock;
}

/** What shells take for the exit code of a process that a signal has ended. */
const EXIT_CODES: Readonly<Record<EndingSignal, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

/**
 * Runs something until the process is told to end, on Deno, Bun and Node: the first signal aborts `signal`, and the
 * work ends as it likes; the second ends the process at once. While the work goes on, the runtime does not end the
 * process; when the work has ended, by itself or not, signals do again what they did before.
 *
 * @param work Gets a signal that aborts when the process is told to end.
 * @returns What the work returns; `undefined` if it fails because of the signal.
 * @throws What the work throws otherwise.
 * @see controller-runtime `signals.SetupSignalHandler`, spec informers 24.6
 * @example An operator's last line
 * ```ts
 * import process from "node:process";
 * import { Client } from "@coxswain/kube/client";
 * import { runController, runUntilSignal } from "@coxswain/kube/controller";
 * import { ApiServer } from "@coxswain/kube/testing";
 * import { ConfigMap } from "@coxswain/kube/types/core/v1";
 * const client = new Client(new ApiServer().restConfig()); // or: await connect()
 * const reconcile = () => void process.emit("SIGTERM"); // as if somebody ran `kill`
 * await client.resource(ConfigMap).namespace("default").create({ metadata: { name: "shop" } });
 * await runUntilSignal((signal) => runController(client, { for: ConfigMap, reconcile }, { signal }));
 * await client[Symbol.asyncDispose]();
 * ```
 */
export async function runUntilSignal<T>(
  work: (signal: AbortSignal) => T | Promise<T>,
  { signals = ["SIGINT", "SIGTERM"], deadline = 25_000, logger = noLogger, clock = systemClock }:
    RunUntilSignalOptions = {},
): Promise<T | undefined> {
  if (!(deadline > 0)) {
    throw new RangeError(`Cannot run until a signal: deadline must be above 0 ms, got ${deadline}`);
  }
  const { default: process } = await import("node:process");
  const stop = new AbortController();
  let cancel = () => {};
  const listeners = signals.map((name) => {
    const listener = () => {
      if (stop.signal.aborted) {
        logger.warn("told to end a second time: ending at once", { signal: name });
        process.exit(EXIT_CODES[name]);
      }
      logger.info("told to end", { signal: name });
      cancel = clock.schedule(() => {
        logger.error("the work has not ended in time: ending at once", { signal: name, deadline });
        process.exit(1);
      }, deadline);
      stop.abort(new DOMException(`The process was told to end: ${name}`, "AbortError"));
    };
    process.on(name, listener);
    return { name, listener };
  });
  try {
    return await work(stop.signal);
  } catch (error) {
    if (stop.signal.aborted && error === stop.signal.reason) return undefined; // being told to end is not a failure
    throw error;
  } finally {
    cancel();
    for (const { name, listener } of listeners) process.off(name, listener);
  }
}
