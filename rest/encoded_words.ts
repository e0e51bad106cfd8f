import { bytesOf } from "./bytes_of.ts";

/**
 * Replaces the encoded words of RFC 2047, such as `=?utf-8?q?caf=C3=A9?=`, by what they stand for, and drops the white
 * space between two of them. What only looks like one stays as it is.
 *
 * @param text UTF-8, as a string of bytes: each character stands for one.
 * @returns UTF-8 in the same form, perhaps malformed; `undefined` if a word is in a charset other than UTF-8, ISO 8859-1
 * and ASCII.
 * @see Go `mime.WordDecoder.DecodeHeader`, which client-go uses; spec rest 5
 */
export function decodeEncodedWords(text: string): string | undefined {
  let decoded = "";
  /** Up to where `text` is in `decoded`. */
  let done = 0;
  let afterWord = false;
  for (let start = text.indexOf("=?"); start >= 0; start = text.indexOf("=?", done)) {
    const charsetEnd = text.indexOf("?", start + 2);
    const from = charsetEnd + 3;
    if (charsetEnd < 0 || text[from - 1] !== "?") break;
    const end = text.indexOf("?=", from);
    if (end < 0) break;
    const bytes = decodeWord(text[charsetEnd + 1], text.slice(from, end));
    const before = text.slice(done, start);
    if (bytes === undefined) {
      decoded += text.slice(done, end + 2);
    } else {
      const utf8 = toUtf8(text.slice(start + 2, charsetEnd).toLowerCase(), bytes);
      if (utf8 === undefined) return undefined;
      decoded += (afterWord && /^[ \t\r\n]*$/.test(before) ? "" : before) + utf8;
    }
    done = end + 2;
    afterWord = bytes !== undefined;
  }
  return decoded + text.slice(done);
}

/** The bytes of one word; `undefined` if they cannot be read. */
function decodeWord(encoding: string, text: string): string | undefined {
  switch (encoding) {
    case "b":
    case "B":
      return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text) ? atob(text) : undefined;
    case "q":
    case "Q":
      if (/[^ -~\t\r\n]|=(?![0-9A-Fa-f]{2})/.test(text)) return undefined;
      return text.replaceAll("_", " ").replace(
        /=(..)/g,
        (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)),
      );
    default:
      return undefined;
  }
}

/** Bytes of a charset as bytes of UTF-8. */
function toUtf8(charset: string, bytes: string): string | undefined {
  switch (charset) {
    case "utf-8":
      return bytes;
    case "iso-8859-1":
      return bytesOf(bytes);
    case "us-ascii":
      return bytes.replace(/[\x80-\xff]/g, "\xef\xbf\xbd"); // U+FFFD
    default:
      return undefined;
  }
}
