import type { Answer, ByteSource } from "./answer.ts";

/** What a {@linkcode RawAnswer} is made of. */
export interface RawAnswerParts {
  status: number;
  statusText: string;
  /** Names and values in turns. */
  raw: string[];
  body: ByteSource | null;
}

/** An answer as it came. What the web makes of it is made when somebody asks. */
export class RawAnswer implements Answer {
  readonly status: number;
  readonly body: ByteSource | null;
  readonly #statusText: string;
  readonly #raw: string[];
  #headers: Headers | undefined;

  constructor({ status, statusText, raw, body }: RawAnswerParts) {
    this.status = status;
    this.#statusText = statusText;
    this.#raw = raw;
    this.body = body;
  }

  get headers(): Headers {
    if (this.#headers === undefined) {
      this.#headers = new Headers();
      for (let at = 0; at < this.#raw.length; at += 2) this.#headers.append(this.#raw[at], this.#raw[at + 1]);
    }
    return this.#headers;
  }

  header(name: string): string | null {
    return rawHeader(this.#raw, name);
  }

  toResponse(): Response {
    const { status, headers, body } = this;
    return new Response(body && streamOf(body), { status, statusText: this.#statusText, headers });
  }
}

/** A header by its name in lower case; several of that name are joined by commas. */
export function rawHeader(raw: readonly string[], name: string): string | null {
  let value: string | null = null;
  for (let at = 0; at < raw.length; at += 2) {
    if (raw[at].length !== name.length || raw[at].toLowerCase() !== name) continue;
    value = value === null ? raw[at + 1] : `${value}, ${raw[at + 1]}`;
  }
  return value;
}

/** Whether these are headers of a body that is packed by gzip. */
export function isGzip(raw: readonly string[]): boolean {
  return /^(x-)?gzip$/i.test(rawHeader(raw, "content-encoding") ?? "");
}

/** Headers without those that tell of a compressed body, and not of what it is made into. */
export function withoutPacking(raw: readonly string[]): string[] {
  return raw.filter((_, index) => !/^content-(encoding|length)$/i.test(raw[index & ~1]));
}

/** The same as a stream of the web, no faster than it is read. */
export function streamOf(body: ByteSource): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      await new Promise<void>((ready) => body.wait(ready));
      const chunks = body.take();
      if (chunks === undefined) return controller.close();
      for (const chunk of chunks) controller.enqueue(chunk as Uint8Array<ArrayBuffer>);
    },
    cancel: (reason) => body.cancel(reason),
  }, { highWaterMark: 0 });
}
