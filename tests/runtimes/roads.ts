import { readFileSync } from "node:fs";
import { RestClient, type RestConfigInit, type RestRequest } from "@coxswain/kube/rest";
import type { Cleanup } from "../cleanup.ts";
import { WireServer, type WireServerOptions } from "./wire_server.ts";

/** The runtime that runs this. */
export const RUNTIME: "bun" | "deno" | "node" = "Deno" in globalThis
  ? "deno"
  : "Bun" in globalThis
  ? "bun"
  : "node";

/** A file of `tests/certificates/`, such as `server-key`. */
export function pem(name: string): string {
  return readFileSync(new URL(`../certificates/${name}.pem`, import.meta.url), "utf8");
}

/** A server's certificate and key, as {@linkcode WireServerOptions.tls} takes them. */
export const identity = (name: string): { cert: string; key: string } => ({
  cert: pem(name),
  key: pem(`${name}-key`),
});

/** A way from a client to a server. */
export interface Road {
  /** For the names of tests. */
  readonly name: string;
  /** Of the server's URL. */
  readonly scheme: "http" | "https";
  /** Whether requests go by `node:http` and `node:https`, and not by sockets. */
  readonly isNodeHttp: boolean;
  /** What the server is told beside what a test says. */
  readonly server: WireServerOptions;
  /** What the client is told. */
  readonly client: Pick<RestConfigInit, "tls">;
  /** Values of `Impersonate-Group`. */
  readonly groups: readonly string[];
}

/** All roads: what a test asks of one, it should ask of each. */
export const ROADS: readonly Road[] = [
  {
    name: "over HTTP",
    scheme: "http",
    isNodeHttp: false,
    server: {},
    client: {},
    groups: [],
  },
  {
    name: "over TLS",
    scheme: "https",
    isNodeHttp: false,
    server: { tls: identity("server") },
    client: { tls: { ca: pem("ca") } },
    groups: [],
  },
  // A server name is beyond Deno's sockets and its fetch: the second transport has to do there.
  {
    name: "over TLS with a server name",
    scheme: "https",
    isNodeHttp: RUNTIME === "deno",
    server: { tls: identity("server") },
    client: { tls: { ca: pem("ca"), serverName: "localhost" } },
    groups: ["shop", "web"],
  },
];

/** A server, a client of it, and requests from one to the other. */
export interface Link {
  /** The server. */
  readonly server: WireServer;
  /** The client. */
  readonly client: RestClient;
  /** A request along the road. */
  readonly ask: (method: string, path: string) => RestRequest;
}

/** Starts a server and makes a client of it. Both are gone when the test is over. */
export async function link(
  t: Cleanup,
  road: Road,
  { server: more, client: changes }: { server?: WireServerOptions; client?: Partial<RestConfigInit> } = {},
): Promise<Link> {
  const server = await listen(t, { ...road.server, ...more });
  const url = `${road.scheme}://127.0.0.1:${server.port}`;
  const client = clientOf(t, { server: url, ...road.client, ...changes });
  return { server, client, ask: (method, path) => request(client, road, method, path) };
}

/** A request of a client along a road. */
export function request(client: RestClient, { groups }: Road, method: string, path: string): RestRequest {
  const request = client.verb(method).absolutePath(path);
  return groups.length === 0 ? request : request.header("Impersonate-Group", ...groups);
}

/** A server that is gone when the test is over. */
export async function listen(t: Cleanup, options: WireServerOptions): Promise<WireServer> {
  const server = await WireServer.listen(options);
  t.after(() => server.close());
  return server;
}

/** A port that nobody listens on. */
export async function unusedPort(): Promise<number> {
  const server = await WireServer.listen();
  const { port } = server;
  await server.close();
  return port;
}

/** A client that is closed when the test is over. It waits for nothing and tries nothing twice on its own account. */
export function clientOf(t: Cleanup, init: RestConfigInit): RestClient {
  const client = new RestClient({ qps: 0, maxRetries: 0, ...init });
  t.after(() => client[Symbol.asyncDispose]());
  return client;
}
