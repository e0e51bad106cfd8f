/** The text that is in base64, as UTF-8; `undefined` if it is not base64. */
export function decodeBase64(data: string): string | undefined {
  let bytes: string;
  try {
    bytes = atob(data);
  } catch {
    return undefined; // its message would say no more than that
  }
  return new TextDecoder().decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)));
}

/** Base64 of a text, as UTF-8. */
export function encodeBase64(text: string): string {
  return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(""));
}
