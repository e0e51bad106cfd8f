import { ChannelStreams } from "./channel_streams.ts";
import { type ExitStatus, parseExitStatus } from "./exit_status.ts";
import type { MessageSocket } from "./message_socket.ts";

/** The channels of a command, and the one that says that another is closed (spec rest 14.1). */
const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const ERROR = 3;
const RESIZE = 4;
const CLOSE = 255;

/** The longest text of the error channel that is kept, in bytes. */
const LONGEST_ERROR = 1024 * 1024;

/** The size of a terminal, in characters. */
export interface TerminalSize {
  /** Its width. */
  columns: number;
  /** Its height. */
  rows: number;
}

/** Which streams of a command there are. */
export interface ProcessStreams {
  /** Whether it gets input. */
  stdin: boolean;
  /** Whether its output is of interest. */
  stdout: boolean;
  /** Whether what it says beside its output is of interest. Never with a terminal. */
  stderr: boolean;
  /** Whether it runs in a terminal. */
  tty: boolean;
}

/** What {@linkcode RemoteProcess.output} resolves to. */
export interface ProcessOutput extends ExitStatus {
  /** All that it wrote; empty if that was not asked for. */
  readonly stdout: Uint8Array;
  /** All that it wrote beside its output; empty if that was not asked for. */
  readonly stderr: Uint8Array;
}

/** Options of {@linkcode RemoteProcess.output}. */
export interface OutputOptions {
  /** What to give it as input, all of it; then its input ends. */
  input?: string | Uint8Array;
}

/**
 * A command that runs in a container. It looks like `Deno.ChildProcess`.
 *
 * `stdout` and `stderr` keep a quarter of a MiB each that nobody has read; then the command has to wait. So read both, or
 * cancel what is of no interest, when it may write more than that. `status` settles in each case: it rejects when the
 * connection is lost before the server has said how the command ended.
 *
 * @see client-go `remotecommand.Executor`, spec rest 14
 */
export class RemoteProcess implements AsyncDisposable {
  /**
   * How it ended. Comes after all of its output has come, so its output must be read or cancelled.
   *
   * Rejects with a `StatusError` if the command was not run or not to its end, in the server's words; with a
   * `NetworkError` if the connection was lost; with the signal's reason after an abort.
   */
  readonly status: Promise<ExitStatus>;
  readonly #socket: MessageSocket;
  readonly #channels: ChannelStreams;
  readonly #streams: ProcessStreams;
  readonly #stdin: WritableStream<Uint8Array> | undefined;
  readonly #stdout: ReadableStream<Uint8Array> | undefined;
  readonly #stderr: ReadableStream<Uint8Array> | undefined;

  /** Takes over a connection. Made by `exec()` and `attach()`. */
  constructor(socket: MessageSocket, streams: ProcessStreams) {
    this.#socket = socket;
    this.#streams = streams;
    this.#channels = new ChannelStreams(socket);
    // All channels exist before anything is read, or what comes first would be lost.
    const error = this.#channels.readable(ERROR);
    if (streams.stdout) this.#stdout = this.#channels.readable(STDOUT);
    if (streams.stderr && !streams.tty) this.#stderr = this.#channels.readable(STDERR);
    if (streams.stdin) this.#stdin = this.#writable();
    this.status = this.#run(error);
    this.status.catch(() => {}); // who wants to know waits for it
  }

