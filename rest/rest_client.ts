import { onAbort } from "../async/mod.ts";
import { BodyReader } from "./body_reader.ts";
import { NetworkError, type NetworkPhase, toNetworkError } from "./network_error.ts";
import { openTransport } from "./open_transport.ts";
import { refusalOf } from "./refusal.ts";
import { checkHeaderValue, RestConfig, type RestConfigInit } from "./rest_config.ts";
import {
  pathOf,
  type RequestParts,
  type RequestSender,
  RestRequest,
  type SendOptions,
} from "./rest_request.ts";
import { RestResponse } from "./rest_response.ts";
import type { Transport, TransportRequest } from "./transport.ts";

/** What a server may be late in ending a watch that it was asked to end, in milliseconds. */
const WATCH_GRACE = 10_000;
/** A server ends a watch of which it was not told when, in milliseconds: twice its least time of half an hour. */
const LONGEST_WATCH = 3_600_000;
/** How much of a refusal is read, in bytes: a `Status` is far shorter, a proxy's page may be of any length. */
const MOST_REFUSAL = 1024 * 1024;

/**
 * Sends requests to one API server: the floor below typed clients, for whatever they do not offer. Opens
 * nothing until the first request.
 *
 * @see client-go `rest.RESTClient`, spec rest 1–4
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { RestClient } from "@coxswain/kube/rest";
 * const rest = new RestClient({
 *   server: "http://coxswain.test",
 *   fetch: () => Promise.resolve(new Response("ok")),
 * });
 * assert.equal(await (await rest.get().absolutePath("/healthz").send()).text(), "ok");
 * await rest[Symbol.asyncDispose]();
 * ```
 */
export class RestClient implements RequestSender, AsyncDisposable {
  /** Where the server is and how to talk to it. */
  readonly config: RestConfig;
  #transport: Promise<Transport> | undefined;
  /** What ends each request that has not ended. */
  readonly #open = new Set<(reason: unknown) => void>();
  #closed = false;

  /**
   * Takes the settings, and connects to nothing yet.
   *
   * @throws {ConfigError} If a setting is malformed or contradicts another.
   */
  constructor(config: RestConfig | RestConfigInit) {
    this.config = config instanceof RestConfig ? config : new RestConfig(config);
  }

  /** A request with any method. */
  verb(method: string): RestRequest {
    return new RestRequest(this, {
      method,
      group: "",
      version: "v1",
      subresources: [],
      query: [],
      headers: [],
    });
  }

  /** A request that reads. */
  get(): RestRequest {
    return this.verb("GET");
  }

  /** A request that creates. */
  post(): RestRequest {
    return this.verb("POST");
  }

  /** A request that replaces. */
  put(): RestRequest {
    return this.verb("PUT");
  }

  /** A request that changes: give it a patch with {@linkcode RestRequest.patch}. */
  patch(): RestRequest {
    return this.verb("PATCH");
  }

  /** A request that deletes. */
  delete(): RestRequest {
    return this.verb("DELETE");
  }

