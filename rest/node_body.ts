import type { Readable } from "node:stream";
import type { ByteSource } from "./answer.ts";
import { endMemory } from "./end_memory.ts";
import { INCOMPLETE } from "./transport_failure.ts";

/** How much of an answer may wait unread before what brings it is paused, in bytes. */
const MOST_UNREAD = 256 * 1024;

/** What {@linkcode NodeBody} may be told. */
export interface NodeBodyOptions {
  /** What an error means to the reader; `undefined` when it is none. Default: what it says. */
  failureOf?: (error: Error) => Error | undefined;
  /** Whether chunks in `data` events have memory of their own, as Node's HTTP parser makes them. Default false. */
  isCopied?: boolean;
}

/** A body that waits until it is taken, and pauses what it comes from when that is too much. */
export class NodeBody implements ByteSource {
  readonly #incoming: Readable;
  #chunks: Uint8Array[] = [];
  #unread = 0;
  /** Set when nothing more comes. */
  #end: { failure?: Error } | undefined;
  #ready = () => {};
  readonly #isCopied: boolean;

  constructor(
    incoming: Readable,
    { failureOf = (error) => error, isCopied = false }: NodeBodyOptions = {},
  ) {
    this.#incoming = incoming;
    this.#isCopied = isCopied;
    const end = (failure?: Error) => {
      this.#end ??= { failure };
      this.#ready();
    };
    incoming.on("data", (chunk: Uint8Array) => {
      if (this.#end !== undefined) return; // nobody wants it any more, while the socket may still deliver
      // A plain array over the same bytes: a Buffer's `slice` and `toString` are not those of the web.
      this.#chunks.push(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
      this.#unread += chunk.byteLength;
      this.#ready();
      if (this.#unread >= MOST_UNREAD) incoming.pause();
    });
    incoming.on("end", () => end());
    incoming.on("error", (error) => end(failureOf(error)));
    incoming.on("close", () => {
      if (this.#end === undefined) end(new Error(INCOMPLETE));
    });
  }

  take(): Uint8Array[] | undefined {
    const chunks = this.#chunks;
    if (chunks.length === 0 && this.#end !== undefined) {
      if (this.#end.failure !== undefined) throw this.#end.failure;
      return undefined;
    }
    this.#chunks = [];
    const wasPaused = this.#unread >= MOST_UNREAD;
    this.#unread = 0;
    if (wasPaused) this.#incoming.resume();
    return chunks;
  }

  wait(ready: () => void): void {
    this.#ready = ready;
    if (this.#unread > 0 || this.#end !== undefined) ready();
  }

  release(chunk: Uint8Array): void {
    // Else somebody else may have it.
    if (this.#isCopied && this.#incoming.listenerCount("data") === 1) endMemory(chunk);
  }

  cancel(): void {
    if (this.#end !== undefined) return;
    this.#end = {};
    this.#chunks = [];
    this.#unread = 0;
    this.#incoming.destroy();
  }
}
