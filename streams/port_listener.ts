import type { Server, Socket } from "node:net";
import { onAbort } from "../async/mod.ts";
import { type ForwardedPort, listenAddresses, parseForwardedPort } from "./parse_port.ts";
import type { PortConnection } from "./port_connection.ts";

/** What a listener is doing, for messages. */
export interface ForwardedConnection {
  /** The port in the pod, or of the service. */
  readonly remote: number;
  /** Where the connection came in: a port, or the path of a socket. */
  readonly local: number | string;
}

/** Options of `PortForward.listen()`. */
export interface ListenOptions {
  /**
   * Ports, as `kubectl port-forward` takes them: `5000`, `"8888:5000"`, or `":5000"` for any local port that is free.
   * At least one, unless there is a `path`.
   */
  ports?: readonly (string | number)[];
  /** IP addresses to listen on, or `localhost` for both loopback addresses. Default `localhost`. */
  addresses?: readonly string[];
  /** A Unix socket to listen on, and the port that it leads to. */
  path?: { local: string; remote: number };
  /** Told of each connection that comes in. */
  onConnection?: (connection: ForwardedConnection) => void;
  /** Told of what went wrong with one connection. Default: nobody is. */
  onError?: (error: unknown, connection: ForwardedConnection) => void;
  /** Stops listening, and ends the connections. */
  signal?: AbortSignal;
}

/** One thing that is listened on. */
export interface ListenedPort {
  /** The address; `undefined` for a Unix socket. */
  readonly host: string | undefined;
  /** The port of this machine, or the path of a Unix socket. */
  readonly local: number | string;
  /** The port in the pod, or of the service. */
  readonly remote: number;
}

/** Ports of this machine that lead to a pod. */
export interface PortListener extends AsyncDisposable {
  /** What is listened on. */
  readonly ports: readonly ListenedPort[];
  /** Resolves when nothing is listened on any more. */
  readonly closed: Promise<void>;
}

type Dial = (port: number, signal: AbortSignal) => Promise<PortConnection>;

/** Listens, and connects what comes in with what `dial` opens. Resolves once all of it is listened on. */
export async function listenOn(
  dial: Dial,
  { ports = [], addresses = ["localhost"], path, onConnection = () => {}, onError = () => {}, signal }:
    ListenOptions,
): Promise<PortListener> {
  const { createServer, isIP } = await import("node:net");
  signal?.throwIfAborted();
  const forwarded = ports.map(parseForwardedPort);
  if (forwarded.length === 0 && path === undefined) {
    throw new TypeError("Cannot forward ports: you must specify at least 1 port");
  }
  const hosts = listenAddresses(addresses, isIP);
  const life = new AbortController();
  const sockets = new Set<Socket>();
  const servers: Server[] = [];
  const listened: ListenedPort[] = [];

  const serve = async (
    remote: number,
    at: { host: string; port: number } | { path: string },
  ): Promise<void> => {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
      const local = "path" in at ? at.path : (server.address() as { port: number }).port;
      onConnection({ remote, local });
      join(socket, dial, remote, life.signal).catch((error) => {
        socket.destroy();
        if (!life.signal.aborted) onError(error, { remote, local });
      });
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(at, () => {
        server.off("error", reject);
        resolve();
      });
    });
    servers.push(server);
    const host = "path" in at ? undefined : at.host;
    listened.push({
      host,
      local: "path" in at ? at.path : (server.address() as { port: number }).port,
      remote,
    });
  };

  const close = async (): Promise<void> => {
    forget();
    life.abort(new DOMException("The forwarding of ports was closed", "AbortError"));
    for (const socket of sockets) socket.destroy();
    await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
    gone.resolve();
  };
  const gone = Promise.withResolvers<void>();
  const forget = onAbort(signal, () => void close());
  try {
    const failures: unknown[] = [];
    for (const port of forwarded) failures.push(...await listenEverywhere(port, hosts, serve, listened));
    if (path !== undefined) await serve(path.remote, { path: path.local });
    if (listened.length === 0) throw failures[0];
    for (const error of failures) onError(error, { remote: 0, local: 0 });
    signal?.throwIfAborted();
  } catch (error) {
    await close();
    throw error;
  }
  return { ports: listened, closed: gone.promise, [Symbol.asyncDispose]: close };
}

/** Listens with one port on all addresses. Gives back why that failed, if it did. */
async function listenEverywhere(
  { local, remote }: ForwardedPort,
  hosts: ReturnType<typeof listenAddresses>,
  serve: (remote: number, at: { host: string; port: number }) => Promise<void>,
  listened: readonly ListenedPort[],
): Promise<unknown[]> {
  let port = local;
  let isBound = false;
  const optional: unknown[] = [];
  const failures: unknown[] = [];
  for (const { host, isOptional } of hosts) {
    try {
      await serve(remote, { host, port });
      isBound = true;
      port = listened.at(-1)!.local as number; // the first to be free is the one for all addresses
    } catch (error) {
      (isOptional ? optional : failures).push(error);
    }
  }
  return isBound ? failures : [...optional, ...failures];
}

/** Connects a socket with a port of the pod. Resolves when both have ended. */
async function join(socket: Socket, dial: Dial, port: number, signal: AbortSignal): Promise<void> {
  socket.on("error", () => {}); // its close is what counts
  const gone = new AbortController();
  socket.once("close", () => gone.abort(new DOMException("The local connection has ended", "AbortError")));
  const connection = await dial(port, AbortSignal.any([signal, gone.signal]));
  const upwards = async () => {
    const writer = connection.writable.getWriter();
    for await (const bytes of socket) {
      await writer.write(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length));
    }
    await writer.close();
  };
  const downwards = async () => {
    for await (const bytes of connection.readable) {
      if (!socket.write(bytes) && !socket.destroyed) await room(socket);
    }
    socket.end();
  };
  const going = upwards().catch(() => {}); // what failed there ends the connection, which is told below
  try {
    await downwards();
    await connection.closed;
  } catch (error) {
    if (!gone.signal.aborted) throw error;
  } finally {
    await connection[Symbol.asyncDispose]();
    socket.destroySoon();
    await going;
  }
}

/** Resolves when a socket takes more, or takes nothing any more. */
function room(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      socket.off("drain", settle).off("close", settle);
      resolve();
    };
    socket.on("drain", settle).on("close", settle);
  });
}
