import type { Socket } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { onAbort } from "../async/mod.ts";
import { Arrivals } from "./arrivals.ts";
import type { Connection } from "./http_connection.ts";
import type { ConnectionTarget } from "./http_sockets.ts";
import { builtinModule } from "./transport_builtins.ts";

/** How much is read at a time, in bytes; over TLS it is never more than 16 kB. */
const READ = 64 * 1024;

/**
 * Connects by Node's sockets, which are read into the same memory again and again.
 *
 * @param tls How TLS is spoken, if it is.
 * @throws What Node says.
 */
export async function nodeConnect(
  tls: ConnectionOptions | undefined,
  { hostname, port }: ConnectionTarget,
  signal: AbortSignal,
): Promise<Connection> {
  const connection = new NodeConnection((onread) => {
    const target = { host: hostname, port, onread, noDelay: true };
    if (tls === undefined) return builtinModule("node:net").connect(target);
    return builtinModule("node:tls").connect({ ...tls, ...target, ALPNProtocols: ["http/1.1"] });
  });
  const forget = onAbort(signal, () => connection.close());
  try {
    await connection.opened(tls === undefined ? "connect" : "secureConnect");
    return connection;
  } finally {
    forget();
  }
}

/** How a socket is read into given memory: an option of `net.connect()` and `tls.connect()`. */
interface OnRead {
  buffer: Uint8Array;
  callback(length: number): boolean;
}

/** A socket of Node that is read when somebody asks. */
class NodeConnection implements Connection {
  readonly #socket: Socket;
  readonly #arrivals = new Arrivals(() => this.#socket.resume());

  constructor(connect: (onread: OnRead) => Socket) {
    const buffer = new Uint8Array(READ);
    const callback = (length: number) => this.#arrivals.add(buffer.subarray(0, length));
    this.#socket = connect({ buffer, callback });
    this.#socket.on("error", (failure) => this.#arrivals.end(failure));
    this.#socket.on("end", () => this.#arrivals.end());
    this.#socket.on("close", () => this.#arrivals.end());
  }

  /** Resolves with that event. */
  opened(event: "connect" | "secureConnect"): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#socket.once(event, resolve);
    this.#socket.once("error", reject);
    this.#socket.once("close", () => reject(new Error("the connection closed")));
    return promise;
  }

  read(bytes: Uint8Array): Promise<number | null> {
    return this.#arrivals.read(bytes);
  }

  write(bytes: Uint8Array): Promise<number> {
    // What is wrong with it is an error of the socket, which who reads hears of.
    if (this.#socket.write(bytes)) return Promise.resolve(bytes.length);
    return new Promise((resolve) => {
      const done = () => {
        this.#socket.off("drain", done).off("close", done);
        resolve(bytes.length);
      };
      this.#socket.on("drain", done).on("close", done);
    });
  }

  close(): void {
    this.#arrivals.drop();
    this.#socket.destroy();
  }

  ref(): void {
    this.#socket.ref();
  }

  unref(): void {
    this.#socket.unref();
  }
}
