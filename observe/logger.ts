/** How much a line matters, from the least to the most. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** What a line is about, beside its message: names, counts, durations, errors. Never a secret. */
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * Where this package says what happens: its own, or one with the same four methods, as most loggers have.
 *
 * @example Passing lines on to another logger
 * ```ts
 * import assert from "node:assert/strict";
 * import type { LogFields, Logger } from "@coxswain/kube/observe";
 * const records: LogFields[] = [];
 * const log = (level: string) => (message: string, fields?: LogFields) => void records.push({ level, message, ...fields });
 * const logger: Logger = { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") };
 * logger.warn("watch was cut", { resource: "pods" });
 * assert.deepEqual(records, [{ level: "warn", message: "watch was cut", resource: "pods" }]);
 * ```
 */
export interface Logger {
  /** What helps to find a mistake. */
  debug(message: string, fields?: LogFields): void;
  /** What happens in the course of things. */
  info(message: string, fields?: LogFields): void;
  /** What works, and should be looked at. */
  warn(message: string, fields?: LogFields): void;
  /** What did not work. */
  error(message: string, fields?: LogFields): void;
}

const nothing = () => {};

/** Says nothing. */
export const noLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
