// The two servers whose answers are compared, behind one face: raw requests in, raw answers out.
import { readFileSync } from "node:fs";
import { Agent, request } from "node:https";
import type { IncomingMessage } from "node:http";
import { dirname, join } from "node:path";
import type { ApiServer } from "@coxswain/kube/testing";
import { parseYaml } from "@coxswain/kube/yaml";
import { cluster } from "./cluster.ts";

/** A request as it goes out. */
export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly body: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/** An answer whose body is still to come. */
export interface RawAnswer {
  readonly code: number;
  readonly header: (name: string) => string | undefined;
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Reads no more of it. */
  close(): void;
}

/** A server that answers requests. */
export interface Server {
  send(request: RawRequest): Promise<RawAnswer>;
  /** Forgets all history, as far as the server can. */
  compact(): Promise<void>;
  close(): void;
}

/** The server in memory. */
export function memoryServer(server: ApiServer): Server {
  return {
    send: async ({ method, path, body, headers }) => {
      const response = await server.fetch(`http://memory.test${path}`, { method, body, headers });
      const reader = response.body?.getReader();
      return {
        code: response.status,
        header: (name) => response.headers.get(name) ?? undefined,
        chunks: (async function* () {
          for (let next = await reader?.read(); next?.value !== undefined; next = await reader?.read()) {
            yield next.value;
          }
        })(),
        close: () => void reader?.cancel(),
      };
    },
    compact: () => Promise.resolve(server.compact()),
    close: () => {},
  };
}

/** The server of the test cluster, as an administrator. */
export async function clusterServer(): Promise<Server> {
  const { server, kubeconfig, compact } = cluster();
  const ca = readFileSync(join(dirname(kubeconfig), "ca.crt"), "utf8");
  const { users } = await parseYaml(readFileSync(kubeconfig, "utf8")) as {
    users: { name: string; user: { token?: string } }[];
  };
  const token = users.find(({ name }) => name === "token")?.user.token;
  const agent = new Agent({ keepAlive: true, ca });
  return {
    send: ({ method, path, body, headers }) =>
      new Promise((resolve, reject) => {
        // Node would send the body of a DELETE without a word of its length, and confuse the connection.
        const length = String(new TextEncoder().encode(body).length);
        const all = {
          ...headers,
          authorization: `Bearer ${token}`,
          ...(body !== undefined && { "content-length": length }),
        };
        const sent = request(server + path, { method, headers: all, agent, ca }, (response) => {
          const { headers, statusCode = 0 } = response;
          resolve({
            code: statusCode,
            header: (name) => headers[name] === undefined ? undefined : String(headers[name]),
            chunks: response,
            close: () => closeEarly(response),
          });
        });
        sent.on("error", reject);
        sent.end(body);
      }),
    compact: async () => void await compact(),
    close: () => agent.destroy(),
  };
}

function closeEarly(response: IncomingMessage): void {
  response.on("error", () => {}); // that it was cut off, which is what was asked for
  response.destroy();
}
