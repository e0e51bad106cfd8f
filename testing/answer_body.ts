import { type Clock, onAbort } from "../async/mod.ts";
import type { Until } from "./fault.ts";

/** Where an answer's body stands in what is to happen to it. */
type End = "cut" | "hang";

const LINE_FEED = 10;
/** How often a slow body gets its next bytes, in milliseconds. */
const TRICKLE = 100;

/** The error of a connection that breaks, as runtimes have it. */
export function connectionLost(): TypeError {
  const cause = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
  return new TypeError("The connection to the server was lost", { cause });
}

/** The error of a connection that nobody takes. */
export function connectionRefused(): TypeError {
  const cause = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
  return new TypeError("The connection to the server was refused", { cause });
}

/** The body of an answer on its way: it can be cut, fall silent or become slow, at once or after some of it. */
export class AnswerBody {
  /** What the client reads. */
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  readonly #clock: Clock;
  readonly #onEnd: () => void;
  #controller!: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  #pending: Uint8Array<ArrayBuffer> | undefined; // read, and not sent yet
  #end: { how: End; bytes: number; lines: number } | undefined;
  #bytesPerSecond = Infinity;
  #isOver = false;
  readonly #over = Promise.withResolvers<void>();
  #forget = () => {};

  constructor(
    source: ReadableStream<Uint8Array<ArrayBuffer>>,
    clock: Clock,
    signal: AbortSignal | undefined,
    onEnd: () => void,
  ) {
    this.#reader = source.getReader();
    this.#clock = clock;
    this.#onEnd = onEnd;
    this.stream = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
      },
      pull: () => this.#pull(),
      cancel: async (reason) => {
        this.#finish();
        await this.#reader.cancel(reason).catch(() => {}); // it may have failed meanwhile
      },
    }, { highWaterMark: 0 });
    this.#forget = onAbort(signal, (reason) => this.fail(reason));
  }

  /** Lets it get as far as `until` says from now on; then it is cut, or falls silent. */
  endAfter(how: End, { afterBytes, afterLines }: Until): void {
    if (afterBytes === undefined && afterLines === undefined) {
      if (how === "cut") return this.fail(connectionLost());
      this.#end = { how, bytes: 0, lines: 0 };
      return;
    }
    this.#end = { how, bytes: afterBytes ?? Infinity, lines: afterLines ?? Infinity };
  }

  /** Whether something keeps it from its end. */
  get isHeld(): boolean {
    return this.#end !== undefined || this.#bytesPerSecond < Infinity;
  }

  /** From now on no more than that comes. */
  slow(bytesPerSecond: number): void {
    this.#bytesPerSecond = bytesPerSecond;
  }

  /** Breaks it off. */
  fail(reason: unknown): void {
    if (this.#isOver) return;
    this.#finish();
    this.#controller.error(reason);
    this.#reader.cancel(reason).catch(() => {}); // it may have failed for the same reason
  }

  async #pull(): Promise<void> {
    while (!this.#isOver) {
      if (this.#isAtEnd()) {
        if (this.#end!.how === "cut") return this.fail(connectionLost());
        return await this.#over.promise; // until the client gives up, or the connection is cut
      }
      const chunk = this.#pending ?? await this.#read();
      this.#pending = undefined;
      if (chunk === undefined || this.#isOver) return;
      // What has set in while it was read counts too.
      const length = this.#allowed(chunk.subarray(0, this.#share()));
      if (length < chunk.length) this.#pending = chunk.slice(length);
      if (length === 0) continue;
      if (this.#bytesPerSecond < Infinity) {
        await this.#wait(1_000 * length / this.#bytesPerSecond);
        if (this.#isOver) return;
      }
      return this.#controller.enqueue(chunk.slice(0, length));
    }
  }

  #wait(delay: number): Promise<void> {
    const cancel = Promise.withResolvers<void>();
    const stop = this.#clock.schedule(cancel.resolve, delay);
    return Promise.race([cancel.promise, this.#over.promise]).finally(stop);
  }

  async #read(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    try {
      const { done, value } = await this.#reader.read();
      if (this.#isOver) return undefined;
      if (!done) return value;
      if (this.#end?.how === "hang") await this.#over.promise; // not even the end comes
      if (this.#isOver) return undefined;
      this.#finish();
      this.#controller.close();
    } catch (error) {
      this.fail(error);
    }
    return undefined;
  }

  #isAtEnd(): boolean {
    return this.#end !== undefined && (this.#end.bytes <= 0 || this.#end.lines <= 0);
  }

  /** How much of a piece may still be sent. */
  #allowed(piece: Uint8Array): number {
    if (this.#end === undefined) return piece.length;
    const length = Math.min(piece.length, this.#end.bytes);
    const taken = takeLines(piece.subarray(0, length), this.#end.lines);
    this.#end.lines = taken.left;
    this.#end.bytes -= taken.length;
    return taken.length;
  }

  /** How much goes at once. */
  #share(): number {
    return Math.max(1, Math.floor(this.#bytesPerSecond * TRICKLE / 1_000));
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#forget();
    this.#over.resolve();
    this.#onEnd();
  }
}

/** How many bytes of a piece so many lines have, and how many lines are left; the last may be a part of one. */
function takeLines(piece: Uint8Array, lines: number): { length: number; left: number } {
  if (lines === Infinity) return { length: piece.length, left: lines };
  let [start, left] = [0, lines];
  while (left > 0 && start < piece.length) {
    const feed = piece.indexOf(LINE_FEED, start);
    const end = feed === -1 ? piece.length : feed + 1;
    if (left < 1) return { length: start + Math.floor((end - start) * left), left: 0 };
    start = end;
    if (feed !== -1) left--;
  }
  return { length: start, left };
}
