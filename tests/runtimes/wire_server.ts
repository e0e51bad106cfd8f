import { createServer as createTcpServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, TLSSocket } from "node:tls";
import { joinBytes } from "@coxswain/kube/rest";

/** Options of {@linkcode WireServer.listen}. */
export interface WireServerOptions {
  /** The server's certificate and key, as PEM. Default: no TLS. */
  tls?: { cert: string; key: string };
  /** Who must have signed clients' certificates, as PEM. Default: clients are asked for none. */
  clientCa?: string;
  /** Whether clients without a certificate are let in although there is a {@linkcode WireServerOptions.clientCa}. */
  anonymous?: boolean;
  /** The address to listen on. Default `127.0.0.1`. */
  host?: string;
  /** Answers requests as they come. Default: they wait for {@linkcode WireServer.next}. */
  serve?: (exchange: Exchange) => unknown;
}

/** One connection that a client opened. */
export interface Connection {
  /** Counts from 1. */
  readonly number: number;
  /** The name that the client asked for in the handshake, if it did. */
  readonly serverName: string | undefined;
  /** The common name in the client's certificate, if it showed one. */
  readonly user: string | undefined;
  /** Resolves when the connection is gone, whoever ended it. */
  readonly closed: Promise<void>;
}

/** An answer's status and headers, for {@linkcode Exchange.head}. */
export interface Head {
  /** Default 200. */
  status?: number;
  /** Names and values. */
  headers?: Record<string, string>;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** One request, as it came over the wire, and the means to answer it byte by byte, or wrongly. */
export class Exchange {
  /** The HTTP method. */
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** The header lines in order, with names in lower case: what came in two lines is here twice. */
  readonly headers: readonly (readonly [string, string])[];
  /** What the request carried. */
  readonly body: Uint8Array;
  /** What it came through. */
  readonly connection: Connection;
  readonly #socket: Socket;
  readonly #tcp: Socket;

  /**
   * Takes what was read. Made by {@linkcode WireServer}.
   *
   * @param tcp What `socket` speaks TLS through, or `socket` itself.
   */
  constructor(head: string, body: Uint8Array, connection: Connection, socket: Socket, tcp: Socket) {
    const [first, ...lines] = head.split("\r\n");
    [this.method, this.path] = first.split(" ");
    this.headers = headerLines(lines);
    this.body = body;
    this.connection = connection;
    this.#socket = socket;
    this.#tcp = tcp;
  }

  /** The values of a header, one for each line. */
  header(name: string): string[] {
    return this.headers.filter(([other]) => other === name).map(([, value]) => value);
  }

  /** Writes bytes as they are. Resolves once there is room for more: to `false` when the connection is gone. */
  write(bytes: string | Uint8Array): Promise<boolean> {
    const socket = this.#socket;
    if (socket.destroyed) return Promise.resolve(false);
    if (socket.write(bytes)) return Promise.resolve(true);
    return new Promise((resolve) => {
      const go = () => {
        socket.off("drain", go).off("close", go);
        resolve(!socket.destroyed);
      };
      socket.on("drain", go).on("close", go);
    });
  }

  /** Begins an answer. */
  head({ status = 200, headers = {} }: Head = {}): Promise<boolean> {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    return this.write(`HTTP/1.1 ${status} Said\r\n${lines.join("")}\r\n`);
  }

  /** Begins an answer in chunks, which never ends unless {@linkcode Exchange.write} is given `"0\r\n\r\n"`. */
  stream(): Promise<boolean> {
    return this.head({ headers: { "Transfer-Encoding": "chunked" } });
  }

  /** Writes one chunk of such an answer. */
  chunk(text: string): Promise<boolean> {
    return this.write(`${encoder.encode(text).length.toString(16)}\r\n${text}\r\n`);
  }

  /** Writes a whole answer. */
  answer(body: string | Uint8Array, { status, headers = {} }: Head = {}): Promise<boolean> {
    const bytes = typeof body === "string" ? encoder.encode(body) : body;
    const begun = this.head({ status, headers: { ...headers, "Content-Length": String(bytes.length) } });
    return bytes.length === 0 ? begun : this.write(bytes); // a TLS socket of Deno never ends writing nothing
  }

  /** Lets the event loop turn once, for those who write on and on. */
  turn(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  /** Ends the connection in good order, whatever has been written. */
  hangUp(): void {
    this.#socket.end();
  }

  /** Ends the connection at once, as a machine that has lost it would (TCP reset). */
  reset(): void {
    this.#tcp.resetAndDestroy();
  }
}

/**
 * An HTTP/1.1 server that is not polite: tests see each connection and each header line, and write whatever bytes
 * they like. It is made of sockets alone, which all runtimes have; their own HTTP servers would tidy things up.
 */
export class WireServer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Connections whose handshake goes on, by the client's port. */
  readonly #tcp = new Map<number | undefined, Socket>();
  readonly #serve: (exchange: Exchange) => unknown;
  readonly #arrived: Exchange[] = [];
  readonly #awaited: ((connection: Connection) => void)[] = [];
  readonly #expecting: ((exchange: Exchange) => void)[] = [];
  /** What a `serve` threw; {@linkcode WireServer.close} throws it on. */
  #failure: { error: unknown } | undefined;
  /** All connections that ever were. */
  readonly connections: Connection[] = [];
  /** How many requests have come. */
  requests = 0;
  #isClosed = false;

