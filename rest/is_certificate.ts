const SEQUENCE = 0x30;
const BIT_STRING = 0x03;
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
  const text = pem.replace(/-----[^-]*-----/g, "");
  let bytes: Uint8Array;
  try {
    bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return false; // no Base64
  }
  const [certificate, ...others] = valuesIn(bytes) ?? [];
  if (certificate?.tag !== SEQUENCE || others.length > 0) return false;
  const parts = valuesIn(certificate.content)?.map(({ tag }) => tag) ?? [];
  return parts.join() === [SEQUENCE, SEQUENCE, BIT_STRING].join();
}

interface Value {
  tag: number;
  content: Uint8Array;
}

/** The values that bytes hold; `undefined` if they, or those within them, are no DER. */
function valuesIn(bytes: Uint8Array): Value[] | undefined {
  const values: Value[] = [];
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at];
    let length = bytes[at + 1];
    let start = at + 2;
    // Lengths of more than 127 say how many bytes they are written in.
    if (length > 0x80 && length <= 0x84) {
      const end = start + length - 0x80;
      for (length = 0; start < end; start++) length = length * 256 + bytes[start];
    } else if (length >= 0x80) return undefined;
    if (!(start + length <= bytes.length)) return undefined; // also where the bytes end within the length
    const content = bytes.subarray(start, at = start + length);
    if ((tag & IS_MADE_OF_OTHERS) !== 0 && valuesIn(content) === undefined) return undefined;
    values.push({ tag, content });
  }
  return values;
}
