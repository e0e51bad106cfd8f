import type { ProxyChoice } from "./proxy_settings.ts";
import type { SocketGate } from "./socket_gate.ts";
import type { TlsMaterial } from "./tls_material.ts";

/** How a request is to be made, beside its method, headers and body. */
export interface NodeRoute {
  /**
   * Options of a request of `node:http` or `node:https`, to be spread among others. To say more of them, these types
   * would need Node's, which not everybody has who uses them.
   */
  options: object;
  /** The proxy that takes the whole URL as the request's path, as proxies do for `http:`. */
  forwardedBy?: URL;
}

/** Connections of `node:http` and `node:https`. */
export interface NodeAgents {
  /**
   * How a request gets to a URL.
   *
   * @param asked Its signal ends the way through a proxy, and is not asked for without one; the rest is the request's to end.
   * @throws {ConfigError} If the environment names a proxy that cannot be.
   */
  routeTo(url: URL, asked: { readonly signal: AbortSignal }): NodeRoute;
  /** Lets go of idle connections; those in use end when they are done. */
  close(): void;
}

/** Options of {@linkcode nodeAgents}. */
export interface NodeAgentsOptions {
  /**
   * Whether requests to `http:` URLs are handed to an HTTP proxy for it to send. Default true, as all clients do. What
   * becomes another protocol, as WebSockets do, needs a connection through the proxy: false.
   */
  forwards?: boolean;
  /** Stands between the network and TLS, for an agent that makes one connection. Default: nothing does. */
  gate?: SocketGate;
}

/**
 * Makes agents with certificates and proxies; their connections are kept and used again.
 *
 * @param proxies Which requests take a proxy.
 */
export async function nodeAgents(
  tls: TlsMaterial,
  proxies: Pick<ProxyChoice, "proxyFor">,
  options: NodeAgentsOptions = {},
): Promise<NodeAgents> {
  const { transportAgents } = await import("./transport_agents.ts");
  return transportAgents(tls, proxies, options);
}
