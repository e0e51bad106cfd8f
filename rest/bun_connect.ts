import { onAbort } from "../async/mod.ts";
import { Arrivals } from "./arrivals.ts";
import type { Connection } from "./http_connection.ts";
import type { ConnectionTarget } from "./http_sockets.ts";
import type { TlsMaterial } from "./tls_material.ts";

/** What Bun's sockets have that is used here. */
interface BunSocket {
  /** Returns how much of it has been taken; less than nothing if it is closed. */
  write(bytes: Uint8Array): number;
  /** Closes it at once. */
  terminate(): void;
  pause(): void;
  resume(): void;
  ref(): void;
  unref(): void;
}

/** What Bun calls when something happens to a socket. */
interface BunSocketHandler {
  binaryType: "uint8array";
  open(socket: BunSocket): void;
  handshake(socket: BunSocket, isTrusted: boolean, failure: Error | null): void;
  data(socket: BunSocket, bytes: Uint8Array): void;
  drain(socket: BunSocket): void;
  end(socket: BunSocket): void;
  error(socket: BunSocket, failure: Error): void;
  close(socket: BunSocket, failure?: Error): void;
  connectError(socket: BunSocket, failure: Error): void;
}

/** The part of Bun's API that is used here. */
export interface BunNetwork {
  connect(options: {
    hostname: string;
    port: number;
    tls?: object;
    socket: BunSocketHandler;
  }): Promise<BunSocket>;
}

/**
 * Connects by Bun's sockets.
 *
 * @returns Nothing if it cannot: `fetch` says what the matter is.
 */
export async function bunConnect(
  network: BunNetwork,
  tls: TlsMaterial,
  { hostname, port, isSecure }: ConnectionTarget,
  signal: AbortSignal,
): Promise<Connection | undefined> {
  const connection = new BunConnection();
  const ready = Promise.withResolvers<void>();
  const forget = onAbort(signal, () => {
    connection.close();
    ready.reject(signal.reason);
  });
  const { ca, cert, key, serverName, insecure } = tls;
  try {
    network.connect({
      hostname,
      port,
      tls: isSecure
        ? { ca, cert, key, serverName: serverName ?? hostname, rejectUnauthorized: !insecure }
        : undefined,
      socket: {
        ...connection.handler,
        open(socket) {
          connection.handler.open(socket);
          if (!isSecure) ready.resolve();
        },
        handshake(_socket, isTrusted, failure) {
          if (insecure || isTrusted && failure === null) ready.resolve();
          else ready.reject(failure ?? new Error("the TLS handshake failed"));
        },
        close(socket, failure) {
          connection.handler.close(socket, failure);
          ready.reject(failure);
        },
      },
    }).catch(ready.reject);
    await ready.promise;
    return connection;
  } catch {
    connection.close();
    return undefined;
  } finally {
    forget();
  }
}

/** A socket of Bun that is read when somebody asks. */
class BunConnection implements Connection {
  #socket: BunSocket | undefined;
  readonly #arrivals = new Arrivals(() => this.#socket?.resume());
  #isClosed = false;
  /** Called when it takes more. */
  #onRoom = () => {};

  readonly handler: Omit<BunSocketHandler, "handshake"> = {
    binaryType: "uint8array",
    open: (socket) => {
      this.#socket = socket;
      if (this.#isClosed) socket.terminate();
    },
    data: (socket, bytes) => {
      if (!this.#arrivals.add(bytes)) socket.pause();
    },
    drain: () => this.#onRoom(),
    end: () => this.#arrivals.end(),
    error: (_socket, failure) => this.#arrivals.end(failure),
    close: (_socket, failure) => {
      this.#isClosed = true;
      this.#arrivals.end(failure);
      this.#onRoom();
    },
    connectError: () => {},
  };

  read(bytes: Uint8Array): Promise<number | null> {
    return this.#arrivals.read(bytes);
  }

  write(bytes: Uint8Array): Promise<number> {
    const taken = this.#isClosed ? -1 : this.#socket!.write(bytes);
    if (taken < 0) return Promise.reject(new Error("the connection is closed"));
    if (taken > 0) return Promise.resolve(taken);
    return new Promise((resolve) => this.#onRoom = () => resolve(0));
  }

  close(): void {
    this.#isClosed = true;
    this.#arrivals.drop();
    this.#onRoom();
    this.#socket?.terminate();
  }

  ref(): void {
    this.#socket?.ref();
  }

  unref(): void {
    this.#socket?.unref();
  }
}
