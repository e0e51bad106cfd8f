/** One part of all objects: those whose hash is in one of `of` equal ranges. */
export interface Shard {
  /** Which part: from 0 up to, and without, `of`. */
  index: number;
  /** How many parts there are. */
  of: number;
  /** What is hashed. By namespace, all objects of one are together. Default `"uid"`. */
  by?: "uid" | "namespace";
}

const SPACE = 1n << 64n;

/**
 * Which part an object is in. The hash is the one of servers that can shard: FNV-1a of 64 bits.
 *
 * @see spec informers 23
 */
export function shardOf(text: string, of: number): number {
  return Number(fnv1a(text) * BigInt(of) / SPACE);
}

/** Whether an object is in a shard. */
export function isInShard(
  { index, of, by = "uid" }: Shard,
  metadata: { readonly uid?: string; readonly namespace?: string },
): boolean {
  return shardOf(metadata[by] ?? "", of) === index;
}

/** The shard as servers understand it that can leave out the rest. */
export function shardSelectorOf({ index, of, by = "uid" }: Shard): string {
  const bound = (part: number) => {
    const start = (BigInt(part) * SPACE + BigInt(of) - 1n) / BigInt(of);
    return `'0x${start.toString(16).padStart(16, "0")}'`;
  };
  return `shardRange(object.metadata.${by}, ${bound(index)}, ${bound(index + 1)})`;
}

/** @throws {RangeError} If there is no such part. */
export function checkShard({ index, of }: Shard): void {
  if (Number.isInteger(index) && Number.isInteger(of) && index >= 0 && index < of) return;
  throw new RangeError(`Cannot shard: index must be from 0 up to ${of - 1}, got ${index} of ${of}`);
}

/** A number of 64 bits that says nothing of the text, not even with texts that are nearly the same. */
export function hashOf(text: string): bigint {
  let hash = fnv1a(text);
  hash = BigInt.asUintN(64, (hash ^ (hash >> 33n)) * 0xff51afd7ed558ccdn);
  return hash ^ (hash >> 33n);
}

/** FNV-1a of 64 bits, of the text in UTF-8, in halves: engines are slow with longer numbers. */
function fnv1a(text: string): bigint {
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  for (const byte of new TextEncoder().encode(text)) {
    low = (low ^ byte) >>> 0;
    // Times 0x100000001b3, which is 435 and one bit 40 places up.
    const product = low * 435;
    high = (Math.imul(high, 435) + Math.floor(product / 2 ** 32) + (low << 8)) >>> 0;
    low = product >>> 0;
  }
  return (BigInt(high) << 32n) | BigInt(low);
}
