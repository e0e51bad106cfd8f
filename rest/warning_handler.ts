import type { Logger } from "../observe/mod.ts";
import type { Warning } from "./warning_header.ts";

/**
 * Takes each warning of a server, whatever its code. The ready ones pass over what people need not see: codes other than
 * 299, and empty texts.
 *
 * @see client-go `rest.WarningHandler`, spec rest 5
 */
export type WarningHandler = (warning: Warning) => void;

/** A {@linkcode WarningHandler} that writes, and counts what it has written. */
export interface WarningWriter {
  /** Takes a warning. */
  (warning: Warning): void;
  /** How many warnings it has written. */
  readonly count: number;
}

/** Options of {@linkcode warningWriter}. Read once: changing the object later has no effect. */
export interface WarningWriterOptions {
  /** Whether `Warning:` is yellow, for terminals. Default false. */
  color?: boolean;
  /** Whether a text is written once only. It then remembers every text as long as it lives. Default false. */
  deduplicate?: boolean;
}

/** Passes over all warnings. */
export const ignoreWarnings: WarningHandler = () => {};

/** Logs each warning as `Warning: …`, at level `warn`. */
export function warningLogger(logger: Logger): WarningHandler {
  return (warning) => {
    if (isForPeople(warning)) logger.warn(`Warning: ${warning.text}`);
  };
}

/**
 * Writes each warning as a line, as kubectl does.
 *
 * @param write Takes the line, with its line break.
 * @see client-go `rest.NewWarningWriter`, spec rest 5
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { warningWriter } from "@coxswain/kube/rest";
 * let written = "";
 * const handler = warningWriter((line) => written += line, { deduplicate: true });
 * for (const code of [299, 299, 199]) handler({ code, agent: "-", text: "v1beta1 is deprecated" });
 * assert.equal(written, "Warning: v1beta1 is deprecated\n");
 * assert.equal(handler.count, 1);
 * ```
 */
export function warningWriter(
  write: (line: string) => void,
  options: WarningWriterOptions = {},
): WarningWriter {
  const { color = false, deduplicate = false } = options;
  const title = color ? "\x1b[33;1mWarning:\x1b[0m" : "Warning:";
  const written = new Set<string>();
  let count = 0;
  const handler = (warning: Warning) => {
    if (!isForPeople(warning) || written.has(warning.text)) return;
    if (deduplicate) written.add(warning.text);
    count++;
    write(`${title} ${warning.text}\n`);
  };
  return Object.defineProperty(handler, "count", { get: () => count }) as WarningWriter;
}

const isForPeople = ({ code, text }: Warning) => code === 299 && text !== "";