  /**
   * Its input. Close it to tell the command that there is no more. Writing waits while the command does not read, and fails
   * once it has ended.
   *
   * Servers that speak v4.channel.k8s.io alone cannot be told of the end: closing is then refused with a `TypeError`,
   * since a command that waits for the end would wait for ever.
   *
   * @throws {TypeError} If none was asked for.
   */
  get stdin(): WritableStream<Uint8Array> {
    return given("stdin", this.#stdin);
  }

  /**
   * Its output; with a terminal, all that appears there.
   *
   * @throws {TypeError} If it was not asked for.
   */
  get stdout(): ReadableStream<Uint8Array> {
    return given("stdout", this.#stdout);
  }

  /**
   * What it says beside its output.
   *
   * @throws {TypeError} If it was not asked for, or there is a terminal, which has one output alone.
   */
  get stderr(): ReadableStream<Uint8Array> {
    return given("stderr", this.#stderr);
  }

  /** Whether it runs in a terminal. */
  get hasTerminal(): boolean {
    return this.#streams.tty;
  }

  /** The subprotocol that the server chose, such as `v5.channel.k8s.io`. */
  get protocol(): string {
    return this.#socket.protocol;
  }

  /**
   * Tells the terminal of the command its size.
   *
   * @throws {TypeError} If the command has no terminal.
   * @throws {RangeError} If a size is no number from 1 to 65,535.
   */
  async resize({ columns, rows }: TerminalSize): Promise<void> {
    if (!this.#streams.tty) {
      throw new TypeError("Cannot resize the terminal: there is none. Ask for it with tty");
    }
    for (const [name, value] of Object.entries({ columns, rows })) {
      if (!(Number.isInteger(value) && value >= 1 && value <= 65_535)) {
        throw new RangeError(`Cannot resize the terminal: ${name} must be from 1 to 65535, got ${value}`);
      }
    }
    const text = `${JSON.stringify({ Width: columns, Height: rows })}\n`;
    await this.#channels.send(RESIZE, new TextEncoder().encode(text));
  }

  /**
   * Waits for the end, and collects all that the command writes. For commands that write little.
   *
   * @throws What {@linkcode RemoteProcess.status} rejects with.
   * @throws {TypeError} If a stream is in use elsewhere, or there is input for a command that gets none.
   */
  async output({ input }: OutputOptions = {}): Promise<ProcessOutput> {
    const writing = input === undefined ? undefined : this.#feed(input);
    const [stdout, stderr, status] = await Promise.all([
      collect(this.#stdout),
      collect(this.#stderr),
      this.status,
      writing,
    ]);
    return { ...status, stdout, stderr };
  }

  /** Closes the connection. What still runs is told by its streams; most servers end it. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.fail(new DOMException("The connection to the command was closed", "AbortError"));
    await this.#socket.closed;
    await this.status.catch(() => {}); // it has been told, if anybody wants to know
  }

  async #feed(input: string | Uint8Array): Promise<void> {
    const writer = this.stdin.getWriter();
    if (!this.#canEndInput) throw noEnd(this.protocol);
    try {
      await writer.write(typeof input === "string" ? new TextEncoder().encode(input) : input);
      await writer.close();
    } catch {
      // The command did not want all of it, or the connection is gone: the status says which.
    }
  }

  get #canEndInput(): boolean {
    return this.#socket.protocol === "v5.channel.k8s.io";
  }

  #writable(): WritableStream<Uint8Array> {
    return new WritableStream<Uint8Array>({
      start: (controller) => {
        this.#socket.closed.then(async () => {
          const ended = new TypeError("Cannot write to stdin: the command has ended");
          controller.error(await this.status.then(() => ended, (error) => error));
        });
      },
      write: (bytes) => this.#channels.send(STDIN, bytes),
      close: async () => {
        if (!this.#canEndInput) throw noEnd(this.protocol);
        await this.#socket.send(Uint8Array.of(CLOSE, STDIN));
      },
      abort: async () => {
        if (this.#canEndInput) await this.#socket.send(Uint8Array.of(CLOSE, STDIN)).catch(() => {}); // gone: as good
      },
    });
  }

  async #run(error: ReadableStream<Uint8Array>): Promise<ExitStatus> {
    const running = this.#channels.run();
    const said = readText(error).catch(() => ""); // of a connection that failed, the failure counts
    const ended = await running;
    await this.#socket.close();
    if (ended !== undefined) throw ended.error;
    return parseExitStatus(this.protocol, await said);
  }
}

function given<T>(name: string, stream: T | undefined): T {
  if (stream !== undefined) return stream;
  throw new TypeError(
    `Cannot use ${name}: it was not asked for. Set the option ${name} to true, without tty for stderr`,
  );
}

function noEnd(protocol: string): TypeError {
  return new TypeError(
    `Cannot end stdin: the server speaks ${protocol || "no protocol by name"}, which cannot say so. ` +
      "Give the command its input by other means, such as a count of bytes for head -c",
  );
}

async function collect(stream: ReadableStream<Uint8Array> | undefined): Promise<Uint8Array> {
  return stream === undefined ? new Uint8Array() : await new Response(stream).bytes();
}

async function readText(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of stream) {
    if (text.length < LONGEST_ERROR) text += decoder.decode(bytes, { stream: true });
  }
  return text + decoder.decode();
}
