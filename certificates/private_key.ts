import { readDer } from "../rest/mod.ts";
import {
  bits,
  type Bytes,
  der,
  integer,
  membersOf,
  objectIdentifier,
  octets,
  sequence,
  textOfIdentifier,
} from "./der.ts";
import { formatPem, parsePem, type PemBlock } from "./pem.ts";

const EC = "1.2.840.10045.2.1";
const RSA = "1.2.840.113549.1.1.1";

/** The curves that WebCrypto knows, and how signatures on them are made: by the algorithm's identifier. */
const CURVES: Readonly<
  Record<string, { namedCurve: string; hash: string; signature: string; size: number }>
> = {
  "1.2.840.10045.3.1.7": {
    namedCurve: "P-256",
    hash: "SHA-256",
    signature: "1.2.840.10045.4.3.2",
    size: 256,
  },
  "1.3.132.0.34": { namedCurve: "P-384", hash: "SHA-384", signature: "1.2.840.10045.4.3.3", size: 384 },
  "1.3.132.0.35": { namedCurve: "P-521", hash: "SHA-512", signature: "1.2.840.10045.4.3.4", size: 521 },
};

/** A private key, ready to sign. */
export interface PrivateKey {
  /** `EC` or `RSA`. */
  kind: "EC" | "RSA";
  /** Bits of the curve or the modulus. */
  size: number;
  /** The public key as X.509 has it (SubjectPublicKeyInfo). */
  publicKey: Bytes;
  /** Signs, and says by which algorithm. Both are DER. */
  sign(bytes: Bytes): Promise<{ algorithm: Bytes; signature: Bytes }>;
}

/** A new key on the curve P-256, as PEM (PKCS #8). */
export async function generateKey(): Promise<string> {
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
    "sign",
    "verify",
  ]);
  return formatPem("PRIVATE KEY", new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey)));
}

/**
 * Reads the first private key of a PEM file: EC (SEC 1), RSA (PKCS #1) or either (PKCS #8). Other blocks are passed
 * over (spec rest 13.1). No piece of the text gets into an error.
 *
 * @throws {SyntaxError} If there is none that can be read.
 */
export async function readPrivateKey(pem: string): Promise<PrivateKey> {
  for (const block of parsePem(pem)) {
    const pkcs8 = succeeding(() => pkcs8Of(block));
    if (pkcs8 === undefined) continue;
    const key = await importKey(pkcs8).catch(() => undefined); // the next one may do
    if (key !== undefined) return key;
  }
  throw new SyntaxError(
    "Cannot read the private key: there is no EC or RSA key in PEM, without a passphrase",
  );
}

function succeeding<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined; // it is no such key
  }
}

/** The key in the form that WebCrypto reads. */
function pkcs8Of({ label, hasHeaders, bytes }: PemBlock): Bytes | undefined {
  if (hasHeaders) return undefined; // encrypted
  const wrap = (algorithm: Uint8Array) => sequence(integer(Uint8Array.of(0)), algorithm, octets(bytes));
  switch (label) {
    case "PRIVATE KEY":
      return bytes;
    case "RSA PRIVATE KEY":
      return wrap(sequence(objectIdentifier(RSA), der(0x05)));
    case "EC PRIVATE KEY": {
      const curve = membersOf(readDer(bytes)[0]).find(({ tag }) => tag === 0xa0);
      return curve && wrap(sequence(objectIdentifier(EC), curve.content));
    }
  }
}

async function importKey(pkcs8: Bytes): Promise<PrivateKey | undefined> {
  const [, algorithm, content] = membersOf(readDer(pkcs8)[0]);
  const [kind, curve] = membersOf(algorithm).map(textOfIdentifier);
  const { subtle } = crypto;
  if (kind === EC && curve in CURVES) {
    const { namedCurve, hash, signature, size } = CURVES[curve];
    const name = "ECDSA";
    const key = await subtle.importKey("pkcs8", pkcs8, { name, namedCurve }, true, ["sign"]);
    const { kty, crv, x, y } = await subtle.exportKey("jwk", key);
    const open = await subtle.importKey("jwk", { kty, crv, x, y }, { name, namedCurve }, true, ["verify"]);
    return {
      kind: "EC",
      size,
      publicKey: new Uint8Array(await subtle.exportKey("spki", open)),
      sign: async (bytes) => ({
        algorithm: sequence(objectIdentifier(signature)),
        signature: bits(twoIntegers(new Uint8Array(await subtle.sign({ name, hash }, key, bytes)))),
      }),
    };
  }
  if (kind !== RSA) return undefined;
  const modulus = membersOf(readDer(content.content)[0])[1].content;
  const size = (modulus.length - (modulus[0] === 0 ? 1 : 0)) * 8;
  const [hash, last] = size >= 4096 ? ["SHA-512", 13] : size >= 3072 ? ["SHA-384", 12] : ["SHA-256", 11];
  const name = "RSASSA-PKCS1-v1_5";
  const key = await subtle.importKey("pkcs8", pkcs8, { name, hash: `${hash}` }, true, ["sign"]);
  const { kty, n, e } = await subtle.exportKey("jwk", key);
  const open = await subtle.importKey("jwk", { kty, n, e }, { name, hash: `${hash}` }, true, ["verify"]);
  return {
    kind: "RSA",
    size,
    publicKey: new Uint8Array(await subtle.exportKey("spki", open)),
    sign: async (bytes) => ({
      algorithm: sequence(objectIdentifier(`1.2.840.113549.1.1.${last}`), der(0x05)),
      signature: bits(new Uint8Array(await subtle.sign(name, key, bytes))),
    }),
  };
}

/** WebCrypto joins the two numbers of a signature; X.509 wants them apart. */
function twoIntegers(joined: Uint8Array): Bytes {
  const half = joined.length / 2;
  return sequence(integer(joined.subarray(0, half)), integer(joined.subarray(half)));
}
