import type { ByteSource } from "./answer.ts";
import { ChunkFraming } from "./chunk_framing.ts";
import { type HttpHead, parseHttpHead } from "./http_head.ts";
import { BlockChunks, type ReadBlocks } from "./read_blocks.ts";
import { INCOMPLETE, TransportFailure } from "./transport_failure.ts";

/** What is read while no body is, in bytes. */
const READ = 16 * 1024;
/** How long a head may be, in bytes. */
const LONGEST_HEAD = 256 * 1024;
/** How much may come after the last chunk, in bytes. */
const MOST_TRAILERS = 16 * 1024;

const CR = 13;
const LF = 10;

/** Two streams of bytes to a server and back, as a `Deno.Conn` is. */
export interface Connection {
  /** Reads into `bytes`. Resolves with how many have come, or `null` at the end. One at a time. */
  read(bytes: Uint8Array): Promise<number | null>;
  /** Resolves with how many of them have been taken. */
  write(bytes: Uint8Array): Promise<number>;
  /** Ends it, and what waits for it with an error. Idempotent. */
  close(): void;
  /** It keeps the process alive, as it does at first. */
  ref(): void;
  /** It does not. */
  unref(): void;
}

/** One connection that carries requests, one after another: HTTP/1.1 as far as that needs. */
export class HttpConnection {
  readonly #conn: Connection;
  readonly #blocks: ReadBlocks;
  /** What has come and nobody has read is between the two. */
  #buffer = new Uint8Array(READ);
  #from = 0;
  #to = 0;
  /** The read that waits for an answer, or while it is idle for its end. */
  #reading: Promise<number | null> | undefined;
  /** Whether the server has got all of the request. */
  #isSent = false;
  #isIdle = false;
  #isClosed = false;
  /** Whether anything has come since the last request. */
  hasAnswered = false;

  constructor(conn: Connection, blocks: ReadBlocks) {
    this.#conn = conn;
    this.#blocks = blocks;
  }

  /** Sends a request and reads the head of its answer; nothing if the connection has ended before any of it. */
  async ask(method: string, request: Uint8Array): Promise<HttpHead | undefined> {
    this.hasAnswered = false;
    this.#isSent = false;
    const send = async () => {
      for (let at = 0; at < request.length;) at += await this.#conn.write(request.subarray(at));
      this.#isSent = true;
    };
    // A server may answer before it has all, and read no further. Where it cannot be sent, nothing can be read either.
    send().catch(() => {});
    for (;;) {
      const head = await this.#readHead(method);
      if (head === undefined || head.status >= 200) return head;
      if (head.status === 101) {
        throw new TransportFailure("other", "the server speaks another protocol, which nobody asked for");
      }
    }
  }

