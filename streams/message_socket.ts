import { type Clock, onAbort } from "../async/mod.ts";
import { NetworkError, toNetworkError, type Upgrade } from "../rest/mod.ts";

/** In silence, a ping is sent each so often, to notice a dead line and keep proxies awake, in milliseconds (spec rest 14.4). */
const PING_PERIOD = 5_000;
/** The longest silence, in milliseconds: twelve pings that nobody answered, and a second more. */
const LONGEST_SILENCE = 12 * PING_PERIOD + 1_000;
/** How much may wait unread before the connection is held back, in bytes. */
const MOST_UNREAD = 256 * 1024;
/** How much may wait unread where a connection cannot be held back, in bytes. What comes then ends it. */
const MOST_KEPT = 64 * 1024 * 1024;
/** How much is sent before the sender waits for its turn, in bytes. */
const MOST_UNSENT = 128 * 1024;
/** How long the other side may take to answer a goodbye before the connection is dropped, in milliseconds. */
const LONGEST_GOODBYE = 1_000;
/** The code of a close that is no failure. */
const NORMAL = 1000;

/** What carries the messages of a WebSocket: `ws`, or the platform's own. */
export interface SocketDriver {
  /** The subprotocol that the server chose; empty for none. */
  readonly protocol: string;
  /** Whether messages can still be sent: not once either side has said goodbye. */
  readonly isOpen: boolean;
  /** Whether it calls {@linkcode SocketListener.onPong}. */
  readonly canPing: boolean;
  /** Sends a binary message. */
  send(message: Uint8Array): void;
  /**
   * Resolves once what was handed over has left, or the connection is gone, and what has come meanwhile is read: a server
   * that ends a command drops what is still to be sent, when there is input that it has not read.
   */
  turn(): Promise<void>;
  /** Asks the other side for a sign of life. */
  ping(): void;
  /** Reads nothing more. `false` if that cannot be. */
  hold(): boolean;
  /** Reads on. */
  release(): void;
  /** Says goodbye. */
  close(code: number): void;
  /** Drops the connection. */
  terminate(): void;
  /** Tells what happens from now on, and what has happened since it was opened. Once. */
  listen(listener: SocketListener): void;
}

/** What happens to a WebSocket. */
export interface SocketListener {
  /** A binary message came. */
  onMessage(message: Uint8Array): void;
  /** A message came that is none for us: its number is that of RFC 6455. */
  onUnexpected(type: number): void;
  /** The other side lives. */
  onPong(): void;
  /** It failed. */
  onError(error: unknown): void;
  /** The connection is gone. */
  onClose(code: number, reason: string): void;
}

/** Options of {@linkcode MessageSocket}. */
export interface MessageSocketOptions {
  /** What was asked, for errors: `GET https://host/path`. */
  what: string;
  /** The life of the connection. */
  upgrade: Upgrade;
  /** The clock of pings and silence. */
  clock: Clock;
}

type State = { at: "open" } | { at: "ended" } | { at: "failed"; error: unknown };

/**
 * A WebSocket of binary messages that is read when somebody asks for a message: what nobody reads holds back the
 * other side. It notices a line that has gone dead, and it ends with the client that opened it.
 *
 * @see spec rest 14.4
 */
export class MessageSocket {
  /** The subprotocol that the server chose. */
  readonly protocol: string;
  /** Resolves when the connection is gone, however it ended. */
  readonly closed: Promise<void>;
  /** Rejects with what ended the connection before its time, or never settles. */
  readonly failed: Promise<never>;
  readonly #driver: SocketDriver;
  readonly #what: string;
  readonly #clock: Clock;
  readonly #gone = Promise.withResolvers<void>();
  readonly #failing = Promise.withResolvers<never>();
  readonly #forget: () => void;
  #state: State = { at: "open" };
  #unread: Uint8Array[] = [];
  #unreadLength = 0;
  #unsentLength = 0;
  /** How many wait for room to send. */
  #senders = 0;
  #isHeld = false;
  #hasHeard = false;
  #heardAt = 0;
  #isWatched = false;
  #waiting: PromiseWithResolvers<Uint8Array | undefined> | undefined;
  #heartbeat = () => {};
  #watchdog = () => {};
  #goodbye = () => {};

