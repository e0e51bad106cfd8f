import type { KubernetesObject, WatchEvent } from "../meta/mod.ts";
import { eachOf } from "./batches.ts";
import type { BodyReader } from "./body_reader.ts";
import type { WatchDecoder } from "./codec.ts";
import { jsonCodec } from "./json_codec.ts";
import { watches } from "./loaded_later.ts";
import type { WatchEvents } from "./watch_events.ts";

/**
 * One watch connection: `for await` gives its events and ends when the server ends it, which every server does
 * after a while. Leaving the loop early ends the request. A client's `watch()` goes on by itself.
 *
 * @see client-go `rest/watch`, spec rest 6
 */
export class WatchReader<T extends KubernetesObject = KubernetesObject>
  implements AsyncIterable<WatchEvent<T>>, AsyncDisposable {
  readonly #body: BodyReader;
  readonly #what: string;
  readonly #decoder: () => WatchDecoder | Promise<WatchDecoder>;
  #events: Promise<WatchEvents<T>> | undefined;

  /**
   * Reads from the beginning of an answer. Made by {@linkcode RestResponse.watch}.
   *
   * @param body The answer's bytes.
   * @param what What was asked, for errors: `GET https://host/path`.
   * @param decoder Gives what makes documents of the bytes, when they are read. Default: of JSON.
   */
  constructor(
    body: BodyReader,
    what: string,
    decoder: () => WatchDecoder | Promise<WatchDecoder> = jsonCodec.decodeWatch,
  ) {
    this.#body = body;
    this.#what = what;
    this.#decoder = decoder;
  }

  /**
   * The events that the next bytes complete, at least one; `undefined` at the end. For those who handle many
   * at a time.
   *
   * @throws {StatusError} For an `ERROR` event, for a `Status` in place of events, and for what is no event.
   * @throws {NetworkError} If the connection breaks, also in the middle of a line.
   */
  async nextBatch(): Promise<WatchEvent<T>[] | undefined> {
    return await (await (this.#events ??= this.#open())).nextBatch();
  }

  /** Iterates over the events that have not been read yet. */
  [Symbol.asyncIterator](): AsyncIterableIterator<WatchEvent<T>> {
    return eachOf(() => this.nextBatch(), () => this.#body.close());
  }

  /** Ends the request. Idempotent. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#body.close();
    return Promise.resolve();
  }

  /** Loads what reads events, without which most requests do. */
  async #open(): Promise<WatchEvents<T>> {
    try {
      const [{ WatchEvents }, decoder] = await Promise.all([watches(), this.#decoder()]);
      return new WatchEvents<T>(this.#body, this.#what, decoder);
    } catch (error) {
      this.#body.close();
      throw error;
    }
  }
}
