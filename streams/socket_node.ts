import type { ClientRequest, IncomingMessage } from "node:http";
import {
  ConfigError,
  nodeAgents,
  type SocketGate,
  socketGate,
  type Transport,
  type TransportSettings,
} from "../rest/mod.ts";
import type { SocketDriver, SocketListener } from "./message_socket.ts";

/** The longest message that is taken, in bytes. Servers send 32 KiB. */
const LONGEST_MESSAGE = 16 * 1024 * 1024;
/** How much of a refusal is read, in bytes. */
const MOST_REFUSAL = 64 * 1024;

/** What we use of `ws`. */
interface Socket {
  readonly protocol: string;
  readonly readyState: number;
  send(data: Uint8Array, options: { binary: true }, sent: (error?: Error) => void): void;
  ping(data?: undefined, mask?: undefined, sent?: (error?: Error) => void): void;
  pause(): void;
  resume(): void;
  close(code: number): void;
  terminate(): void;
  on(event: "open", listener: () => void): this;
  on(event: "pong", listener: () => void): this;
  on(event: "message", listener: (data: Uint8Array, isBinary: boolean) => void): this;
  on(event: "error", listener: (error: Error) => void): this;
  on(event: "close", listener: (code: number, reason: Uint8Array) => void): this;
  on(event: "unexpected-response", listener: (request: ClientRequest, answer: IncomingMessage) => void): this;
}

/**
 * Opens WebSockets with `ws`, on the agents of requests: it takes certificates and proxies on each runtime, and alone
 * of all clients it tells with which answer a server refuses.
 *
 * @param take Gets the connection, when there is one.
 */
export async function nodeSocketTransport(
  { tls, proxies }: TransportSettings,
  protocols: readonly string[],
  take: (driver: SocketDriver) => void,
): Promise<Transport> {
  const { WebSocket } = await import("ws").catch((error) => {
    throw (error as Error)?.name === "NotCapable" ? notPermitted() : error;
  });
  const gate = await socketGate();
  const agents = await nodeAgents(tls, proxies, { forwards: false, gate });
  return {
    reportsConnect: true,
    fetch: (url, { headers, signal, onConnected }) =>
      new Promise((resolve, reject) => {
        signal.throwIfAborted();
        const { options } = agents.routeTo(new URL(url), { signal });
        const lines: Record<string, string[]> = {};
        for (const [name, value] of headers) (lines[name] ??= []).push(value);
        const socket: Socket = new WebSocket(url.replace(/^http/, "ws"), [...protocols], {
          ...options,
          headers: lines,
          perMessageDeflate: false,
          maxPayload: LONGEST_MESSAGE,
          // Hears of the connection before the answer; it must end the request then, as ws would have done.
          finishRequest: (request: ClientRequest) => {
            request.on("socket", (connection) => {
              gate.outlive(connection);
              if (connection.connecting) connection.once("connect", () => onConnected?.());
              else onConnected?.();
            });
            request.end();
          },
        });
        const driver = driverOf(socket, gate);
        const onAbort = () => {
          reject(signal.reason);
          socket.terminate();
        };
        signal.addEventListener("abort", onAbort, { once: true });
        const settled = () => signal.removeEventListener("abort", onAbort);
        socket.on("error", (error) => {
          settled();
          reject(/subprotocol/.test(error.message) ? notNegotiated(protocols) : error);
        });
        socket.on("unexpected-response", (_, incoming) => {
          refusalOf(incoming, protocols.join(", ")).then(resolve, reject).finally(() => {
            settled();
            socket.terminate(); // it would wait for the rest of the answer
            incoming.destroy();
          });
        });
        socket.on("open", () => {
          settled();
          take(driver);
          resolve(new Response(null));
        });
      }),
    close: () => agents.close(),
  };
}

/** Deno's refusal names one variable; two are read. */
function notPermitted(): ConfigError {
  const names = "WS_NO_BUFFER_UTIL,WS_NO_UTF_8_VALIDATE";
  return new ConfigError("WebSockets", `the package ws reads ${names}`, `Run with --allow-env=${names}`);
}

function notNegotiated(protocols: readonly string[]): Error {
  return new Error(`the server speaks none of ${protocols.join(", ")}, or does not say which`);
}

/** What a server says instead of opening a WebSocket. */
async function refusalOf(incoming: IncomingMessage, protocols: string): Promise<Response> {
  const { statusCode: status = 0, statusMessage = "", headers } = incoming;
  if (status < 300 || status > 599) {
    throw new Error(`the server answered with status ${status} ${statusMessage} in the place of a WebSocket`);
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of incoming) {
      chunks.push(chunk);
      if ((length += chunk.length) >= MOST_REFUSAL) break;
    }
  } catch {
    // What came of it before it broke off has to do: the status says the most.
  }
  if (length === 0 && status < 500) { // as the server's library for WebSockets says no; a Status would say more
    chunks.push(new TextEncoder().encode(`the server opens no WebSocket: it may speak none of ${protocols}`));
  }
  const known = ["audit-id", "content-type", "retry-after", "warning"].flatMap((name) => {
    const value = headers[name];
    return typeof value === "string" ? [[name, value] as [string, string]] : [];
  });
  return new Response(new Blob(chunks as BlobPart[]).stream(), { status, headers: known });
}

function driverOf(socket: Socket, gate: SocketGate): SocketDriver {
  let listener: SocketListener | undefined;
  const early: ((listener: SocketListener) => void)[] = [];
  const tell = (what: (listener: SocketListener) => void) => listener ? what(listener) : early.push(what);
  let unsent = 0;
  let waiting: (() => void)[] = [];
  const sent = () => {
    if (--unsent > 0) return;
    const callbacks = waiting;
    waiting = [];
    for (const callback of callbacks) callback();
  };
  socket.on("message", (data, isBinary) =>
    tell((listener) => {
      if (!isBinary) listener.onUnexpected(1);
      // A plain array over the same bytes: a Buffer's `slice` and `toString` are not those of the web.
      else listener.onMessage(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    }));
  socket.on("pong", () => tell((listener) => listener.onPong()));
  socket.on("error", (error) => tell((listener) => listener.onError(error)));
  socket.on(
    "close",
    (code, reason) => tell((listener) => listener.onClose(code, new TextDecoder().decode(reason))),
  );
  const driver: SocketDriver = {
    get protocol() {
      return socket.protocol;
    },
    get isOpen() {
      return socket.readyState === 1;
    },
    canPing: true,
    send(message) {
      unsent++;
      socket.send(message, { binary: true }, sent); // a failure to send ends the connection, which is told
    },
    async turn() {
      if (unsent > 0) await new Promise<void>((resolve) => waiting.push(resolve));
      await gate.turn();
    },
    ping() {
      if (driver.isOpen) socket.ping(undefined, undefined, () => {}); // its failure ends the connection
    },
    hold() {
      socket.pause();
      gate.hold();
      return true;
    },
    release() {
      gate.release();
      socket.resume();
    },
    close: (code) => socket.close(code),
    terminate() {
      gate.release(); // or Deno does not notice the end
      socket.terminate();
    },
    listen(one) {
      listener = one;
      for (const what of early.splice(0)) what(one);
    },
  };
  return driver;
}
