import { connect, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { joinBytes } from "@coxswain/kube/rest";

/** What a client asks of a proxy, in the order in which it does. `begin` is before a byte was read. */
export type ProxyStep = "begin" | "greeting" | "login" | "request";

/** Options of {@linkcode ProxyServer.listen}. */
export interface ProxyServerOptions {
  /** Whether it speaks SOCKS 5 instead of HTTP. */
  socks?: boolean;
  /** Its certificate and key, as PEM. Default: no TLS. */
  tls?: { cert: string; key: string };
  /** Who may use it, as `name:password`. Default: anybody. */
  user?: string;
  /** A step at which it does not go on, and what it says instead; and later, when the client has said more. */
  instead?: { at: ProxyStep; answer?: string | Uint8Array; later?: string; hangUp?: boolean };
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * A proxy made of sockets alone: HTTP with CONNECT and whole URLs, or SOCKS 5. Whatever host it is asked for, it
 * connects to that port of this machine, so that it knows names that nobody else does.
 */
export class ProxyServer {
  readonly #server: Server;
  readonly #options: ProxyServerOptions;
  readonly #sockets = new Set<Socket>();
  readonly #handshakes = new Set<Socket>();
  readonly #waiting: (() => void)[] = [];
  /** What it was asked for, such as `CONNECT host:port`, `GET http://host:port/path` or `SOCKS host:port`. */
  readonly asked: string[] = [];
  /** Who asked, for each of those. */
  readonly users: (string | undefined)[] = [];
  /** How many connections there ever were. */
  connections = 0;
  #isClosed = false;
  #reached = Promise.withResolvers<void>();

  /** Makes a proxy that does not listen yet: see {@linkcode ProxyServer.listen}. */
  constructor(options: ProxyServerOptions) {
    this.#options = options;
    const accept = (socket: Socket) => void this.#accept(socket);
    this.#server = options.tls === undefined ? createTcpServer(accept) : createTlsServer(options.tls, accept);
    // Or a handshake that nobody goes on with would hold up close().
    this.#server.on("connection", (tcp: Socket) => {
      this.#handshakes.add(tcp);
      tcp.on("close", () => this.#handshakes.delete(tcp));
    });
    this.#server.on("tlsClientError", () => {}); // what some tests are about; the client's side of it is looked at
  }

  /** Starts a proxy on a free port. */
  static async listen(options: ProxyServerOptions = {}): Promise<ProxyServer> {
    const proxy = new ProxyServer(options);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once("error", reject);
      proxy.#server.listen(0, "127.0.0.1", resolve);
    });
    return proxy;
  }

  /** The port that it listens on. */
  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  /** Its URL. */
  url(
    { user = this.#options.user, protocol = this.protocol }: { user?: string; protocol?: string } = {},
  ): string {
    return `${protocol}://${user === undefined ? "" : `${user}@`}127.0.0.1:${this.port}`;
  }

  /** What it speaks, as a URL has it. */
  get protocol(): string {
    return this.#options.socks ? "socks5" : this.#options.tls ? "https" : "http";
  }

  /** Resolves when a client has come to the step at which it does not go on. */
  get reached(): Promise<void> {
    return this.#reached.promise;
  }

  /** Resolves when no connection is open. */
  idle(): Promise<void> {
    if (this.#sockets.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Ends all connections and stops listening. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of [...this.#sockets, ...this.#handshakes]) socket.destroy();
    await closed;
  }

  async #accept(socket: Socket): Promise<void> {
    if (this.#isClosed) return void socket.destroy(); // its handshake has ended just now
    this.connections++;
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => {}); // "close" follows
    socket.on("close", () => {
      this.#sockets.delete(socket);
      if (this.#sockets.size === 0) { for (const resolve of this.#waiting.splice(0)) resolve(); }
    });
    const bytes = new Incoming(socket);
    if (this.#stopsAt("begin", socket)) return;
    await (this.#options.socks ? this.#serveSocks(socket, bytes) : this.#serveHttp(socket, bytes));
  }

  #stopsAt(step: ProxyStep, socket: Socket): boolean {
    const { instead } = this.#options;
    if (instead?.at !== step) return false;
    if (instead.answer !== undefined) socket.write(instead.answer);
    const { later } = instead;
    if (later !== undefined) socket.once("data", () => socket.write(later));
    if (instead.hangUp) socket.end();
    this.#reached.resolve();
    return true;
  }

  async #serveHttp(socket: Socket, bytes: Incoming): Promise<void> {
    const head = decoder.decode(
      await bytes.take((bytes) => decoder.decode(bytes).indexOf("\r\n\r\n") + 4, 4),
    );
    if (head === "") return;
    const [first, ...lines] = head.trimEnd().split("\r\n");
    const [method, target] = first.split(" ");
    const authorization = lines.find((line) => /^proxy-authorization: basic /i.test(line))?.split(" ")[2];
    this.asked.push(`${method} ${target}`);
    this.users.push(
      authorization && decoder.decode(Uint8Array.from(atob(authorization), (char) => char.charCodeAt(0))),
    );
    if (this.#stopsAt("request", socket)) return;
    if (this.#options.user !== undefined && this.users.at(-1) !== this.#options.user) {
      socket.end("HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    if (method === "CONNECT") {
      const server = await this.#reach(Number(target.split(":").at(-1)), socket);
      socket.write("HTTP/1.1 200 Connection established\r\nX-Proxy: yes\r\n\r\n");
      bytes.pipe(server);
      return;
    }
    // Enough for these tests: what follows on the connection is passed on as it comes, with its whole URL.
    const { port, pathname, search } = new URL(target);
    const server = await this.#reach(Number(port), socket);
    const kept = lines.filter((line) => !/^proxy-/i.test(line));
    server.write(
      `${method} ${pathname}${search} HTTP/1.1\r\n${kept.join("\r\n")}\r\n\r\n`,
    );
    bytes.pipe(server);
  }

  async #serveSocks(socket: Socket, bytes: Incoming): Promise<void> {
    const greeting = await bytes.take((bytes) => 2 + bytes[1], 2);
    if (this.#stopsAt("greeting", socket)) return;
    const method = this.#options.user === undefined ? 0 : 2;
    if (!greeting.subarray(2).includes(method)) return void socket.end(Uint8Array.from([5, 255]));
    socket.write(Uint8Array.from([5, method]));
    let user: string | undefined;
    if (method === 2) {
      const login = await bytes.take((bytes) => 3 + bytes[1] + (bytes[2 + bytes[1]] ?? 255), 3);
      const name = decoder.decode(login.subarray(2, 2 + login[1]));
      user = `${name}:${decoder.decode(login.subarray(3 + login[1]))}`;
      if (this.#stopsAt("login", socket)) return;
      if (user !== this.#options.user) return void socket.end(Uint8Array.from([1, 1]));
      socket.write(Uint8Array.from([1, 0]));
    }
    const request = await bytes.take((bytes) => 6 + ({ 1: 4, 3: 1 + bytes[4], 4: 16 }[bytes[3]] ?? 0), 5);
    const address = request.subarray(4, -2);
    const host = request[3] === 3
      ? decoder.decode(address.subarray(1))
      : request[3] === 1
      ? address.join(".")
      : `[${
        Array.from({ length: 8 }, (_, at) => (address[2 * at] << 8 | address[2 * at + 1]).toString(16)).join(
          ":",
        )
      }]`;
    const port = request[request.length - 2] << 8 | request[request.length - 1];
    this.asked.push(`SOCKS ${host}:${port}`);
    this.users.push(user);
    if (this.#stopsAt("request", socket)) return;
    const server = await this.#reach(port, socket);
    socket.write(Uint8Array.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
    bytes.pipe(server);
  }

  /** Connects to a port of this machine. What ends one side ends the other. */
  async #reach(port: number, socket: Socket): Promise<Socket> {
    const server = connect({ host: "127.0.0.1", port });
    server.setNoDelay(true);
    server.on("error", () => {}); // "close" follows
    server.on("close", () => socket.destroy());
    socket.on("close", () => server.destroy());
    await new Promise<void>((resolve) => server.once("connect", resolve));
    server.pipe(socket);
    return server;
  }
}

/** What a client sends, piece by piece. */
class Incoming {
  readonly #socket: Socket;
  #unread: Uint8Array = new Uint8Array();
  #target: Socket | undefined;
  #look = () => {};

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Uint8Array) => {
      if (this.#target !== undefined) return void this.#target.write(chunk);
      this.#unread = joinBytes([this.#unread, chunk]);
      this.#look();
    });
  }

  /**
   * The next piece, of `lengthOf(bytes)` bytes; nothing when there is no more.
   *
   * @param least How many bytes it takes to know the length.
   */
  take(lengthOf: (bytes: Uint8Array) => number, least: number): Promise<Uint8Array> {
    return new Promise((resolve) => {
      this.#socket.once("close", () => resolve(new Uint8Array()));
      this.#look = () => {
        const length = this.#unread.length < least ? 0 : lengthOf(this.#unread);
        if (length < least || this.#unread.length < length) return;
        this.#look = () => {};
        const taken = this.#unread.subarray(0, length);
        this.#unread = this.#unread.subarray(length);
        resolve(taken);
      };
      this.#look();
    });
  }

  /** Hands over all that is left and all that comes. */
  pipe(target: Socket): void {
    if (this.#unread.length > 0) target.write(this.#unread);
    this.#target = target;
  }
}

/** The bytes of a text. */
export const bytesOf = (text: string): Uint8Array => encoder.encode(text);
