/**
 * Text of bytes that must be UTF-8.
 *
 * @param decoder One that is fatal.
 * @throws {SyntaxError} If they are not: text that cannot be read, as JSON that is none.
 */
export function textOf(
  decoder: TextDecoder,
  bytes?: Uint8Array<ArrayBufferLike>,
  options?: TextDecodeOptions,
): string {
  try {
    return decoder.decode(bytes as Uint8Array<ArrayBuffer> | undefined, options);
  } catch {
    throw new SyntaxError("the text is not UTF-8");
  }
}
