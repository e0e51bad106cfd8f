/** A port to listen on, and where it leads. */
export interface ForwardedPort {
  /** The port on this machine; 0 for any that is free. */
  local: number;
  /** The port in the pod, or of the service. */
  remote: number;
}

/**
 * Reads what `kubectl port-forward` takes: `5000`, `8888:5000`, and `:5000` or `0:5000` for any local port.
 *
 * @throws {TypeError} If it is nothing like that.
 * @throws {RangeError} If a port is none.
 * @see spec rest 15.1
 */
export function parseForwardedPort(text: string | number): ForwardedPort {
  const parts = String(text).split(":");
  if (parts.length > 2) {
    throw new TypeError(`Cannot forward ports: invalid port format ${JSON.stringify(text)}`);
  }
  const local = parts.length === 2 && parts[0] === "" ? 0 : portOf(parts[0]);
  const remote = portOf(parts.at(-1)!);
  if (remote === 0) throw new RangeError("Cannot forward ports: remote port must be > 0");
  return { local, remote };
}

function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (!(port <= 65_535)) {
    throw new RangeError(`Cannot forward ports: ${JSON.stringify(text)} is no port from 0 to 65535`);
  }
  return port;
}

/** An address to listen on. */
export interface ListenAddress {
  /** An IP address. */
  host: string;
  /** Whether it is enough that another one can be listened on, as of the two that `localhost` has. */
  isOptional: boolean;
}

/**
 * The addresses to listen on, each once: `localhost` stands for both loopback addresses, an explicit one goes before it.
 *
 * @throws {TypeError} If there is none, or one is no IP address.
 * @see spec rest 15.1
 */
export function listenAddresses(
  addresses: readonly string[],
  isIP: (text: string) => number,
): ListenAddress[] {
  if (addresses.length === 0) {
    throw new TypeError("Cannot forward ports: you must specify at least 1 address");
  }
  const found = new Map<string, ListenAddress>();
  for (const address of addresses) {
    if (address === "localhost") {
      for (const host of ["127.0.0.1", "::1"]) {
        if (!found.has(host)) found.set(host, { host, isOptional: true });
      }
    } else if (isIP(address) !== 0) found.set(address, { host: address, isOptional: false });
    else throw new TypeError(`Cannot forward ports: ${JSON.stringify(address)} is not a valid IP`);
  }
  return [...found.values()].sort((one, other) => one.host < other.host ? -1 : 1);
}
