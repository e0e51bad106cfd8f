import type { MessageSocket } from "./message_socket.ts";

/** How much of one channel may wait to be read before the whole connection is held back, in bytes. */
const MOST_UNREAD = 256 * 1024;
/** The longest piece that is sent in one message, in bytes, as client-go sends them (spec rest 14.3). */
const LONGEST_PIECE = 32 * 1024;

/** The inner end of a channel that is read. */
interface Inlet {
  controller: ReadableStreamDefaultController<Uint8Array>;
  /** How many bytes at its beginning are not for the reader. */
  skip: number;
  isOpen: boolean;
  /** Who waits for room. */
  onRoom: () => void;
  /** Who wants to know that something came. */
  onBytes: () => void;
}

/**
 * The channels of one WebSocket, each a stream: the first byte of a message says which one it belongs to. Messages are
 * handed out in the order in which they come, so a channel that nobody reads holds back all of them once it is full;
 * cancel the ones that are of no interest.
 *
 * @see spec rest 14.4
 */
export class ChannelStreams {
  readonly #socket: MessageSocket;
  readonly #inlets = new Map<number, Inlet>();
  readonly #takers = new Map<number, { take: (bytes: Uint8Array) => void; skip: number }>();
  #hasFailed = false;

  /** Takes over a connection. Nothing is read before {@linkcode ChannelStreams.run}. */
  constructor(socket: MessageSocket) {
    this.#socket = socket;
    socket.failed.catch(() => { // who waits for a reader waits no longer
      this.#hasFailed = true;
      for (const { onRoom } of this.#inlets.values()) onRoom();
    });
  }

  /**
   * What comes over a channel. It ends when the other side closes the connection.
   *
   * @param skip Bytes at its beginning that belong to the protocol.
   * @param onBytes Called whenever some have come.
   */
  readable(channel: number, skip: number = 0, onBytes: () => void = () => {}): ReadableStream<Uint8Array> {
    const inlet: Partial<Inlet> = { skip, isOpen: true, onRoom() {}, onBytes };
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#inlets.set(channel, Object.assign(inlet, { controller }) as Inlet);
      },
      pull: () => inlet.onRoom!(),
      cancel: () => {
        inlet.isOpen = false;
        inlet.onRoom!();
      },
    }, { highWaterMark: MOST_UNREAD, size: (bytes) => bytes.length });
  }

  /** Hands over what comes on a channel at once. */
  onBytes(channel: number, take: (bytes: Uint8Array) => void, skip: number = 0): void {
    this.#takers.set(channel, { take, skip });
  }

  /** Whether something has come on a channel that its reader has not taken yet. */
  hasUnread(channel: number): boolean {
    const inlet = this.#inlets.get(channel);
    return inlet !== undefined && inlet.isOpen && inlet.controller.desiredSize! < MOST_UNREAD;
  }

  /**
   * Sends bytes over a channel, in messages of a size that servers are used to.
   *
   * @throws What ended the connection.
   */
  async send(channel: number, bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += LONGEST_PIECE) {
      const piece = bytes.subarray(at, at + LONGEST_PIECE);
      const message = new Uint8Array(1 + piece.length);
      message[0] = channel;
      message.set(piece, 1);
      await this.#socket.send(message);
    }
  }

  /**
   * Hands out what comes until the connection ends. All channels end with it: normally, or with its error.
   *
   * @returns What ended it; `undefined` when the server closed it normally.
   */
  async run(): Promise<{ error: unknown } | undefined> {
    try {
      for (;;) {
        const message = await this.#socket.receive();
        if (message === undefined) break;
        if (message.length === 0) {
          throw new TypeError("Cannot read a message of the server: it has no channel");
        }
        await this.#handOut(message);
      }
      for (const inlet of this.#inlets.values()) if (inlet.isOpen) inlet.controller.close();
      return undefined;
    } catch (error) {
      this.#socket.fail(error); // unless it has failed with that
      for (const inlet of this.#inlets.values()) if (inlet.isOpen) inlet.controller.error(error);
      return { error };
    } finally {
      for (const inlet of this.#inlets.values()) inlet.isOpen = false;
    }
  }

  /** A message that is for nobody, such as a close signal, is let go of; so is what a reader does not want any more. */
  async #handOut(message: Uint8Array): Promise<void> {
    const inlet = this.#inlets.get(message[0]);
    const target = inlet ?? this.#takers.get(message[0]);
    if (target === undefined) return;
    const skipped = Math.min(target.skip, message.length - 1);
    target.skip -= skipped;
    const bytes = message.subarray(1 + skipped);
    if (bytes.length === 0) return;
    if ("take" in target) return target.take(bytes);
    if (inlet === undefined || !inlet.isOpen) return;
    inlet.controller.enqueue(bytes);
    inlet.onBytes();
    while (inlet.isOpen && !this.#hasFailed && inlet.controller.desiredSize! <= 0) {
      const room = Promise.withResolvers<void>();
      inlet.onRoom = room.resolve;
      await room.promise;
    }
  }
}
