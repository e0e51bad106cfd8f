import type { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { ChunkFraming } from "./chunk_framing.ts";
import { builtinModule } from "./transport_builtins.ts";

/** How much is read at a time, in bytes; over TLS it is never more than 16 kB. */
const READ = 64 * 1024;

/** The empty line after the headers. */
const HEAD_END = new Uint8Array([13, 10, 13, 10]);
/** The line of a last chunk. */
const LAST_CHUNK = "0\r\n";
/** How an answer in chunks usually ends. */
const LAST_BYTES = new TextEncoder().encode("\r\n0\r\n\r\n");
/** What each answer begins with. */
const VERSION = new TextEncoder().encode("HTTP/");

/** Takes the text of a body. */
export interface BodyTaker {
  /**
   * Bytes have come, which are overwritten afterwards.
   *
   * @returns Whether there is room for more.
   */
  add(bytes: Uint8Array, from: number, to: number): boolean;
  /** The connection has brought something else. */
  fail(error: Error): void;
}

/** How Node makes a connection that is read into given memory: an option of `net.connect()` and `tls.connect()`. */
export interface OnRead {
  buffer: Uint8Array;
  callback(length: number): boolean;
}

/**
 * Reads the connections of Node's HTTP client: into the same memory again and again, where a socket by itself has a new
 * buffer for each piece.
 *
 * Node's parser gets what comes. For a body in chunks, as lists and watches are, it calls from native code to script with
 * each chunk, and copies it to a buffer of its own: half of what it costs Node to read them. So who takes such a body over
 * gets its text from here; the parser sees the headers and then the end, and keeps the connection for the next request.
 */
export class TransportSockets {
  readonly #bySocket = new WeakMap<object, SocketReader>();
  readonly #buffers = builtinModule("node:buffer").Buffer;
  /** TLS makes text of what it has, at once, so that one piece of memory does for all its connections. */
  readonly #shared = this.#buffers.allocUnsafeSlow(READ);

  /** Makes a connection that is read here. */
  connect<T>(isSecure: boolean, connect: (onread: OnRead) => T): T {
    const buffers = this.#buffers;
    const reader = new SocketReader(isSecure ? this.#shared : buffers.allocUnsafeSlow(READ), buffers);
    const socket = connect({ buffer: reader.buffer, callback: (length) => reader.read(length) });
    reader.socket = socket as Socket;
    this.#bySocket.set(reader.socket, reader);
    return socket;
  }

  /**
   * Hands over the body of the answer whose headers have just been emitted.
   *
   * @returns Whether that can be had; else it comes as ever.
   */
  giveBody(socket: object, taker: BodyTaker): boolean {
    return this.#bySocket.get(socket)?.giveBody(taker) ?? false;
  }
}

class SocketReader {
  readonly buffer: Buffer;
  socket!: Socket;
  readonly #buffers: typeof Buffer;
  /** Set while a body is taken over. */
  #taker: BodyTaker | undefined;
  #framing: ChunkFraming | undefined;
  /** Whether Node's parser gets headers now and nothing that comes after them. */
  #isAtHead = false;

  constructor(buffer: Buffer, buffers: typeof Buffer) {
    this.buffer = buffer;
    this.#buffers = buffers;
  }

  giveBody(taker: BodyTaker): boolean {
    if (!this.#isAtHead || this.socket.listenerCount("data") !== 1) return false; // somebody else looks at it
    this.#taker = taker;
    this.#framing = new ChunkFraming();
    return true;
  }

  /** @returns Whether to read on. */
  read(length: number): boolean {
    let from = 0;
    if (this.#taker === undefined) {
      // A piece that begins with an answer has its whole head, or the end of it is in another piece.
      const end = headEnd(this.buffer, length);
      this.#isAtHead = end > 0;
      from = end > 0 ? end : length;
      this.#emit(this.#copy(0, from));
      this.#isAtHead = false;
    }
    if (from === length || this.socket.destroyed) return true;
    if (this.#taker !== undefined) return this.#readBody(from, length);
    this.#emit(this.#copy(from, length));
    return true;
  }

  #readBody(from: number, to: number): boolean {
    const { buffer } = this;
    const taker = this.#taker!;
    let hasRoom = true;
    let end;
    try {
      end = this.#framing!.read(buffer, from, to, (from, to) => hasRoom = taker.add(buffer, from, to));
    } catch (error) {
      taker.fail(error as Error);
      return false;
    }
    if (end < 0) return hasRoom;
    this.#taker = undefined;
    this.#emit(this.#buffers.from(LAST_CHUNK));
    if (end < to) this.#emit(this.#copy(end, to));
    return true;
  }

  #copy(from: number, to: number): Uint8Array {
    const copy = this.#buffers.allocUnsafe(to - from);
    this.buffer.copy(copy, 0, from, to);
    return copy;
  }

  /** Does what a socket does that is read in the usual way. */
  #emit(piece: Uint8Array): void {
    const { socket } = this;
    // What comes when nothing was asked for can be the answer to nothing: the next request would take it for its own.
    if (socket.listenerCount("data") === 0) socket.destroy();
    else socket.emit("data", piece);
  }
}

/** Where the head of an answer in chunks ends, if these bytes begin with it and it goes on after them; else 0. */
function headEnd(bytes: Buffer, length: number): number {
  if (length < VERSION.length || !endsWith(bytes, VERSION.length, VERSION)) return 0;
  if (endsWith(bytes, length, LAST_BYTES)) return 0; // a short one is here as a whole: its parser has it at once
  const end = bytes.indexOf(HEAD_END) + HEAD_END.length;
  if (end < HEAD_END.length || end > length) return 0;
  return bytes.subarray(0, end).includes("chunked") ? end : 0;
}

/** Whether so many bytes end with others. */
function endsWith(bytes: Uint8Array, length: number, others: Uint8Array): boolean {
  for (let at = others.length, from = length - at; --at >= 0;) {
    if (bytes[from + at] !== others[at]) return false;
  }
  return true;
}
