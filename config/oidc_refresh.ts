import type { Clock } from "../async/mod.ts";
import { noLogger } from "../observe/mod.ts";
import {
  BodyReader,
  ConfigError,
  ignoreWarnings,
  isConfigError,
  isNetworkError,
  type Middleware,
  RestClient,
  type RestConfigInit,
  type RestRequest,
  statusErrorOf,
} from "../rest/mod.ts";
import { AuthProviderError } from "./auth_provider_error.ts";
import { decodeBase64, encodeBase64 } from "./base64.ts";
import { readText } from "./read_text.ts";
import { isMapping } from "./shape.ts";
import { tokenExpiry } from "./token_expiry.ts";

/** How much of a refusal is read, in bytes, and the longest silence in it, in milliseconds. */
const MOST_REFUSAL = 64 * 1024;
const LONGEST_SILENCE = 60_000;
/** The words for refusals, which alone are repeated (RFC 6749 5.2): any other text may hold what was sent. */
const REFUSALS = [
  "invalid_request",
  "invalid_client",
  "invalid_grant",
  "unauthorized_client",
  "unsupported_grant_type",
  "invalid_scope",
];

/** What {@linkcode refreshTokens} needs beside the settings. */
export interface RefreshTokensOptions {
  fetch: typeof globalThis.fetch | undefined;
  clock: Clock;
  signal: AbortSignal;
}

/** New tokens. */
export interface RefreshedTokens {
  idToken: string;
  /** In place of the old one, if there is a new one. */
  refreshToken?: string;
}

/** How a client says who it is: in a header, or in the form (RFC 6749 2.3.1). */
type ClientAuthentication = "client_secret_basic" | "client_secret_post";

/**
 * Asks an OpenID Connect provider for new tokens (spec rest 9.7).
 *
 * @throws {AuthProviderError} If it has none to give, or gives something else.
 * @throws {NetworkError} If it cannot be reached.
 * @throws {ConfigError} If a setting cannot work.
 */
export async function refreshTokens(
  settings: Readonly<Record<string, string>>,
  options: RefreshTokensOptions,
): Promise<RefreshedTokens> {
  const { "idp-issuer-url": issuer, "refresh-token": refreshToken = "" } = settings;
  if (refreshToken === "") {
    throw new AuthProviderError(
      "oidc",
      "No valid id-token, and cannot refresh without refresh-token. Log in again",
    );
  }
  const ca = await authorityOf(settings, options.signal);
  const ask = (url: string, request: (rest: RestRequest) => RestRequest, method: "GET" | "POST") =>
    askProvider(url, request, { ...options, method, ca });

  const discovery = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  const found = await ask(discovery, (request) => request, "GET");
  const endpoint = isMapping(found.answer) ? found.answer.token_endpoint : undefined;
  if (typeof endpoint !== "string" || !/^https?:\/\//i.test(endpoint) || !URL.canParse(endpoint)) {
    throw failed(found.refusal ?? "its discovery document names no token_endpoint");
  }
  if (/^https:/i.test(issuer) && !/^https:/i.test(endpoint)) {
    throw failed("its token_endpoint is not https, unlike the issuer");
  }

  const methods = isMapping(found.answer) ? found.answer.token_endpoint_auth_methods_supported : undefined;
  const others: ClientAuthentication[] = ["client_secret_basic", "client_secret_post"];
  if (Array.isArray(methods) && !methods.includes(others[0]) && methods.includes(others[1])) others.reverse();
  const ways = settings["client-secret"] ? others : others.slice(1);
  let refusal = "";
  for (const way of ways) {
    const { answer, ...rest } = await ask(
      endpoint,
      (request) => withGrant(request, settings, refreshToken, way),
      "POST",
    );
    if (rest.refusal === undefined) return tokensIn(answer);
    refusal = rest.refusal;
    if (!refusal.includes("(invalid_client)")) break; // then the other way is no use, and may spend the token
  }
  throw failed(`${refusal}. Log in again`);
}

function failed(problem: string): AuthProviderError {
  return new AuthProviderError("oidc", `failed to refresh token: ${problem}`);
}

