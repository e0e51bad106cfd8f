import { ConfigError } from "./config_error.ts";
import type { TlsMaterial } from "./tls_material.ts";

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;
const COMPLETE = "Check that it is complete PEM, without a passphrase";

/**
 * Reads certificates and key before a runtime does. What runtimes cannot read they pass over or do not explain: Deno
 * forgets a CA, Bun says that a socket could not be opened, Node sends no certificate when the key is of another kind.
 *
 * @throws {ConfigError} If one cannot be read, or the certificate and the key are no pair.
 */
export async function checkCertificates({ ca, cert, key }: TlsMaterial): Promise<void> {
  if (ca === undefined && cert === undefined) return;
  const { createPrivateKey, X509Certificate } = await import("node:crypto");
  // A bundle may hold certificates that nobody can read, as client-go lets it.
  if (ca !== undefined && !ca.match(CERTIFICATE)?.some((pem) => succeeds(() => new X509Certificate(pem)))) {
    throw new ConfigError("tls.ca", "no certificate in it can be read", COMPLETE);
  }
  if (cert === undefined || key === undefined) return;
  const [shown = ""] = cert.match(CERTIFICATE) ?? [];
  const certificate = readOrRefuse("tls.cert", "it cannot be read", () => new X509Certificate(shown));
  const problem = key.includes("ENCRYPTED") ? "it is encrypted" : "it cannot be read";
  const secret = readOrRefuse("tls.key", problem, () => createPrivateKey(key));
  if (!certificate.checkPrivateKey(secret)) {
    throw new ConfigError("tls.key", "it is not the key of tls.cert", "Check that they are a pair");
  }
}

function succeeds(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch {
    return false; // why does not matter: one of a bundle is enough
  }
}

function readOrRefuse<T>(setting: string, problem: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new ConfigError(setting, problem, COMPLETE, { cause });
  }
}