  /**
   * The body that follows such a head.
   *
   * @param onEnd Is called when it has ended, with whether the connection can be used again. It is closed otherwise.
   */
  body(head: HttpHead, onEnd: (isUsable: boolean) => void): ByteSource {
    const { isChunked, length, isKept } = head;
    const framing = isChunked ? new ChunkFraming() : undefined;
    const chunks = new BlockChunks(this.#blocks);
    /** What is left of a body whose length is known. */
    let left = length;
    /** In what follows the last chunk: how long the line is, and all of it. */
    let trailers: { line: number; all: number } | undefined;
    let waiting: Uint8Array[] = [];
    let failure: { error: unknown } | undefined;
    let isOver = false;
    /** Set when the end has come: whether nothing has come after it. */
    let isLast: boolean | undefined;

    const stop = (isWhole: boolean) => {
      const isUsable = isWhole && isKept && this.#isSent && !this.#isClosed;
      isOver = true;
      if (!isUsable) this.close();
      onEnd(isUsable);
    };
    const fail = (error: unknown) => {
      if (isOver) return;
      failure = { error };
      stop(false);
    };
    /** Takes bytes; returns the text among them, moved together. */
    const take = (bytes: Uint8Array): Uint8Array => {
      if (framing === undefined) {
        const text = bytes.subarray(0, left);
        left -= text.length;
        if (left === 0) isLast = text.length === bytes.length;
        return text;
      }
      let filled = 0;
      let at = trailers === undefined
        ? framing.read(bytes, 0, bytes.length, (from, to) => {
          if (from !== filled) bytes.copyWithin(filled, from, to);
          filled += to - from;
        })
        : 0;
      if (at >= 0) {
        trailers ??= { line: 0, all: 0 };
        for (; at < bytes.length; at++) {
          if (++trailers.all > MOST_TRAILERS) throw new RangeError("too much comes after the last chunk");
          if (bytes[at] === LF) {
            if (trailers.line === 0) {
              isLast = at + 1 === bytes.length;
              break;
            }
            trailers.line = 0;
          } else if (bytes[at] !== CR) trailers.line++;
        }
      }
      return bytes.subarray(0, filled);
    };

    if (left === 0) stop(this.#from === this.#to);
    else if (this.#from < this.#to) {
      try {
        const text = take(this.#buffer.subarray(this.#from, this.#to));
        // What is read next goes to the same memory.
        if (text.length > 0) waiting = [text.slice()];
        if (isLast !== undefined) stop(isLast);
      } catch (error) {
        fail(error);
      }
    }
    const read = async () => {
      const bytes = this.#blocks.take(left);
      const length = await this.#conn.read(bytes);
      if (isOver) return;
      if (length === null) {
        if (framing !== undefined || left < Infinity) throw new Error(INCOMPLETE);
        return stop(false);
      }
      const text = take(bytes.subarray(0, length));
      if (text.length > 0) waiting = [chunks.chunkOf(text)];
      else this.#blocks.release(bytes);
      if (isLast !== undefined) stop(isLast);
    };
    return {
      take() {
        const taken = waiting;
        if (taken.length === 0 && failure !== undefined) throw failure.error;
        waiting = [];
        return taken.length === 0 && isOver ? undefined : taken;
      },
      wait(ready) {
        if (isOver || waiting.length > 0) ready();
        else read().catch(fail).then(ready);
      },
      release: (chunk) => chunks.release(chunk),
      cancel() {
        if (isOver) return;
        waiting = [];
        stop(false);
      },
    };
  }

  /**
   * Nobody asks for anything: it does not keep the process alive.
   *
   * @param onEnd Is called if it ends meanwhile.
   */
  rest(onEnd: () => void): void {
    this.#isIdle = true;
    this.#from = this.#to = 0;
    this.#conn.unref();
    const end = () => {
      // What comes when nothing was asked for can be the answer to nothing.
      if (!this.#isIdle) return;
      this.close();
      onEnd();
    };
    this.#reading = this.#conn.read(this.#buffer);
    this.#reading.then(end, end);
  }

  /** It is used again. */
  wake(): void {
    this.#isIdle = false;
    this.#conn.ref();
  }

  /** Closes it. What waits for it fails. Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#isIdle = false;
    this.#conn.close();
  }

  async #readHead(method: string): Promise<HttpHead | undefined> {
    for (let looked = this.#from;;) {
      const end = headEnd(this.#buffer, looked, this.#to);
      if (end >= 0) {
        const text = latin1(this.#buffer.subarray(this.#from, end));
        this.#from = end + 4;
        return parseHttpHead(method, text);
      }
      looked = Math.max(this.#from, this.#to - 3);
      if (this.#to === this.#buffer.length) this.#grow();
      const reading = this.#reading ?? this.#conn.read(this.#buffer.subarray(this.#to));
      this.#reading = undefined;
      const length = await reading;
      if (length === null) {
        if (this.hasAnswered) throw new Error(INCOMPLETE);
        return undefined;
      }
      this.hasAnswered = true;
      this.#to += length;
    }
  }

  #grow(): void {
    if (this.#buffer.length >= LONGEST_HEAD) {
      throw new TransportFailure("other", `the headers of the answer are longer than ${LONGEST_HEAD} bytes`);
    }
    const larger = new Uint8Array(this.#buffer.length * 4);
    larger.set(this.#buffer);
    this.#buffer = larger;
  }
}

/** Where the empty line after a head begins, with the end of the line before; -1 if it has not come. */
function headEnd(bytes: Uint8Array, from: number, to: number): number {
  for (let at = bytes.indexOf(CR, from); at >= 0 && at + 3 < to; at = bytes.indexOf(CR, at + 1)) {
    if (bytes[at + 1] === LF && bytes[at + 2] === CR && bytes[at + 3] === LF) return at;
  }
  return -1;
}

const decoder = new TextDecoder();

/** A character for each byte, as headers are read. */
function latin1(bytes: Uint8Array): string {
  const text = decoder.decode(bytes);
  if (text.length === bytes.length && !text.includes("\ufffd")) return text;
  let characters = "";
  for (const byte of bytes) characters += String.fromCharCode(byte);
  return characters;
}
