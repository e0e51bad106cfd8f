import { readDer } from "../rest/mod.ts";
import { type Clock, systemClock } from "../async/mod.ts";
import { parseCertificates } from "./certificate.ts";
import {
  bits,
  type Bytes,
  der,
  integer,
  membersOf,
  objectIdentifier,
  octets,
  sequence,
  tagged,
  time,
  yes,
} from "./der.ts";
import { formatPem } from "./pem.ts";
import { generateKey, type PrivateKey, readPrivateKey } from "./private_key.ts";
import { readCertificateRequest } from "./certificate_request.ts";
import {
  ALTERNATIVE_NAMES,
  type CertificateSubject,
  encodeAlternativeNames,
  encodeName,
  isAddress,
} from "./subject.ts";

const DAY = 86_400_000;
/** How long an authority is valid, in milliseconds; client-go's `NewSelfSignedCACert`. */
const DECADE = 3_650 * DAY;
/** How far clocks may differ, in milliseconds; client-go's serving certificates begin as early. */
const EARLY = 3_600_000;

/** A certificate and its key. */
export interface CertificatePair {
  /** The certificate, followed by intermediate ones if there are any, as PEM. */
  cert: string;
  /** The private key, as PEM. */
  key: string;
}

/** What a certificate may be used for, as Kubernetes calls it. */
export type CertificateUsage =
  | "digital signature"
  | "key encipherment"
  | "cert sign"
  | "client auth"
  | "server auth";

/** When a certificate is valid. */
export interface CertificateValidity {
  /** Its first moment. Default an hour ago, for clocks that are late; for an authority, now. */
  notBefore?: Date;
  /** For how long, in milliseconds from now on. Default a year; for an authority, ten. */
  validity?: number;
  /** Says what now is. Default the runtime's. */
  clock?: Clock;
}

/** Options of {@linkcode issueAuthority}. */
export interface IssueAuthorityOptions extends CertificateSubject, CertificateValidity {}

/** Options of {@linkcode issueCertificate}. */
export interface IssueCertificateOptions extends CertificateSubject, CertificateValidity {
  /** What it may be used for. Default `["digital signature", "server auth"]`. */
  usages?: readonly CertificateUsage[];
}

/** Options of {@linkcode signCertificateRequest}. */
export interface SignCertificateRequestOptions extends CertificateValidity {
  /** What it may be used for. Default `["digital signature", "client auth"]`. */
  usages?: readonly CertificateUsage[];
}

/** Bits of the extension, counted from the first. */
const KEY_USAGES: Readonly<Record<string, number>> = {
  "digital signature": 0,
  "key encipherment": 2,
  "cert sign": 5,
};
const EXTENDED_KEY_USAGES: Readonly<Record<string, string>> = {
  "server auth": "1.3.6.1.5.5.7.3.1",
  "client auth": "1.3.6.1.5.5.7.3.2",
};

/**
 * A certificate authority that signs itself, with a new key on the curve P-256. The common name is also a DNS name
 * of it, as in client-go, where there are no others.
 *
 * @see client-go `util/cert.NewSelfSignedCACert`, spec rest 13.1
 * @example A server's certificate, and the authority that clients believe
 * ```ts
 * import assert from "node:assert/strict";
 * import { issueAuthority, issueCertificate, parseCertificates } from "@coxswain/kube/certificates";
 * const authority = await issueAuthority({ commonName: "shop-ca" });
 * const server = await issueCertificate(authority, { commonName: "web", dnsNames: ["web.shop.svc"] });
 * assert.deepEqual(parseCertificates(server.cert)[0].dnsNames, ["web.shop.svc"]);
 * ```
 */
