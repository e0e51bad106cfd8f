/** What the sockets of a runtime lack for a connection that both sides write to as fast as they can. */
export interface SocketGate {
  /** Reads nothing more from the connection. */
  hold(): void;
  /** Reads on. */
  release(): void;
  /** Resolves once the runtime has looked whether something has come. */
  turn(): Promise<void>;
  /**
   * Lets a connection of `node:net` or `node:tls` be read to its end after a write to it has failed.
   *
   * A write that fails says nothing about what can still be read: who has said all, and closes without having read all of
   * ours, makes writes fail, and its last words are here already. But streams of Node drop what is read once a write has
   * failed. So that is not told: nothing more is written, and reading goes on, whose end decides.
   */
  outlive(connection: object): void;
}

/** A gate for one connection. */
export async function socketGate(): Promise<SocketGate> {
  const { transportGate } = await import("./transport_gate.ts");
  return await transportGate();
}