  /** Takes over a connection that stands. */
  constructor(driver: SocketDriver, { what, upgrade, clock }: MessageSocketOptions) {
    this.protocol = driver.protocol;
    this.closed = this.#gone.promise;
    this.failed = this.#failing.promise;
    this.failed.catch(() => {}); // who reads or sends is told
    this.#driver = driver;
    this.#what = what;
    this.#clock = clock;
    this.#forget = onAbort(upgrade.signal, (reason) => this.fail(reason));
    this.closed.then(() => upgrade.release());
    driver.listen({
      onMessage: (message) => this.#take(message),
      onUnexpected: (type) =>
        this.fail(new NetworkError(`${what} failed: unexpected message type: ${type}`, OTHER)),
      onPong: () => this.#watch(),
      onError: (error) => this.fail(toNetworkError(error, what, "body")),
      onClose: (code, reason) => {
        this.#end(
          code === NORMAL ? { at: "ended" } : { at: "failed", error: this.#closedWith(code, reason) },
        );
        this.#goodbye();
        this.#gone.resolve();
      },
    });
    if (driver.canPing && this.#state.at === "open") this.#beat();
  }

  /**
   * The next message; `undefined` once the other side has closed the connection normally. One call at a time.
   *
   * @throws {NetworkError} If the connection was cut, fell silent, or was closed for a reason.
   * @throws The reason of the signal, or what was given to {@linkcode MessageSocket.fail}.
   */
  receive(): Promise<Uint8Array | undefined> {
    if (this.#state.at === "failed") return Promise.reject(this.#state.error);
    const message = this.#unread.shift();
    if (message !== undefined) {
      this.#unreadLength -= message.length;
      if (this.#isHeld && this.#unreadLength < MOST_UNREAD / 2) {
        this.#isHeld = false;
        this.#driver.release();
      }
      return Promise.resolve(message);
    }
    if (this.#state.at === "ended") return Promise.resolve(undefined);
    this.#waiting = Promise.withResolvers();
    this.#watch();
    return this.#waiting.promise;
  }

  /**
   * Sends a message. Resolves when there is room for more.
   *
   * @throws What ended the connection.
   */
  async send(message: Uint8Array): Promise<void> {
    if (!this.#driver.isOpen) await this.closed;
    this.#checkOpen();
    this.#driver.send(message);
    if ((this.#unsentLength += message.length) < MOST_UNSENT) return;
    this.#unsentLength = 0;
    this.#senders++;
    await this.#driver.turn();
    this.#senders--;
    if (this.#state.at === "failed") this.#checkOpen();
  }

  /** Closes the connection normally: what is not sent yet still is. Resolves when it is gone. Idempotent. */
  close(): Promise<void> {
    this.#end({ at: "ended" });
    return this.closed;
  }

  /** Drops the connection: who waits, and who comes later, gets the error. The first end counts. */
  fail(error: unknown): void {
    if (this.#state.at !== "open") return;
    this.#end({ at: "failed", error });
    this.#driver.terminate();
  }

  #checkOpen(): void {
    if (this.#state.at === "failed") throw this.#state.error;
    if (this.#state.at === "ended") {
      throw new NetworkError(`${this.#what} failed: the connection is closed`, CUT);
    }
  }

  #take(message: Uint8Array): void {
    if (this.#state.at !== "open") return;
    this.#hasHeard = true;
    const waiting = this.#waiting;
    if (waiting !== undefined) {
      this.#waiting = undefined;
      return waiting.resolve(message);
    }
    this.#unread.push(message);
    this.#unreadLength += message.length;
    if (this.#unreadLength < MOST_UNREAD || this.#isHeld) return;
    this.#isHeld = this.#driver.hold();
    if (!this.#isHeld && this.#unreadLength > MOST_KEPT) {
      const problem = `${
        MOST_KEPT / 1024 / 1024
      } MiB wait to be read, and this WebSocket cannot be held back`;
      this.fail(new NetworkError(`${this.#what} failed: ${problem}`, OTHER));
    }
  }

  /**
   * Pings as long as somebody waits and hears nothing. Never while there is more to be read: a ping that reaches a server
   * which has said all, and closed, makes its system drop what is still on the way (unlike client-go, which always pings).
   */
  #beat(): void {
    this.#heartbeat = this.#clock.schedule(() => {
      if (this.#waiting !== undefined && !this.#hasHeard) this.#driver.ping();
      this.#hasHeard = false;
      this.#beat();
    }, PING_PERIOD);
  }

  /**
   * Silence counts from now on, as long as somebody waits: who does not read hears no answers either. It does not count
   * while there is no room to send: a server that cannot hand on what it has got does not read our pings.
   */
  #watch(): void {
    if (this.#waiting === undefined || !this.#driver.canPing) return;
    this.#heardAt = this.#clock.now();
    if (!this.#isWatched) this.#watchFor(LONGEST_SILENCE);
  }

  /** One timer for many messages. */
  #watchFor(delay: number): void {
    this.#isWatched = true;
    this.#watchdog = this.#clock.schedule(() => {
      this.#isWatched = false;
      if (this.#waiting === undefined) return;
      if (this.#senders > 0) return this.#watch();
      const left = this.#heardAt + LONGEST_SILENCE - this.#clock.now();
      if (left > 0) return this.#watchFor(left);
      const message = `${this.#what} failed: the server has been silent for ${LONGEST_SILENCE / 1000} s`;
      this.fail(new NetworkError(message, { reason: "timeout", phase: "body" }));
    }, delay);
  }

  #end(state: State): void {
    if (this.#state.at !== "open") return;
    this.#state = state;
    this.#forget();
    this.#heartbeat();
    this.#watchdog();
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (state.at === "failed") {
      waiting?.reject(state.error);
      this.#unread = [];
      return this.#failing.reject(state.error);
    }
    waiting?.resolve(undefined);
    this.#driver.release();
    this.#driver.close(NORMAL);
    this.#goodbye = this.#clock.schedule(() => this.#driver.terminate(), LONGEST_GOODBYE);
  }

  #closedWith(code: number, reason: string): NetworkError {
    const problem = code === 1006
      ? "the connection was cut"
      : `the server closed the connection with code ${code}${reason && `: ${reason}`}`;
    return new NetworkError(`${this.#what} failed: ${problem}`, CUT);
  }
}

const CUT = { reason: "cut", phase: "body" } as const;
const OTHER = { reason: "other", phase: "body" } as const;
