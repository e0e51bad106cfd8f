import type { Clock } from "../async/mod.ts";
import { NetworkError } from "../rest/mod.ts";
import { ChannelStreams } from "./channel_streams.ts";
import type { MessageSocket } from "./message_socket.ts";

/** The channels of a forwarded port. Each begins with the number of the port, in two bytes. */
const DATA = 0;
const ERROR = 1;
const PORT_LENGTH = 2;

/** How long the other side may be silent once ours has said all, in milliseconds. */
const LONGEST_SILENCE = 10_000;

/** The longest error that is kept, in characters. */
const LONGEST_ERROR = 4096;

/** What a {@linkcode PortConnection} is made for. */
export interface PortConnectionOptions {
  /** The pod that it leads to. */
  pod: string;
  /** The port in the pod. */
  port: number;
  /** The clock of its silence. */
  clock: Clock;
}

/**
 * One connection to a port of a pod, as a pair of streams.
 *
 * The protocol cannot say that one side has ended while the other goes on. So closing `writable` says nothing to the pod;
 * the connection ends once the pod has been silent for 10 s after it, or has ended it by itself.
 *
 * @see spec rest 15, `v4.channel.k8s.io`
 */
export class PortConnection implements AsyncDisposable {
  /** The pod that it leads to. */
  readonly pod: string;
  /** The port in the pod. */
  readonly port: number;
  /** What comes from the pod. It fails with the pod's own words when nothing listens there. */
  readonly readable: ReadableStream<Uint8Array>;
  /** What goes to the pod. */
  readonly writable: WritableStream<Uint8Array>;
  /** Settles when the connection is gone: it rejects if that was a failure. */
  readonly closed: Promise<void>;
  readonly #socket: MessageSocket;

  /** Takes over a connection. Made by `PortForward.connect()`. */
  constructor(socket: MessageSocket, { pod, port, clock }: PortConnectionOptions) {
    this.pod = pod;
    this.port = port;
    this.#socket = socket;
    const channels = new ChannelStreams(socket);
    const what = `the connection to port ${port} of pod ${pod} failed`;
    let said = "";
    channels.onBytes(ERROR, (bytes) => {
      said = (said + new TextDecoder().decode(bytes)).slice(0, LONGEST_ERROR);
      const reason = /connection refused/.test(said) ? "refused" : "other";
      socket.fail(new NetworkError(`${what}: ${said.trim()}`, { reason, phase: "connect" }));
    }, PORT_LENGTH);
    let disarm = () => {};
    let isEnding = false;
    const awaitSilence = () => {
      disarm();
      if (!isEnding) return;
      disarm = clock.schedule(() => {
        if (channels.hasUnread(DATA)) awaitSilence(); // it is not the pod that is silent
        else void socket.close();
      }, LONGEST_SILENCE);
    };
    this.readable = channels.readable(DATA, PORT_LENGTH, awaitSilence);
    this.writable = new WritableStream<Uint8Array>({
      start: (controller) => {
        socket.closed.then(async () => {
          const ended = new NetworkError(`${what}: it is closed`, { reason: "cut", phase: "body" });
          controller.error(await this.closed.then(() => ended, (error) => error));
        });
      },
      write: (bytes) => channels.send(DATA, bytes),
      close: () => {
        isEnding = true;
        awaitSilence();
      },
      abort: () => this[Symbol.asyncDispose](),
    });
    this.closed = (async () => {
      const ended = await channels.run();
      disarm();
      await socket.close();
      if (ended !== undefined) throw ended.error;
    })();
    this.closed.catch(() => {}); // who wants to know waits for it
  }

  /** Ends the connection. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#socket.close();
    await this.closed.catch(() => {}); // it has been told, if anybody wants to know
  }
}
