/** Text as the bytes of UTF-8, in a string that has a character for each. */
export function bytesOf(text: string): string {
  if (!/[\x80-\uffff]/.test(text)) return text;
  return Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join("");
}
