/**
 * Certificates: reading them, issuing them for a try or a webhook, asking a cluster for them, keeping them in files, and
 * having new ones before the old ones end. Client-go's `util/cert`, `util/keyutil` and `util/certificate`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { issueServingCertificate, parseCertificates } from "@coxswain/kube/certificates";
 * const { cert, ca } = await issueServingCertificate("web.shop.svc");
 * assert.equal(parseCertificates(cert).length, 2);
 * assert.ok(cert.endsWith(ca));
 * ```
 *
 * @module
 */
export { type Certificate, parseCertificates } from "./certificate.ts";
export { certificateFiles } from "./certificate_files.ts";
export { type CertificateMetrics, certificateMetrics } from "./certificate_metrics.ts";
export { createCertificateRequest } from "./certificate_request.ts";
export { CertificateRotation, type CertificateRotationOptions } from "./certificate_rotation.ts";
export type { CertificateStore } from "./certificate_store.ts";
export { FileCertificateStore, type FileCertificateStoreOptions } from "./file_certificate_store.ts";
export {
  type CertificatePair,
  type CertificateUsage,
  type CertificateValidity,
  issueAuthority,
  type IssueAuthorityOptions,
  issueCertificate,
  type IssueCertificateOptions,
  issueServingCertificate,
  type IssueServingCertificateOptions,
  type ServingCertificate,
  signCertificateRequest,
  type SignCertificateRequestOptions,
} from "./issue_certificate.ts";
export { generateKey } from "./private_key.ts";
export { requestCertificate, type RequestCertificateOptions } from "./request_certificate.ts";
export type { CertificateSubject } from "./subject.ts";
