import type { KubernetesObject, Status, WatchEvent } from "../meta/mod.ts";
import { eachOf } from "./batches.ts";
import type { BodyReader } from "./body_reader.ts";
import type { WatchDecoder } from "./codec.ts";
import { jsonCodec } from "./json_codec.ts";
import { isNetworkError, NetworkError } from "./network_error.ts";
import { statusOf } from "./refusal.ts";
import { StatusError } from "./status_error.ts";

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
  readonly #decoder: WatchDecoder;
  /** Thrown once the events before it have been handed out. */
  #failure: { error: unknown } | undefined;

  /**
   * Reads from the beginning of an answer. Made by {@linkcode RestResponse.watch}.
   *
   * @param body The answer's bytes.
   * @param what What was asked, for errors: `GET https://host/path`.
   * @param decoder Makes documents of the bytes. Default: of JSON.
   */
  constructor(body: BodyReader, what: string, decoder: WatchDecoder = jsonCodec.decodeWatch()) {
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
    const events: WatchEvent<T>[] = [];
    const take = (document: unknown) => void events.push(this.#eventOf(document));
    try {
      if (this.#failure !== undefined) throw this.#failure.error;
      while (events.length === 0) {
        const chunk = await this.#body.read();
        if (chunk === undefined) {
          if (!this.#decoder.finish(take)) {
            const message = `${this.#what} failed: the connection was cut in the middle of an event`;
            throw new NetworkError(message, { reason: "cut", phase: "body" });
          }
          return events.length > 0 ? events : undefined;
        }
        this.#decoder.push(chunk, take);
      }
    } catch (error) {
      this.#failure = { error: this.#explained(error) };
      this.#body.close();
      if (events.length === 0) throw this.#failure.error;
    }
    return events;
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

  #eventOf(document: unknown): WatchEvent<T> {
    const status = statusOf(document);
    if (status !== undefined) throw new StatusError(status);
    const { type, object } = (document ?? {}) as { type?: unknown; object?: unknown };
    switch (type) {
      case "ADDED":
      case "MODIFIED":
      case "DELETED":
      case "BOOKMARK":
        if (typeof object !== "object" || object === null) {
          throw new SyntaxError(`a ${type} event has no object`);
        }
        return document as WatchEvent<T>;
      case "ERROR": {
        const status = statusOf(object);
        if (status !== undefined) throw new StatusError(status);
        throw new SyntaxError("the server sent an ERROR event without a Status");
      }
      default: {
        // What is no event may be anything, also an object that somebody keeps secret.
        const shown = typeof type === "string" && /^[A-Z_]{1,32}$/.test(type) ? `"${type}"` : "another";
        throw new SyntaxError(`got invalid watch event type: ${type === undefined ? "none" : shown}`);
      }
    }
  }

  /** What is no event becomes the refusal that client-go makes of it, so that callers handle one kind. */
  #explained(error: unknown): unknown {
    if (this.#body.failedWith(error)) return error;
    if (error instanceof StatusError || isNetworkError(error)) return error;
    // A codec may throw anything, and say anything in it.
    const isPlain = error instanceof SyntaxError || error instanceof RangeError;
    const problem = isPlain ? error.message : "its codec failed";
    const message = `unable to decode an event from the watch stream: ${problem}`;
    const status: Status = {
      apiVersion: "v1",
      kind: "Status",
      status: "Failure",
      code: 500,
      reason: "InternalError",
      message: `${this.#what} failed: ${message}`,
      details: {
        causes: [
          { reason: "UnexpectedServerResponse", message },
          { reason: "ClientWatchDecoding", message },
        ],
      },
    };
    return new StatusError(status, isPlain ? {} : { cause: error });
  }
}
