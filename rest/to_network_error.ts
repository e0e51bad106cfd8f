import { NetworkError, type NetworkPhase, type NetworkReason } from "./network_error.ts";
import { TransportFailure } from "./transport_failure.ts";

/**
 * The runtimes name one failure in many ways: Node and Bun by `code`, Deno by text alone. The first pattern
 * that fits the codes and messages of the error and its causes tells the reason.
 */
const REASONS: readonly (readonly [RegExp, NetworkReason, string])[] = [
  [/ECONNREFUSED|connection refused|ConnectionRefused|Unable to connect/i, "refused", "connection refused"],
  [/ENOTFOUND|EAI_AGAIN|dns error|failed to lookup|getaddrinfo/i, "dns", "the host name is not known"],
  [/ALTNAME|not valid for name|NotValidForName/i, "tls", "the server's certificate is for another name"],
  [/CERT_HAS_EXPIRED|certificate.{0,20}expired|Expired\b/i, "tls", "the server's certificate has expired"],
  [
    /SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)|UnknownIssuer|CaUsedAsEndEntity|unknown certificate verification/i,
    "tls",
    "the server's certificate is not signed by a CA that is trusted here",
  ],
  [
    /alert|handshake|ERR_SSL|ERR_TLS|invalid peer certificate|EPROTO|CERTIFICATE|corrupt message/i,
    "tls",
    "the TLS handshake failed",
  ],
  [/ETIMEDOUT|timed? ?out/i, "timeout", "no answer in time"],
  [
    /ECONNRESET|EPIPE|reset by peer|other side closed|socket hang up|connection closed|error reading a body|peer closed connection|before message completed|terminated|aborted|incomplete|unexpected eof|broken pipe|UND_ERR_SOCKET/i,
    "cut",
    "the connection was cut",
  ],
];

/** Makes a {@linkcode NetworkError} of what a runtime threw. */
export function toNetworkError(cause: unknown, what: string, phase: NetworkPhase): NetworkError {
  if (cause instanceof TransportFailure) {
    return new NetworkError(`${what} failed: ${cause.message}`, { reason: cause.reason, phase, cause });
  }
  const texts: string[] = [];
  for (let error = cause, depth = 0; error instanceof Error && depth < 5; error = error.cause, depth++) {
    texts.push(`${(error as { code?: unknown }).code ?? ""} ${error.message}`);
    // Node tries several addresses and collects why each failed.
    if (error instanceof AggregateError) {
      texts.push(...error.errors.map((one) => `${one?.code} ${one?.message}`));
    }
  }
  // Deno names the URL too: its words are not the failure's, its query is nobody's business.
  const text = texts.join(" ").replaceAll(/https?:\/\/[^\s)]*/g, "the URL");
  const found = REASONS.find(([pattern]) => pattern.test(text));
  const [, reason, said] = found ?? [undefined, "other" as const, text.trim() || String(cause)];
  return new NetworkError(`${what} failed: ${said}`, { reason, phase, cause });
}
