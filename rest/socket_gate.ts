/** What TLS of one connection is spoken through. */
export interface SocketGate {
  /** Reads nothing more from the connection. */
  hold(): void;
  /** Reads on. */
  release(): void;
}

/** A gate for one connection; `undefined` where the runtime's sockets need none. */
export async function socketGate(): Promise<SocketGate | undefined> {
  const { transportGate } = await import("./transport_gate.ts");
  return transportGate();
}
