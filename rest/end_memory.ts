/** Less than this is left to the garbage collector, in bytes. */
const LEAST = 512;

/**
 * Ends memory that nobody reads any more, if the bytes have it to themselves. Engines count what is outside of their heap,
 * and look for what is dead there after each 30 to 60 MB: for a body of many, that is more work than reading it.
 */
export function endMemory({ buffer, byteLength }: Uint8Array): void {
  if (byteLength >= LEAST && byteLength === buffer.byteLength) (buffer as ArrayBuffer).transfer(0);
}
