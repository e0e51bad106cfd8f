import type { KubernetesObject, Status, WatchEvent } from "../meta/mod.ts";
import { eachOf } from "./batches.ts";
import type { BodyReader } from "./body_reader.ts";
import { endOfString, parseJson, skipSpace } from "./json_text.ts";
import { LineReader, LONGEST_LINE } from "./lines.ts";
import { NetworkError } from "./network_error.ts";
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
  readonly #lines: LineReader;
  readonly #what: string;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });
  /** Lines that have not made up a whole document; servers write one a line, proxies may not. */
  #unfinished: string[] = [];
  #unfinishedLength = 0;
  /** How many brackets are open after them. */
  #depth = 0;
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
    if (this.#depth === 0) {
      let document: unknown;
      try {
        document = JSON.parse(line);
      } catch {
        return this.#readDocuments(line, events); // a part of one, or several: rare, so tried second
      }
      events.push(this.#eventOf(document));
    } else {
      this.#readDocuments(line, events);
    }
  }

  /**
   * Reads what whole documents there are up to the end of this line, and keeps the rest for the next one. Each
   * character is looked at once, or the lines of a large document would take for ever.
   */
  #readDocuments(line: string, events: WatchEvent<T>[]): void {
    if (this.#depth === IN_STRING) throw new SyntaxError("a string goes beyond the end of its line");
    for (let from = skipSpace(line, 0); from < line.length;) {
      if (this.#depth === 0 && line[from] !== "{") throw new SyntaxError("an event is not a JSON object");
      const { end, depth } = follow(line, from, this.#depth);
      this.#depth = depth;
      this.#unfinished.push(line.slice(from, end));
      this.#unfinishedLength += end - from;
      if (this.#unfinishedLength > LONGEST_LINE) {
        throw new RangeError(`an event is longer than ${LONGEST_LINE} characters`);
      }
      if (depth > 0) return;
      const text = this.#unfinished.join("\n");
      this.#unfinished = [];
      this.#unfinishedLength = 0;
      events.push(this.#eventOf(parseJson(text)));
      from = skipSpace(line, end);
    }
  }

  #readEnd(events: WatchEvent<T>[]): void {
    const line = this.#lines.takeRest();
    // A line that was cut may end within a character, so this decoder forgives.
    if (line.length > 0) this.#readLine(new TextDecoder().decode(line), events);
    if (this.#depth === 0) return;
    const message = `${this.#what} failed: the connection was cut in the middle of an event`;
    throw new NetworkError(message, { reason: "cut", phase: "body" });
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

/** A depth: within a string, which JSON does not let go on in another line. */
const IN_STRING = Infinity;

/**
 * Follows a document through one line.
 *
 * @param depth How many brackets are open at `at`.
 * @returns Where the document ends in the line, and then a depth of 0; or the line's end, and the depth there.
 */
function follow(line: string, at: number, depth: number): { end: number; depth: number } {
  for (let i = at; i < line.length; i++) {
    switch (line.charCodeAt(i)) {
      case 34: { // "
        const end = endOfString(line, i);
        if (end === -1) return { end: line.length, depth: IN_STRING };
        i = end - 1;
        break;
      }
      case 123: // {
      case 91: // [
        depth++;
        break;
      case 125: // }
      case 93: // ]
        if (--depth === 0) return { end: i + 1, depth };
        break;
    }
  }
  return { end: line.length, depth };
}
