import { type Clock, singleFlight, systemClock } from "../async/mod.ts";
import type { Credentials, CredentialSource } from "../rest/mod.ts";
import { AuthProviderError } from "./auth_provider_error.ts";
import { decodeBase64 } from "./base64.ts";
import { refreshTokens } from "./oidc_refresh.ts";
import { configErrorOf, type Problem, type Report } from "./problem.ts";
import { tokenExpiry } from "./token_expiry.ts";

/** How long before its expiry a token is not used any more, in milliseconds; client-go's `expiryDelta`. */
const LEEWAY = 10_000;

/** How auth providers are used. Read once: changing the object later has no effect. */
export interface AuthProviderOptions {
  /**
   * Keeps new settings, such as a new `id-token` and `refresh-token`, for the next program. What it throws fails the
   * request; the settings are kept in memory, and it is called again at the next request.
   */
  persist?: (config: Readonly<Record<string, string>>) => void | Promise<void>;
  /** Told of each failure after the server has refused a token: the request then fails with its answer. */
  onError?: (error: Error) => void;
  /** Asks the identity provider instead of the runtime's own transport; an own authority is then not possible. */
  fetch?: typeof globalThis.fetch;
}

/** Options of {@linkcode oidcSource}. */
export interface OidcSourceOptions extends AuthProviderOptions {
  /** Says when tokens expire. Default the runtime's. */
  clock?: Clock;
}

/**
 * Tokens of an OpenID Connect provider, from the settings of a kubeconfig's legacy `auth-provider`. The `id-token` is
 * the bearer token for as long as it is good; when it expires in 10 seconds, or the server refuses it, the provider
 * gives a new one for the `refresh-token`. Requests that need it at the same time share that.
 *
 * Settings: `idp-issuer-url` and `client-id`; `client-secret`; `id-token` and `refresh-token`, from a login;
 * `idp-certificate-authority`, a path that starts from the working directory, or `idp-certificate-authority-data`, in
 * base64, which wins. Others are kept.
 *
 * Client-go keeps its providers in a table of the process. Here the source itself is what is shared: pass it to
 * several configurations, or make copies of one with `RestConfig.with`. There is no login: programs such as
 * `kubelogin`, which is an exec plugin, have one.
 *
 * @param config The settings, as `auth-provider.config` holds them.
 * @returns A source that throws {@linkcode AuthProviderError} if there is no good token and none to be had,
 *   {@linkcode NetworkError} if the provider cannot be reached, and what `persist` throws.
 * @throws {ConfigError} If a setting is missing or cannot work.
 * @see client-go `plugin/pkg/client/auth/oidc`, spec rest 9.7
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { oidcSource } from "@coxswain/kube/config";
 * const source = oidcSource({ "idp-issuer-url": "https://login.example.com", "client-id": "kubernetes" });
 * const { signal } = new AbortController();
 * await assert.rejects(async () => await source({ signal }), /no valid id-token, and cannot refresh/i);
 * ```
 */
export function oidcSource(
  config: Readonly<Record<string, string>>,
  options: OidcSourceOptions = {},
): CredentialSource {
  const problems: Problem[] = [];
  checkOidc(config, (field, problem, remedy) => void problems.push({ setting: field, problem, remedy }));
  if (problems.length > 0) throw configErrorOf("auth-provider.config", problems);
  const { clock = systemClock, fetch, persist, onError } = options;
  let settings = { ...config };
  let isSaved = true;
  let current: Credentials | undefined;

  /** The token that there is, if it is good. */
  const good = (): Credentials | undefined => {
    const token = settings["id-token"];
    if (!token) return undefined;
    const expiry = tokenExpiry(token);
    if (typeof expiry === "string") throw new AuthProviderError("oidc", `${expiry}. Log in again`);
    if (expiry <= clock.date().getTime() + LEEWAY) return undefined;
    if (current?.bearerToken !== token) current = { bearerToken: token };
    return current;
  };

  const save = singleFlight(async () => {
    if (isSaved) return;
    await persist?.({ ...settings });
    isSaved = true;
  });

  const renew = singleFlight(async (signal): Promise<Credentials> => {
    const { idToken, refreshToken } = await refreshTokens(settings, { fetch, clock, signal });
    settings = { ...settings, "id-token": idToken, ...refreshToken && { "refresh-token": refreshToken } };
    isSaved = false;
    await save(signal);
    return current = { bearerToken: idToken };
  });

  return async ({ signal, refused }) => {
    if (!isSaved) await save(signal);
    const token = good();
    if (token === undefined) return await renew(signal);
    if (token !== refused) return token;
    try {
      return await renew(signal);
    } catch (error) {
      if (signal.aborted || !isSaved) throw error;
      onError?.(error as Error);
      return refused; // nothing better to offer, so that the server's refusal is the answer
    }
  };
}

/** Reports what is wrong with the settings, as far as they can tell. */
export function checkOidc(config: Readonly<Record<string, string>>, report: Report): void {
  const field = (name: string) => `auth-provider.config.${name}`;
  const { "idp-issuer-url": issuer = "", "idp-certificate-authority-data": data } = config;
  if (issuer === "") {
    report(field("idp-issuer-url"), "it is not set", "Write the URL of the identity provider");
  } else if (!/^https?:\/\//i.test(issuer) || !URL.canParse(issuer) || new URL(issuer).username !== "") {
    report(field("idp-issuer-url"), "it is not a URL", "Write it like https://login.example.com");
  }
  if (!config["client-id"]) {
    report(field("client-id"), "it is not set", "Write what the identity provider calls this client");
  }
  if (data && decodeBase64(data) === undefined) {
    report(field("idp-certificate-authority-data"), "it is not base64", "Encode the PEM file");
  }
}
