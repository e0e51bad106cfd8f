import { joinBytes, NetworkError } from "../rest/mod.ts";
import type { PortConnection } from "./port_connection.ts";

/** The longest head of an answer, in bytes, as Node's and Go's clients have limits too. */
const LONGEST_HEAD = 64 * 1024;
/** The longest line that tells the size of a chunk, in bytes. */
const LONGEST_CHUNK_LINE = 4096;
/** Statuses whose answer has no body; a `Response` with one would be refused. */
const WITHOUT_BODY = new Set([204, 205, 304]);
/** Headers that are about one connection, and so are ours to set. */
const OF_CONNECTION = /^(connection|keep-alive|transfer-encoding|content-length|upgrade|te|trailer|expect)$/i;

/** What is needed of a connection. */
type Connection = Pick<
  PortConnection,
  "readable" | "writable" | "pod" | "port" | typeof Symbol.asyncDispose
>;

/**
 * Sends one HTTP request over a connection, which ends with its answer. The request's body is read before it is sent; the
 * answer's is handed on as it comes.
 *
 * @throws {NetworkError} If no HTTP answer comes.
 * @see RFC 9112
 */
export async function fetchOver(connection: Connection, request: Request): Promise<Response> {
  const what = `${request.method} to port ${connection.port} of pod ${connection.pod} failed`;
  const source = new ByteSource(connection.readable, what);
  try {
    const body = request.body === null ? undefined : new Uint8Array(await request.arrayBuffer());
    const writer = connection.writable.getWriter();
    const sending = (async () => {
      await writer.write(new TextEncoder().encode(headOf(request, body?.length)));
      if (body !== undefined && body.length > 0) await writer.write(body);
    })();
    sending.catch(() => {}); // what failed there fails the answer too, which says more
    const { status, statusText, headers } = await readHead(source);
    const hasBody = request.method !== "HEAD" && !WITHOUT_BODY.has(status);
    if (!hasBody) await connection[Symbol.asyncDispose]();
    const stream = hasBody ? bodyOf(source, headers, () => connection[Symbol.asyncDispose]()) : null;
    headers.delete("transfer-encoding");
    return new Response(stream, { status, statusText, headers });
  } catch (error) {
    await connection[Symbol.asyncDispose]();
    throw error;
  }
}

function headOf({ method, url, headers }: Request, length: number | undefined): string {
  const { host, pathname, search } = new URL(url);
  const lines = [`${method} ${pathname}${search} HTTP/1.1`];
  if (!headers.has("host")) lines.push(`Host: ${host}`);
  for (const [name, value] of headers) if (!OF_CONNECTION.test(name)) lines.push(`${name}: ${value}`);
  if (length !== undefined) lines.push(`Content-Length: ${length}`);
  lines.push("Connection: close");
  return `${lines.join("\r\n")}\r\n\r\n`;
}

interface Head {
  status: number;
  statusText: string;
  headers: Headers;
}

async function readHead(source: ByteSource): Promise<Head> {
  for (;;) {
    const [first, ...lines] = (await source.until("\r\n\r\n", LONGEST_HEAD)).split("\r\n");
    const [, code, statusText] = /^HTTP\/1\.[01] (\d{3})(?: (.*))?$/.exec(first) ?? [];
    const status = Number(code);
    if (!(status >= 100 && status <= 599)) throw source.failure("what answers does not speak HTTP/1.1");
    if (status < 200 && status !== 101) continue; // 100 and the like: the answer is still to come
    if (status === 101) throw source.failure("the answer changes the protocol, which nobody asked for");
    const headers = new Headers();
    for (const line of lines) {
      const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
      if (name === undefined) throw source.failure("the answer has a header that is none");
      headers.append(name, value);
    }
    return { status, statusText: statusText ?? "", headers };
  }
}

/** The body, which ends by its own length, by its last chunk, or with the connection. */
function bodyOf(
  source: ByteSource,
  headers: Headers,
  close: () => Promise<void>,
): ReadableStream<Uint8Array> {
  const isChunked = /(^|,)\s*chunked\s*$/i.test(headers.get("transfer-encoding") ?? "");
  const length = headers.get("content-length");
  if (!isChunked && length !== null && !/^\d{1,15}$/.test(length)) {
    throw source.failure("the answer has a length that is none");
  }
  let left = isChunked ? 0 : length === null ? Infinity : Number(length);
  let isFirst = true;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        if (left === 0 && isChunked) {
          if (!isFirst) await source.until("\r\n", LONGEST_CHUNK_LINE);
          isFirst = false;
          const size = /^([0-9a-f]{1,12})\s*(;.*)?$/i.exec(await source.until("\r\n", LONGEST_CHUNK_LINE))
            ?.[1];
          if (size === undefined) throw source.failure("the answer has a chunk that is none");
          left = parseInt(size, 16);
        }
        const bytes = left === 0 ? undefined : await source.read(left);
        if (bytes === undefined && left > 0 && left !== Infinity) {
          throw source.failure("the answer broke off");
        }
        if (bytes !== undefined) {
          left -= bytes.length;
          controller.enqueue(bytes);
        }
        if (bytes === undefined || (left === 0 && !isChunked)) {
          controller.close();
          await close();
        }
      } catch (error) {
        await close();
        throw error;
      }
    },
    cancel: close,
  }, { highWaterMark: 0 });
}

/** Bytes that are read up to a mark, or up to a number of them. */
class ByteSource {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #what: string;
  #rest: Uint8Array = new Uint8Array();

  constructor(stream: ReadableStream<Uint8Array>, what: string) {
    this.#reader = stream.getReader();
    this.#what = what;
  }

  failure(problem: string): NetworkError {
    return new NetworkError(`${this.#what}: ${problem}`, { reason: "other", phase: "headers" });
  }

  /** Some bytes, `most` at most; `undefined` at the end. */
  async read(most: number): Promise<Uint8Array | undefined> {
    if (this.#rest.length === 0) {
      const { done, value } = await this.#reader.read();
      if (done) return undefined;
      this.#rest = value;
    }
    const bytes = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(bytes.length);
    return bytes;
  }

  /** The text before a mark, which is taken too. Each byte is a character. */
  async until(mark: string, most: number): Promise<string> {
    let text = "";
    for (;;) {
      const bytes = await this.read(most);
      if (bytes === undefined) throw this.failure("the connection ended before an answer came");
      const before = text.length;
      text += String.fromCharCode(...bytes.subarray(0, most + mark.length));
      const end = text.indexOf(mark, Math.max(0, before - mark.length));
      if (end >= 0) {
        this.#rest = joinBytes([bytes.subarray(Math.max(0, end + mark.length - before)), this.#rest]);
        return text.slice(0, end);
      }
      if (text.length > most) throw this.failure("the head of the answer is too long");
    }
  }
}