/** The grant of RFC 6749 6, with the client's own credentials. */
function withGrant(
  request: RestRequest,
  settings: Readonly<Record<string, string>>,
  refreshToken: string,
  way: ClientAuthentication,
): RestRequest {
  const { "client-id": id, "client-secret": secret = "" } = settings;
  const form = new URLSearchParams({ grant_type: "refresh_token", refresh_token: refreshToken });
  if (way === "client_secret_post") {
    form.set("client_id", id);
    if (secret !== "") form.set("client_secret", secret);
  }
  const posted = request.body(form.toString(), "application/x-www-form-urlencoded");
  if (way === "client_secret_post") return posted;
  const encoded = [id, secret].map((text) => new URLSearchParams([["", text]]).toString().slice(1));
  return posted.header("Authorization", `Basic ${encodeBase64(encoded.join(":"))}`);
}

function tokensIn(answer: unknown): RefreshedTokens {
  const { id_token: idToken, refresh_token: refreshToken } = isMapping(answer) ? answer : {};
  if (typeof idToken !== "string") {
    throw failed(
      "the answer did not contain an id_token: either the scope openid was not requested upon login, or the " +
        "provider does not support id_tokens as part of the refresh response",
    );
  }
  const expiry = tokenExpiry(idToken);
  if (typeof expiry === "string") throw failed(expiry);
  return { idToken, ...typeof refreshToken === "string" && refreshToken !== "" && { refreshToken } };
}

/** Asks one question, over a connection of its own that is closed afterwards. */
async function askProvider(
  url: string,
  build: (request: RestRequest) => RestRequest,
  options: RefreshTokensOptions & { method: "GET" | "POST"; ca: string | undefined },
): Promise<{ answer?: unknown; refusal?: string }> {
  const { fetch, clock, signal, method, ca } = options;
  const { origin, pathname, search } = new URL(url);
  let reason: string | undefined;
  // A refusal's words are in a form that RestClient does not know.
  const middleware: Middleware = async (request, next) => {
    const response = await next(request);
    if (response.ok) return response;
    const body = new BodyReader(response.body, {
      what: url,
      clock,
      signal: request.signal,
      idle: LONGEST_SILENCE,
    });
    reason = reasonIn(await body.text(MOST_REFUSAL));
    return new Response(null, { status: response.status });
  };
  const rest = openClient({
    server: origin,
    fetch,
    clock,
    tls: { ca },
    qps: 0,
    maxRetries: 2,
    middleware: [middleware],
    logger: noLogger,
    onWarning: ignoreWarnings,
  });
  try {
    const response = await build(rest.verb(method).absolutePath(pathname + search)).send({ signal });
    return { answer: await response.json() };
  } catch (error) {
    if (signal.aborted || isNetworkError(error)) throw error;
    if (isConfigError(error)) throw inTermsOfSettings(error);
    const status = statusErrorOf(error)?.code;
    if (status === undefined) {
      throw failed(`the provider's answer to ${method} ${origin}${pathname} is not JSON`);
    }
    return {
      refusal: `the provider answered with status ${status}${reason === undefined ? "" : ` (${reason})`}`,
    };
  } finally {
    await rest[Symbol.asyncDispose]();
  }
}

/** @throws {ConfigError} In terms of the settings of an auth provider. */
function openClient(init: RestConfigInit): RestClient {
  try {
    return new RestClient(init);
  } catch (error) {
    throw isConfigError(error) ? inTermsOfSettings(error) : error;
  }
}

function reasonIn(text: string): string | undefined {
  return REFUSALS.find((word) => new RegExp(`"error"\\s*:\\s*"${word}"`).test(text));
}

/** The authorities that may have signed the provider's certificate; data wins over a file, as in client-go. */
async function authorityOf(
  settings: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { "idp-certificate-authority": path, "idp-certificate-authority-data": data } = settings;
  if (data) return decodeBase64(data);
  if (!path) return undefined;
  const field = "idp-certificate-authority";
  const result = await readText(path, { shown: `<what ${field} names>`, signal });
  if (result.outcome === "read") return result.text;
  throw new ConfigError(`auth-provider.config.${field}`, result.problem, result.remedy);
}

function inTermsOfSettings(error: ConfigError): ConfigError {
  const field = error.setting === "tls.ca" ? "idp-certificate-authority" : undefined;
  return field === undefined
    ? error
    : new ConfigError(`auth-provider.config.${field}`, error.problem, error.remedy);
}
