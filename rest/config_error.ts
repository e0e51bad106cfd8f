const BRAND = Symbol.for("@coxswain/kube/ConfigError");

/** A setting that cannot work. Thrown before any request is made. */
export class ConfigError extends Error {
  /** The setting as its source spells it, such as `users["ci"].user.client-key` or `tls.ca`. */
  readonly setting: string;
  /** What is the case. */
  readonly problem: string;
  /** What to do, as a sentence without its full stop. */
  readonly remedy: string;

  /**
   * Says which setting, what is wrong with it and what to do.
   *
   * @param setting The setting as its source spells it.
   * @param problem What is the case; no secret.
   * @param remedy What to do, as a sentence without its full stop.
   */
  constructor(setting: string, problem: string, remedy: string, options?: ErrorOptions) {
    super(`Cannot use ${setting}: ${problem}. ${remedy}`, options);
    this.name = "ConfigError";
    this.setting = setting;
    this.problem = problem;
    this.remedy = remedy;
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/** Whether an error is a {@linkcode ConfigError}, also one of another copy of this package. */
export function isConfigError(error: unknown): error is ConfigError {
  return typeof error === "object" && error !== null && BRAND in error;
}
