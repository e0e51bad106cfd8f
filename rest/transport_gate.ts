import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { onAbort } from "../async/mod.ts";
import type { SocketGate } from "./socket_gate.ts";

/** How much may wait before TLS while it flows, in bytes. */
const MOST_WAITING = 64 * 1024;

/** A gate, as seen by what opens the connection. */
export interface TransportGate extends SocketGate {
  /** Makes it of a connection, where TLS is to be spoken through it. */
  through?(socket: Socket): Duplex;
  /** Connects, where that is better done by other means than `node:net`. */
  connect?(target: { host: string; port: number }, signal: AbortSignal): Promise<Duplex>;
}

/** What we use of a connection of Deno's own. */
interface DenoConnection {
  read(into: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  closeWrite(): Promise<void>;
  close(): void;
}

/**
 * A gate for one connection. On Deno it carries TLS, whose sockets are read on and on there while they are paused, as fast
 * as the other side sends, and keep what comes.
 */
export async function transportGate(): Promise<TransportGate> {
  const { Deno } = globalThis as {
    Deno?: { connect(options: { hostname: string; port: number }): Promise<DenoConnection> };
  };
  const { setImmediate } = await import("node:timers");
  const common = {
    hold() {},
    release() {},
    turn: () => new Promise<void>((resolve) => setImmediate(resolve)),
    outlive: (connection: object) => outliveFailedWrites(connection as Duplex),
  };
  if (Deno === undefined) return common;
  const { Duplex } = await import("node:stream");
  let isHeld = false;
  let stop = () => {};
  let go = () => {};
  return {
    ...common,
    // Who has always something else to do there looks for what has come in one of 61 rounds. This makes it wait.
    turn: () => crypto.subtle.digest("SHA-1", new Uint8Array()).then(() => {}),
    through(socket) {
      stop = () => socket.pause();
      go = () => socket.resume();
      let isOver = false;
      const outer = new Duplex({
        readableHighWaterMark: MOST_WAITING,
        read() {
          if (!isHeld) socket.resume();
        },
        write: (bytes, _encoding, done) => void (isOver ? done() : socket.write(bytes, () => done())),
        final: (done) => void socket.end(() => done()),
        destroy(error, done) {
          socket.destroy();
          done(error);
        },
      });
      outliveFailedWrites(socket);
      socket.on("data", (bytes) => {
        if (!outer.push(bytes) || isHeld) socket.pause();
      });
      const end = () => {
        if (!isOver) outer.push(null);
        isOver = true;
      };
      socket.on("end", end).on("error", end).on("close", end);
      return outer;
    },
    async connect({ host, port }, signal) {
      signal.throwIfAborted();
      const aborted = Promise.withResolvers<never>();
      const forget = onAbort(signal, aborted.reject);
      const connecting = Deno.connect({ hostname: host, port });
      const connection = await Promise.race([connecting, aborted.promise]).catch((error) => {
        connecting.then((late) => late.close(), () => {}); // it never stood
        throw error;
      }).finally(forget);
      let isReading = false;
      let isWanted = false;
      const read = async () => {
        if (isReading) return;
        isReading = true;
        while (isWanted && !isHeld) {
          const bytes = new Uint8Array(MOST_WAITING);
          const length = await connection.read(bytes).catch(() => null); // cut: TLS misses its goodbye then
          isWanted = outer.push(length === null ? null : bytes.subarray(0, length)) && length !== null;
        }
        isReading = false;
      };
      const write = async (bytes: Uint8Array) => {
        for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
      };
      go = () => void read();
      const outer = new Duplex({
        readableHighWaterMark: MOST_WAITING,
        read() {
          isWanted = true;
          read();
        },
        // Who has closed takes nothing more, but what it said before is still to be read.
        write: (bytes, _encoding, done) => void write(bytes).then(() => done(), () => done()),
        final: (done) => void connection.closeWrite().then(() => done(), () => done()),
        destroy(error, done) {
          try {
            connection.close();
          } catch {
            // It was closed already.
          }
          done(error);
        },
      });
      return outer;
    },
    hold() {
      isHeld = true;
      stop();
    },
    release() {
      isHeld = false;
      go();
    },
  };
}

/** Does what {@linkcode SocketGate.outlive} says. */
function outliveFailedWrites(connection: Duplex): void {
  const { _write, _writev } = connection;
  let hasFailed = false;
  const told = (done: () => void) => (error?: Error | null) => {
    hasFailed ||= Boolean(error);
    done();
  };
  connection._write = (chunk, encoding, done) =>
    hasFailed ? done() : _write.call(connection, chunk, encoding, told(done));
  if (!_writev) return;
  connection._writev = (chunks, done) => hasFailed ? done() : _writev.call(connection, chunks, told(done));
}
