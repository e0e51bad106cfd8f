import { StatusError, statusOf } from "../rest/mod.ts";
import type { Status } from "../meta/mod.ts";

/** Signals by their number, where it is the same on each Linux. */
const SIGNALS: Readonly<Record<number, string>> = {
  1: "SIGHUP",
  2: "SIGINT",
  3: "SIGQUIT",
  4: "SIGILL",
  5: "SIGTRAP",
  6: "SIGABRT",
  8: "SIGFPE",
  9: "SIGKILL",
  11: "SIGSEGV",
  13: "SIGPIPE",
  14: "SIGALRM",
  15: "SIGTERM",
};

/** How a command in a container ended. */
export interface ExitStatus {
  /** Whether its exit code was 0. */
  readonly success: boolean;
  /** Its exit code, from 0 to 255. 137 often means that it was out of memory. */
  readonly code: number;
  /**
   * The signal that has probably ended it, such as `SIGKILL` for 137: a shell and a container runtime say so with
   * 128 and its number, but a command may also exit with such a code by itself.
   */
  readonly signal: string | undefined;
  /** The server's words; empty after a success. */
  readonly message: string;
}

/**
 * What the error channel says at the end.
 *
 * @param protocol The subprotocol: v4 and v5 send a `Status`, older ones text.
 * @throws {StatusError} If the command was not run, or not to its end, in the server's words.
 * @throws {SyntaxError} If it is no JSON.
 * @throws {TypeError} If it says nothing that has a meaning.
 * @see client-go `remotecommand/v4.go`, spec rest 14.6
 */
export function parseExitStatus(protocol: string, text: string): ExitStatus {
  if (text === "") return exited(0, "");
  if (!/^v[4-9]\./.test(protocol)) {
    throw new StatusError(failure(`error executing remote command: ${text}`));
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SyntaxError(`Cannot tell how the command ended: the server sent no JSON, but ${quoted(text)}`);
  }
  // What older servers send has no kind.
  const status = typeof value === "object" && value !== null && !Array.isArray(value)
    ? statusOf({ ...value, kind: "Status", apiVersion: "v1" })
    : undefined;
  if (status?.status === "Success") return exited(0, "");
  if (status?.status !== "Failure") {
    throw new TypeError(`Cannot tell how the command ended: the server sent ${quoted(text)}`);
  }
  if (status.reason !== "NonZeroExitCode") throw new StatusError(status);
  if (status.details === undefined) {
    throw new TypeError("Cannot tell how the command ended: details must be set, and are not");
  }
  const cause = status.details.causes?.find(({ reason }) => reason === "ExitCode");
  if (cause === undefined) {
    throw new TypeError("Cannot tell how the command ended: no ExitCode cause given");
  }
  const code = /^\d{1,3}$/.test(cause.message ?? "") ? Number(cause.message) : NaN;
  if (!(code <= 255)) {
    throw new TypeError(
      `Cannot tell how the command ended: invalid exit code value ${quoted(cause.message ?? "")}`,
    );
  }
  return exited(code, status.message || `command terminated with exit code ${code}`);
}

const exited = (code: number, message: string): ExitStatus => ({
  success: code === 0,
  code,
  signal: code > 128 ? SIGNALS[code - 128] : undefined,
  message,
});

const quoted = (text: string) => JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);

const failure = (message: string): Status => ({
  apiVersion: "v1",
  kind: "Status",
  status: "Failure",
  message,
  reason: "InternalError",
  code: 500,
});
