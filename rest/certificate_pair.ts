const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/;

/** What is wrong with a client certificate and its key. */
export interface PairProblem {
  /** Whose fault it is. */
  part: "certificate" | "key" | "pair";
  /** What is the case; no piece of either. */
  problem: string;
}

/** Looks whether a certificate and a key, in PEM, can be read and belong together; the first of a chain counts. */
export async function checkPair(cert: string, key: string): Promise<PairProblem | undefined> {
  const { createPrivateKey, X509Certificate } = await import("node:crypto");
  const certificate = readOrNothing(() => new X509Certificate(CERTIFICATE.exec(cert)?.[0] ?? ""));
  if (certificate === undefined) return { part: "certificate", problem: "the certificate cannot be read" };
  const secret = readOrNothing(() => createPrivateKey(key));
  if (secret === undefined) {
    const why = key.includes("ENCRYPTED") ? "the key is encrypted" : "the key cannot be read";
    return { part: "key", problem: why };
  }
  if (certificate.checkPrivateKey(secret)) return undefined;
  return { part: "pair", problem: "the key is not that of the certificate" };
}

function readOrNothing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined; // the runtimes' messages differ, and none says more than that
  }
}
