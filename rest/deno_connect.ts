import { onAbort } from "../async/mod.ts";
import type { Connection } from "./http_connection.ts";
import type { ConnectionTarget } from "./http_sockets.ts";

/** The part of Deno's API that is used here. */
export interface DenoNetwork {
  connect(options: {
    hostname: string;
    port: number;
    signal: AbortSignal;
    autoSelectFamily: boolean;
  }): Promise<Connection & { setNoDelay(isOn: boolean): void }>;
  startTls(
    connection: Connection,
    options: { hostname: string; caCerts?: string[]; alpnProtocols: string[] },
  ): Promise<Connection & { handshake(): Promise<unknown> }>;
}

/**
 * Connects by Deno's sockets. There is no client certificate: what takes one cannot be told to stop.
 *
 * @param ca Authorities that may have signed the certificates of servers, beside those that Deno trusts, in PEM.
 * @returns Nothing if it cannot: `fetch` says what the matter is.
 */
export async function denoConnect(
  network: DenoNetwork,
  ca: string | undefined,
  { hostname, port, isSecure }: ConnectionTarget,
  signal: AbortSignal,
): Promise<Connection | undefined> {
  let open: Connection | undefined;
  const close = () => {
    try {
      open?.close();
    } catch {
      // TLS that could not begin has taken it
    }
    open = undefined;
  };
  const forget = onAbort(signal, close);
  try {
    const tcp = await network.connect({ hostname, port, signal, autoSelectFamily: true });
    open = tcp;
    tcp.setNoDelay(true);
    if (isSecure) {
      const caCerts = ca === undefined ? undefined : [ca];
      const tls = await network.startTls(tcp, { hostname, caCerts, alpnProtocols: ["http/1.1"] });
      open = tls;
      await tls.handshake();
    }
    signal.throwIfAborted();
    return open;
  } catch {
    close();
    return undefined;
  } finally {
    forget();
  }
}
