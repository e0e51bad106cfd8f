import type { Client } from "../client/mod.ts";
import { type RestClient, statusErrorOf } from "../rest/mod.ts";

/** What {@linkcode proxyFetch} leads to. */
export interface ProxyTarget {
  /** The namespace. Default: the one that the client's configuration prefers. */
  namespace?: string;
  /** A pod. */
  name?: string;
  /** In the place of `name`: a service. */
  service?: string;
  /** The port, or its name. Default: the only one. */
  port?: number | string;
  /** What is spoken with it. Default `http`. */
  scheme?: "http" | "https";
}

/** Headers that are about one connection, or that the client sets by itself. */
const NOT_PASSED_ON =
  /^(host|connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|content-length|authorization|accept-encoding|expect)$/i;
/** Headers of an answer that are about one connection, or about bytes that are unpacked now. */
const NOT_PASSED_BACK = /^(connection|keep-alive|transfer-encoding|content-length|content-encoding)$/i;

/**
 * A `fetch` that leads to a pod or a service by way of the API server, which then makes the request: what the server may
 * reach, and the client may ask for. Of a URL, path and query count. What is answered is handed on whatever its status.
 *
 * The API server takes the `Authorization` header for itself, so one of the request's own is refused.
 *
 * @throws {TypeError} If it is not given one of `name` and `service`.
 * @see `kubectl get --raw …/proxy/…`, https://kubernetes.io/docs/tasks/access-application-cluster/access-cluster-services/
 * @example
 * ```ts no-run
 * import { connect } from "@coxswain/kube";
 * import { proxyFetch } from "@coxswain/kube/streams";
 * const client = await connect();
 * const fetch = proxyFetch(client, { namespace: "shop", service: "web", port: 80 });
 * console.log(await (await fetch("http://web/healthz")).text());
 * ```
 */
export function proxyFetch({ rest }: Pick<Client, "rest">, target: ProxyTarget): typeof globalThis.fetch {
  const { namespace = rest.config.namespace, name, service, port, scheme } = target;
  const to = service ?? name;
  if (to === undefined || (service !== undefined && name !== undefined)) {
    throw new TypeError("Cannot make requests through the API server: give one of name and service");
  }
  // The parts are those of the API: scheme:name:port (https://kubernetes.io/docs/…/access-cluster-services).
  const spec = scheme === "https" || port !== undefined
    ? [scheme === "https" ? "https" : undefined, to, port ?? ""].filter((part) => part !== undefined).join(
      ":",
    )
    : to;
  const resource = service !== undefined ? "services" : "pods";
  const base = rest.get().namespace(namespace).resource(resource).name(spec).subresource("proxy").path();
  return async (input, init) => {
    const request = new Request(input, init);
    if (request.headers.has("authorization")) {
      throw new TypeError(
        "Cannot send Authorization through the API server, which would take it for its own",
      );
    }
    const { pathname, search } = new URL(request.url);
    return await passOn(rest, request, base + pathname + search);
  };
}

/** Options of {@linkcode proxyHandler}. */
export interface ProxyHandlerOptions {
  /** Where the API is, in the handler's URLs. Default `/`. */
  apiPrefix?: string;
  /** Which paths are let through. Default all. */
  acceptPaths?: readonly RegExp[];
  /** Which are not, before all else. Default those of `exec` and `attach`. */
  rejectPaths?: readonly RegExp[];
  /** For which hosts, without their port. Default `localhost`, `127.0.0.1` and `[::1]`, so that no page of another can ask. */
  acceptHosts?: readonly RegExp[];
  /** Which methods are not let through. Default none. */
  rejectMethods?: readonly RegExp[];
}

/**
 * What `kubectl proxy` does, as a function that answers requests: give it to any HTTP server of this machine, and programs
 * that know nothing of Kubernetes can ask its API as this client. The filters and their defaults are kubectl's. Credentials in
 * requests are not passed on; WebSockets are not taken.
 *
 * @see `kubectl proxy`
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Client } from "@coxswain/kube/client";
 * import { proxyHandler } from "@coxswain/kube/streams";
 * import { ApiServer } from "@coxswain/kube/testing";
 * const client = new Client(new ApiServer().restConfig());
 * const handler = proxyHandler(client); // Deno.serve(handler), Bun.serve({ fetch: handler }), …
 * assert.equal((await handler(new Request("http://localhost:8001/version"))).status, 200);
 * assert.equal((await handler(new Request("http://evil.example/version"))).status, 403);
 * await client[Symbol.asyncDispose]();
 * ```
 */
export function proxyHandler(
  { rest }: Pick<Client, "rest">,
  options: ProxyHandlerOptions = {},
): (request: Request) => Promise<Response> {
  const { apiPrefix = "/", acceptPaths = [/^.*/], rejectMethods = [] } = options;
  const { rejectPaths = [/^\/api\/.*\/pods\/.*\/exec/, /^\/api\/.*\/pods\/.*\/attach/] } = options;
  const { acceptHosts = [/^localhost$/, /^127\.0\.0\.1$/, /^\[::1\]$/] } = options;
  const prefix = `/${apiPrefix}/`.replaceAll(/\/+/g, "/");
  const fits = (patterns: readonly RegExp[], text: string) =>
    patterns.some((pattern) => text.search(pattern) >= 0);
  const refuse = (status: number, text: string) => new Response(`${text}\n`, { status });
  return async (request) => {
    const { host, pathname, search } = new URL(request.url);
    const asked = (request.headers.get("host") ?? host).replace(/:\d+$/, "");
    if (!pathname.startsWith(prefix)) return refuse(404, "Not Found");
    const path = pathname.slice(prefix.length - 1);
    const plain = decoded(path);
    const isAccepted = !fits(rejectPaths, path) && !fits(rejectPaths, plain) &&
      !fits(rejectMethods, request.method) &&
      fits(acceptPaths, path) && fits(acceptHosts, asked);
    if (!isAccepted) return refuse(403, "Forbidden");
    if (request.headers.has("upgrade")) return refuse(501, "WebSockets are not passed on");
    try {
      return await passOn(rest, request, path + search);
    } catch (error) {
      if (request.signal.aborted) throw error;
      return refuse(502, statusErrorOf(error)?.message ?? (error as Error).message);
    }
  };
}

/** A path as the server reads it: what is encoded in it must not hide it from the filters. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path).replaceAll(/\/{2,}/g, "/");
  } catch {
    return path;
  }
}

/** Sends a request on, and hands back its answer. */
async function passOn(rest: RestClient, request: Request, path: string): Promise<Response> {
  let sent = rest.verb(request.method).absolutePath(path);
  for (const [name, value] of request.headers) {
    if (!NOT_PASSED_ON.test(name)) sent = sent.header(name, value);
  }
  if (request.body !== null) {
    sent = sent.body(request.body, request.headers.get("content-type") ?? "application/octet-stream");
  }
  const answer = await sent.send({ signal: request.signal, anyStatus: true, idle: 0 });
  const headers = new Headers([...answer.headers].filter(([name]) => !NOT_PASSED_BACK.test(name)));
  const hasBody = request.method !== "HEAD" && ![101, 204, 205, 304].includes(answer.status);
  if (!hasBody) answer.close();
  return new Response(hasBody ? answer.stream() : null, { status: answer.status, headers });
}
