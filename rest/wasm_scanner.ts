import { decodeBase64 } from "./base64.ts";
import { WASM_SCANNER_CODE } from "./wasm_scanner_code.ts";

/** Where the bytes begin in its memory, and how many more than them it may look at. */
const BYTES_AT = 512;
const BEHIND = 16;
/** More bytes than this are not copied: its memory never shrinks. */
const MOST = 4 * 1024 * 1024;
const PAGE = 64 * 1024;

/** In what {@linkcode WasmScanner.endOfValue} returns: the value has a string with a backslash. */
export const HAS_BACKSLASH = 1;
/** The same: it has one with bytes that are not ASCII. */
export const HAS_OTHERS = 2;

interface Code {
  readonly memory: WebAssembly.Memory;
  endOfValue(at: number, end: number): number;
}

/**
 * Finds where values end in JSON as {@linkcode JsonScanner} does, in bytes in its own memory. It looks at 16 of them at a
 * time, which no engine does for a program in JavaScript: two (Bun) to four times (Node) as fast.
 */
export class WasmScanner {
  /** The bytes that it has; until others are loaded. */
  bytes: Uint8Array | undefined;
  readonly #code: Code;
  #memory: Uint8Array;

  constructor(code: Code) {
    this.#code = code;
    this.#memory = new Uint8Array(code.memory.buffer);
  }

  /** Copies pieces one behind the other. @returns Them all, as long as no others are loaded; `undefined` if too many. */
  load(pieces: readonly Uint8Array[]): Uint8Array | undefined {
    this.bytes = undefined;
    let length = 0;
    for (const piece of pieces) length += piece.length;
    if (length > MOST) return undefined;
    const missing = BYTES_AT + length + BEHIND - this.#memory.length;
    if (missing > 0) {
      this.#code.memory.grow(Math.ceil(missing / PAGE));
      this.#memory = new Uint8Array(this.#code.memory.buffer);
    }
    let at = BYTES_AT;
    for (const piece of pieces) {
      this.#memory.set(piece, at);
      at += piece.length;
    }
    return this.bytes = this.#memory.subarray(BYTES_AT, at);
  }

  /**
   * Four times the position after the value at `at`, and {@linkcode HAS_BACKSLASH} and {@linkcode HAS_OTHERS} as far as
   * they are true of it; or below 0 what {@linkcode JsonScanner.endOfValue} returns.
   */
  endOfValue(at: number, end: number): number {
    const result = this.#code.endOfValue(at + BYTES_AT, end + BYTES_AT);
    return result < 0 ? result : result - 4 * BYTES_AT;
  }
}

let shared: WasmScanner | false | undefined;

/**
 * The one that all share, since none of them waits between copying and looking. `undefined` where programs may not make
 * code of bytes, as in some edge runtimes and below some content security policies.
 */
export function wasmScanner(): WasmScanner | undefined {
  shared ??= opened();
  return shared || undefined;
}

function opened(): WasmScanner | false {
  try {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(decodeBase64(WASM_SCANNER_CODE)!));
    return new WasmScanner(exports as object as Code);
  } catch {
    return false; // the same is found out without it
  }
}
