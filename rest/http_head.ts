import { rawHeader } from "./raw_answer.ts";
import { TransportFailure } from "./transport_failure.ts";

/** What comes before the body of an answer: RFC 9112, sections 4 to 6. */
export interface HttpHead {
  status: number;
  statusText: string;
  /** Names and values in turns. */
  raw: string[];
  /** How long the body is, in bytes; infinite if it goes on until the connection ends. */
  length: number;
  /** Whether the body comes in chunks, whatever its length. */
  isChunked: boolean;
  /** Whether another request may follow on the same connection. */
  isKept: boolean;
}

const STATUS_LINE = /^HTTP\/1\.([01]) (\d{3})(?: ([^\r\n\0]*))?$/;
const FIELD = /^([!#$%&'*+.^`|~\w-]+):[ \t]*([^\r\n\0]*?)[ \t]*$/;

/**
 * Reads the head of an answer.
 *
 * @param method What has been asked with.
 * @param text All before the empty line, a character for each byte.
 * @throws {TransportFailure} If this is none. It repeats nothing of the text.
 */
export function parseHttpHead(method: string, text: string): HttpHead {
  const lines = text.split("\r\n");
  const [, minor, digits, statusText = ""] = STATUS_LINE.exec(lines[0]) ?? broken("its first line");
  const raw: string[] = [];
  for (let at = 1; at < lines.length; at++) {
    const [, name, value] = FIELD.exec(lines[at]) ?? broken("a header");
    raw.push(name, value);
  }
  const status = Number(digits);
  const coding = rawHeader(raw, "transfer-encoding");
  const isChunked = coding !== null && /(^|,)[ \t]*chunked$/i.test(coding);
  const length = method === "HEAD" || status < 200 || status === 204 || status === 304
    ? 0
    : coding === null
    ? lengthOf(rawHeader(raw, "content-length"))
    : Infinity;
  const options = (rawHeader(raw, "connection") ?? "").toLowerCase().split(",").map((option) =>
    option.trim()
  );
  const isKept = !options.includes("close") && (minor === "1" || options.includes("keep-alive")) &&
    (isChunked || length < Infinity);
  return { status, statusText, raw, length, isChunked: isChunked && length > 0, isKept };
}

/** The value of `content-length`, perhaps of several that say the same. */
function lengthOf(said: string | null): number {
  if (said === null) return Infinity;
  const [first, ...others] = said.split(",").map((length) => length.trim());
  if (!/^\d{1,15}$/.test(first) || others.some((other) => other !== first)) broken("the length of its body");
  return Number(first);
}

function broken(what: string): never {
  throw new TransportFailure(
    "other",
    `what the server answers is not HTTP/1.1: ${what} is not as it must be`,
  );
}
