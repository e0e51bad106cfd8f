// A server of WebSockets made by hand on a plain socket, so that a test decides about each byte of an answer and a frame.
import { createHash } from "node:crypto";
import { createServer, type Socket } from "node:net";
import type { Cleanup } from "../cleanup.ts";

/** What a client asks for. */
export interface Handshake {
  /** The path, with its query. */
  path: string;
  /** The headers, names in lower case; values of one name as a list. */
  headers: Record<string, string[]>;
  /** The subprotocols that it offers. */
  protocols: string[];
}

/** How a handshake is answered: with a WebSocket, or with text in its place. */
export type Answer = { protocol?: string } | { raw: string };

/** A frame of RFC 6455, with its mask taken off. */
export interface Frame {
  opcode: number;
  payload: Uint8Array;
}

/** One connection, from the server's side. */
export class ServerSocket {
  readonly handshake: Handshake;
  readonly socket: Socket;
  readonly closed: Promise<void>;
  #frames: Frame[] = [];
  #waiting: ((frame: Frame | undefined) => void)[] = [];
  #bytes: Uint8Array = new Uint8Array();
  #isClosed = false;
  #hasClosed = false;
  answersPings = true;
  pings = 0;
  #pinged = Promise.withResolvers<void>();
  received = 0;

  constructor(socket: Socket, handshake: Handshake) {
    this.socket = socket;
    this.handshake = handshake;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    socket.on("data", (bytes) => this.#take(bytes));
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#isClosed = true;
      resolve();
      for (const waiting of this.#waiting.splice(0)) waiting(undefined);
    });
  }

  /** The next frame that is no ping; `undefined` once the connection is gone. */
  next(): Promise<Frame | undefined> {
    const frame = this.#frames.shift();
    if (frame !== undefined || this.#isClosed) return Promise.resolve(frame);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Resolves at the next ping. */
  pinged(): Promise<void> {
    return this.#pinged.promise;
  }

  /** Sends a message of a channel. */
  send(channel: number, text: string | Uint8Array = ""): boolean {
    const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
    return this.frame(
      2,
      Uint8Array.of(channel, ...(bytes.length < 1000 ? bytes : [])),
      bytes.length < 1000 ? undefined : bytes,
    );
  }

  /** Sends a frame as it is told to. */
  frame(opcode: number, head: Uint8Array | string = "", tail: Uint8Array = new Uint8Array()): boolean {
    const first = typeof head === "string" ? new TextEncoder().encode(head) : head;
    const length = first.length + tail.length;
    const size = length < 126
      ? [length]
      : length < 65536
      ? [126, length >> 8, length & 255]
      : [127, 0, 0, 0, 0, length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255];
    this.socket.write(Uint8Array.of(0x80 | opcode, ...size));
    this.socket.write(first);
    return this.socket.write(tail);
  }

  /** Says goodbye, and ends the connection. */
  close(code: number, reason = ""): void {
    this.#hasClosed = true;
    this.frame(8, Uint8Array.of(code >> 8, code & 255, ...new TextEncoder().encode(reason)));
    this.socket.end();
  }

  /** Drops the connection. */
  cut(): void {
    this.socket.destroy();
  }

  #take(bytes: Uint8Array): void {
    this.received += bytes.length;
    const all = new Uint8Array(this.#bytes.length + bytes.length);
    all.set(this.#bytes);
    all.set(bytes, this.#bytes.length);
    this.#bytes = all;
    for (;;) {
      const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length);
      if (view.byteLength < 6) return;
      let length = view.getUint8(1) & 127;
      let at = 2;
      if (length === 126) [length, at] = [view.getUint16(2), 4];
      else if (length === 127) {
        if (view.byteLength < 14) return;
        [length, at] = [view.getUint32(6), 10];
      }
      if (view.byteLength < at + 4 + length) return;
      const mask = this.#bytes.slice(at, at + 4);
      const payload = this.#bytes.slice(at + 4, at + 4 + length).map((byte, index) => byte ^ mask[index % 4]);
      const opcode = view.getUint8(0) & 15;
      this.#bytes = this.#bytes.subarray(at + 4 + length);
      if (opcode === 9) {
        this.pings++;
        if (this.answersPings) this.frame(10, payload);
        this.#pinged.resolve();
        this.#pinged = Promise.withResolvers();
        continue;
      }
      if (opcode === 8 && !this.#hasClosed) this.close(1000);
      const waiting = this.#waiting.shift();
      if (waiting !== undefined) waiting({ opcode, payload });
      else this.#frames.push({ opcode, payload });
    }
  }
}

/** Serves until the test has ended. `next()` waits for the next connection whose handshake was answered with a WebSocket. */
export async function socketServer(
  t: Pick<Cleanup, "after">,
  answer: (handshake: Handshake) => Answer | Promise<Answer> = ({ protocols }) => ({
    protocol: protocols[0],
  }),
): Promise<
  { url: string; handshakes: Handshake[]; next: () => Promise<ServerSocket>; connections: () => number }
> {
  const sockets = new Set<Socket>();
  const handshakes: Handshake[] = [];
  const ready: ServerSocket[] = [];
  const waiting: ((socket: ServerSocket) => void)[] = [];
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    let text = "";
    const onData = async (bytes: Uint8Array) => {
      text += String.fromCharCode(...bytes);
      if (!text.includes("\r\n\r\n")) return;
      socket.off("data", onData);
      const [first, ...lines] = text.split("\r\n\r\n")[0].split("\r\n");
      const headers: Record<string, string[]> = {};
      for (const line of lines) {
        const [, name, value] = /^([^:]+):\s*(.*)$/.exec(line)!;
        (headers[name.toLowerCase()] ??= []).push(value);
      }
      const protocols = (headers["sec-websocket-protocol"]?.join() ?? "").split(",").map((one) => one.trim())
        .filter(Boolean);
      const handshake = { path: first.split(" ")[1], headers, protocols };
      handshakes.push(handshake);
      const answered = await answer(handshake);
      if ("raw" in answered) return socket.end(answered.raw);
      const key = `${headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
      const accept = createHash("sha1").update(key).digest("base64");
      const protocol = answered.protocol === undefined
        ? ""
        : `Sec-WebSocket-Protocol: ${answered.protocol}\r\n`;
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n${protocol}\r\n`,
      );
      const one = new ServerSocket(socket, handshake);
      const taker = waiting.shift();
      if (taker !== undefined) taker(one);
      else ready.push(one);
    };
    socket.on("data", onData);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    handshakes,
    next: () => {
      const one = ready.shift();
      return one !== undefined ? Promise.resolve(one) : new Promise((resolve) => waiting.push(resolve));
    },
    connections: () => sockets.size,
  };
}

/** An HTTP answer as text. */
export function rawAnswer(status: string, body: unknown = "", type = "application/json"): string {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return `HTTP/1.1 ${status}\r\nContent-Type: ${type}\r\nContent-Length: ${
    new TextEncoder().encode(text).length
  }\r\n\r\n${text}`;
}
