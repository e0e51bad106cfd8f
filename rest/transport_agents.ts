import type { Agent } from "node:http";
import type { RequestOptions } from "node:https";
import type { Socket } from "node:net";
import type { PeerCertificate } from "node:tls";
import type { NodeAgents, NodeAgentsOptions, NodeRoute } from "./node_agents.ts";
import type { ProxyChoice } from "./proxy_settings.ts";
import { connectTo, openTunnel, startTls } from "./proxy_tunnel.ts";
import type { TransportSockets } from "./transport_sockets.ts";
import type { TlsMaterial } from "./tls_material.ts";
import { builtinModule } from "./transport_builtins.ts";
import type { TransportGate } from "./transport_gate.ts";

/** Idle connections kept for a host, as client-go's transport keeps. */
const MOST_IDLE = 25;
/** An idle connection is dropped after this long, in milliseconds, before a load balancer does. */
const LONGEST_IDLE = 90_000;

/** {@linkcode NodeAgents}, with Node's own types. */
export interface TransportAgents extends NodeAgents {
  routeTo(url: URL, asked: { readonly signal: AbortSignal }): NodeRoute & { options: RequestOptions };
}

/** What `createConnection` is told: the request's options and the agent's together. */
interface ConnectionRequest {
  host: string;
  port: number | string;
  tunnelSignal: AbortSignal;
}

type TakeSocket = (error: unknown, socket?: Socket) => void;

/** Does what {@linkcode nodeAgents} says. */
export function transportAgents(
  { ca, cert, key, serverName, insecure }: TlsMaterial,
  proxies: Pick<ProxyChoice, "proxyFor">,
  options: NodeAgentsOptions & { sockets?: TransportSockets } = {},
): TransportAgents {
  const { forwards = true, sockets } = options;
  const gate = options.gate as TransportGate | undefined; // all gates are
  const http = builtinModule("node:http");
  const https = builtinModule("node:https");
  const { isIP } = builtinModule("node:net");
  const { checkServerIdentity } = builtinModule("node:tls");
  const pool = {
    keepAlive: true,
    maxFreeSockets: MOST_IDLE,
    timeout: LONGEST_IDLE,
    scheduling: "lifo" as const,
  };
  const trust = {
    // Without one, Deno loads its own authorities and asks for a permission, even when nothing is checked.
    ca: ca ?? (insecure ? [] : undefined),
    cert,
    key,
    rejectUnauthorized: !insecure,
  };

  /** The runtime's own check, and for IPv6 a second: some versions of Node 22 find such an address in no certificate. */
  function checkIdentity(host: string, certificate: PeerCertificate): Error | undefined {
    const error = checkServerIdentity(host, certificate);
    if (error === undefined || !host.includes(":")) return error;
    const { X509Certificate } = builtinModule("node:crypto");
    return new X509Certificate(certificate.raw).checkIP(host) === undefined ? error : undefined;
  }

  /** Has an agent's connections read by `sockets`. One in another one, as through a proxy, cannot be read so. */
  function readByUs(agent: Agent): void {
    const connect = agent.createConnection.bind(agent);
    agent.createConnection = (options, take) =>
      sockets!.connect(
        agent instanceof https.Agent,
        (onread) => connect({ ...options, onread } as typeof options, take),
      );
  }

  const all: Agent[] = [];
  const agentsOf = (proxy?: URL) => {
    const plain = new http.Agent(pool);
    const secure = new https.Agent({ ...pool, ...trust, servername: serverName });
    // All else is the same for all connections of an agent; left to itself it asks for a certificate's text each time.
    const nameOf = ({ host, port }: { host?: unknown; port?: unknown } = {}) => `${host}:${port}`;
    plain.getName = secure.getName = nameOf;
    all.push(plain, secure);
    if (proxy === undefined && gate?.through === undefined) {
      if (sockets !== undefined) [plain, secure].forEach(readByUs);
      return { "http:": plain, "https:": secure };
    }
    const isForwarding = forwards && proxy?.protocol.startsWith("http");
    const through =
      (connect: (request: ConnectionRequest, signal: AbortSignal) => Promise<Socket>) =>
      (request: ConnectionRequest, take: TakeSocket): void => {
        connect(request, request.tunnelSignal).then((socket) => take(null, socket), (error) => take(error));
      };
    const reach = ({ host, port }: ConnectionRequest, signal: AbortSignal) => {
      const target = { host, port: Number(port) };
      return proxy === undefined
        ? connectTo(target, signal)
        : openTunnel(proxy, target, { tls: trust, signal });
    };
    const gated = async (request: ConnectionRequest, signal: AbortSignal) => {
      if (proxy === undefined && gate?.connect !== undefined) {
        return await gate.connect({ host: request.host, port: Number(request.port) }, signal);
      }
      const socket = await reach(request, signal);
      return gate?.through?.(socket) ?? socket;
    };
    return {
      "http:": proxy === undefined ? plain : Object.assign(plain, {
        createConnection: through((request, signal) =>
          isForwarding ? openTunnel(proxy, undefined, { tls: trust, signal }) : reach(request, signal)
        ),
      }),
      "https:": Object.assign(secure, {
        createConnection: through(async (request, signal) => {
          const { host } = request;
          const servername = serverName ?? (isIP(host) === 0 ? host : "");
          const options = { ...trust, host, servername, checkServerIdentity: checkIdentity };
          return await startTls(await gated(request, signal), options, signal);
        }),
      }),
    };
  };
  const byProxy = new Map<string | undefined, ReturnType<typeof agentsOf>>();

  return {
    routeTo(url, asked) {
      const proxy = proxies.proxyFor(url);
      let agents = byProxy.get(proxy?.href);
      if (agents === undefined) byProxy.set(proxy?.href, agents = agentsOf(proxy));
      const isSecure = url.protocol === "https:";
      const options: RequestOptions & { tunnelSignal?: AbortSignal } = {
        agent: agents[isSecure ? "https:" : "http:"],
      };
      if (proxy !== undefined || gate?.through !== undefined) options.tunnelSignal = asked.signal;
      if (isSecure && url.hostname.startsWith("[")) options.checkServerIdentity = checkIdentity;
      const isForwarded = !isSecure && forwards && proxy?.protocol.startsWith("http");
      return isForwarded ? { options, forwardedBy: proxy } : { options };
    },
    close() {
      for (const agent of all) {
        const idle = Object.values<Socket[] | undefined>(agent.freeSockets).flat();
        for (const socket of idle) socket?.destroy();
        agent.maxFreeSockets = 0;
      }
    },
  };
}
