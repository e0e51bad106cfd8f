import type { RestClient, RestRequest, TransportSettings } from "../rest/mod.ts";
import { MessageSocket, type SocketDriver } from "./message_socket.ts";
import { platformSocketTransport } from "./socket_platform.ts";

/** Options of {@linkcode openSocket}. */
export interface OpenSocketOptions {
  /** The subprotocols that will do, the best first. The server chooses. */
  protocols: readonly string[];
  /** Ends the handshake, and the connection after it. */
  signal?: AbortSignal;
}

/**
 * Opens a WebSocket with everything that a request has: credentials, certificates, proxies, impersonation, middleware,
 * a second try with other credentials after a 401.
 *
 * @throws {StatusError} If the server refuses, in its own words.
 * @throws {NetworkError} If it cannot be reached, or speaks none of the protocols.
 * @throws {ConfigError} If a setting cannot be had for WebSockets on this runtime.
 * @throws The signal's reason.
 */
export async function openSocket(
  rest: RestClient,
  request: RestRequest,
  { protocols, signal }: OpenSocketOptions,
): Promise<MessageSocket> {
  let driver: SocketDriver | undefined;
  const take = (one: SocketDriver) => {
    driver = one;
  };
  const open = async (settings: TransportSettings) => {
    if (settings.fetch !== undefined) return platformSocketTransport(protocols, take);
    const { nodeSocketTransport } = await import("./socket_node.ts");
    return await nodeSocketTransport(settings, protocols, take);
  };
  const upgrade = await rest.upgrade(request, open, { signal }).catch((error) => {
    driver?.listen(NOBODY); // it came too late: the caller has been told already
    driver?.terminate();
    throw error;
  });
  const { server, clock } = rest.config;
  const { method } = request.parts;
  const what = `${method} ${server}${request.path().slice(1).replace(/\?.*/s, "")}`;
  if (driver === undefined) { // middleware has answered in the place of the server
    upgrade.release();
    throw new TypeError(
      `Cannot use the answer to ${what}: it is no WebSocket, but something of a middleware`,
    );
  }
  return new MessageSocket(driver, { what, upgrade, clock });
}

const NOBODY = { onMessage() {}, onUnexpected() {}, onPong() {}, onError() {}, onClose() {} };
