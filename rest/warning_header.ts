import { bytesOf } from "./bytes_of.ts";
import { decodeEncodedWords } from "./encoded_words.ts";

/** What a server has to say beside its answer, such as that an API is deprecated. */
export interface Warning {
  /** What kind of warning it is, from 0 to 999. API servers send 299: about the request itself, lastingly. */
  code: number;
  /** Who warns; `-` when that is not said. */
  agent: string;
  /** The warning, for people. Has no control characters, so that it can go to a terminal. */
  text: string;
}

/** What {@linkcode parseWarnings} found. */
export interface ParsedWarnings {
  /** The warnings that could be read, in order. */
  warnings: Warning[];
  /** What is wrong with the others, for logs. */
  errors: string[];
}

/**
 * Reads the values of `Warning` headers. One value may hold several warnings; a malformed one ends the reading of its
 * value, and the next value is read again. Encoded words of RFC 2047 are decoded where that is possible.
 *
 * @param values As HTTP has them: UTF-8, with a character for each byte, the way `Headers` gives them. Text with
 * characters that no byte can be is taken to be decoded already.
 * @see client-go `apimachinery/pkg/util/net`, spec rest 5, RFC 2616 14.46
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseWarnings } from "@coxswain/kube/rest";
 * const { warnings, errors } = parseWarnings(['299 - "v1beta1 is deprecated"', "299 -"]);
 * assert.deepEqual(warnings, [{ code: 299, agent: "-", text: "v1beta1 is deprecated" }]);
 * assert.equal(errors.length, 1);
 * ```
 */
export function parseWarnings(values: readonly string[]): ParsedWarnings {
  const found: ParsedWarnings = { warnings: [], errors: [] };
  for (const value of values) {
    for (let at = 0; at < value.length;) {
      const read = readWarning(value, at);
      if ("problem" in read) {
        found.errors.push(`Cannot read a warning: ${read.problem}`);
        break;
      }
      found.warnings.push(read.warning);
      at = read.next;
    }
  }
  return found;
}

/**
 * The warnings of an answer. `Headers` joins the lines of one name with commas, so that nobody can tell where a line
 * with a malformed warning ends: reading goes on at what next looks like the start of a warning. Unlike client-go,
 * this also finds the warnings behind a malformed one in the same line. What cannot be read is left out.
 *
 * @see spec rest 5
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { warningsOf } from "@coxswain/kube/rest";
 * const { headers } = new Response("{}", { headers: [["Warning", '299 - "first'], ["Warning", '299 - "second"']] });
 * assert.deepEqual(warningsOf(headers), [{ code: 299, agent: "-", text: "second" }]);
 * ```
 */
