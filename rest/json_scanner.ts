import { joinBytes } from "./join_bytes.ts";
import { HAS_BACKSLASH, HAS_OTHERS, type WasmScanner, wasmScanner } from "./wasm_scanner.ts";

/** Not the end of a value: the bytes end first, so more of them may make one. */
export const CUT = -1;
/** Not a value: no further bytes make JSON of these. */
export const INVALID = -2;

/** Values within values beyond this many are left to `JSON.parse`. */
const DEEPEST = 256;

const [QUOTE, BACKSLASH, COMMA, COLON] = [34, 92, 44, 58];
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_LIST, CLOSE_LIST] = [123, 125, 91, 93];
const IS_LIST = 0;
const IS_OBJECT = 1;

/** Which bytes stand for themselves in a string: ASCII but control characters, quotes and backslashes. */
const PLAIN: Uint8Array = Uint8Array.from(
  { length: 256 },
  (_, byte) => byte >= 32 && byte < 128 && byte !== QUOTE && byte !== BACKSLASH ? 1 : 0,
);

/** The bytes of a key or of other text in ASCII. */
export function asciiBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Whether the string whose quote is at `at` is written just so. */
export function isString(bytes: Uint8Array, at: number, text: Uint8Array): boolean {
  const { length } = text;
  for (let i = 0; i < length; i++) if (bytes[at + 1 + i] !== text[i]) return false;
  return bytes[at + 1 + length] === QUOTE;
}

/** Whether a byte is one of the four that JSON takes for white space. */
function isSpace(byte: number): boolean {
  return byte === 32 || byte === 10 || byte === 13 || byte === 9;
}

/**
 * Finds where values end in JSON that is bytes, without making anything of them. It is strict: what it accepts,
 * `JSON.parse` accepts, but for text that is no UTF-8, which {@linkcode JsonScanner.isAscii} says to look for. So a value
 * that has passed can be parsed at any time later.
 */
export class JsonScanner {
  /** Whether no string has had other bytes than ASCII since this was set to true. */
  isAscii = true;
  /** Whether no string has had a backslash since this was set to true. */
  isPlain = true;
  readonly #within = new Uint8Array(DEEPEST);
  #wasm: WasmScanner | undefined;

  /**
   * Puts pieces where their values are found fastest. What is returned is theirs until the next call, of whichever scanner:
   * whoever waits in between copies what he needs.
   *
   * @returns All pieces, one behind the other.
   */
  load(pieces: readonly Uint8Array[]): Uint8Array {
    this.#wasm ??= wasmScanner();
    return this.#wasm?.load(pieces) ?? (pieces.length === 1 ? pieces[0] : joinBytes(pieces));
  }

  /** Position of the next byte at or after `at` that is no white space; `end` if there is none. */
  skipSpace(bytes: Uint8Array, at: number, end: number): number {
    while (at < end && bytes[at] <= 32 && isSpace(bytes[at])) at++;
    return at;
  }

  /**
   * Position after the string whose quote is at `at`; {@linkcode CUT} or {@linkcode INVALID}. Goes fastest if there is a
   * byte at `end`, whatever it is.
   */
  endOfString(bytes: Uint8Array, at: number, end: number): number {
    for (let i = at;;) {
      while (PLAIN[bytes[++i]] === 1);
      if (i >= end) return CUT;
      const byte = bytes[i];
      if (byte === QUOTE) return i + 1;
      if (byte >= 128) {
        this.isAscii = false;
        continue;
      }
      if (byte !== BACKSLASH) return INVALID; // a control character
      this.isPlain = false;
      if (++i >= end) return CUT;
      const escape = bytes[i];
      if (escape !== 117) { // u
        if (!isEscape(escape)) return INVALID;
        continue;
      }
      for (const last = i + 4; i < last;) {
        if (++i >= end) return CUT;
        if (!isHex(bytes[i])) return INVALID;
      }
    }
  }

  /**
   * Position after the value that begins at `at`, white space before it included; {@linkcode CUT} or
   * {@linkcode INVALID}. A number that reaches the end counts as cut.
   */
  endOfValue(bytes: Uint8Array, at: number, end: number): number {
    const wasm = this.#wasm;
    if (wasm === undefined || wasm.bytes !== bytes) return this.#endOfValue(bytes, at, end);
    const result = wasm.endOfValue(at, end);
    if (result < 0) return result;
    if ((result & HAS_BACKSLASH) !== 0) this.isPlain = false;
    if ((result & HAS_OTHERS) !== 0) this.isAscii = false;
    return result >> 2;
  }

