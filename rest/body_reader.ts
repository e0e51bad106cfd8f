import { type Clock, onAbort } from "../async/mod.ts";
import type { ByteSource } from "./answer.ts";
import { Deadline } from "./deadline.ts";
import { joinBytes } from "./join_bytes.ts";
import { failures } from "./loaded_rarely.ts";
import { NetworkError } from "./network_error.ts";
import { streamSource } from "./stream_source.ts";

/** Options of {@linkcode BodyReader}. */
export interface BodyReaderOptions {
  /** What the body belongs to, for errors: `GET https://host/path`. */
  what: string;
  /** Longest silence while a read is waiting, in milliseconds; 0 for none. */
  idle: number;
  /** Whether it is one object: that may be awaited as a whole, and is then to be here within that time. */
  isObject?: boolean;
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
  readonly #source: ByteSource | undefined;
  readonly #options: BodyReaderOptions;
  readonly #deadline: Deadline;
  readonly #forget: (() => void) | undefined;
  #length = 0;
  #state: { at: "open" } | { at: "ended" } | { at: "failed"; error: unknown } = { at: "open" };
  /** What was taken from the source and not read yet. */
  #left: Uint8Array[] = [];
  /** What broke the source off, before it is known what that means. */
  #broken: { cause: unknown } | undefined;
  /** Wakes the read that waits. Not every source does when it is cancelled. */
  #wake: (() => void) | undefined;

  /** Takes over a body; from here on only this reads it. */
  constructor(body: ReadableStream<Uint8Array> | ByteSource | null, options: BodyReaderOptions) {
    this.#options = options;
    this.#deadline = new Deadline(options.clock);
    this.#source = body instanceof ReadableStream ? streamSource(body) : body ?? undefined;
    this.#forget = onAbort(options.signal, (reason) => this.fail(reason));
    if (this.#source === undefined) this.#stop({ at: "ended" });
  }

  /**
   * The next bytes; `undefined` at the end, and after {@linkcode BodyReader.close}. One read at a time.
   *
   * @throws The signal's reason; {@linkcode NetworkError} if the answer breaks off or falls silent.
   */
  async read(): Promise<Uint8Array | undefined> {
    if (this.#left.length > 0) return this.#left.shift();
    const chunks = await this.readMany();
    const first = chunks?.shift();
    if (this.#state.at === "open") this.#left = chunks ?? [];
    return first;
  }

  /**
   * All bytes that have come since the last read, in the pieces that they came in: for those who take what there is, which
   * costs less than {@linkcode BodyReader.read} for each piece. It waits for one at least; `undefined` at the end.
   *
   * @throws The same.
   */
  async readMany(): Promise<Uint8Array[] | undefined> {
    for (;;) {
      const chunks = this.#taken() ?? await this.#arrival();
      if (chunks !== undefined) return chunks.length > 0 ? chunks : undefined;
    }
  }

  /**
   * Takes a chunk that {@linkcode BodyReader.readMany} gave, and nobody will look at again. It need not be called: it saves
   * the garbage collector's time.
   */
  release(chunk: Uint8Array): void {
    this.#source?.release?.(chunk);
  }

  /** Whether `error` is what ended this body, and not what somebody made of its bytes. */
  failedWith(error: unknown): boolean {
    return this.#state.at === "failed" && this.#state.error === error;
  }

  /** All that is left, in one piece; no more than about `most` bytes of it, if given. */
  async bytes(most: number = Infinity): Promise<Uint8Array> {
    if (most === Infinity) this.#source?.gather?.(this.#options.isObject ?? false);
    const all: Uint8Array[] = [];
    let length = 0;
    for (;;) {
      // What is here already needs no promise.
      const chunks = this.#taken() ?? await this.#arrival();
      if (chunks === undefined) continue;
      if (chunks.length === 0) break;
      for (const chunk of chunks) {
        all.push(chunk);
        length += chunk.length;
      }
      if (length >= most) this.close();
    }
    return all.length === 1 ? all[0] : joinBytes(all);
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

  /** What is here, if anything is; nothing of it at the end. */
  #taken(): Uint8Array[] | undefined {
    if (this.#state.at === "failed") throw this.#state.error;
    if (this.#state.at === "ended") return [];
    if (this.#left.length > 0) return this.#left.splice(0);
    let chunks: Uint8Array[] | undefined;
    try {
      chunks = this.#source!.take();
    } catch (cause) {
      this.#broken = { cause };
      return undefined;
    }
    if (chunks === undefined) {
      this.#stop({ at: "ended" });
      return [];
    }
    for (const { length } of chunks) this.#length += length;
    return chunks.length > 0 ? chunks : undefined;
  }

  /** Resolves when there may be something here. */
  async #arrival(): Promise<undefined> {
    const { idle, what } = this.#options;
    if (this.#broken !== undefined) {
      const { cause } = this.#broken;
      try {
        const { toNetworkError } = await failures();
        this.fail(toNetworkError(cause, what, "body"));
      } catch (error) {
        this.fail(error); // what tells failures apart could not be loaded
      }
      return;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    if (idle > 0) this.#deadline.set(idle, () => this.fail(silence(what, idle)));
    this.#source!.wait(resolve);
    await promise;
    this.#deadline.lift();
  }

  #stop(state: { at: "ended" } | { at: "failed"; error: unknown }): void {
    if (this.#state.at !== "open") return;
    this.#state = state;
    this.#left = [];
    this.#forget?.();
    this.#deadline.clear();
    this.#source?.cancel(state.at === "failed" ? state.error : undefined);
    this.#wake?.();
    this.#options.onEnd?.(this.#length);
  }
}

function silence(what: string, idle: number): NetworkError {
  const message = `${what} failed: the server has been silent for ${idle / 1000} s`;
  return new NetworkError(message, { reason: "timeout", phase: "body" });
}