export function warningsOf(headers: Headers): Warning[] {
  const value = headers.get("warning") ?? "";
  const warnings: Warning[] = [];
  const startOfOther = /,[ \t]*(?=\d{3} [^ ,"]+ ")/g;
  for (let at = 0; at < value.length;) {
    const read = readWarning(value, at);
    if ("warning" in read) {
      warnings.push(read.warning);
      at = read.next;
    } else {
      startOfOther.lastIndex = at;
      at = startOfOther.test(value) ? startOfOther.lastIndex : value.length;
    }
  }
  return warnings;
}

/**
 * The value of a `Warning` header: the inverse of {@linkcode parseWarnings}.
 *
 * @returns As `Headers` take it: UTF-8, with a character for each byte.
 * @throws {RangeError} If the code is not a whole number from 0 to 999.
 * @throws {TypeError} If the agent is not one word, or one of the texts has control characters or lone surrogates.
 * @see client-go `NewWarningHeader`, spec rest 5
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { formatWarning } from "@coxswain/kube/rest";
 * assert.equal(formatWarning({ code: 299, agent: "", text: 'say "please"' }), '299 - "say \\"please\\""');
 * ```
 */
export function formatWarning({ code, agent, text }: Warning): string {
  if (!(Number.isInteger(code) && code >= 0 && code <= 999)) {
    throw new RangeError(`Cannot write a warning: its code must be from 0 to 999, got ${code}`);
  }
  if (/[\s"\\]/u.test(agent) || !isPrintable(agent)) {
    throw new TypeError(
      `Cannot write a warning: the agent ${JSON.stringify(agent)} is not one printable word`,
    );
  }
  if (!isPrintable(text)) {
    throw new TypeError(
      `Cannot write a warning: the text ${JSON.stringify(text)} has control characters or lone surrogates`,
    );
  }
  const quoted = text.replace(/["\\]/g, "\\$&");
  return bytesOf(`${String(code).padStart(3, "0")} ${agent || "-"} "${quoted}"`);
}

/** Reads the warning at `start`. `next` is where the one after it begins, or the end of the value. */
function readWarning(value: string, start: number): { warning: Warning; next: number } | { problem: string } {
  const begin = skipSpace(value, start);
  const afterCode = value.indexOf(" ", begin);
  const afterAgent = afterCode < 0 ? -1 : value.indexOf(" ", afterCode + 1);
  if (afterAgent < 0 || skipSpace(value, afterAgent) === value.length) {
    return { problem: "it is not a code, an agent and a text" };
  }
  const code = value.slice(begin, afterCode);
  if (!/^[0-9]{3}$/.test(code)) return { problem: "its code is not three digits" };
  const agent = decodeUtf8(value.slice(afterCode + 1, afterAgent));
  if (agent === "") return { problem: "its agent is missing" };
  if (agent === undefined || !isPrintable(agent)) return { problem: "its agent is not printable UTF-8" };
  if (value[afterAgent + 1] !== '"') return { problem: "its text does not begin with a quote" };
  const quoted = readQuoted(value, afterAgent + 1);
  if (quoted === undefined) return { problem: "its text has no closing quote" };
  const bytes = asBytes(quoted.text);
  const text = bytes && decodeUtf8(decodeEncodedWords(bytes) ?? bytes);
  if (text === undefined || !isPrintable(text)) return { problem: "its text is not printable UTF-8" };

  let next = skipSpace(value, quoted.end);
  if (value[next] === '"') {
    const endOfDate = value.indexOf('"', next + 1);
    if (endOfDate < 0) return { problem: "its date has no closing quote" };
    next = skipSpace(value, endOfDate + 1);
  }
  if (next < value.length) {
    if (value[next] !== ",") return { problem: "something follows it that is not a comma" };
    next = skipSpace(value, next + 1);
  }
  return { warning: { code: Number(code), agent, text }, next };
}

/** The quoted string whose opening quote is at `start`, without its quotes and escapes. */
function readQuoted(value: string, start: number): { text: string; end: number } | undefined {
  let text = "";
  let from = start + 1;
  for (let at = from; at < value.length; at++) {
    if (value[at] === '"') return { text: text + value.slice(from, at), end: at + 1 };
    if (value[at] !== "\\") continue;
    text += value.slice(from, at);
    from = ++at; // the escaped character, which is itself whatever it is
  }
  return undefined;
}

function skipSpace(value: string, at: number): number {
  while (at < value.length && " \t\n\v\f\r".includes(value[at])) at++;
  return at;
}

/** A header's value as bytes, also if it was decoded already; `undefined` if it is no text. */
function asBytes(value: string): string | undefined {
  if (!/[\u0100-\uffff]/.test(value)) return value;
  return value.isWellFormed() ? bytesOf(value) : undefined;
}

/** The text of a header's value; `undefined` if it is not UTF-8. */
function decodeUtf8(value: string): string | undefined {
  const bytes = asBytes(value);
  if (bytes === undefined || !/[\x80-\xff]/.test(bytes)) return bytes;
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    return decoder.decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)));
  } catch { // the only error there is says that the bytes are not UTF-8
    return undefined;
  }
}

const isPrintable = (text: string) => text.isWellFormed() && !/\p{Cc}/u.test(text);
