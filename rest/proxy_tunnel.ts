import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { ConnectionOptions, TLSSocket } from "node:tls";
import { onAbort } from "../async/mod.ts";
import { joinBytes } from "./join_bytes.ts";
import { hostOf } from "./no_proxy.ts";
import type { NetworkReason } from "./network_error.ts";
import { TransportFailure } from "./transport_failure.ts";

/** Where a connection is to lead. */
export interface TunnelTarget {
  /** A name, or an address without brackets. */
  host: string;
  /** The port. */
  port: number;
}

/** Options of {@linkcode openTunnel}. */
export interface TunnelOptions {
  /** How TLS with a proxy is spoken, when its URL says `https`. */
  tls: ConnectionOptions;
  /** Ends it, whatever it is waiting for. */
  signal: AbortSignal;
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  "http:": 80,
  "https:": 443,
  "socks5:": 1080,
  "socks5h:": 1080,
};

/** The longest answer to CONNECT that is read before its end, in bytes. */
const LONGEST_HEAD = 16 * 1024;

/** What a SOCKS proxy answers instead of connecting (RFC 1928, section 6). */
const SOCKS_REPLIES: Readonly<Record<number, string>> = {
  1: "it had a failure",
  2: "its rules do not allow that",
  3: "the network cannot be reached",
  4: "the host cannot be reached",
  5: "connection refused",
  6: "the connection took too long",
  7: "it does not know how",
  8: "it knows no such kind of address",
};

const CUT = "the connection was cut";

const encoder = new TextEncoder();

/**
 * Opens a connection to `target` by way of a proxy: with CONNECT, or as SOCKS 5 has it, where the proxy finds the
 * address of a name. Without a target it ends at the proxy. No socket is left behind when it fails.
 *
 * @throws {TransportFailure} If the proxy cannot be reached, or refuses. It names the proxy without its password.
 * @throws The signal's reason, and on Deno what it throws without a permission.
 * @see Go `net/http.Transport`, RFC 1928 and 1929
 */
export async function openTunnel(
  proxy: URL,
  target: TunnelTarget | undefined,
  { tls, signal }: TunnelOptions,
): Promise<Socket> {
  let socket: Socket | undefined;
  try {
    socket = await connectToProxy(proxy, { tls, signal });
    if (target === undefined) return socket;
    if (proxy.protocol.startsWith("http")) await askHttp(socket, proxy, target, signal);
    else await askSocks(socket, proxy, target, signal);
    return socket;
  } catch (error) {
    socket?.destroy();
    if (signal.aborted) throw signal.reason;
    throw (error as Error)?.name === "NotCapable" ? error : failureOf(proxy, error); // Deno's refusal is none of the proxy's
  }
}

/**
 * Speaks TLS through a socket. Resolves after the handshake; when it fails, the socket is gone.
 *
 * @throws What the runtime says.
 * @throws The signal's reason.
 */
export async function startTls(
  socket: Duplex,
  options: ConnectionOptions,
  signal: AbortSignal,
): Promise<TLSSocket> {
  const { connect } = await import("node:tls");
  const secure = connect({ ...options, socket });
  secure.once("close", () => socket.destroy()); // on Bun, not when it carries TLS itself
  try {
    await untilSocket<void>(secure, signal, (resolve) => {
      secure.once("secureConnect", resolve);
      return () => secure.off("secureConnect", resolve);
    });
    return secure;
  } catch (error) {
    secure.on("error", () => {}); // what still comes changes nothing
    secure.destroy();
    socket.destroy();
    throw error;
  }
}

