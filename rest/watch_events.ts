import type { KubernetesObject, Status, WatchEvent } from "../meta/mod.ts";
import type { BodyReader } from "./body_reader.ts";
import type { WatchDecoder } from "./codec.ts";
import { isNetworkError, NetworkError } from "./network_error.ts";
import { StatusError } from "./status_error.ts";
import { statusOf } from "./status_of.ts";

/** What {@linkcode WatchReader} reads: the events in the bytes of one answer. */
export class WatchEvents<T extends KubernetesObject> {
  readonly #body: BodyReader;
  readonly #what: string;
  readonly #decoder: WatchDecoder;
  readonly #release = (chunk: Uint8Array): void => this.#body.release(chunk);
  /** Thrown once the events before it have been handed out. */
  #failure: { error: unknown } | undefined;

  /** @param what What was asked, for errors: `GET https://host/path`. */
  constructor(body: BodyReader, what: string, decoder: WatchDecoder) {
    this.#body = body;
    this.#what = what;
    this.#decoder = decoder;
  }

  /** The events that the next bytes complete, at least one; `undefined` at the end. */
  async nextBatch(): Promise<WatchEvent<T>[] | undefined> {
    const events: WatchEvent<T>[] = [];
    const take = (document: unknown) => void events.push(eventOf(document));
    try {
      if (this.#failure !== undefined) throw this.#failure.error;
      while (events.length === 0) {
        const chunks = await this.#body.readMany();
        if (chunks === undefined) {
          if (!this.#decoder.finish(take)) {
            const message = `${this.#what} failed: the connection was cut in the middle of an event`;
            throw new NetworkError(message, { reason: "cut", phase: "body" });
          }
          return events.length > 0 ? events : undefined;
        }
        for (const chunk of chunks) this.#decoder.push(chunk, take, this.#release);
      }
    } catch (error) {
      this.#failure = { error: this.#body.failedWith(error) ? error : explained(error, this.#what) };
      this.#body.close();
      if (events.length === 0) throw this.#failure.error;
    }
    return events;
  }
}

/**
 * A document of a watch as the event that it is.
 *
 * @throws {StatusError} If it is a `Status`, or an `ERROR` event with one.
 * @throws {SyntaxError} If it is no event.
 */
function eventOf<T extends KubernetesObject>(document: unknown): WatchEvent<T> {
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
function explained(error: unknown, what: string): unknown {
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
    message: `${what} failed: ${message}`,
    details: {
      causes: [
        { reason: "UnexpectedServerResponse", message },
        { reason: "ClientWatchDecoding", message },
      ],
    },
  };
  return new StatusError(status, isPlain ? {} : { cause: error });
}
