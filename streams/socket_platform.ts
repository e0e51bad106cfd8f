import { ConfigError, type Transport } from "../rest/mod.ts";
import type { SocketDriver, SocketListener } from "./message_socket.ts";

/** A subprotocol that carries a bearer token, which API servers take from programs that cannot send headers. */
const BEARER_PREFIX = "base64url.bearer.authorization.k8s.io.";

/** Headers that a WebSocket of the platform goes without, since they change nothing that matters. */
const WITHOUT_MEANING = /^(accept|accept-encoding|user-agent|authorization)$/i;

/**
 * Opens WebSockets with the platform's own `WebSocket`, for configurations that bring their own `fetch`. It cannot send
 * headers, so that of all credentials only a bearer token gets through; it does not say why it failed, and what
 * comes cannot be held back.
 *
 * @param take Gets the connection, when there is one.
 */
export function platformSocketTransport(
  protocols: readonly string[],
  take: (driver: SocketDriver) => void,
): Transport {
  return {
    reportsConnect: false,
    fetch: (url, { headers, signal }) =>
      new Promise((resolve, reject) => {
        signal.throwIfAborted();
        const socket = new WebSocket(url.replace(/^http/, "ws"), [...protocols, ...tokenProtocol(headers)]);
        socket.binaryType = "arraybuffer";
        const driver = driverOf(socket);
        const onAbort = () => {
          reject(signal.reason);
          socket.close();
        };
        signal.addEventListener("abort", onAbort, { once: true });
        const fail = (problem: string) => {
          signal.removeEventListener("abort", onAbort);
          reject(new Error(problem));
        };
        const hidden = "no WebSocket was opened, and the platform does not say why";
        socket.addEventListener("error", () => fail(hidden));
        socket.addEventListener("close", () => fail(hidden));
        socket.addEventListener("open", () => {
          if (!protocols.includes(socket.protocol)) {
            socket.close();
            return fail(
              `the server speaks none of ${protocols.join(", ")}, but "${socket.protocol.slice(0, 64)}"`,
            );
          }
          signal.removeEventListener("abort", onAbort);
          take(driver);
          resolve(new Response(null));
        });
      }),
    close() {},
  };
}

/** The headers of a request as far as a WebSocket can carry them. */
function tokenProtocol(headers: readonly [string, string][]): string[] {
  for (const [name] of headers) {
    if (WITHOUT_MEANING.test(name)) continue;
    throw new ConfigError(
      `header ${name}`,
      "the platform's WebSocket, which a custom fetch comes with, sends no headers",
      "Pass no fetch",
    );
  }
  const authorization = headers.find(([name]) => /^authorization$/i.test(name))?.[1];
  if (authorization === undefined) return [];
  const token = /^Bearer (.+)$/i.exec(authorization)?.[1];
  if (token === undefined) {
    throw new ConfigError(
      "username",
      "the platform's WebSocket, which a custom fetch comes with, can carry a bearer token alone",
      "Give a bearerToken, or pass no fetch",
    );
  }
  const encoded = btoa(token).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  return [BEARER_PREFIX + encoded];
}

function driverOf(socket: WebSocket): SocketDriver {
  let listener: SocketListener | undefined;
  const early: ((listener: SocketListener) => void)[] = [];
  const tell = (what: (listener: SocketListener) => void) => listener ? what(listener) : early.push(what);
  socket.addEventListener("message", ({ data }) =>
    tell((listener) => {
      if (data instanceof ArrayBuffer) listener.onMessage(new Uint8Array(data));
      else listener.onUnexpected(1);
    }));
  socket.addEventListener("close", ({ code, reason }) => tell((listener) => listener.onClose(code, reason)));
  return {
    get protocol() {
      return socket.protocol;
    },
    get isOpen() {
      return socket.readyState === WebSocket.OPEN;
    },
    canPing: false,
    send: (message) => socket.send(message as Uint8Array<ArrayBuffer>),
    turn: () => Promise.resolve(), // nobody tells when there is room again
    ping() {},
    hold: () => false,
    release() {},
    close(code) {
      if (socket.readyState <= WebSocket.OPEN) socket.close(code);
    },
    terminate() {
      socket.close();
      // A platform's socket waits for the other side's goodbye, perhaps for ever.
      tell((listener) => listener.onClose(1006, ""));
    },
    listen(one) {
      listener = one;
      for (const what of early.splice(0)) what(one);
    },
  };
}