/** The value of a `Proxy-Authorization` header; `undefined` for a proxy without a user. */
export function proxyAuthorization({ username, password }: URL): string | undefined {
  if (username === "" && password === "") return undefined;
  const bytes = encoder.encode(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}

/** A proxy that asks who one is, or does not believe it. */
export function unknownToProxy(proxy: URL): TransportFailure {
  return failureOf(proxy, notKnown(proxy));
}

function notKnown({ username, password }: URL): TransportFailure {
  const problem = username === "" && password === ""
    ? "asks for a user name and password"
    : "does not accept the user name and password";
  return new TransportFailure("other", problem);
}

/** What went wrong with a proxy, in a sentence that begins with it, but without its password. */
function failureOf(proxy: URL, cause: unknown): TransportFailure {
  const name = `the proxy ${proxy.protocol}//${proxy.host}`;
  // Some runtimes collect what became of several addresses.
  const said = [cause, ...(cause instanceof AggregateError ? cause.errors : [])]
    .map((error) => `${error?.code} ${error?.message}`).join(" ");
  const failure = (reason: NetworkReason, problem: string) =>
    new TransportFailure(
      reason,
      `${name} ${problem}`,
      cause instanceof TransportFailure ? undefined : { cause },
    );
  if (cause instanceof TransportFailure && cause.reason !== "cut") {
    return failure(cause.reason, cause.message);
  }
  if (/ECONNREFUSED/.test(said)) return failure("refused", "refuses connections");
  if (/ENOTFOUND|EAI_AGAIN/.test(said)) return failure("dns", "has a host name that is not known");
  if (cause instanceof TransportFailure || /ECONNRESET|EPIPE/.test(said)) {
    return failure("cut", "closed the connection");
  }
  if (/ETIMEDOUT/.test(said)) return failure("timeout", "does not answer");
  const { code, message } = cause as { code?: string; message: string };
  if (proxy.protocol === "https:" && !/EHOST|ENET|EADDR/.test(said)) {
    return failure("tls", `is not trusted, or speaks no TLS: ${code ?? message}`);
  }
  return failure("other", `cannot be reached: ${code ?? message}`);
}

/**
 * Connects without a proxy. No socket is left behind when it fails.
 *
 * @throws What the runtime says.
 * @throws The signal's reason.
 */
export async function connectTo(target: TunnelTarget, signal: AbortSignal): Promise<Socket> {
  signal.throwIfAborted();
  const { connect } = await import("node:net");
  const socket = connect(target);
  socket.on("error", () => {}); // who uses the socket listens too; but nobody does between one step and the next
  try {
    await untilSocket<void>(socket, signal, (resolve) => {
      socket.once("connect", resolve);
      return () => socket.off("connect", resolve);
    });
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function connectToProxy(proxy: URL, { tls, signal }: TunnelOptions): Promise<Socket> {
  const { isIP } = await import("node:net");
  const host = hostOf(proxy);
  const socket = await connectTo({ host, port: Number(proxy.port || DEFAULT_PORTS[proxy.protocol]) }, signal);
  if (proxy.protocol !== "https:") return socket;
  const servername = isIP(host) === 0 ? host : "";
  return await startTls(socket, { ...tls, host, servername }, signal);
}

async function askHttp(
  socket: Socket,
  proxy: URL,
  { host, port }: TunnelTarget,
  signal: AbortSignal,
): Promise<void> {
  const authority = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const authorization = proxyAuthorization(proxy);
  const lines = [`CONNECT ${authority} HTTP/1.1`, `Host: ${authority}`];
  if (authorization !== undefined) lines.push(`Proxy-Authorization: ${authorization}`);
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  let length = 0;
  const received = await receive(socket, signal, (bytes) => {
    const text = String.fromCharCode(...bytes.subarray(0, LONGEST_HEAD));
    length = text.indexOf("\r\n\r\n") + 4;
    const isHttp = "HTTP/1.".startsWith(text.slice(0, 7)) && (length > 3 || text.length < LONGEST_HEAD);
    if (!isHttp) throw new TransportFailure("other", "does not answer as HTTP proxies do");
    return length > 3;
  });
  const head = String.fromCharCode(...received.subarray(0, length));
  const status = Number(/^HTTP\/1\.\d (\d{3})\b/.exec(head)?.[1]);
  if (status >= 200 && status < 300) {
    // A server says nothing before it is asked: this is a page, and who took it for TLS could wait for ever.
    if (received.length === length) return;
    const problem = `does not connect to ${authority}, but answers by itself with status ${status}`;
    throw new TransportFailure("other", problem);
  }
  if (status === 407) throw notKnown(proxy);
  const problem = status === 403
    ? `does not allow connections to ${authority} (status 403)`
    : `does not connect to ${authority}: it answers with status ${status || "none"}`;
  throw new TransportFailure("other", problem);
}

async function askSocks(
  socket: Socket,
  proxy: URL,
  { host, port }: TunnelTarget,
  signal: AbortSignal,
): Promise<void> {
  const [user, password] = [proxy.username, proxy.password].map((text) =>
    encoder.encode(decodeURIComponent(text))
  );
  const hasUser = user.length + password.length > 0;
  const take = (length: (bytes: Uint8Array) => number) =>
    receive(socket, signal, (bytes) => {
      if (bytes.length > 0 && (bytes[0] > 5 || bytes.length > length(bytes))) {
        throw new TransportFailure("other", "does not answer as SOCKS 5 proxies do");
      }
      return bytes.length === length(bytes);
    });

  socket.write(Uint8Array.from(hasUser ? [5, 2, 0, 2] : [5, 1, 0]));
  const [, method] = await take(() => 2);
  if (method === 2 && hasUser) {
    if (user.length > 255 || password.length > 255) throw notKnown(proxy);
    socket.write(Uint8Array.from([1, user.length, ...user, password.length, ...password]));
    const [, refused] = await take(() => 2);
    if (refused !== 0) throw notKnown(proxy);
  } else if (method !== 0) {
    throw notKnown(proxy);
  }

  const address = await socksAddress(host);
  if (address === undefined) {
    throw new TransportFailure("other", "takes no host name that is so long");
  }
  socket.write(Uint8Array.from([5, 1, 0, ...address, port >> 8, port & 0xff]));
  const [, reply] = await take((bytes) => 6 + ({ 1: 4, 3: 1 + bytes[4], 4: 16 }[bytes[3]] ?? 0));
  if (reply === 0) return;
  const said = SOCKS_REPLIES[reply] ?? `it answers with code ${reply}`;
  const target = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  throw new TransportFailure(reply === 5 ? "refused" : "other", `does not connect to ${target}: ${said}`);
}

/** An address as SOCKS has it, with its kind before it; `undefined` when the name is too long. */
async function socksAddress(host: string): Promise<number[] | undefined> {
  const { isIP } = await import("node:net");
  switch (isIP(host)) {
    case 4:
      return [1, ...host.split(".").map(Number)];
    case 6: {
      const [head, tail] = new URL(`http://[${host}]`).hostname.slice(1, -1).split("::")
        .map((part) => part.split(":").filter(Boolean).map((group) => parseInt(group, 16)));
      const gap = Array.from({ length: 8 - head.length - (tail?.length ?? 0) }, () => 0);
      return [4, ...[...head, ...gap, ...(tail ?? [])].flatMap((group) => [group >> 8, group & 0xff])];
    }
    default: {
      const name = encoder.encode(host);
      return name.length > 255 ? undefined : [3, name.length, ...name];
    }
  }
}

/**
 * Reads an answer from a socket, and what else has come by then.
 *
 * @param isComplete Whether the bytes hold the whole answer.
 */
function receive(
  socket: Socket,
  signal: AbortSignal,
  isComplete: (bytes: Uint8Array) => boolean,
): Promise<Uint8Array> {
  let bytes: Uint8Array = new Uint8Array();
  return untilSocket<Uint8Array>(socket, signal, (resolve, reject) => {
    const onReadable = () => {
      for (let chunk = socket.read(); chunk !== null; chunk = socket.read()) {
        bytes = joinBytes([bytes, chunk]);
      }
      try {
        if (isComplete(bytes)) resolve(bytes);
      } catch (error) {
        reject(error);
      }
    };
    const onEnd = () => reject(new TransportFailure("cut", CUT));
    socket.on("readable", onReadable).on("end", onEnd);
    return () => socket.off("readable", onReadable).off("end", onEnd);
  });
}

/** Waits for something of a socket, unless it fails, closes, or the signal aborts before. */
async function untilSocket<T>(
  socket: Socket,
  signal: AbortSignal,
  listen: (resolve: (value: T) => void, reject: (error: unknown) => void) => () => unknown,
): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const onClose = () => reject(new TransportFailure("cut", CUT));
  socket.on("error", reject).on("close", onClose);
  const forgetSignal = onAbort(signal, reject);
  const forget = listen(resolve, reject);
  try {
    return await promise;
  } finally {
    forget();
    forgetSignal();
    socket.off("error", reject).off("close", onClose);
  }
}
