import { onAbort } from "../async/mod.ts";
import { type Logger, type Meter, noMeter } from "../observe/mod.ts";
import { checkCertificates } from "./check_certificates.ts";
import { clientMetrics } from "./client_metrics.ts";
import { isConfigError } from "./config_error.ts";

/** What a {@linkcode CertificateAuthoritySource} is told. */
export interface CertificateAuthorityRequest {
  /** Aborts when nobody waits for the certificates any more. */
  signal: AbortSignal;
}

/**
 * Gives the authorities that may have signed the server's certificate, as PEM. It is asked before each request, so
 * cache inside. When it gives others, further requests connect anew and believe those; what is running goes on. Once
 * it has given good ones, an error or text that is no certificate changes nothing, but is logged.
 *
 * @example Authorities that change at noon
 * ```ts
 * import { type CertificateAuthoritySource, RestConfig } from "@coxswain/kube/rest";
 * const authorities = { morning: "-----BEGIN CERTIFICATE-----…", afternoon: "-----BEGIN CERTIFICATE-----…" };
 * const ca: CertificateAuthoritySource = () =>
 *   new Date(2030, 0, 1, 11).getHours() < 12 ? authorities.morning : authorities.afternoon;
 * new RestConfig({ server: "https://10.0.0.1:6443", tls: { ca } });
 * ```
 */
export type CertificateAuthoritySource = (request: CertificateAuthorityRequest) => string | Promise<string>;

/** Where {@linkcode authorityReader} reports. */
export interface AuthorityReaderOptions {
  /** Told of certificates that are of no use. */
  logger: Logger;
  /** Counts changes and failures. */
  meter?: Meter;
}

/**
 * Reads authorities from their source. A failure that goes on is logged and counted once, not with each
 * request.
 *
 * @returns A function that throws what the source throws, or {@linkcode ConfigError}, while it has never given good
 *   ones; and the signal's reason.
 * @see spec rest 7.7
 */
export function authorityReader(
  ca: CertificateAuthoritySource,
  { logger, meter = noMeter }: AuthorityReaderOptions,
): (signal: AbortSignal) => Promise<string> {
  const reloads = meter.counter(clientMetrics.transportCaReloads);
  /** The last that could be used. */
  let good: string | undefined;
  /** What was wrong with what came since. */
  let failure: string | undefined;

  function goOn(reason: string, error: unknown): string {
    if (good === undefined) throw error;
    const said = error instanceof Error ? error.message : String(error);
    if (said !== failure) {
      failure = said;
      reloads.add(1, { result: "failure", reason });
      logger.error("Cannot use the new certificate authorities, going on with the old ones", { error: said });
    }
    return good;
  }

  return async (signal) => {
    let text: string;
    try {
      text = await unlessAborted(ca({ signal }), signal);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      return goOn("read_error", error);
    }
    if (text !== good) {
      try {
        await checkCertificates({ ca: text });
      } catch (error) {
        if (!isConfigError(error)) throw error;
        return goOn(text.trim() === "" ? "empty" : "ca_parse_error", error);
      }
      // Requests wait side by side: another may have come here first.
      if (good !== undefined && text !== good) reloads.add(1, { result: "success", reason: "updated" });
      good = text;
    }
    failure = undefined;
    return good;
  };
}

async function unlessAborted<T>(value: T | Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const forget = onAbort(signal, aborted.reject);
  try {
    return await Promise.race([value, aborted.promise]);
  } finally {
    forget();
  }
}
