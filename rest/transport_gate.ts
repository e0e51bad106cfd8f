import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { onAbort } from "../async/mod.ts";
import type { SocketGate } from "./socket_gate.ts";

/** How much may wait before TLS while it flows, in bytes. */
const MOST_WAITING = 64 * 1024;

/** How often what has come is read once a write has failed. */
const LAST_TURNS = 100;

/** A gate, as seen by what opens the connection. */
export interface TransportGate extends SocketGate {
  /** Makes it of a connection. */
  through(socket: Socket): Promise<Duplex>;
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
 * A gate for one connection. It does for TLS what the sockets of some runtimes do not; `undefined` where they do:
 *
 * - Deno reads a paused TLS socket on and on, as fast as the other side sends, and keeps what comes.
 * - Deno and Node close a connection at the first write that fails, and drop what has come and is not read yet. But who
 *   has said all, and closes, makes writes fail: its last words would be lost. So it is read on for a while.
 */
export function transportGate(): TransportGate | undefined {
  const { Bun, Deno } = globalThis as {
    Bun?: unknown;
    Deno?: { connect(options: { hostname: string; port: number }): Promise<DenoConnection> };
  };
  if (Bun !== undefined) return undefined;
  let isHeld = false;
  let stop = () => {};
  let go = () => {};
  return {
    async through(socket) {
      const { Duplex } = await import("node:stream");
      const { setImmediate } = await import("node:timers");
      stop = () => socket.pause();
      go = () => socket.resume();
      let isOver = false;
      const outer = new Duplex({
        readableHighWaterMark: MOST_WAITING,
        read() {
          if (!isHeld) socket.resume();
        },
        write(bytes, _encoding, done) {
          setImmediate(() => isOver || isBroken ? done() : socket.write(bytes, () => done()));
        },
        final: (done) => void socket.end(() => done()),
        destroy(error, done) {
          destroy();
          done(error);
        },
      });
      const destroy = socket.destroy.bind(socket);
      let isBroken = false;
      let turns = LAST_TURNS;
      const readLastWords = () => {
        if (isHeld) go = () => (socket.resume(), readLastWords());
        else if (turns-- > 0) setImmediate(readLastWords);
        else destroy();
      };
      // A write that fails destroys it. What has come is here already, so that it takes a few turns to read it.
      socket.destroy = (error?: Error & { syscall?: string }) => {
        if (error?.syscall !== "write") return destroy(error);
        if (!isBroken) readLastWords();
        isBroken = true;
        return socket;
      };
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
    connect: Deno && (async ({ host, port }, signal) => {
      const { Duplex } = await import("node:stream");
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
    }),
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
