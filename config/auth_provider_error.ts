const BRAND = Symbol.for("@coxswain/kube/AuthProviderError");

/**
 * An auth provider that has no credentials to give, and could not get any: it fails the request that needed them.
 * Logging in again may help, where a {@linkcode ConfigError} stays. No token is in it.
 *
 * @see spec rest 9.7
 */
export class AuthProviderError extends Error {
  /** Such as `oidc`. */
  readonly provider: string;

  /**
   * Says what is the case.
   *
   * @param provider Such as `oidc`.
   * @param problem What is the case, and what to do; no secret.
   */
  constructor(provider: string, problem: string, options?: ErrorOptions) {
    super(`getting credentials: ${provider}: ${problem}`, options);
    this.name = "AuthProviderError";
    this.provider = provider;
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/** Whether an error is an {@linkcode AuthProviderError}, also one of another copy of this package. */
export function isAuthProviderError(error: unknown): error is AuthProviderError {
  return typeof error === "object" && error !== null && BRAND in error;
}
