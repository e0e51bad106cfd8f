import { type DerValue, joinBytes, readDer } from "../rest/mod.ts";

/** Bytes that WebCrypto takes. */
export type Bytes = Uint8Array<ArrayBuffer>;

const SEQUENCE = 0x30;
const OBJECT_IDENTIFIER = 0x06;

/** A value in DER: a tag, the length of its content, its content. */
export function der(tag: number, ...content: Uint8Array[]): Bytes {
  const length = content.reduce((sum, { length }) => sum + length, 0);
  const lengthBytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) lengthBytes.unshift(rest % 256);
  const head = length < 0x80 ? [tag, length] : [tag, 0x80 | lengthBytes.length, ...lengthBytes];
  return joinBytes([Uint8Array.from(head), ...content]);
}

/** Values in order. */
export const sequence = (...parts: Uint8Array[]): Bytes => der(SEQUENCE, ...parts);

/** Values of which the order does not matter: there is never more than one here. */
export const setOf = (part: Uint8Array): Bytes => der(0x31, part);

/** A value that is told from others by a number. */
export const tagged = (number: number, ...content: Uint8Array[]): Bytes => der(0xa0 | number, ...content);

/** A positive number, most significant byte first. */
export function integer(bytes: Uint8Array): Bytes {
  const start = bytes.findIndex((byte) => byte !== 0);
  const least = start === -1 ? Uint8Array.of(0) : bytes.subarray(start);
  return least[0] < 0x80 ? der(0x02, least) : der(0x02, Uint8Array.of(0), least);
}

/** Yes. No is left out. */
export const yes = (): Bytes => der(0x01, Uint8Array.of(0xff));

/** Text. */
export const utf8 = (text: string): Bytes => der(0x0c, new TextEncoder().encode(text));

/** Bytes that mean something to others. */
export const octets = (bytes: Uint8Array): Bytes => der(0x04, bytes);

/** Bits, of which the last byte may leave some out. */
export const bits = (bytes: Uint8Array, unused = 0): Bytes => der(0x03, Uint8Array.of(unused), bytes);

/** A name in the tree of names, such as `2.5.4.3`. */
export function objectIdentifier(text: string): Bytes {
  const [first, second, ...rest] = text.split(".").map(Number);
  const bytes = [first * 40 + second];
  for (const number of rest) {
    const groups = [number % 128];
    for (let left = Math.floor(number / 128); left > 0; left = Math.floor(left / 128)) {
      groups.unshift(0x80 | left % 128);
    }
    bytes.push(...groups);
  }
  return der(OBJECT_IDENTIFIER, Uint8Array.from(bytes));
}

/** A moment, in whole seconds: with two digits for the year where X.509 wants it so. */
export function time(date: Date): Bytes {
  const digits = date.toISOString().replace(/\D/g, "").slice(0, 14);
  const isShort = date.getUTCFullYear() >= 1950 && date.getUTCFullYear() < 2050;
  const text = `${isShort ? digits.slice(2) : digits}Z`;
  return der(isShort ? 0x17 : 0x18, new TextEncoder().encode(text));
}

/**
 * The values in a sequence or set.
 *
 * @throws {SyntaxError} If there is none.
 */
export function membersOf(value: DerValue | undefined): DerValue[] {
  if (value === undefined || (value.tag & 0x20) === 0) {
    throw new SyntaxError("Cannot read DER: a sequence is missing");
  }
  return readDer(value.content);
}

/** The text of an object identifier; empty for any other value. */
export function textOfIdentifier(value: DerValue | undefined): string {
  if (value?.tag !== OBJECT_IDENTIFIER) return "";
  const numbers: number[] = [];
  let number = 0;
  for (const byte of value.content) {
    number = number * 128 + byte % 128;
    if (byte >= 128) continue;
    if (numbers.length === 0) {
      numbers.push(Math.min(Math.floor(number / 40), 2), number - 40 * Math.min(Math.floor(number / 40), 2));
    } else numbers.push(number);
    number = 0;
  }
  return numbers.join(".");
}

/** The moment that a value says, in milliseconds since 1970; `NaN` for any other value. */
export function timeOf({ tag, content }: DerValue): number {
  const text = new TextDecoder().decode(content);
  const century = tag === 0x18 ? "" : Number(text.slice(0, 2)) >= 50 ? "19" : "20";
  return Date.parse(
    `${century}${text}`.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"),
  );
}