  /** Makes a server that does not listen yet: see {@linkcode WireServer.listen}. */
  constructor({ tls, clientCa, anonymous = false, serve }: WireServerOptions) {
    this.#serve = serve ?? ((exchange) => {
      const expecting = this.#expecting.shift();
      if (expecting === undefined) this.#arrived.push(exchange);
      else expecting(exchange);
    });
    const accept = (socket: Socket) => this.#accept(socket);
    this.#server = tls === undefined ? createTcpServer(accept) : createTlsServer({
      ...tls,
      ca: clientCa,
      requestCert: clientCa !== undefined,
      rejectUnauthorized: clientCa !== undefined && !anonymous,
    }, accept);
    // Node can reset what is under TLS alone; Deno and Bun do not show it, and reset the whole.
    if (tls !== undefined) {
      this.#server.on("connection", (tcp: Socket) => {
        this.#tcp.set(tcp.remotePort, tcp);
        this.#sockets.add(tcp); // or a handshake that nobody goes on with would hold up close()
        tcp.on("close", () => this.#sockets.delete(tcp));
      });
    }
    // Handshakes that fail are what some tests are about; the client's side of it is looked at.
    this.#server.on("tlsClientError", () => {});
  }

  /** Starts a server on a free port. */
  static async listen(options: WireServerOptions = {}): Promise<WireServer> {
    const server = new WireServer(options);
    await new Promise<void>((resolve, reject) => {
      server.#server.once("error", reject);
      server.#server.listen(0, options.host ?? "127.0.0.1", resolve);
    });
    return server;
  }

  /** The port that it listens on. */
  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  /** The next request that nobody has taken yet. */
  next(): Promise<Exchange> {
    const arrived = this.#arrived.shift();
    if (arrived !== undefined) return Promise.resolve(arrived);
    return new Promise((resolve) => this.#expecting.push(resolve));
  }

  /** The next connection, which may never bring a request. */
  nextConnection(): Promise<Connection> {
    return new Promise((resolve) => this.#awaited.push(resolve));
  }

  /** Ends all connections and stops listening. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  #accept(socket: Socket): void {
    if (this.#isClosed) return void socket.destroy(); // its handshake has ended just now
    const gone = Promise.withResolvers<void>();
    const tcp = this.#tcp.get(socket.remotePort) ?? socket;
    this.#tcp.delete(socket.remotePort);
    this.#sockets.add(socket);
    socket.setNoDelay(true); // or what is written piece by piece waits for the client's acknowledgement
    socket.on("error", () => {}); // "close" follows, and says all there is to know
    socket.on("close", () => {
      this.#sockets.delete(socket);
      gone.resolve();
    });
    const secure = socket instanceof TLSSocket ? socket : undefined;
    const connection: Connection = {
      number: this.connections.length + 1,
      serverName: (secure as { servername?: string } | undefined)?.servername || undefined,
      user: [secure?.getPeerCertificate()?.subject?.CN].flat()[0],
      closed: gone.promise,
    };
    this.connections.push(connection);
    for (const resolve of this.#awaited.splice(0)) resolve(connection);
    let unread: Uint8Array = new Uint8Array();
    socket.on("data", (chunk: Uint8Array) => {
      unread = joinBytes([unread, chunk]);
      for (let found = readRequest(unread); found !== undefined; found = readRequest(unread)) {
        unread = unread.subarray(found.length);
        this.requests++;
        void this.#answer(new Exchange(found.head, found.body, connection, socket, tcp));
      }
    });
  }

  async #answer(exchange: Exchange): Promise<void> {
    try {
      await this.#serve(exchange);
    } catch (error) {
      this.#failure ??= { error };
      exchange.reset();
    }
  }
}

const headerLines = (lines: string[]): [string, string][] =>
  lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });

/** The first request in the bytes and how many of them it takes; `undefined` while it is not complete. */
function readRequest(bytes: Uint8Array): { head: string; body: Uint8Array; length: number } | undefined {
  const end = indexOf(bytes, "\r\n\r\n", 0);
  if (end === -1) return undefined;
  const head = decoder.decode(bytes.subarray(0, end));
  const headers = new Map(headerLines(head.split("\r\n").slice(1)));
  const start = end + 4;
  if (headers.get("transfer-encoding") === "chunked") {
    const chunks: Uint8Array[] = [];
    for (let at = start;;) {
      const size = indexOf(bytes, "\r\n", at);
      if (size === -1) return undefined;
      const length = parseInt(decoder.decode(bytes.subarray(at, size)), 16);
      at = size + 2 + length + 2;
      if (at > bytes.length) return undefined;
      if (length === 0) return { head, body: joinBytes(chunks), length: at };
      chunks.push(bytes.subarray(size + 2, size + 2 + length));
    }
  }
  const length = start + Number(headers.get("content-length") ?? 0);
  return length > bytes.length ? undefined : { head, body: bytes.subarray(start, length), length };
}

function indexOf(bytes: Uint8Array, text: string, from: number): number {
  const wanted = encoder.encode(text);
  for (let at = bytes.indexOf(wanted[0], from); at !== -1; at = bytes.indexOf(wanted[0], at + 1)) {
    if (wanted.every((byte, index) => bytes[at + index] === byte)) return at;
  }
  return -1;
}
