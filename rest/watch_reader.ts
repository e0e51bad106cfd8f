import { isStatus, type KubernetesObject, type Status, type WatchEvent } from "../meta/mod.ts";
import { eachOf } from "./batches.ts";
import type { BodyReader } from "./body_reader.ts";
import { endOfValue, parseJson, skipSpace } from "./json_text.ts";
import { LineReader } from "./lines.ts";
import { NetworkError } from "./network_error.ts";
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
  readonly #lines: LineReader;
  readonly #what: string;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });
  /** Text of lines that have not made up a whole document; servers write one a line, proxies may not. */
  #unfinished = "";
  /** Thrown once the events before it have been handed out. */
  #failure: { error: unknown } | undefined;

  /**
   * Reads from the beginning of an answer. Made by {@linkcode RestResponse.watch}.
   *
   * @param body The answer's bytes.
   * @param what What was asked, for errors: `GET https://host/path`.
   */
  constructor(body: BodyReader, what: string) {
    this.#body = body;
    this.#lines = new LineReader(body);
    this.#what = what;
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
    try {
      if (this.#failure !== undefined) throw this.#failure.error;
      while (events.length === 0) {
        const lines = await this.#lines.next();
        if (lines === undefined) {
          this.#readEnd(events);
          return events.length > 0 ? events : undefined;
        }
        for (const line of lines) this.#readLine(this.#decoder.decode(line), events);
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

  #readLine(line: string, events: WatchEvent<T>[]): void {
    if (this.#unfinished === "") {
      let document: unknown;
      try {
        document = JSON.parse(line);
      } catch {
        return this.#readDocuments(line, events); // a part of one, or several: rare, so tried second
      }
      events.push(this.#eventOf(document));
    } else {
      this.#readDocuments(`${this.#unfinished}\n${line}`, events);
    }
  }

  /** Reads what whole documents there are in the text, and keeps the rest for the next line. */
  #readDocuments(text: string, events: WatchEvent<T>[]): void {
    let from = skipSpace(text, 0);
    while (from < text.length) {
      if (text[from] !== "{") throw new SyntaxError("an event is not a JSON object");
      const end = endOfValue(text, from);
      if (end === -1) break;
      events.push(this.#eventOf(parseJson(text.slice(from, end))));
      from = skipSpace(text, end);
    }
    this.#unfinished = text.slice(from);
  }

  #readEnd(events: WatchEvent<T>[]): void {
    const line = this.#lines.takeRest();
    // A line that was cut may end within a character, so this decoder forgives.
    if (line.length > 0) this.#readLine(new TextDecoder().decode(line), events);
    if (this.#unfinished === "") return;
    this.#unfinished = "";
    const message = `${this.#what} failed: the connection was cut in the middle of an event`;
    throw new NetworkError(message, { reason: "cut", phase: "body" });
  }

  #eventOf(document: unknown): WatchEvent<T> {
    if (isStatus(document)) throw new StatusError(document);
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
      case "ERROR":
        if (isStatus(object)) throw new StatusError(object);
        throw new SyntaxError("the server sent an ERROR event without a Status");
      default:
        throw new SyntaxError(`got invalid watch event type: ${JSON.stringify(type)}`);
    }
  }

  /** What is no event becomes the refusal that client-go makes of it, so that callers handle one kind. */
  #explained(error: unknown): unknown {
    if (this.#body.failedWith(error)) return error;
    const garbled = error instanceof SyntaxError || error instanceof RangeError || error instanceof TypeError;
    if (!garbled) return error;
    const problem = error instanceof TypeError ? "the text is not UTF-8" : error.message;
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
    return new StatusError(status);
  }
}
