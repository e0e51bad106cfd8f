import { type DerValue, readDer } from "../rest/mod.ts";
import { type Bytes, membersOf, textOfIdentifier, timeOf } from "./der.ts";
import { formatPem, parsePem } from "./pem.ts";
import { ALTERNATIVE_NAMES, type CertificateSubject, decodeAlternativeNames, decodeName } from "./subject.ts";

/** What a certificate says. Whether it is true, and who has signed it, is not looked at. */
export interface Certificate extends CertificateSubject {
  /** The certificate alone. */
  readonly pem: string;
  /** Its first moment. */
  readonly notBefore: Date;
  /** Its last moment. */
  readonly notAfter: Date;
  /** The subject as it is written, for those who sign with its key. */
  readonly name: Uint8Array<ArrayBuffer>;
  /** The public key as it is written (SubjectPublicKeyInfo). */
  readonly publicKey: Uint8Array<ArrayBuffer>;
}

/**
 * Reads all certificates of a PEM file. Other blocks, and those with PEM headers, are passed over.
 *
 * @throws {SyntaxError} If there is none, or if one cannot be read.
 * @see client-go `util/cert.ParseCertsPEM`, spec rest 13.1
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { issueAuthority, parseCertificates } from "@coxswain/kube/certificates";
 * const { cert } = await issueAuthority({ commonName: "shop-ca" });
 * const [certificate] = parseCertificates(cert);
 * assert.equal(certificate.commonName, "shop-ca");
 * ```
 */
export function parseCertificates(pem: string): Certificate[] {
  const blocks = parsePem(pem).filter(({ label, hasHeaders }) => label === "CERTIFICATE" && !hasHeaders);
  if (blocks.length === 0) throw new SyntaxError("data does not contain any valid RSA or ECDSA certificates");
  return blocks.map(({ bytes }, index) => {
    try {
      return parseCertificate(bytes);
    } catch (cause) {
      throw new SyntaxError(`Cannot read certificate ${index + 1} of ${blocks.length}`, { cause });
    }
  });
}

function parseCertificate(bytes: Bytes): Certificate {
  const [body] = membersOf(readDer(bytes)[0]);
  const fields = membersOf(body);
  if (fields[0]?.tag === 0xa0) fields.shift(); // the version
  const [, , , validity, name, publicKey, ...rest] = fields;
  const [notBefore, notAfter] = membersOf(validity).map((time) => new Date(timeOf(time)));
  if (publicKey === undefined || Number.isNaN(notBefore?.getTime()) || Number.isNaN(notAfter?.getTime())) {
    throw new SyntaxError("a field is missing");
  }
  const extensions = rest.find(({ tag }) => tag === 0xa3);
  return {
    pem: formatPem("CERTIFICATE", bytes),
    notBefore,
    notAfter,
    name: name.bytes,
    publicKey: publicKey.bytes,
    ...decodeName(name),
    ...alternativeNamesIn(extensions && readDer(extensions.content)[0]),
  };
}

/** The names and addresses in a list of extensions, if it has them. */
export function alternativeNamesIn(
  extensions: DerValue | undefined,
): Pick<CertificateSubject, "dnsNames" | "ipAddresses"> {
  const found = extensions && membersOf(extensions).map(membersOf)
    .find(([type]) => textOfIdentifier(type) === ALTERNATIVE_NAMES);
  if (found === undefined) return { dnsNames: [], ipAddresses: [] };
  return decodeAlternativeNames(readDer(found[found.length - 1].content)[0]);
}