  #endOfValue(bytes: Uint8Array, at: number, end: number): number {
    const within = this.#within;
    let depth = 0;
    for (let i = at;;) {
      i = this.skipSpace(bytes, i, end);
      if (i >= end) return CUT;
      const first = bytes[i];
      let opens = first === OPEN_OBJECT;
      if (opens || first === OPEN_LIST) {
        i = this.skipSpace(bytes, i + 1, end);
        if (i >= end) return CUT;
        if (bytes[i] === (opens ? CLOSE_OBJECT : CLOSE_LIST)) i++;
        else {
          if (depth === DEEPEST) return INVALID;
          within[depth++] = opens ? IS_OBJECT : IS_LIST;
          if (!opens) continue;
          i = this.endOfKey(bytes, i, end);
          if (i < 0) return i;
          continue;
        }
      } else {
        i = first === QUOTE ? this.endOfString(bytes, i, end) : this.#endOfWord(bytes, i, end);
        if (i < 0) return i;
      }
      // After a value: what it is within ends, or goes on.
      for (;;) {
        if (depth === 0) return i;
        i = this.skipSpace(bytes, i, end);
        if (i >= end) return CUT;
        opens = within[depth - 1] === IS_OBJECT;
        if (bytes[i] === COMMA) {
          i++;
          if (!opens) break;
          i = this.endOfKey(bytes, this.skipSpace(bytes, i, end), end);
          if (i < 0) return i;
          break;
        }
        if (bytes[i] !== (opens ? CLOSE_OBJECT : CLOSE_LIST)) return INVALID;
        depth--;
        i++;
      }
    }
  }

  /**
   * Goes through the members of the object whose bracket is at `at`. Its values are left to the caller, who may look
   * into them.
   *
   * @param take Is called for each member, with where its key and its value begin and where the one before it has
   * ended. It returns where the value ends; {@linkcode CUT} or {@linkcode INVALID}. {@linkcode JsonScanner.isPlain} is
   * that of the key.
   * @returns Position after the object; {@linkcode CUT} or {@linkcode INVALID}.
   */
  endOfObject(
    bytes: Uint8Array,
    at: number,
    end: number,
    take: (key: number, value: number, before: number) => number,
  ): number {
    if (bytes[at] !== OPEN_OBJECT) return INVALID;
    let before = at + 1;
    let i = this.skipSpace(bytes, before, end);
    if (i < end && bytes[i] === CLOSE_OBJECT) return i + 1;
    for (;;) {
      this.isPlain = true;
      const value = this.endOfKey(bytes, i, end);
      if (value < 0) return value;
      before = take(i, this.skipSpace(bytes, value, end), before);
      if (before < 0) return before;
      i = this.skipSpace(bytes, before, end);
      if (i >= end) return CUT;
      if (bytes[i] === CLOSE_OBJECT) return i + 1;
      if (bytes[i] !== COMMA) return INVALID;
      i = this.skipSpace(bytes, i + 1, end);
    }
  }

  /** The same with the items of the list whose bracket is at `at`. */
  endOfList(bytes: Uint8Array, at: number, end: number, take: (item: number) => number): number {
    if (bytes[at] !== OPEN_LIST) return INVALID;
    let i = this.skipSpace(bytes, at + 1, end);
    if (i < end && bytes[i] === CLOSE_LIST) return i + 1;
    for (;;) {
      i = take(i);
      if (i < 0) return i;
      i = this.skipSpace(bytes, i, end);
      if (i >= end) return CUT;
      if (bytes[i] === CLOSE_LIST) return i + 1;
      if (bytes[i] !== COMMA) return INVALID;
      i = this.skipSpace(bytes, i + 1, end);
    }
  }

  /** Position after the key at `at` and its colon; {@linkcode CUT} or {@linkcode INVALID}. */
  endOfKey(bytes: Uint8Array, at: number, end: number): number {
    if (at >= end) return CUT;
    if (bytes[at] !== QUOTE) return INVALID;
    const after = this.endOfString(bytes, at, end);
    if (after < 0) return after;
    const colon = this.skipSpace(bytes, after, end);
    if (colon >= end) return CUT;
    return bytes[colon] === COLON ? colon + 1 : INVALID;
  }

  /** Position after `true`, `false`, `null` or a number. */
  #endOfWord(bytes: Uint8Array, at: number, end: number): number {
    switch (bytes[at]) {
      case 116: // t
        return endOfLiteral(bytes, at, end, "true");
      case 102: // f
        return endOfLiteral(bytes, at, end, "false");
      case 110: // n
        return endOfLiteral(bytes, at, end, "null");
      default:
        return endOfNumber(bytes, at, end);
    }
  }
}

function isEscape(byte: number): boolean {
  switch (byte) {
    case QUOTE:
    case BACKSLASH:
    case 47: // /
    case 98: // b
    case 102: // f
    case 110: // n
    case 114: // r
    case 116: // t
      return true;
    default:
      return false;
  }
}

function isDigit(byte: number): boolean {
  return byte >= 48 && byte <= 57;
}

function isHex(byte: number): boolean {
  return isDigit(byte) || ((byte | 32) >= 97 && (byte | 32) <= 102);
}

function endOfLiteral(bytes: Uint8Array, at: number, end: number, literal: string): number {
  for (let i = 0; i < literal.length; i++) {
    if (at + i >= end) return CUT;
    if (bytes[at + i] !== literal.charCodeAt(i)) return INVALID;
  }
  return at + literal.length;
}

function endOfNumber(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  if (bytes[i] === 45) i++; // -
  if (i >= end) return CUT;
  if (bytes[i] === 48) i++; // 0: nothing but a fraction or an exponent may follow
  else if ((i = endOfDigits(bytes, i, end)) < 0) return i;
  if (i < end && bytes[i] === 46 && (i = endOfDigits(bytes, i + 1, end)) < 0) return i; // .
  if (i < end && (bytes[i] | 32) === 101) { // e
    i++;
    if (i < end && (bytes[i] === 43 || bytes[i] === 45)) i++; // + -
    if ((i = endOfDigits(bytes, i, end)) < 0) return i;
  }
  return i >= end ? CUT : i;
}

/** Position after at least one digit. */
function endOfDigits(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end && isDigit(bytes[i])) i++;
  if (i > at) return i;
  return i >= end ? CUT : INVALID;
}
