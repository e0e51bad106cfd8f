import { define, isJsonObject, type JsonObject, own } from "./api_object.ts";
import { quoted } from "./refusal.ts";

/** Thrown for a text that is no JSON, in the words of Go's decoder. */
export class JsonError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "JsonError";
  }
}

/** A JSON text, read. */
export interface ReadJson {
  readonly value: unknown;
  /** Paths of the fields that come more than once, in the order of the text. */
  readonly duplicates: readonly string[];
}

/**
 * Reads JSON as Go's decoder does: with its errors, and with an eye on fields that come twice.
 *
 * @param twice What becomes of objects in a field that comes twice: those of Go's structs are merged.
 * @throws {JsonError} If the text is no JSON.
 */
export function readJson(text: string, twice: "merge" | "replace" = "merge"): ReadJson {
  try {
    const value: unknown = JSON.parse(text);
    // What a program wrote is written again as it was; only what is not needs a closer look.
    // Halves of characters, which are in no well-formed text, may stand in escapes.
    if (!/\\ud/i.test(text) && JSON.stringify(value) === text) return { value, duplicates: [] };
  } catch {
    // The engine's words differ between runtimes: ours are found below.
  }
  return new Reader(text, twice).read();
}

const LITERALS: Readonly<Record<string, readonly [string, unknown]>> = {
  t: ["true", true],
  f: ["false", false],
  n: ["null", null],
};
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};
const isDigit = (character: string | undefined): boolean => character !== undefined && /\d/.test(character);

class Reader {
  readonly #text: string;
  readonly #twice: "merge" | "replace";
  readonly #duplicates: string[] = [];
  #at = 0;

  constructor(text: string, twice: "merge" | "replace") {
    this.#text = text;
    this.#twice = twice;
  }

  read(): ReadJson {
    const value = this.#value("");
    this.#space();
    if (this.#at < this.#text.length) throw this.#unexpected("after top-level value");
    return { value, duplicates: this.#duplicates };
  }

  #value(path: string): unknown {
    this.#space();
    const first = this.#text[this.#at];
    if (first === "{") return this.#object(path);
    if (first === "[") return this.#array(path);
    if (first === '"') return this.#string();
    if (first === "-" || isDigit(first)) return this.#number();
    const literal = LITERALS[first];
    if (literal === undefined) throw this.#unexpected("looking for beginning of value");
    return this.#literal(literal);
  }

  #object(path: string): JsonObject {
    this.#at++;
    const object: JsonObject = {};
    const seen = new Set<string>();
    this.#space();
    if (this.#take("}")) return object;
    do {
      this.#space();
      if (this.#text[this.#at] !== '"') throw this.#unexpected("looking for beginning of object key string");
      const key = this.#string();
      this.#space();
      if (!this.#take(":")) throw this.#unexpected("after object key");
      const at = path === "" ? key : `${path}.${key}`;
      if (seen.has(key)) this.#duplicates.push(at);
      seen.add(key);
      const value = this.#value(at);
      define(object, key, this.#twice === "merge" ? merged(own(object, key), value) : value);
      this.#space();
    } while (this.#take(","));
    if (!this.#take("}")) throw this.#unexpected("after object key:value pair");
    return object;
  }

  #array(path: string): unknown[] {
    this.#at++;
    const array: unknown[] = [];
    this.#space();
    if (this.#take("]")) return array;
    do {
      array.push(this.#value(`${path}[${array.length}]`));
      this.#space();
    } while (this.#take(","));
    if (!this.#take("]")) throw this.#unexpected("after array element");
    return array;
  }

  #string(): string {
    this.#at++;
    let string = "";
    for (;;) {
      const character = this.#text[this.#at];
      if (character === undefined || character < " ") throw this.#unexpected("in string literal");
      this.#at++;
      if (character === '"') return string.toWellFormed();
      if (character !== "\\") {
        string += character;
        continue;
      }
      const escape = this.#text[this.#at];
      if (escape === "u") {
        this.#at++;
        string += this.#hexadecimal();
      } else {
        if (!Object.hasOwn(ESCAPES, escape)) throw this.#unexpected("in string escape code");
        string += ESCAPES[escape];
        this.#at++;
      }
    }
  }

  #hexadecimal(): string {
    const start = this.#at;
    while (this.#at < start + 4) {
      if (!/[\da-fA-F]/.test(this.#text[this.#at] ?? "")) {
        throw this.#unexpected("in \\u hexadecimal character escape");
      }
      this.#at++;
    }
    return String.fromCharCode(parseInt(this.#text.slice(start, this.#at), 16));
  }

  #number(): number {
    const start = this.#at;
    this.#take("-");
    if (!isDigit(this.#text[this.#at])) throw this.#unexpected("in numeric literal");
    if (!this.#take("0")) this.#digits();
    if (this.#take(".")) {
      if (!isDigit(this.#text[this.#at])) throw this.#unexpected("after decimal point in numeric literal");
      this.#digits();
    }
    if (this.#take("e") || this.#take("E")) {
      if (!this.#take("+")) this.#take("-");
      if (!isDigit(this.#text[this.#at])) throw this.#unexpected("in exponent of numeric literal");
      this.#digits();
    }
    return Number(this.#text.slice(start, this.#at));
  }

  #literal([word, value]: readonly [string, unknown]): unknown {
    for (const letter of word) {
      if (!this.#take(letter)) throw this.#unexpected(`in literal ${word} (expecting '${letter}')`);
    }
    return value;
  }

  #digits(): void {
    while (isDigit(this.#text[this.#at])) this.#at++;
  }

  #space(): void {
    while (" \t\r\n".includes(this.#text[this.#at] ?? "x")) this.#at++;
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #unexpected(where: string): JsonError {
    const character = this.#text[this.#at];
    if (character === undefined) return new JsonError("unexpected end of JSON input");
    return new JsonError(`invalid character ${quotedCharacter(character)} ${where}`);
  }
}

/** What a second value of a field makes of the first: fields of both objects, else the second. */
function merged(first: unknown, second: unknown): unknown {
  if (!isJsonObject(first) || !isJsonObject(second)) return second;
  const both: JsonObject = { ...first };
  for (const [key, value] of Object.entries(second)) define(both, key, merged(own(both, key), value));
  return both;
}

function quotedCharacter(character: string): string {
  if (character === "'") return `'\\''`;
  if (character === '"') return `'"'`;
  return `'${quoted(character).slice(1, -1)}'`;
}
