import { onDemand } from "../async/mod.ts";
import { ConfigError } from "./config_error.ts";
import { isCertificate } from "./is_certificate.ts";
import type { TlsMaterial } from "./tls_material.ts";

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;
const COMPLETE = "Check that it is complete PEM, without a passphrase";

/** Few programs have a client certificate. */
const pairChecks = onDemand(() => import("./certificate_pair.ts"));

/**
 * Reads certificates and key before a runtime does. What runtimes cannot read they pass over or do not explain: Deno
 * forgets a CA, Bun says that a socket could not be opened, Node sends no certificate when the key is of another kind.
 *
 * @throws {ConfigError} If one cannot be read, or the certificate and the key are no pair.
 */
export async function checkCertificates({ ca, cert, key }: TlsMaterial): Promise<void> {
  // A bundle may hold certificates that nobody can read, as client-go lets it.
  if (ca !== undefined && !(ca.match(CERTIFICATE) ?? []).some(isCertificate)) {
    throw new ConfigError("tls.ca", "no certificate in it can be read", COMPLETE);
  }
  if (cert === undefined || key === undefined) return;
  const { checkPair } = await pairChecks();
  const wrong = await checkPair(cert, key);
  switch (wrong?.part) {
    case "certificate":
      throw new ConfigError("tls.cert", "it cannot be read", COMPLETE);
    case "key":
      throw new ConfigError("tls.key", wrong.problem, COMPLETE);
    case "pair":
      throw new ConfigError("tls.key", "it is not the key of tls.cert", "Check that they are a pair");
  }
}
