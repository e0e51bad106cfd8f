import { type Clock, singleFlight, systemClock } from "../async/mod.ts";
import { checkPair, ConfigError, type Credentials, type CredentialSource } from "../rest/mod.ts";
import { quotePath } from "./quote.ts";
import { readText } from "./read_text.ts";

/** How long what was read is believed, in milliseconds; client-go's `CertCallbackRefreshDuration` is longer. */
const VALID = 1_000;

/** Options of {@linkcode clientCertificateSource}. Read once: changing the object later has no effect. */
export interface ClientCertificateSourceOptions {
  /** Says when to look again. Default the runtime's. */
  clock?: Clock;
  /** Told of each look that failed while there was a certificate to go on with. */
  onError?: (error: ConfigError) => void;
}

/**
 * A client certificate and its key from two files that something else renews. They are read when a request
 * needs them, at most once a second, and when the server refuses them. The object that it gives stays the same
 * until both files together make another pair: while one of them is missing or does not fit the other, as
 * happens in the middle of a rotation, the last pair is used.
 *
 * Client-go looks at the files when it opens a connection and every five minutes.
 *
 * @param cert The file with the certificate, followed by intermediate ones if there are any.
 * @param key The file with the private key.
 * @returns A source that throws {@linkcode ConfigError} if the files make no pair and there was none before.
 * @see client-go `transport.TLSConfigFor`, spec rest 7.6
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { clientCertificateSource } from "@coxswain/kube/config";
 * const source = clientCertificateSource("/no/such.pem", "/no/such-key.pem");
 * await assert.rejects(async () => await source({ signal: new AbortController().signal }), /does not exist/);
 * ```
 */
export function clientCertificateSource(
  cert: string,
  key: string,
  options: ClientCertificateSourceOptions = {},
): CredentialSource {
  const { clock = systemClock, onError } = options;
  let current: Credentials | undefined;
  let lookAgainAt = clock.now();

  const look = singleFlight(async (): Promise<Credentials> => {
    lookAgainAt = clock.now() + VALID;
    const found = await readPair(cert, key, current);
    if (!(found instanceof ConfigError)) return current = found;
    if (current === undefined) throw found;
    onError?.(found);
    return current;
  });

  return ({ signal, refused }) => {
    if (current !== undefined && current !== refused && clock.now() < lookAgainAt) return current;
    return look(signal);
  };
}

/** The pair in the files: `last` itself if it is the same. */
async function readPair(
  cert: string,
  key: string,
  last: Credentials | undefined,
): Promise<Credentials | ConfigError> {
  const texts: string[] = [];
  for (const [what, path] of [["certificate", cert], ["key", key]]) {
    const shown = quotePath(path);
    const result = await readText(path, { shown });
    if (result.outcome !== "read") {
      return new ConfigError(`client ${what} ${shown}`, result.problem, result.remedy);
    }
    texts.push(result.text);
  }
  const pair = { cert: texts[0], key: texts[1] };
  if (pair.cert === last?.cert && pair.key === last?.key) return last;
  const wrong = await checkPair(pair.cert, pair.key);
  if (wrong === undefined) return pair;
  const [setting, remedy] = wrong.part === "certificate"
    ? [`client certificate ${quotePath(cert)}`, "Check that it is complete PEM"]
    : wrong.part === "key"
    ? [`client key ${quotePath(key)}`, "Check that it is complete PEM, without a passphrase"]
    : [`client key ${quotePath(key)}`, "Check that the files are a pair"];
  return new ConfigError(setting, wrong.problem, remedy);
}
