import type { Socket } from "node:net";
import type { Duplex } from "node:stream";

/** How much may wait before TLS while it flows, in bytes. */
const MOST_WAITING = 64 * 1024;

/** Holds back what comes over one connection before it is decrypted. */
export interface SocketGate {
  /** Makes the socket that TLS is spoken through. */
  through(socket: Socket): Promise<Duplex>;
  /** Reads nothing more from the connection. */
  hold(): void;
  /** Reads on. */
  release(): void;
}

/**
 * A gate for one connection where a runtime needs it: Deno reads a paused TLS socket on and on, as fast as the other
 * side sends, and keeps what comes. It cannot do so with a socket that is not its own. `undefined` elsewhere: there,
 * pausing the TLS socket is enough.
 */
export function socketGate(): SocketGate | undefined {
  if (!("Deno" in globalThis)) return undefined;
  let inner: Socket | undefined;
  let isHeld = false;
  return {
    async through(socket) {
      const { Duplex } = await import("node:stream");
      inner = socket;
      const outer = new Duplex({
        readableHighWaterMark: MOST_WAITING,
        read() {
          if (!isHeld) socket.resume();
        },
        write(chunk, _encoding, done) {
          socket.write(chunk, done);
        },
        final(done) {
          socket.end(done);
        },
        destroy(error, done) {
          socket.destroy();
          done(error);
        },
      });
      socket.on("data", (chunk) => {
        if (!outer.push(chunk) || isHeld) socket.pause();
      });
      socket.on("end", () => outer.push(null));
      socket.on("error", (error) => outer.destroy(error));
      socket.on("close", () => outer.destroy());
      return outer;
    },
    hold() {
      isHeld = true;
      inner?.pause();
    },
    release() {
      isHeld = false;
      inner?.resume();
    },
  };
}