export async function issueAuthority(options: IssueAuthorityOptions): Promise<CertificatePair> {
  const { commonName, dnsNames = commonName ? [commonName] : [], clock = systemClock } = options;
  const key = await generateKey();
  const own = await readPrivateKey(key);
  const body = await certificateBody({
    subject: { ...options, dnsNames },
    period: periodOf({ notBefore: clock.date(), validity: DECADE, ...withoutUndefined(options) }),
    usages: ["digital signature", "key encipherment", "cert sign"],
    publicKey: own.publicKey,
    isAuthority: true,
  });
  return { cert: await signed(body(encodeName(options), own.publicKey), own), key };
}

/**
 * A certificate with a new key on the curve P-256, signed by an authority.
 *
 * @param authority Who signs, with the key to do so.
 * @throws {SyntaxError} If the authority cannot be read.
 * @throws {RangeError} If a name or address cannot be certified.
 */
export async function issueCertificate(
  authority: CertificatePair,
  options: IssueCertificateOptions,
): Promise<CertificatePair> {
  const key = await generateKey();
  const { publicKey } = await readPrivateKey(key);
  const { usages = ["digital signature", "server auth"] } = options;
  return { cert: await issue(authority, options, { ...options, usages }, publicKey), key };
}

/**
 * Signs what {@linkcode createCertificateRequest} has written, as the signers of a cluster do. Whoever calls it
 * decides whether the one who asks may be called that; the signature in the request is not checked.
 *
 * @returns The certificate, as PEM.
 * @throws {SyntaxError} If the request or the authority cannot be read.
 */
export async function signCertificateRequest(
  request: string,
  authority: CertificatePair,
  options: SignCertificateRequestOptions = {},
): Promise<string> {
  const { publicKey, ...subject } = readCertificateRequest(request);
  const { usages = ["digital signature", "client auth"] } = options;
  return await issue(authority, subject, { ...options, usages }, publicKey);
}

/** What {@linkcode issueServingCertificate} gives. */
export interface ServingCertificate extends CertificatePair {
  /** The authority that has signed the certificate, and nothing else, as PEM: what clients believe. */
  ca: string;
}

/** Options of {@linkcode issueServingCertificate}. */
export interface IssueServingCertificateOptions extends CertificateValidity {
  /** Further names of the server. */
  dnsNames?: readonly string[];
  /** Further addresses of the server. */
  ipAddresses?: readonly string[];
}

/**
 * What a server needs for a try: a certificate for `host`, its key, and an authority made for the purpose, whose key
 * is thrown away. Keys are on the curve P-256; client-go makes RSA keys here.
 *
 * @param host The name or address of the server.
 * @see client-go `util/cert.GenerateSelfSignedCertKey`, spec rest 13.1
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { issueServingCertificate, parseCertificates } from "@coxswain/kube/certificates";
 * const { cert } = await issueServingCertificate("127.0.0.1", { dnsNames: ["localhost"] });
 * assert.deepEqual(parseCertificates(cert)[0].ipAddresses, ["127.0.0.1"]);
 * ```
 */
export async function issueServingCertificate(
  host: string,
  options: IssueServingCertificateOptions = {},
): Promise<ServingCertificate> {
  const { dnsNames = [], ipAddresses = [], clock = systemClock } = options;
  const seconds = Math.floor(clock.date().getTime() / 1000);
  const validity = {
    validity: 365 * DAY,
    notBefore: new Date(clock.date().getTime() - EARLY),
    ...withoutUndefined(options),
  };
  const authority = await issueAuthority({ ...validity, commonName: `${host}-ca@${seconds}` });
  const { cert, key } = await issueCertificate(authority, {
    ...validity,
    commonName: `${host}@${seconds}`,
    usages: ["digital signature", "key encipherment", "server auth"],
    dnsNames: isAddress(host) ? dnsNames : [host, ...dnsNames],
    ipAddresses: isAddress(host) ? [host, ...ipAddresses] : ipAddresses,
  });
  return { cert: cert + authority.cert, key, ca: authority.cert };
}

async function issue(
  authority: CertificatePair,
  subject: CertificateSubject,
  options: SignCertificateRequestOptions,
  publicKey: Bytes,
): Promise<string> {
  const [signer] = parseCertificates(authority.cert);
  const { usages = [] } = options;
  const body = await certificateBody({ subject, period: periodOf(options), usages, publicKey });
  return await signed(body(signer.name, signer.publicKey), await readPrivateKey(authority.key));
}

