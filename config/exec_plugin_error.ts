const BRAND = Symbol.for("@coxswain/kube/ExecPluginError");

/** What {@linkcode ExecPluginError} is made of, beside its message. */
export interface ExecPluginErrorInit {
  /** The program, as it is configured. */
  command: string;
  /** What it ended with, when it was run and failed. */
  exitCode?: number;
}

/**
 * A credential plugin that could not be run or gave no credentials: it fails the request that needed them. The
 * plugin may work the next time, such as after a login, while a {@linkcode ConfigError} stays. What the plugin
 * wrote, its arguments and its variables are not in here; what it wrote to standard error, it has shown itself.
 *
 * @see client-go `plugin/pkg/client/auth/exec`, spec rest 9.4
 */
export class ExecPluginError extends Error {
  /** The program, as it is configured. */
  readonly command: string;
  /** What it ended with, when it was run and failed; -1 if a signal ended it. */
  readonly exitCode: number | undefined;

  /**
   * Says what is the case.
   *
   * @param problem In client-go's words; no secret.
   */
  constructor(problem: string, { command, exitCode }: ExecPluginErrorInit) {
    super(`getting credentials: ${problem}`);
    this.name = "ExecPluginError";
    this.command = command;
    this.exitCode = exitCode;
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/** Whether an error is an {@linkcode ExecPluginError}, also one of another copy of this package. */
export function isExecPluginError(error: unknown): error is ExecPluginError {
  return typeof error === "object" && error !== null && BRAND in error;
}
