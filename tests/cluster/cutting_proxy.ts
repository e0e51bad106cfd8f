import { connect as connectTcp, createServer, type Server, type Socket } from "node:net";

/**
 * A way to a server that is cut now and then: it passes bytes on as they are, so TLS goes through, and destroys
 * connections when told to.
 */
export class CuttingProxy {
  /** How many connections have been cut. */
  cuts = 0;
  readonly #server: Server;
  readonly #pairs = new Set<{ near: Socket; far: Socket }>();

  private constructor(target: { host: string; port: number }) {
    this.#server = createServer((near) => {
      const far = connectTcp(target);
      const pair = { near, far };
      this.#pairs.add(pair);
      for (const [one, other] of [[near, far], [far, near]]) {
        one.on("data", (bytes) => other.write(bytes));
        one.on("error", () => other.destroy());
        one.on("close", () => {
          other.destroy();
          this.#pairs.delete(pair);
        });
      }
    });
  }

  /** Listens on the loopback interface, for one server. */
  static async listen(target: { host: string; port: number }): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  /** Its port. */
  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  /** How many connections go through it. */
  get open(): number {
    return this.#pairs.size;
  }

  /** Cuts connections: each with this probability. */
  cut(probability = 1): void {
    for (const { near, far } of [...this.#pairs]) {
      if (Math.random() >= probability) continue;
      this.cuts++;
      near.resetAndDestroy();
      far.destroy();
    }
  }

  /** Ends everything. */
  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
