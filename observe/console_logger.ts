import { type LogFields, type Logger, type LogLevel, noLogger } from "./logger.ts";

const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** Options of {@linkcode consoleLogger}. Read once: changing the object later has no effect. */
export interface ConsoleLoggerOptions {
  /** The least that is written; `silent` for nothing. Default `warn`. */
  level?: LogLevel | "silent";
  /**
   * Takes each line, without a line break. Default: the console's method of that level. Of these, `debug` and `info`
   * write to the standard output; a program whose output is data gives `(line) => console.error(line)`.
   */
  write?: (line: string, level: LogLevel) => void;
}

/**
 * A logger that writes one line each: the level, the message, and the fields as `key=value`. What could break a
 * line or steer a terminal is escaped. It never throws because of what it is given.
 *
 * @throws {RangeError} If there is no such level.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { consoleLogger } from "@coxswain/kube/observe";
 * const lines: string[] = [];
 * const logger = consoleLogger({ level: "info", write: (line) => lines.push(line) });
 * logger.debug("not written");
 * logger.info("listing", { resource: "pods", reason: "version expired" });
 * assert.deepEqual(lines, ['INFO listing resource=pods reason="version expired"']);
 * ```
 */
export function consoleLogger(options: ConsoleLoggerOptions = {}): Logger {
  const { level: least = "warn", write = (line, level) => console[level](line) } = options;
  if (least === "silent") return noLogger;
  const from = LEVELS.indexOf(least);
  if (from < 0) {
    throw new RangeError(
      `Cannot log at level ${JSON.stringify(least)}: choose ${LEVELS.join(", ")} or silent`,
    );
  }
  const logger = { ...noLogger };
  for (const level of LEVELS.slice(from)) {
    logger[level] = (message, fields) => write(lineOf(level, message, fields), level);
  }
  return logger;
}

function lineOf(level: LogLevel, message: string, fields: LogFields = {}): string {
  let line = `${level.toUpperCase()} ${escaped(message)}`;
  for (const [key, value] of Object.entries(fields)) line += ` ${escaped(key)}=${textOf(value)}`;
  return line;
}

/** A value: bare where that is one word, else in quotes; objects and lists as JSON. */
function textOf(value: unknown): string {
  try {
    if (typeof value === "object" && value !== null && !(value instanceof Error)) {
      return escaped(JSON.stringify(value) ?? "undefined");
    }
    const text = String(value);
    return /^[\w./:@+-]+$/.test(text) ? text : escaped(JSON.stringify(text));
  } catch { // circular, holding a bigint, or with a toJSON or toString that throws: no reason for a log line to fail
    return "[unprintable]";
  }
}

/** Without line breaks, and without the control characters that terminals obey. */
function escaped(text: string): string {
  return text.replaceAll("\n", "\\n").replace(
    /[\p{Cc}\u2028\u2029]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
