import { joinBytes } from "../rest/mod.ts";

/** An answer as it is kept: what client-go's HTTP cache writes, a dump of an HTTP/1 response. */
export interface StoredResponse {
  status: number;
  headers: Headers;
  body: Uint8Array<ArrayBuffer>;
}

/** Headers of one connection, or of a body in another form than the one kept. */
const NOT_KEPT = [
  "connection",
  "content-encoding",
  "content-length",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailers",
  "transfer-encoding",
  "upgrade",
];

/** The headers of an answer without those that belong to its connection. */
export function keptHeaders(headers: Headers): Headers {
  const kept = new Headers(headers);
  for (const name of NOT_KEPT) kept.delete(name);
  return kept;
}

/** Writes an answer. */
export function formatStoredResponse({ status, headers, body }: StoredResponse): Uint8Array<ArrayBuffer> {
  const lines = [`HTTP/1.1 ${status} OK`, `Content-Length: ${body.length}`];
  for (const [name, value] of headers) lines.push(`${name}: ${value}`);
  const head = new TextEncoder().encode(`${lines.join("\r\n")}\r\n\r\n`);
  const bytes = new Uint8Array(head.length + body.length);
  bytes.set(head);
  bytes.set(body, head.length);
  return bytes;
}

/** Reads what {@linkcode formatStoredResponse} or client-go has written; `undefined` if it is something else. */
export function parseStoredResponse(bytes: Uint8Array<ArrayBuffer>): StoredResponse | undefined {
  const end = endOfHead(bytes);
  if (end === -1) return undefined;
  const [first, ...lines] = new TextDecoder().decode(bytes.subarray(0, end)).split("\r\n");
  const [, status] = /^HTTP\/\d\.\d (\d{3})/.exec(first) ?? [];
  if (status === undefined) return undefined;
  const headers = new Headers();
  try {
    for (const line of lines) {
      const colon = line.indexOf(":");
      if (colon < 1) return undefined;
      headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
    }
  } catch {
    return undefined; // a name or value that no header can have
  }
  const body = bodyOf(headers, bytes.slice(end + 4));
  return body && { status: Number(status), headers: keptHeaders(headers), body };
}

function endOfHead(bytes: Uint8Array): number {
  for (let at = bytes.indexOf(13); at !== -1; at = bytes.indexOf(13, at + 1)) {
    if (bytes[at + 1] === 10 && bytes[at + 2] === 13 && bytes[at + 3] === 10) return at;
  }
  return -1;
}

/** The body by its length, by its chunks, or up to the end, as the headers say. */
function bodyOf(headers: Headers, bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | undefined {
  if (headers.get("transfer-encoding")?.toLowerCase() === "chunked") return unchunked(bytes);
  const length = headers.get("content-length");
  if (length === null) return bytes;
  return Number(length) === bytes.length ? bytes : undefined;
}

function unchunked(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | undefined {
  const chunks: Uint8Array[] = [];
  for (let at = 0;;) {
    const line = bytes.indexOf(10, at);
    const size = line === -1 ? NaN : parseInt(new TextDecoder().decode(bytes.subarray(at, line)), 16);
    if (!(size >= 0) || line + 1 + size > bytes.length) return undefined;
    if (size === 0) break;
    chunks.push(bytes.subarray(line + 1, line + 1 + size));
    at = line + 1 + size + 2;
  }
  return joinBytes(chunks);
}
