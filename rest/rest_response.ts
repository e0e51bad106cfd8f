import type { KubernetesObject } from "../meta/mod.ts";
import type { BodyReader } from "./body_reader.ts";
import { parseJson } from "./json_text.ts";
import { ListReader } from "./list_reader.ts";
import { statusOf } from "./refusal.ts";
import { StatusError } from "./status_error.ts";
import { WatchReader } from "./watch_reader.ts";

/**
 * A successful answer, of which only the headers have been read. Read the body in one of its ways, or
 * {@linkcode RestResponse.close} it: until then it holds a connection.
 */
export class RestResponse implements AsyncDisposable {
  /** The HTTP status code, from 200 to 206. */
  readonly status: number;
  /** The answer's headers. */
  readonly headers: Headers;
  readonly #body: BodyReader;
  readonly #what: string;
  #read = false;

  /**
   * Wraps an answer whose headers are in. Made by the client.
   *
   * @param response Status and headers of the answer.
   * @param body Its bytes.
   * @param what What was asked, for errors: `GET https://host/path`.
   */
  constructor(response: Pick<Response, "status" | "headers">, body: BodyReader, what: string) {
    this.status = response.status;
    this.headers = response.headers;
    this.#body = body;
    this.#what = what;
  }

  /**
   * The body as JSON.
   *
   * @throws {StatusError} If it is a `Status` that tells of a failure, whatever the code.
   * @throws {SyntaxError} If it is empty or not JSON; the message holds none of its text.
   */
  async json<T>(): Promise<T> {
    const text = await this.text();
    let value: unknown;
    try {
      value = parseJson(text);
    } catch (error) {
      const type = this.headers.get("content-type") ?? "none";
      const { message } = error as SyntaxError;
      throw new SyntaxError(`${this.#what} failed: ${message} (status ${this.status}, content type ${type})`);
    }
    const status = statusOf(value);
    if (status?.status === "Failure") throw new StatusError(status);
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

  /** The body as a list, item by item. */
  list<T extends KubernetesObject = KubernetesObject>(): ListReader<T> {
    return new ListReader<T>(this.#take(), this.#what);
  }

  /** The body as the events of a watch. */
  watch<T extends KubernetesObject = KubernetesObject>(): WatchReader<T> {
    return new WatchReader<T>(this.#take(), this.#what);
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

  #take(): BodyReader {
    if (this.#read) throw new TypeError(`Cannot read the answer to ${this.#what} twice: keep what was read`);
    this.#read = true;
    return this.#body;
  }
}
