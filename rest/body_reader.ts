import { type Clock, onAbort } from "../async/mod.ts";
import { joinBytes } from "./join_bytes.ts";
import { failures } from "./loaded_later.ts";
import { NetworkError } from "./network_error.ts";

/** Options of {@linkcode BodyReader}. */
export interface BodyReaderOptions {
  /** What the body belongs to, for errors: `GET https://host/path`. */
  what: string;
  /** Longest silence while a read is waiting, in milliseconds; 0 for none. */
  idle: number;
  /** The clock of that silence. */
  clock: Clock;
  /** Ends the body: reads reject with its reason. */
  signal?: AbortSignal;
  /** Called once, when no more will be read, with the number of bytes that were. */
  onEnd?: (length: number) => void;
}

/**
 * The bytes of one answer. The only place that reads a body, since each runtime gets something wrong: an
 * abort is passed on to the reader by hand (a signal given to `fetch` can get lost), silence is noticed, and
 * a body that is left early is cancelled.
 */
export class BodyReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  readonly #options: BodyReaderOptions;
  readonly #forget: (() => void) | undefined;
  #length = 0;
  #state: { at: "open" } | { at: "ended" } | { at: "failed"; error: unknown } = { at: "open" };
  /** The read that waits. Settled by hand: not every runtime settles it when its reader is cancelled. */
  #waiting: PromiseWithResolvers<Uint8Array | undefined> | undefined;

  /** Takes over a body; from here on only this reads it. */
  constructor(body: ReadableStream<Uint8Array> | null, options: BodyReaderOptions) {
    this.#options = options;
    this.#reader = body?.getReader();
    this.#forget = onAbort(options.signal, (reason) => this.fail(reason));
    if (this.#reader === undefined) this.#stop({ at: "ended" });
  }

  /**
   * The next bytes; `undefined` at the end, and after {@linkcode BodyReader.close}. One read at a time.
   *
   * @throws The signal's reason; {@linkcode NetworkError} if the answer breaks off or falls silent.
   */
  async read(): Promise<Uint8Array | undefined> {
    if (this.#state.at === "failed") throw this.#state.error;
    if (this.#state.at === "ended") return undefined;
    const { idle, clock, what } = this.#options;
    const waiting = this.#waiting = Promise.withResolvers<Uint8Array | undefined>();
    const disarm = idle > 0 ? clock.schedule(() => this.fail(silence(what, idle)), idle) : undefined;
    this.#reader!.read().then(({ done, value }) => {
      if (done) this.#stop({ at: "ended" });
      else this.#length += value.length;
      waiting.resolve(value);
    }, async (cause) => {
      const { toNetworkError } = await failures();
      this.fail(toNetworkError(cause, what, "body"));
    }).catch((error) => this.fail(error)); // what tells failures apart could not be loaded
    try {
      return await waiting.promise;
    } finally {
      disarm?.();
    }
  }

  /** Whether `error` is what ended this body, and not what somebody made of its bytes. */
  failedWith(error: unknown): boolean {
    return this.#state.at === "failed" && this.#state.error === error;
  }

  /** All that is left, in one piece; no more than about `most` bytes of it, if given. */
  async bytes(most: number = Infinity): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    let length = 0;
    for (let chunk = await this.read(); chunk !== undefined; chunk = await this.read()) {
      chunks.push(chunk);
      if ((length += chunk.length) >= most) {
        this.close();
        break;
      }
    }
    return chunks.length === 1 ? chunks[0] : joinBytes(chunks);
  }

  /** All that is left, as text; no more than about `most` bytes of it, if given. */
  async text(most?: number): Promise<string> {
    return new TextDecoder().decode(await this.bytes(most));
  }

  /** Ends the body with an error: the read that waits, and all further ones, reject with it. */
  fail(error: unknown): void {
    this.#stop({ at: "failed", error });
  }

  /** Stops reading and lets go of the connection. A read that waits gets the end. Idempotent. */
  close(): void {
    this.#stop({ at: "ended" });
  }

  #stop(state: { at: "ended" } | { at: "failed"; error: unknown }): void {
    if (this.#state.at !== "open") return;
    this.#state = state;
    this.#forget?.();
    // Rejects if the stream has failed already, which is as good an end as any.
    this.#reader?.cancel(state.at === "failed" ? state.error : undefined).catch(() => {});
    if (state.at === "failed") this.#waiting?.reject(state.error);
    else this.#waiting?.resolve(undefined);
    this.#options.onEnd?.(this.#length);
  }
}

function silence(what: string, idle: number): NetworkError {
  const message = `${what} failed: the server has been silent for ${idle / 1000} s`;
  return new NetworkError(message, { reason: "timeout", phase: "body" });
}
