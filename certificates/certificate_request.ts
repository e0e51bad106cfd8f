import { readDer } from "../rest/mod.ts";
import { alternativeNamesIn } from "./certificate.ts";
import {
  type Bytes,
  integer,
  membersOf,
  objectIdentifier,
  octets,
  sequence,
  setOf,
  tagged,
  textOfIdentifier,
} from "./der.ts";
import { formatPem, parsePem } from "./pem.ts";
import { readPrivateKey } from "./private_key.ts";
import {
  ALTERNATIVE_NAMES,
  type CertificateSubject,
  decodeName,
  encodeAlternativeNames,
  encodeName,
} from "./subject.ts";

/** The attribute that holds the extensions that are asked for. */
const EXTENSION_REQUEST = "1.2.840.113549.1.9.14";

/**
 * Asks for a certificate: whom it is to be for, signed with the key that it is to be for (PKCS #10). RSA keys of 4096
 * bits sign with SHA-512, of 3072 with SHA-384, else with SHA-256.
 *
 * @param key The private key, as PEM.
 * @returns The request, as PEM.
 * @throws {SyntaxError} If the key cannot be read.
 * @throws {RangeError} If a name or address cannot be certified.
 * @see client-go `util/cert.MakeCSR`, spec rest 13.1
 */
export async function createCertificateRequest(subject: CertificateSubject, key: string): Promise<string> {
  const signer = await readPrivateKey(key);
  const names = encodeAlternativeNames(subject);
  const extensions = names && sequence(sequence(objectIdentifier(ALTERNATIVE_NAMES), octets(names)));
  const attributes = extensions ? [sequence(objectIdentifier(EXTENSION_REQUEST), setOf(extensions))] : [];
  const body = sequence(
    integer(Uint8Array.of(0)),
    encodeName(subject),
    signer.publicKey,
    tagged(0, ...attributes),
  );
  const { algorithm, signature } = await signer.sign(body);
  return formatPem("CERTIFICATE REQUEST", sequence(body, algorithm, signature));
}

/** What a request asks for. */
export interface CertificateRequest extends CertificateSubject {
  /** The public key as it is written (SubjectPublicKeyInfo). */
  readonly publicKey: Bytes;
}

/**
 * Reads a request. Its signature is not checked.
 *
 * @throws {SyntaxError} If it cannot be read.
 */
export function readCertificateRequest(pem: string): CertificateRequest {
  const block = parsePem(pem).find(({ label }) => label === "CERTIFICATE REQUEST");
  if (block === undefined) throw new SyntaxError("Cannot read the certificate request: there is none in PEM");
  const [body] = membersOf(readDer(block.bytes)[0]);
  const [, name, publicKey, attributes] = membersOf(body);
  const asked = attributes && membersOf(attributes).map(membersOf)
    .find(([type]) => textOfIdentifier(type) === EXTENSION_REQUEST);
  return {
    ...decodeName(name),
    ...alternativeNamesIn(asked && membersOf(asked[1])[0]),
    publicKey: publicKey.bytes,
  };
}
