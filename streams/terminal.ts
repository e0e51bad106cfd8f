import type { ExitStatus } from "./exit_status.ts";
import type { RemoteProcess } from "./remote_process.ts";

/** What is typed into: `process.stdin`, or something like it. */
export interface TerminalInput {
  /** Whether it is a terminal. */
  readonly isTTY?: boolean;
  /** Hands over each key at once, and gives none a meaning. */
  setRawMode?(isRaw: boolean): unknown;
  /** Listens. */
  on(event: "data" | "end", listener: (bytes: Uint8Array) => void): unknown;
  /** Listens no more. */
  off(event: "data" | "end", listener: (bytes: Uint8Array) => void): unknown;
  /** Hands over nothing more. */
  pause(): unknown;
  /** Hands over again. */
  resume(): unknown;
}

/** What is shown on: `process.stdout`, or something like it. */
export interface TerminalOutput {
  /** Its width, if it is a terminal. */
  readonly columns?: number;
  /** Its height, if it is a terminal. */
  readonly rows?: number;
  /** Shows bytes. Calls back once there is room for more, or with the reason why there is none any more. */
  write(bytes: Uint8Array, callback: (error?: Error | null) => void): unknown;
  /** Listens. */
  on(event: "resize" | "error", listener: (error: Error) => void): unknown;
  /** Listens no more. */
  off(event: "resize" | "error", listener: (error: Error) => void): unknown;
}

/** Options of {@linkcode connectTerminal}. */
export interface ConnectTerminalOptions {
  /** Where input comes from. Default `process.stdin`. */
  input?: TerminalInput;
  /** Where output goes. Default `process.stdout`. */
  output?: TerminalOutput;
  /** Where it goes that is no output. Default `process.stderr`. */
  errors?: Pick<TerminalOutput, "write" | "on" | "off">;
}

/**
 * Connects a command with the terminal of this program until it ends: keys go to the command as they are typed, also
 * Ctrl-C, and its terminal has the size of this one, whenever that changes. The terminal is afterwards as it was before,
 * also when the connection is lost. Works on Deno, Bun and Node.
 *
 * @param child A command with `stdin`; for a shell, with `tty` too.
 * @returns How the command ended.
 * @throws What {@linkcode RemoteProcess.status} rejects with.
 * @throws What `output` or `errors` fail with, such as `EPIPE` when a pipe is closed at its other end. The connection is
 * closed then.
 * @example
 * ```ts no-run
 * import { connect } from "@coxswain/kube";
 * import { connectTerminal, exec } from "@coxswain/kube/streams";
 * const client = await connect();
 * const shell = await exec(client, { namespace: "shop", name: "web-0", command: ["sh"], stdin: true, tty: true });
 * const { code } = await connectTerminal(shell);
 * await client[Symbol.asyncDispose]();
 * console.log(code);
 * ```
 */
export async function connectTerminal(
  child: RemoteProcess,
  options: ConnectTerminalOptions = {},
): Promise<ExitStatus> {
  const { default: process } = await import("node:process");
  const { input = process.stdin as TerminalInput, output = process.stdout as TerminalOutput } = options;
  const { errors = process.stderr as Required<ConnectTerminalOptions>["errors"] } = options;
  const writer = child.stdin.getWriter();
  let isOver = false;
  const onData = (bytes: Uint8Array) => {
    input.pause(); // until the command has room for more
    writer.write(new Uint8Array(bytes)).then(() => isOver || input.resume(), () => {}); // the status says why not
  };
  const onEnd = () => void writer.close().catch(() => {}); // v4 cannot say it, or the command has ended
  const onResize = () => {
    const { columns, rows } = output;
    if (columns && rows) child.resize({ columns, rows }).catch(() => {}); // it has ended
  };
  const broken = Promise.withResolvers<never>();
  broken.promise.catch(() => {}); // it fails what waits for it below
  const show = async (stream: ReadableStream<Uint8Array>, on: Pick<TerminalOutput, "write">) => {
    for await (const bytes of stream) {
      await new Promise<void>((resolve, reject) =>
        on.write(bytes, (error) => error ? reject(error) : resolve())
      );
    }
  };
  const isRaw = child.hasTerminal && input.isTTY === true;
  if (isRaw) input.setRawMode?.(true);
  if (child.hasTerminal) {
    output.on("resize", onResize);
    onResize();
  }
  // Who writes to it is told, too; but without somebody who listens, that would end the program.
  for (const one of [output, errors]) one.on("error", broken.reject);
  input.on("data", onData);
  input.on("end", onEnd);
  input.resume();
  try {
    const shown = [show(child.stdout, output), ...(child.hasTerminal ? [] : [show(child.stderr, errors)])];
    const [status] = await Promise.race([Promise.all([child.status, ...shown]), broken.promise]);
    return status;
  } finally {
    isOver = true;
    input.off("data", onData);
    input.off("end", onEnd);
    output.off("resize", onResize);
    if (isRaw) input.setRawMode?.(false);
    input.pause(); // or it keeps the program alive
    await child[Symbol.asyncDispose]();
    for (const one of [output, errors]) one.off("error", broken.reject); // last: it may be told late
  }
}
