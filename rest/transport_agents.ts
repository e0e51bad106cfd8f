import type { Agent } from "node:http";
import type { RequestOptions } from "node:https";
import type { Socket } from "node:net";
import type { NodeAgents, NodeAgentsOptions, NodeRoute } from "./node_agents.ts";
import { checkIdentity, nodeIdentity, nodeTrust } from "./node_trust.ts";
import type { ProxyChoice } from "./proxy_settings.ts";
import { connectTo, openTunnel, startTls } from "./proxy_tunnel.ts";
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
  tls: TlsMaterial,
  proxies: Pick<ProxyChoice, "proxyFor">,
  options: NodeAgentsOptions = {},
): TransportAgents {
  const { forwards = true } = options;
  const gate = options.gate as TransportGate | undefined; // all gates are
  const http = builtinModule("node:http");
  const https = builtinModule("node:https");
  const pool = {
    keepAlive: true,
    maxFreeSockets: MOST_IDLE,
    timeout: LONGEST_IDLE,
    scheduling: "lifo" as const,
  };
  const trust = nodeTrust(tls);

  const all: Agent[] = [];
  const agentsOf = (proxy?: URL) => {
    const plain = new http.Agent(pool);
    const secure = new https.Agent({ ...pool, ...trust, servername: tls.serverName });
    // All else is the same for all connections of an agent; left to itself it asks for a certificate's text each time.
    const nameOf = ({ host, port }: { host?: unknown; port?: unknown } = {}) => `${host}:${port}`;
    plain.getName = secure.getName = nameOf;
    all.push(plain, secure);
    if (proxy === undefined && gate?.through === undefined) return { "http:": plain, "https:": secure };
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
          const options = { ...trust, ...nodeIdentity(tls, request.host) };
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
