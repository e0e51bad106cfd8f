import { type Clock, singleFlight, systemClock } from "../async/mod.ts";
import { ConfigError, type Credentials, type CredentialSource } from "../rest/mod.ts";
import { quotePath } from "./quote.ts";
import { readToken } from "./read_token.ts";

/** How long a token that was read is believed, in milliseconds; client-go's `tokenSourceFromFile`. */
const VALID = 60_000;
/** How long before that it is read again, in milliseconds, so that a request in flight keeps a good one. */
const LEEWAY = 10_000;

/** Options of {@linkcode tokenFileSource}. Read once: changing the object later has no effect. */
export interface TokenFileSourceOptions {
  /** Says when to read again. Default the runtime's. */
  clock?: Clock;
  /** The token to use for as long as the file has never been read. */
  initial?: string;
  /** Told of each read that failed while there was a token to go on with. */
  onError?: (error: ConfigError) => void;
}

/**
 * A bearer token from a file that something else renews, such as the kubelet. The file is read when a token is
 * needed, again 50 seconds later, and when the server refuses the token; requests that need it at the same time
 * share one read. Once there is a token, a failing read does not fail a request: the last token is used, and the
 * next request tries again. Client-go does not read the file when a token is refused.
 *
 * @param path The file. White space around the token is ignored.
 * @returns A source that throws {@linkcode ConfigError} if the file is unreadable or empty and there is no token
 *   to go on with.
 * @see client-go `transport.NewCachedFileTokenSource`, spec rest 7.4
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { tokenFileSource } from "@coxswain/kube/config";
 * const source = tokenFileSource("/no/such/file", { initial: "abc123" });
 * const { bearerToken } = await source({ signal: new AbortController().signal });
 * assert.equal(bearerToken, "abc123");
 * ```
 */
export function tokenFileSource(path: string, options: TokenFileSourceOptions = {}): CredentialSource {
  const { clock = systemClock, onError } = options;
  const initial = options.initial?.trim();
  let current: Credentials | undefined = initial ? { bearerToken: initial } : undefined;
  let readAgainAt = clock.now();

  const read = singleFlight(async (): Promise<Credentials> => {
    const shown = quotePath(path);
    const result = await readToken(path, { shown });
    if (result.outcome === "read") {
      readAgainAt = clock.now() + VALID - LEEWAY;
      if (current?.bearerToken !== result.text) current = { bearerToken: result.text };
      return current;
    }
    const error = new ConfigError(`token file ${shown}`, result.problem, result.remedy);
    if (current === undefined) throw error;
    onError?.(error);
    return current;
  });

  return ({ signal, refused }) => {
    if (current !== undefined && current !== refused && clock.now() < readAgainAt) return current;
    return read(signal);
  };
}
