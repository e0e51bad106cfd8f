import { type Clock, singleFlight, systemClock } from "../async/mod.ts";
import { type Meter, noMeter } from "../observe/mod.ts";
import {
  type CertificateAuthoritySource,
  checkCertificates,
  clientMetrics,
  ConfigError,
} from "../rest/mod.ts";
import { quotePath } from "./quote.ts";
import { readText } from "./read_text.ts";

/** How long what was read is believed, in milliseconds; client-go's `caRefreshDuration`. */
const VALID = 300_000;

/** Options of {@linkcode caFileSource}. Read once: changing the object later has no effect. */
export interface CaFileSourceOptions {
  /** Says when to read again. Default the runtime's. */
  clock?: Clock;
  /** Counts the times that the file was read again, but those that found other authorities: the client counts these. */
  meter?: Meter;
  /** Told of each read that failed while there were authorities to go on with. */
  onError?: (error: ConfigError) => void;
}

/** What a look at the file found, if it is of no use. */
interface Failure {
  /** As client-go's metric calls it. */
  reason: "read_error" | "empty" | "ca_parse_error";
  error: ConfigError;
}

/**
 * Certificate authorities from a file that something else renews. It is read when a request needs it, and again
 * five minutes later; requests that need it at the same time share one read. While the file cannot be read, is empty
 * or holds no certificate, the last authorities are believed, and the next look is five minutes later. As long as
 * there has never been a good one, no server is believed, and each request looks again.
 *
 * @param path The file, in PEM.
 * @returns A source for `tls.ca` that throws {@linkcode ConfigError} if there are no authorities to go on with.
 * @see client-go `transport.TLSConfigFor`, spec rest 7.7
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { caFileSource } from "@coxswain/kube/config";
 * import { RestClient } from "@coxswain/kube/rest";
 * const rest = new RestClient({ server: "https://10.0.0.1:6443", tls: { ca: caFileSource("/no/such/ca.pem") } });
 * await assert.rejects(rest.get().absolutePath("/version").send(), /ca\.pem": the file does not exist/);
 * ```
 */
export function caFileSource(path: string, options: CaFileSourceOptions = {}): CertificateAuthoritySource {
  const { clock = systemClock, meter = noMeter, onError } = options;
  const reloads = meter.counter(clientMetrics.transportCaReloads);
  let good: string | undefined;
  let lookAgainAt = clock.now();

  const look = singleFlight(async (): Promise<string> => {
    const found = await readAuthorities(path);
    if (typeof found === "string") {
      if (found === good) reloads.add(1, { result: "success", reason: "unchanged" });
      good = found;
    } else if (good === undefined) {
      throw found.error;
    } else {
      reloads.add(1, { result: "failure", reason: found.reason });
      onError?.(found.error);
    }
    lookAgainAt = clock.now() + VALID;
    return good;
  });

  return ({ signal }) => good !== undefined && clock.now() < lookAgainAt ? good : look(signal);
}

async function readAuthorities(path: string): Promise<string | Failure> {
  const setting = `certificate authority ${quotePath(path)}`;
  const result = await readText(path, { shown: quotePath(path) });
  if (result.outcome !== "read") {
    return { reason: "read_error", error: new ConfigError(setting, result.problem, result.remedy) };
  }
  const remedy = "Check what writes it";
  if (result.text.trim() === "") {
    return { reason: "empty", error: new ConfigError(setting, "the file is empty", remedy) };
  }
  try {
    await checkCertificates({ ca: result.text });
    return result.text;
  } catch (cause) {
    const problem = "no certificate in it can be read";
    return { reason: "ca_parse_error", error: new ConfigError(setting, problem, remedy, { cause }) };
  }
}
