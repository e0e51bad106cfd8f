import type { CertificatePair } from "./issue_certificate.ts";

/** Where a certificate and its key are kept, so that a program finds them again. */
export interface CertificateStore {
  /**
   * What is there, or `undefined` if nothing is.
   *
   * @throws If something is there that cannot be read.
   */
  current(): Promise<CertificatePair | undefined>;
  /**
   * Puts a new pair in the place of the one before, which stays if that fails.
   *
   * @throws If it cannot be kept, or is no pair.
   */
  update(pair: CertificatePair): Promise<void>;
}
