import { isStatus, type KubernetesObject } from "../meta/mod.ts";
import { type Answer, headerOf } from "./answer.ts";
import type { BodyReader } from "./body_reader.ts";
import type { Codec } from "./codec.ts";
import { codecFor, mediaTypeOf } from "./content_type.ts";
import { jsonCodec } from "./json_codec.ts";
import { ListReader } from "./list_reader.ts";
import { failures } from "./loaded_rarely.ts";
import { StatusError } from "./status_error.ts";
import { unreadable } from "./unreadable.ts";
import { WatchReader } from "./watch_reader.ts";

/**
 * A successful answer, of which only the headers have been read. Read the body in one of its ways, or
 * {@linkcode RestResponse.close} it: until then it holds a connection.
 */
export class RestResponse implements AsyncDisposable {
  /** The HTTP status code: from 200 to 206, unless any was asked for. */
  readonly status: number;
  readonly #answer: Pick<Answer, "headers" | "header">;
  readonly #body: BodyReader;
  readonly #what: string;
  readonly #codecs: readonly Codec[];
  #read = false;

  /**
   * Wraps an answer whose headers are in. Made by the client.
   *
   * @param response Status and headers of the answer.
   * @param body Its bytes.
   * @param what What was asked, for errors: `GET https://host/path`.
   * @param codecs What it may be written in, beside JSON.
   */
  constructor(
    response: Pick<Answer, "status" | "headers" | "header">,
    body: BodyReader,
    what: string,
    codecs: readonly Codec[] = [jsonCodec],
  ) {
    this.status = response.status;
    this.#answer = response;
    this.#body = body;
    this.#what = what;
    this.#codecs = codecs;
  }

  /** The answer's headers. */
  get headers(): Headers {
    return this.#answer.headers;
  }

  /**
   * The body as the value that it stands for: JSON, or what the codec for its content type makes of it.
   *
   * @throws {StatusError} If it is a `Status` that tells of a failure, whatever the code.
   * @throws {SyntaxError} If it is empty or cannot be read; the message holds none of its text.
   */
  async json<T>(): Promise<T> {
    const bytes = await this.#take().bytes();
    let value: unknown;
    try {
      value = this.#codec().decode(bytes);
    } catch (error) {
      throw error instanceof SyntaxError ? new SyntaxError(this.#failed(error.message)) : error;
    }
    if (isStatus(value) && value.status === "Failure") {
      throw new StatusError((await failures()).statusOf(value)!);
    }
    return value as T;
  }

  /** The body as text. */
  text(): Promise<string> {
    return this.#take().text();
  }

  /** The body as bytes. */
  bytes(): Promise<Uint8Array> {
    return this.#take().bytes();
  }

  /** The body as it comes, with back-pressure. Cancel it to end the request. */
  stream(): ReadableStream<Uint8Array> {
    const body = this.#take();
    return new ReadableStream<Uint8Array>({
      async pull(controller) {
        const chunk = await body.read();
        if (chunk === undefined) controller.close();
        else controller.enqueue(chunk);
      },
      cancel: () => body.close(),
    }, { highWaterMark: 0 });
  }

  /**
   * The body as a list, item by item.
   *
   * @param json Reads it in place of the built-in codec, if it is JSON.
   */
  list<T extends KubernetesObject = KubernetesObject>(json?: Codec): ListReader<T> {
    return new ListReader<T>(this.#take(), this.#what, this.#codec(false, json).decodeList());
  }

  /**
   * The body as the events of a watch.
   *
   * @param json Reads it in place of the built-in codec, if it is JSON.
   */
  watch<T extends KubernetesObject = KubernetesObject>(json?: Codec): WatchReader<T> {
    const codec = this.#codec(true, json);
    return new WatchReader<T>(this.#take(), this.#what, () => codec.decodeWatch());
  }

  /** Ends the request without reading further. Idempotent. */
  close(): void {
    this.#body.close();
  }

  /** The same as {@linkcode RestResponse.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  /** What the answer is written in. */
  #codec(isStream?: boolean, json: Codec = jsonCodec): Codec {
    const type = headerOf(this.#answer, "content-type");
    const codec = codecFor(type, this.#codecs, isStream);
    if (codec !== undefined) return codec === jsonCodec ? json : codec;
    const problem = `answers of type ${JSON.stringify(type)} cannot be read as objects`;
    if (mediaTypeOf(type!) !== undefined) return unreadable(new SyntaxError(problem));
    const message = `${this.#what} failed: ${JSON.stringify(type)} is no content type`;
    const causes = [{ reason: "UnexpectedServerResponse", message }];
    return unreadable(
      new StatusError({
        ...{ apiVersion: "v1", kind: "Status", status: "Failure", code: 500, reason: "InternalError" },
        ...{ message, details: { causes } },
      }),
    );
  }

  #failed(problem: string): string {
    const type = headerOf(this.#answer, "content-type") ?? "none";
    return `${this.#what} failed: ${problem} (status ${this.status}, content type ${type})`;
  }

  #take(): BodyReader {
    if (this.#read) throw new TypeError(`Cannot read the answer to ${this.#what} twice: keep what was read`);
    this.#read = true;
    return this.#body;
  }
}