  /** Sends a request: see {@linkcode RestRequest.send}. */
  async send(parts: RequestParts, { signal, idle = idleOf(parts) }: SendOptions = {}): Promise<RestResponse> {
    if (this.#closed) throw new TypeError("Cannot send a request: the client is closed");
    signal?.throwIfAborted();
    const { server, clock, timeouts } = this.config;
    const url = server + pathOf(parts).slice(1);
    const what = `${parts.method} ${url.replace(/\?.*/, "")}`;

    const response = await this.#headersOf(url, what, parts, signal);
    const end = (reason: unknown) => body.fail(reason);
    this.#open.add(end);
    const body = new BodyReader(response.body, {
      what,
      clock,
      signal,
      idle: idle ?? timeouts.idle,
      onEnd: () => this.#open.delete(end),
    });
    if (this.#closed) end(closed());
    if (response.status >= 200 && response.status <= 206) return new RestResponse(response, body, what);
    throw refusalOf(response, await body.text(MOST_REFUSAL), parts);
  }

  /** Ends all requests and lets go of all connections. What still reads gets an error. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    for (const end of [...this.#open]) end(closed());
    await this.#transport?.then((transport) => transport.close(), () => {}); // what never opened needs no closing
    this.#transport = undefined;
  }

  /** Sends, and waits for the headers: until they come, the connection is bound to a signal of its own. */
  async #headersOf(url: string, what: string, parts: RequestParts, signal?: AbortSignal): Promise<Response> {
    const { clock, timeouts } = this.config;
    const controller = new AbortController();
    const aborted = Promise.withResolvers<never>();
    const end = (reason: unknown) => {
      aborted.reject(reason);
      controller.abort(reason);
    };
    aborted.promise.catch(() => {}); // nobody may be listening
    this.#open.add(end);
    const forget = onAbort(signal, end);
    let phase: NetworkPhase = "connect";
    let reportsConnect = false;
    let disarm = () => {};
    const arm = (delay: number) => {
      disarm();
      const said = phase === "connect" && reportsConnect ? "no connection" : "no answer";
      const timeout = () =>
        end(
          new NetworkError(`${what} failed: ${said} within ${delay / 1000} s`, { reason: "timeout", phase }),
        );
      disarm = delay > 0 && delay < Infinity ? clock.schedule(timeout, delay) : () => {};
    };
    const onConnected = () => {
      phase = "headers";
      arm(timeouts.headers || Infinity);
    };
    try {
      const transport = await (this.#transport ??= openTransport(this.config));
      reportsConnect = transport.reportsConnect;
      const request: TransportRequest = {
        method: parts.method,
        headers: await Promise.race([this.#headersFor(parts, controller.signal), aborted.promise]),
        body: bodyOf(parts),
        signal: controller.signal,
        onConnected,
      };
      controller.signal.throwIfAborted();
      // From here on: a source of tokens may take its time, as one that asks a person does.
      const { connect, headers } = timeouts;
      arm(reportsConnect ? connect : connect && headers && connect + headers);
      const answer = transport.fetch(url, request).catch((cause) => {
        throw controller.signal.aborted ? controller.signal.reason : toNetworkError(cause, what, phase);
      });
      // Raced, since a transport that forgets its signal must not hold the caller; what it still brings is let go.
      aborted.promise.catch(() => answer.then((late) => late.body?.cancel()).catch(() => {}));
      return await Promise.race([answer, aborted.promise]);
    } finally {
      disarm();
      forget();
      this.#open.delete(end);
    }
  }

  async #headersFor(parts: RequestParts, signal: AbortSignal): Promise<[string, string][]> {
    const headers = parts.headers.map(([name, value]): [string, string] => [name, value]);
    const has = (name: string) => headers.some(([other]) => other.toLowerCase() === name);
    if (!has("accept")) headers.push(["Accept", "application/json, */*"]);
    if (!has("user-agent")) headers.push(["User-Agent", this.config.userAgent]);
    if (!has("authorization")) {
      const { bearerToken, username, password = "" } = this.config;
      if (bearerToken !== undefined) {
        const token = (typeof bearerToken === "string" ? bearerToken : await bearerToken({ signal })).trim();
        checkHeaderValue("bearerToken", token);
        headers.push(["Authorization", `Bearer ${token}`]);
      } else if (username !== undefined) {
        const bytes = new TextEncoder().encode(`${username}:${password}`);
        headers.push(["Authorization", `Basic ${btoa(String.fromCharCode(...bytes))}`]);
      }
    }
    return headers;
  }
}

const closed = () => new DOMException("The client was closed", "AbortError");

/** The silence that a request expects of its answer; `undefined` where the configuration decides. */
function idleOf({ query }: RequestParts): number | undefined {
  const parameters = new Map(query);
  const isOn = (name: string) => /^(true|1)$/.test(parameters.get(name) ?? "");
  if (isOn("follow")) return 0;
  if (!isOn("watch")) return undefined;
  const seconds = Number(parameters.get("timeoutSeconds") ?? 0);
  return (seconds > 0 ? seconds * 1000 : LONGEST_WATCH) + WATCH_GRACE;
}

function bodyOf({ body }: RequestParts): TransportRequest["body"] {
  if (body === undefined || typeof body === "string") return body;
  return body instanceof Uint8Array || body instanceof ReadableStream ? body : JSON.stringify(body);
}
