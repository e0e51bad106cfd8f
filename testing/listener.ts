import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { joinBytes } from "../rest/mod.ts";
import type { ApiRequest } from "./api_request.ts";
import { bodyText } from "./body_text.ts";
import type { UserInit } from "./user.ts";

/** Options of `ApiServer.listen`. */
export interface ListenOptions {
  /** The port; 0 takes a free one. Default 0. */
  port?: number;
  /** The address to listen on. Default `127.0.0.1`. */
  hostname?: string;
  /** Serves HTTPS. Both are PEM texts; the certificate, or what signed it, goes into the kubeconfig. */
  tls?: {
    /** The server's certificate, followed by intermediate ones if there are any. */
    cert: string;
    /** Its private key. */
    key: string;
    /** The authority that signed the certificate. Default: the certificate itself. */
    ca?: string;
    /**
     * The authority that signs the certificates of clients: their common name is the user, their organizations are the
     * groups. Without it nobody is asked for one. On Node alone: servers of Deno and Bun do not tell what a certificate says.
     */
    clientCa?: string;
  };
}

/** A server's open socket. */
export interface Listener extends AsyncDisposable {
  /** Where it listens, such as `http://127.0.0.1:40123`. */
  readonly url: string;
  /**
   * The text of a kubeconfig that leads here: JSON, which is YAML too.
   *
   * @param user Whose token is in it. Default: the first of the server's users.
   * @throws {TypeError} If there is no such user.
   */
  kubeconfig(user?: string): string;
  /** Ends all connections and stops listening. Closing twice is fine. */
  close(): Promise<void>;
}

/** A listener whose socket can be shut for a while. */
export interface Door extends Listener {
  /** Cuts all connections and refuses new ones, or takes them again at the same port. */
  setOpen(isOpen: boolean): Promise<void>;
}

/**
 * Opens a socket and answers what comes in.
 *
 * @param answer What requests are given to.
 * @param tokenOf Finds the token that goes into a kubeconfig.
 */
export async function openListener(
  answer: (request: ApiRequest) => Promise<Response>,
  options: ListenOptions,
  tokenOf: (user?: string) => string | undefined,
): Promise<Door> {
  const { port = 0, hostname = "127.0.0.1", tls } = options;
  const handle = (message: IncomingMessage, reply: ServerResponse) => void serve(answer, message, reply);
  const create = tls === undefined
    ? await import("node:http").then((http) => () => http.createServer(handle))
    : await import("node:https").then((https) => () => https.createServer(tlsOptions(tls), handle));
  let server = await listen(create(), port, hostname);
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  const { port: taken } = server.address() as AddressInfo;
  const url = `${tls === undefined ? "http" : "https"}://${host}:${taken}`;
  let isClosed = false;
  let shut: Promise<void> | undefined;
  const close = () => {
    isClosed = true;
    return shut ??= closeServer(server);
  };
  return {
    url,
    kubeconfig: (user) => formatKubeconfig(url, tls && (tls.ca ?? tls.cert), user, tokenOf(user)),
    setOpen: async (isOpen) => {
      if (!isOpen) return await (shut ??= closeServer(server));
      if (isClosed || shut === undefined) return;
      await shut;
      server = await listen(create(), taken, hostname);
      shut = isClosed ? closeServer(server) : undefined; // closed meanwhile
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function tlsOptions({ cert, key, clientCa }: NonNullable<ListenOptions["tls"]>): ServerOptions {
  if (clientCa === undefined) return { cert, key };
  // Whose certificate is not good gets an answer that says so, not a broken connection.
  return { cert, key, ca: clientCa, requestCert: true, rejectUnauthorized: false };
}

async function listen(server: Server, port: number, hostname: string): Promise<Server> {
  server.keepAliveTimeout = 0; // an idle connection that closes by itself may cost a client its next request
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, hostname, () => {
      server.off("error", reject);
      resolve();
    });
  });
  return server;
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function serve(
  answer: (request: ApiRequest) => Promise<Response>,
  message: IncomingMessage,
  reply: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  reply.once("close", () => {
    if (!reply.writableFinished) gone.abort(new TypeError("The client has gone away"));
  });
  try {
    const response = await answer(readMessage(message, gone.signal));
    const length = response.body === null ? { "content-length": "0" } : {};
    reply.writeHead(response.status, { ...Object.fromEntries(response.headers), ...length });
    reply.flushHeaders();
    if (response.body !== null) await send(response.body, reply);
    reply.end();
  } catch {
    await flushed(reply); // what was sent before the failure arrives
    reply.destroy(); // the client has gone, or is to believe that the network failed
  }
}

function readMessage(message: IncomingMessage, signal: AbortSignal): ApiRequest {
  const headers = new Headers();
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined) headers.set(name, String(value));
  }
  return {
    method: message.method ?? "GET",
    // Not resolved against the host: a path that begins with two slashes is one.
    url: new URL(`http://coxswain.test${message.url}`),
    headers,
    values: (name) => valuesOf(message.rawHeaders, name),
    certificate: certificateOf(message.socket as TLSSocket),
    signal,
    text: async () => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of message) chunks.push(chunk);
      return await bodyText(joinBytes(chunks), headers);
    },
  };
}

/** What came under a name, each by itself. */
function valuesOf(rawHeaders: readonly string[], name: string): string[] {
  return rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1].toLowerCase() === name);
}

/** Who a client's certificate says it is. */
function certificateOf(socket: TLSSocket): UserInit | "unknown" | undefined {
  const { subject } = socket.getPeerCertificate?.() ?? {};
  if (subject === undefined) return undefined;
  if (!socket.authorized) return "unknown";
  const list = (value: string | readonly string[] = []) => typeof value === "string" ? [value] : [...value];
  return { name: list(subject.CN)[0] ?? "", groups: list(subject.O) };
}

/** Sends a body as fast as the client takes it. */
async function send(body: ReadableStream<Uint8Array>, reply: ServerResponse): Promise<void> {
  const reader = body.getReader();
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    if (reply.destroyed) return await reader.cancel();
    if (!reply.write(chunk.value)) await drained(reply);
  }
}

/** Waits until all that was written has been handed to the network. */
function flushed(reply: ServerResponse): Promise<void> {
  const { socket } = reply;
  if (!reply.headersSent || reply.destroyed || !socket) return Promise.resolve();
  return new Promise((resolve) => {
    reply.once("close", resolve);
    socket.write("", () => resolve());
  });
}

function drained(reply: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      reply.off("drain", done);
      reply.off("close", done);
      resolve();
    };
    reply.once("drain", done);
    reply.once("close", done);
  });
}

function formatKubeconfig(
  server: string,
  ca: string | undefined,
  user: string | undefined,
  token: string | undefined,
): string {
  const name = "coxswain";
  const kubeconfig = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: { server, ...(ca && { "certificate-authority-data": btoa(ca) }) } }],
    users: [{ name: user ?? name, user: token === undefined ? {} : { token } }],
    contexts: [{ name, context: { cluster: name, user: user ?? name, namespace: "default" } }],
    "current-context": name,
  };
  return JSON.stringify(kubeconfig, undefined, 2);
}
