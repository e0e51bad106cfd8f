import { readFileSync } from "node:fs";
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";

const pem = (name: string): string =>
  readFileSync(new URL(`../certificates/${name}.pem`, import.meta.url), "utf8");

/** The authority that the server's certificate is from, and one that it is not from. */
export const PROVIDER_CA: string = pem("ca");
export const OTHER_CA: string = pem("other-ca");

/** A request for tokens, as the server got it. */
export interface TokenRequest {
  method: string;
  path: string;
  authorization: string | undefined;
  form: Record<string, string>;
}

/** What the server answers to a request for tokens. */
export interface TokenAnswer {
  status?: number;
  body: unknown;
  type?: string;
}

/** An OpenID Connect provider, on a real socket. */
export interface TokenServer {
  /** The issuer's URL, without a final slash. */
  issuer: string;
  /** All requests, discovery included. */
  requests: TokenRequest[];
  /** What its discovery document says beside the endpoint; `undefined` in it removes that. */
  discovery: Record<string, unknown>;
  /** Answers requests for tokens. */
  answer: (request: TokenRequest) => TokenAnswer | Promise<TokenAnswer>;
}

/** Runs a provider for as long as `use` does. */
export async function withTokenServer(
  use: (server: TokenServer) => unknown,
  { tls = false, path = "" }: { tls?: boolean; path?: string } = {},
): Promise<void> {
  const provider: TokenServer = {
    issuer: "",
    requests: [],
    discovery: {},
    answer: () => ({ status: 500, body: {} }),
  };
  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    let text = "";
    for await (const chunk of incoming) text += chunk;
    const request: TokenRequest = {
      method: incoming.method ?? "",
      path: incoming.url ?? "",
      authorization: incoming.headers.authorization,
      form: Object.fromEntries(new URLSearchParams(text)),
    };
    provider.requests.push(request);
    const isDiscovery = request.path.endsWith("/.well-known/openid-configuration");
    const { status = 200, body, type = "application/json" } = isDiscovery
      ? { body: { token_endpoint: `${provider.issuer}/token?a=b`, ...provider.discovery } }
      : await provider.answer(request);
    outgoing.writeHead(status, { "content-type": type });
    outgoing.end(typeof body === "string" ? body : JSON.stringify(body));
  };
  const server = tls
    ? createHttpsServer({ cert: pem("server"), key: pem("server-key") }, handle)
    : createHttpServer(handle);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  provider.issuer = `${tls ? "https" : "http"}://127.0.0.1:${port}${path}`;
  try {
    await use(provider);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** A JSON Web Token that nobody has signed. */
export function tokenOf(claims: unknown): string {
  const encode = (text: string) =>
    btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(""))
      .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  return `${encode('{"alg":"none"}')}.${encode(JSON.stringify(claims))}.signature`;
}
