import { openTransport, type TransportSettings } from "./open_transport.ts";
import type { Transport } from "./transport.ts";
import type { TransportMetrics } from "./transport_metrics.ts";

/** A transport that a client uses, perhaps with others. */
export interface TransportLease {
  /** Resolves when it can be used. */
  readonly opening: Promise<Transport>;
  /** Gives it back. The last one to do so closes it; requests that are running go on. Idempotent. */
  release(): void;
}

/** A transport in use, and by how many. */
interface Entry {
  readonly opening: Promise<Transport>;
  users: number;
}

/**
 * The transports in use. Module state on purpose, as client-go's TLS transport cache is: two clients of one server
 * with the same certificates should share connections, and nothing else of them is in here. A transport leaves it
 * with its last client. There is none for a custom `fetch`, which has connections of its own.
 */
const entries = new Map<string, Entry>();

/**
 * Gives the transport for these settings: the one that another client of the same server uses, if there is one.
 *
 * @param server URL of the server. Part of what must be equal, so that the last client of a server closes its connections.
 * @param metrics Told whether it was there already, and of how many there are.
 * @see client-go `transport.tlsTransportCache`, spec rest 7.8
 */
export function leaseTransport(
  server: string,
  settings: TransportSettings,
  metrics?: TransportMetrics,
): TransportLease {
  if (settings.fetch !== undefined) {
    metrics?.created("uncacheable");
    const opening = openTransport(settings);
    return leaseOf(opening, () => closeOpened(opening));
  }
  const { ca, cert, key, serverName, insecure } = settings.tls;
  const name = JSON.stringify([
    ...[new URL(server).origin, settings.proxies.key],
    ...[ca, cert, key, serverName, insecure].map((value) => value ?? null),
  ]);
  const found = entries.get(name);
  metrics?.created(found === undefined ? "miss" : "hit");
  const entry = found ?? { opening: openTransport(settings), users: 0 };
  entries.set(name, entry);
  entry.users++;
  const endReports = metrics?.reportEntries(() => entries.size);
  return leaseOf(entry.opening, () => {
    endReports?.();
    if (--entry.users > 0) return;
    entries.delete(name);
    closeOpened(entry.opening);
  });
}

function leaseOf(opening: Promise<Transport>, release: () => void): TransportLease {
  let isHeld = true;
  return {
    opening,
    release() {
      if (isHeld) release();
      isHeld = false;
    },
  };
}

function closeOpened(opening: Promise<Transport>): void {
  opening.then((transport) => transport.close(), () => {}); // what never opened needs no closing
}
