/** What breaks readers of JSON, of headers and of selectors. */
const PIECES: readonly string[] = [
  ..."{}[]:,\"\\'/-+.eE0 \t\n\r\0\ufeff\u2028\ud800üé€",
  ...["null", "true", "1e999", "-0", "\\u0000", "\\ud800", '"__proto__":', '"constructor":', '"toString":1'],
  ...[
    '"items":[',
    '"items":null',
    '"kind":"Status"',
    '"type":"ERROR"',
    '},{"metadata":',
    "},{",
    "]}",
    '"a":{}',
  ],
];

/** What a field may hold by mistake. */
const VALUES: readonly unknown[] = [
  ...[
    null,
    true,
    0,
    -1,
    1.5,
    1e21,
    1e300,
    "",
    "x",
    "\0",
    [],
    {},
    [null],
    [[]],
    [{ reason: 1 }],
    "Failure",
    "Status",
  ],
  ...[
    { toString: null, valueOf: null },
    { length: -1 },
    { find: 1 },
    JSON.parse('{"__proto__":{"polluted":1}}'),
  ],
];

/** Chance with a seed, and what tests want of it. */
export class Chance {
  readonly #next: () => number;

  /** Always the same numbers for a seed. */
  constructor(next: () => number) {
    this.#next = next;
  }

  /** A whole number from 0 up to `below`. */
  below(below: number): number {
    return Math.floor(this.#next() * below);
  }

  /** True in so many cases. */
  is(share: number): boolean {
    return this.#next() < share;
  }

  /** One of several. */
  of<T>(values: readonly T[]): T {
    return values[this.below(values.length)];
  }

  /** A text of pieces. */
  text(pieces: readonly string[] = PIECES, most: number = 8): string {
    return Array.from({ length: this.below(most) }, () => this.of(pieces)).join("");
  }

  /** A text with some of it lost, replaced, doubled or added. */
  mangled(text: string): string {
    const at = this.below(text.length);
    const length = this.below(20);
    const piece = this.of(PIECES);
    switch (this.below(5)) {
      case 0:
        return text.slice(0, at) + text.slice(at + 1 + length);
      case 1:
        return text.slice(0, at) + piece + text.slice(at);
      case 2:
        return text.slice(0, at) + piece + text.slice(at + piece.length);
      case 3:
        return text.slice(0, at + length) + text.slice(at);
      default:
        return this.is(0.5) ? text.slice(0, at) : text + piece;
    }
  }

  /** A value with one place in it replaced by something else. */
  replaced(value: unknown): unknown {
    if (typeof value !== "object" || value === null || this.is(0.05)) return this.of(VALUES);
    const keys = Object.keys(value);
    if (keys.length === 0) return this.of(VALUES);
    const key = this.of(keys);
    if (Array.isArray(value)) return value.map((item, at) => String(at) === key ? this.replaced(item) : item);
    return { ...value, [key]: this.replaced((value as Record<string, unknown>)[key]) };
  }

  /** Any JSON value. */
  json(depth: number = 3): unknown {
    switch (this.below(depth > 0 ? 8 : 6)) {
      case 0:
        return null;
      case 1:
        return this.is(0.5);
      case 2:
        return this.below(2 ** 31) - 2 ** 30;
      case 3:
        return this.#next() * 1e9;
      case 4:
      case 5:
        return this.text();
      case 6:
        return Array.from({ length: this.below(4) }, () => this.json(depth - 1));
      default:
        return this.object(depth - 1);
    }
  }

  /** Any JSON object. */
  object(depth: number = 3): Record<string, unknown> {
    const keys = Array.from(
      { length: this.below(4) },
      () => this.is(0.8) ? this.of(["a", "b", "metadata", "items"]) : this.text(),
    );
    return Object.fromEntries(keys.map((key) => [key, this.json(depth)]));
  }

  /** The text's bytes in pieces of any size. */
  *pieces(text: string): Generator<Uint8Array> {
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length;) {
      const size = 1 + this.below(this.is(0.5) ? 4 : bytes.length);
      yield bytes.subarray(at, at += size);
    }
  }
}
