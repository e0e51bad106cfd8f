/** A value in DER that was read. */
export interface DerValue {
  /** What it is. */
  tag: number;
  /** What it holds. */
  content: Uint8Array<ArrayBuffer>;
  /** All of it. */
  bytes: Uint8Array<ArrayBuffer>;
}

/**
 * The values that bytes hold, one after the other.
 *
 * @throws {SyntaxError} If they are no DER.
 */
export function readDer(bytes: Uint8Array<ArrayBuffer>): DerValue[] {
  const values: DerValue[] = [];
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at];
    let length = bytes[at + 1];
    let start = at + 2;
    // Lengths of more than 127 say how many bytes they are written in.
    if (length > 0x80 && length <= 0x84) {
      const end = start + (length & 0x7f);
      for (length = 0; start < end; start++) length = length * 256 + bytes[start];
    }
    // NaN when the bytes have ended. Long tags and lengths that are not known are no part of certificates.
    const isUnknown = bytes[at + 1] === 0x80 || bytes[at + 1] > 0x84;
    if (!(start + length <= bytes.length) || (tag & 0x1f) === 0x1f || isUnknown) {
      throw new SyntaxError("Cannot read DER: a value is cut off");
    }
    values.push({
      tag,
      content: bytes.slice(start, start + length),
      bytes: bytes.slice(at, start + length),
    });
    at = start + length;
  }
  return values;
}
