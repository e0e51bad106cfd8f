import { decodeBase64 } from "./base64.ts";
import { type DerValue, readDer } from "./read_der.ts";

const SEQUENCE = 0x30;
const BIT_STRING = 0x03;
/** What a certificate is made of: what is certified, how, and the signature. */
const PARTS = [SEQUENCE, SEQUENCE, BIT_STRING];
/** In a tag: the value is made of values. */
const IS_MADE_OF_OTHERS = 0x20;

/**
 * Whether a PEM block holds a certificate, as far as its shape tells: values of DER, whole down to the smallest, in the
 * order of X.509. What is cut off, damaged or something else is told from one without `node:crypto`, which takes some
 * 10 ms to load.
 *
 * @see RFC 5280, section 4.1
 */
export function isCertificate(pem: string): boolean {
  const bytes = decodeBase64(pem.replace(/-----[^-]*-----/g, ""));
  if (bytes === undefined) return false;
  try {
    const [certificate, ...others] = wholeValues(bytes);
    if (certificate?.tag !== SEQUENCE || others.length > 0) return false;
    return readDer(certificate.content).map(({ tag }) => tag).join() === PARTS.join();
  } catch {
    return false; // no DER: why does not matter, one of a bundle is enough
  }
}

/** The values that bytes hold, down to the smallest. */
function wholeValues(bytes: Uint8Array<ArrayBuffer>): DerValue[] {
  const values = readDer(bytes);
  for (const { tag, content } of values) if ((tag & IS_MADE_OF_OTHERS) !== 0) wholeValues(content);
  return values;
}
