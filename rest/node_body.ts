import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import type { ByteSource } from "./answer.ts";
import { endMemory } from "./end_memory.ts";
import { INCOMPLETE } from "./transport_failure.ts";
import type { BodyTaker } from "./transport_sockets.ts";

/** How much of an answer may wait unread before the socket is paused, in bytes. */
const MOST_UNREAD = 256 * 1024;
/** What a block of text holds, in bytes: as much as a record of TLS. */
const BLOCK = 16 * 1024;
/** Less than this does not take a block with it for as long as somebody holds it, in bytes. */
const LEAST_OF_BLOCK = BLOCK / 4;
/** As many blocks as may wait unread are kept to be used again. */
const MOST_SPARE = MOST_UNREAD / BLOCK;

/** What {@linkcode NodeBody} may be told. */
export interface NodeBodyOptions {
  /** What an error means to the reader; `undefined` when it is none. Default: what it says. */
  failureOf?: (error: Error) => Error | undefined;
  /** Gives the body's text to another, if that can be had, in place of `data` events. Returns whether it does. */
  giveTo?: (taker: BodyTaker) => boolean;
  /** Blocks that nobody uses. */
  spare?: Uint8Array[];
  /** Whether chunks in `data` events have memory of their own, as Node's HTTP parser makes them. Default false. */
  isCopied?: boolean;
}

/** A body that waits until it is taken, and pauses what it comes from when that is too much. */
export class NodeBody implements ByteSource, BodyTaker {
  readonly #incoming: Readable;
  #chunks: Uint8Array[] = [];
  #unread = 0;
  /** Set when nothing more comes. */
  #end: { failure?: Error } | undefined;
  #ready = () => {};
  /** Whether text is copied here, and not made into events by Node. */
  readonly #isGiven: boolean;
  readonly #isCopied: boolean;
  readonly #spare: Uint8Array[];
  /** What is being filled. */
  #block: Uint8Array | undefined;
  #filled = 0;

  constructor(
    incoming: Readable,
    { failureOf = (error) => error, giveTo, spare = [], isCopied = false }: NodeBodyOptions = {},
  ) {
    this.#incoming = incoming;
    this.#spare = spare;
    this.#isCopied = isCopied;
    const end = (failure?: Error) => {
      this.#end ??= { failure };
      this.#ready();
    };
    // A tool may have asked for them already, before anybody else could.
    this.#isGiven = incoming.listenerCount("data") === 0 && (giveTo?.(this) ?? false);
    if (this.#isGiven) incoming.resume(); // to hear of its end
    else {
      incoming.on("data", (chunk: Uint8Array) => {
        if (this.#end !== undefined) return; // nobody wants it any more, while the socket may still deliver
        // A plain array over the same bytes: a Buffer's `slice` and `toString` are not those of the web.
        this.#chunks.push(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
        if (!this.#hasRoomAfter(chunk.byteLength)) incoming.pause();
      });
    }
    incoming.on("end", () => end());
    incoming.on("error", (error) => end(failureOf(error)));
    incoming.on("close", () => {
      if (this.#end === undefined) end(new Error(INCOMPLETE));
    });
  }

  add(bytes: Uint8Array, from: number, to: number): boolean {
    if (this.#end !== undefined) return true;
    for (let at = from; at < to;) {
      this.#block ??= this.#spare.pop() ?? new Uint8Array(BLOCK);
      const length = Math.min(to - at, BLOCK - this.#filled);
      this.#block.set(bytes.subarray(at, at + length), this.#filled);
      at += length;
      this.#filled += length;
      if (this.#filled === BLOCK) this.#endBlock();
    }
    return this.#hasRoomAfter(to - from);
  }

  fail(error: Error): void {
    this.#incoming.destroy(error);
  }

  take(): Uint8Array[] | undefined {
    this.#endBlock();
    const chunks = this.#chunks;
    if (chunks.length === 0 && this.#end !== undefined) {
      if (this.#end.failure !== undefined) throw this.#end.failure;
      return undefined;
    }
    this.#chunks = [];
    const wasPaused = this.#unread >= MOST_UNREAD;
    this.#unread = 0;
    if (wasPaused) {
      if (this.#isGiven) (this.#incoming as IncomingMessage).socket.resume();
      else this.#incoming.resume();
    }
    return chunks;
  }

  wait(ready: () => void): void {
    this.#ready = ready;
    if (this.#unread > 0 || this.#end !== undefined) ready();
  }

  release(chunk: Uint8Array): void {
    if (this.#isGiven && chunk.buffer.byteLength === BLOCK) {
      if (this.#spare.length < MOST_SPARE) this.#spare.push(new Uint8Array(chunk.buffer));
    } else if (this.#isGiven || this.#isCopied && this.#incoming.listenerCount("data") === 1) {
      endMemory(chunk); // nobody else has it
    }
  }

  cancel(): void {
    if (this.#end !== undefined) return;
    this.#end = {};
    this.#chunks = [];
    this.#filled = this.#unread = 0;
    this.#incoming.destroy();
  }

  /** Counts what has come. @returns Whether there is room for more. */
  #hasRoomAfter(length: number): boolean {
    this.#unread += length;
    this.#ready();
    return this.#unread < MOST_UNREAD;
  }

  #endBlock(): void {
    const block = this.#block;
    if (block === undefined || this.#filled === 0) return;
    if (this.#filled < LEAST_OF_BLOCK) {
      this.#chunks.push(block.slice(0, this.#filled));
    } else {
      this.#chunks.push(block.subarray(0, this.#filled));
      this.#block = undefined;
    }
    this.#filled = 0;
  }
}
