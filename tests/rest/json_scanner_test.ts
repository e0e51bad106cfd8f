import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, it } from "node:test";
import { JsonScanner } from "@coxswain/kube/rest";
import { seededRandom } from "../../testing/seeded_random.ts";
import { wasmModule } from "../../tools/wasm.ts";

/** The module anew, with nothing known from before. */
const ANOTHER = "../../rest/wasm_scanner.ts?another";
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

interface Found {
  end: number;
  isPlain: boolean;
  isAscii: boolean;
}

function look(scanner: JsonScanner, bytes: Uint8Array, at: number, end: number): Found {
  scanner.isPlain = true;
  scanner.isAscii = true;
  const found = scanner.endOfValue(bytes, at, end);
  const { isPlain, isAscii } = scanner;
  return found < 0 ? { end: found, isPlain: true, isAscii: true } : { end: found, isPlain, isAscii };
}

/** What the scanner finds by itself, which is to be what it finds in bytes that it was told of. */
function endOf(bytes: Uint8Array, at: number, end: number): Found {
  const inScript = look(new JsonScanner(), bytes, at, end);
  const loaded = new JsonScanner();
  assert.deepEqual(
    look(loaded, loaded.load([bytes.subarray(0, 3), bytes.subarray(3)]), at, end),
    inScript,
    JSON.stringify(String(decodeLoosely(bytes))),
  );
  return inScript;
}

const decodeLoosely = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

const TEXTS = [
  "",
  "web",
  "a".repeat(15),
  "b".repeat(16),
  "c".repeat(47),
  'q"',
  "\\",
  "\n\u0001",
  "ü",
  "🙂",
  "d".repeat(14) + "ü",
];
const WORDS = ["true", "false", "null", "0", "-0", "12.5", "1e9", "1E+10", "-3.25e-7"];
const SPOILT = [
  "tru",
  "nul",
  "01",
  "-",
  "1.",
  "1e",
  ".5",
  "+1",
  '"\\x"',
  '"\\u00g0"',
  '"\u0001"',
  "{,}",
  "[1,]",
  '{"a"}',
  "{1:2}",
  "]",
  "}",
];

function valueOf(random: () => number, depth = 0): string {
  const pick = (from: readonly string[]) => from[Math.floor(random() * from.length)];
  const space = () => random() < 0.85 ? "" : pick([" ", "\n", "\t", "\r\n "]);
  const text = () => random() < 0.9 ? JSON.stringify(pick(TEXTS)) : String.raw`"\u00e9\/\b\f"`;
  const several = (one: () => string) =>
    Array.from({ length: Math.floor(random() * 4) }, () => space() + one() + space()).join(",");
  switch (Math.floor(random() * (depth > 4 ? 4 : 8))) {
    case 0:
    case 1:
      return text();
    case 2:
      return pick(WORDS);
    case 3:
      return random() < 0.1 ? pick(SPOILT) : pick(["{}", "[]", "{ }", "[\n]"]);
    case 4:
      return `[${several(() => valueOf(random, depth + 1))}]`;
    default:
      return `{${several(() => `${text()}${space()}:${space()}${valueOf(random, depth + 1)}`)}}`;
  }
}

describe("the end of a value in JSON that is bytes", () => {
  it("is the same wherever it is looked for, and what it ends can be parsed", () => {
    for (let seed = 1; seed <= 1_500; seed++) {
      const random = seededRandom(seed);
      const bytes = encoder.encode(`${valueOf(random)},"behind it":1`);
      if (random() < 0.3) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 128);
      for (let time = 0; time < 4; time++) {
        const at = time === 0 ? 0 : Math.floor(random() * bytes.length);
        const to = time < 2 ? bytes.length : at + Math.floor(random() * (bytes.length - at + 1));
        const { end, isPlain, isAscii } = endOf(bytes, at, to);
        if (end < 0) continue;
        const value = bytes.subarray(at, end);
        if (isAscii) assert.ok(value.every((byte) => byte < 128));
        if (isPlain) assert.ok(!value.includes(0x5c));
        try {
          JSON.parse(decoder.decode(value));
        } catch (error) {
          if (!(error instanceof TypeError)) throw error; // it began in the middle of a character, or one was spoilt
        }
      }
    }
  });

  it("is not found in what is cut anywhere", () => {
    const bytes = encoder.encode(
      '{"a":["text that is long enough",-12.5e+3,{"b":[true,null]},"\\u00e9\\n"],"ü":{}}',
    );
    for (let end = 0; end < bytes.length; end++) assert.equal(endOf(bytes, 0, end).end, -1, `cut at ${end}`);
    assert.deepEqual(endOf(bytes, 0, bytes.length), { end: bytes.length, isPlain: false, isAscii: false });
  });

  it("is not found when values are within values too deeply", () => {
    const nested = (depth: number) => encoder.encode("[".repeat(depth) + "]".repeat(depth));
    assert.equal(endOf(nested(257), 0, 514).end, 514); // the innermost is empty, and takes no place
    assert.equal(endOf(nested(258), 0, 516).end, -2);
  });

  it("is the same of few bytes and of very many", () => {
    const long = encoder.encode(`["${"x".repeat(3_000_000)}",{}]`);
    assert.equal(endOf(long, 0, long.length).end, long.length);
    const longest = encoder.encode(`["${"x".repeat(5_000_000)}",{}]`); // more than is copied
    assert.equal(endOf(longest, 0, longest.length).end, longest.length);
    assert.equal(endOf(encoder.encode("{}"), 0, 2).end, 2);
  });

  it("is that of the bytes that are asked about, when others were loaded last", () => {
    const scanner = new JsonScanner();
    const [first, second] = [encoder.encode('"first"'), encoder.encode("[2]")];
    const loaded = scanner.load([second]);
    const ends = [
      scanner.endOfValue(first, 0, 7),
      scanner.endOfValue(loaded, 0, 3),
      scanner.endOfValue(second, 0, 3),
    ];
    assert.deepEqual(ends, [7, 3, 3]);
  });

  it("is found in script where no code may be made of bytes, as at the edge", async () => {
    const { Module } = WebAssembly;
    WebAssembly.Module = class {
      constructor() {
        throw new WebAssembly.CompileError("Wasm code generation disallowed by embedder");
      }
    } as unknown as typeof Module;
    try {
      const another: typeof import("../../rest/wasm_scanner.ts") = await import(ANOTHER);
      assert.equal(another.wasmScanner(), undefined);
      assert.equal(another.wasmScanner(), undefined);
    } finally {
      WebAssembly.Module = Module;
    }
  });

  it("is found by code that is what its source says", async () => {
    const file = new URL("../../rest/wasm_scanner_code.ts", import.meta.url);
    assert.equal(await readFile(file, "utf8"), await wasmModule());
  });
});