interface Body {
  subject: CertificateSubject;
  period: [notBefore: Date, notAfter: Date];
  usages: readonly CertificateUsage[];
  publicKey: Bytes;
  isAuthority?: boolean;
}

/** What is signed, as soon as it is known who signs and by which algorithm. */
async function certificateBody({ subject, period, usages, publicKey, isAuthority = false }: Body) {
  const extension = (type: string, value: Uint8Array, critical = false) =>
    sequence(objectIdentifier(type), ...critical ? [yes()] : [], octets(value));
  const name = encodeName(subject);
  const names = encodeAlternativeNames(subject);
  const extended = usages.filter((usage) => usage in EXTENDED_KEY_USAGES);
  const extensions = [
    extension("2.5.29.15", keyUsage(usages), true),
    extension("2.5.29.19", sequence(...isAuthority ? [yes()] : []), true),
    extension("2.5.29.14", octets(await keyIdentifier(publicKey))),
    ...extended.length > 0
      ? [
        extension(
          "2.5.29.37",
          sequence(...extended.map((usage) => objectIdentifier(EXTENDED_KEY_USAGES[usage]))),
        ),
      ]
      : [],
    // With an empty subject, the names are all that there is, and nobody may pass over them (RFC 5280, 4.1.2.6).
    ...names ? [extension(ALTERNATIVE_NAMES, names, name.length === 2)] : [],
  ];
  const serial = crypto.getRandomValues(new Uint8Array(8));
  serial[0] &= 0x7f;
  serial[7] |= 1; // not zero
  return (issuer: Bytes, signerKey: Bytes) => async (algorithm: Bytes): Promise<Bytes> =>
    sequence(
      tagged(0, integer(Uint8Array.of(2))),
      integer(serial),
      algorithm,
      issuer,
      sequence(...period.map(time)),
      name,
      publicKey,
      tagged(
        3,
        sequence(
          ...extensions,
          extension("2.5.29.35", sequence(der(0x80, await keyIdentifier(signerKey)))),
        ),
      ),
    );
}

function keyUsage(usages: readonly CertificateUsage[]): Bytes {
  const used = usages.flatMap((usage) => KEY_USAGES[usage] ?? []);
  const byte = used.reduce((sum, bit) => sum | 0x80 >> bit, 0);
  return bits(Uint8Array.of(byte), 7 - Math.max(0, ...used));
}

/** Tells authorities of one name apart (RFC 5280, 4.2.1.2). */
async function keyIdentifier(publicKey: Bytes): Promise<Bytes> {
  const [, key] = membersOf(readDer(publicKey)[0]);
  return new Uint8Array(await crypto.subtle.digest("SHA-1", key.content.slice(1)));
}

async function signed(body: (algorithm: Bytes) => Promise<Bytes>, key: PrivateKey): Promise<string> {
  // Which algorithm it is stands within what is signed too, so that a signature is made to learn of it.
  const { algorithm } = await key.sign(new Uint8Array());
  const bytes = await body(algorithm);
  const { signature } = await key.sign(bytes);
  return formatPem("CERTIFICATE", sequence(bytes, algorithm, signature));
}

function periodOf(
  { notBefore, validity = 365 * DAY, clock = systemClock }: CertificateValidity,
): [Date, Date] {
  if (!(validity > 0)) {
    throw new RangeError(`Cannot issue a certificate: validity must be above 0 ms, got ${validity}`);
  }
  const now = clock.date().getTime();
  return [notBefore ?? new Date(now - EARLY), new Date(now + validity)];
}

function withoutUndefined(options: CertificateValidity): CertificateValidity {
  const { notBefore, validity, clock } = options;
  return { ...notBefore && { notBefore }, ...validity !== undefined && { validity }, ...clock && { clock } };
}
