import { isStatus, type KubernetesObject, type List, type Stored } from "../meta/mod.ts";
import { eachOf } from "./batches.ts";
import type { BodyReader } from "./body_reader.ts";
import type { ListDecoder } from "./codec.ts";
import { jsonCodec } from "./json_codec.ts";
import type { ListHead } from "./list_parser.ts";
import { failures } from "./loaded_rarely.ts";
import { StatusError } from "./status_error.ts";

/**
 * A list that is read while it arrives: `for await` gives its items, each with `apiVersion` and `kind`. What
 * is held in memory is what the program keeps, not what the server sent. Leaving the loop early ends the
 * request.
 */
export class ListReader<T extends KubernetesObject = KubernetesObject>
  implements AsyncIterable<Stored<T>>, AsyncDisposable {
  readonly #body: BodyReader;
  readonly #what: string;
  readonly #decoder: ListDecoder<Stored<T>>;
  readonly #release = (chunk: Uint8Array): void => this.#body.release(chunk);
  #failure: { error: unknown } | undefined;

  /**
   * Reads from the beginning of an answer. Made by {@linkcode RestResponse.list}.
   *
   * @param body The answer's bytes.
   * @param what What was asked, for errors: `GET https://host/path`.
   * @param decoder Makes items of the bytes. Default: of JSON.
   */
  constructor(body: BodyReader, what: string, decoder: ListDecoder<Stored<T>> = jsonCodec.decodeList()) {
    this.#body = body;
    this.#what = what;
    this.#decoder = decoder;
  }

  /**
   * What the list says beside its items: `apiVersion`, `kind` and `metadata`. API servers send it first; it is
   * certainly complete once all items have been read.
   */
  get head(): Readonly<ListHead> {
    return this.#decoder.head;
  }

  /**
   * The items that the next bytes complete; `undefined` at the end. For those who handle many at a time.
   *
   * @throws {StatusError} If the answer is a `Status` and no list.
   * @throws {NetworkError} If the answer breaks off.
   * @throws {SyntaxError} If the answer is no list; the message holds none of its text.
   */
  async nextBatch(): Promise<Stored<T>[] | undefined> {
    if (this.#failure !== undefined) throw this.#failure.error;
    try {
      for (;;) {
        const chunks = await this.#body.readMany();
        if (chunks === undefined) return await this.#finish();
        const items: Stored<T>[] = [];
        for (const chunk of chunks) {
          for (const item of this.#decoder.push(chunk, this.#release)) items.push(item);
        }
        if (items.length > 0) return items;
      }
    } catch (error) {
      this.#failure = { error: this.#explained(error) };
      this.#body.close();
      throw this.#failure.error;
    }
  }

  /** Reads all items into one {@linkcode List}. For very many, iterate instead. */
  async collect(): Promise<List<Stored<T>>> {
    const items: Stored<T>[] = [];
    for (let batch = await this.nextBatch(); batch !== undefined; batch = await this.nextBatch()) {
      for (const item of batch) items.push(item);
    }
    const { apiVersion = "v1", kind = "List", metadata = {} } = this.head;
    return { apiVersion, kind, metadata, items };
  }

  /** Iterates over the items that have not been read yet. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Stored<T>> {
    return eachOf(() => this.nextBatch(), () => this.#body.close());
  }

  /** Ends the request. Idempotent. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#body.close();
    return Promise.resolve();
  }

  #finished = false;

  async #finish(): Promise<Stored<T>[] | undefined> {
    if (this.#finished) return undefined;
    this.#finished = true;
    const items = this.#decoder.finish();
    const { head } = this;
    if (isStatus(head) && head.status !== "Success") {
      throw new StatusError((await failures()).statusOf(head)!);
    }
    if (!this.#decoder.isList) throw new SyntaxError("the text is an object, but no list");
    return items.length > 0 ? items : undefined;
  }

  #explained(error: unknown): unknown {
    if (this.#body.failedWith(error)) return error;
    if (error instanceof SyntaxError) return new SyntaxError(`${this.#what} failed: ${error.message}`);
    return error;
  }
}
