import { decodeBase64 as bytesOf } from "../rest/mod.ts";

/** The text that is in base64, as UTF-8; `undefined` if it is not base64. */
export function decodeBase64(data: string): string | undefined {
  const bytes = bytesOf(data);
  return bytes && new TextDecoder().decode(bytes);
}

/** Base64 of a text, as UTF-8. */
export function encodeBase64(text: string): string {
  return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(""));
}
