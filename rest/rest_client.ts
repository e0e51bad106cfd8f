import { BodyWriter } from "./body_writer.ts";
import { carriers } from "./loaded_later.ts";
import type { TransportSettings } from "./open_transport.ts";
import type { CarriedRequest, RequestCarrier } from "./request_carrier.ts";
import { RequestLife } from "./request_life.ts";
import { RestConfig, type RestConfigInit } from "./rest_config.ts";
import {
  pathOf,
  type RequestParts,
  type RequestSender,
  RestRequest,
  type SendOptions,
} from "./rest_request.ts";
import type { RestResponse } from "./rest_response.ts";
import { Roster } from "./roster.ts";
import type { Transport } from "./transport.ts";
import type { Upgrade } from "./upgrade.ts";

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
  /** The requests that have not ended. */
  readonly #open = new Roster<RequestLife>();
  readonly #bodies: BodyWriter;
  #carrier: RequestCarrier | undefined;
  #closed = false;

  /**
   * Takes the settings, and connects to nothing yet.
   *
   * @throws {ConfigError} If a setting is malformed or contradicts another.
   */
  constructor(config: RestConfig | RestConfigInit) {
    this.config = config instanceof RestConfig ? config : new RestConfig(config);
    this.#bodies = new BodyWriter(this.config);
  }

  /** Whether it has been closed, so that it sends nothing any more. */
  get isClosed(): boolean {
    return this.#closed;
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
  async send(parts: RequestParts, options: SendOptions = {}): Promise<RestResponse> {
    return await this.#carry(parts, options.signal, (carrier, request) => carrier.send(request, options));
  }

  /**
   * Sends a request that is to go on in another protocol, such as a WebSocket. All that makes a request is done as in
   * {@linkcode RestClient.send}: credentials, a second try with others after a 401, headers, middleware, time-outs until
   * there is an answer, warnings, errors. But the rate is not limited, and nothing is sent again beside that: the server
   * may have begun what was asked.
   *
   * @param open Makes what carries one attempt. Its answer has a status from 200 to 206 when the connection goes on
   * (there is no `Response` with 101). It is closed after the attempt, which must not end such a connection.
   * @throws {StatusError} If the server refuses.
   * @throws {NetworkError} If it cannot be reached, is not trusted or does not answer in time.
   * @throws The signal's reason after an abort.
   */
  async upgrade(
    request: RestRequest,
    open: (settings: TransportSettings) => Transport | Promise<Transport>,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<Upgrade> {
    return await this.#carry(request.parts, signal, (carrier, request) => carrier.upgrade(request, open));
  }

  /** Ends all requests and lets go of all connections. What still reads gets an error. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const reason = new DOMException("The client was closed", "AbortError");
    for (const life of this.#open.all()) life.end(reason);
    await this.#carrier?.close();
  }

  /** What all requests have in common. What carries them is loaded with the first. */
  async #carry<T>(
    parts: RequestParts,
    signal: AbortSignal | undefined,
    how: (carrier: RequestCarrier, request: CarriedRequest) => Promise<T>,
  ): Promise<T> {
    const path = pathOf(parts);
    const life = this.#begin(signal);
    try {
      // Before anything is waited for: an object that is changed meanwhile is sent as it was.
      const written = this.#bodies.write(parts);
      const { RequestCarrier } = await carriers();
      life.throwIfEnded();
      this.#carrier ??= new RequestCarrier(this.config, this.#bodies);
      return await how(this.#carrier, { parts, path, written, life });
    } catch (error) {
      life.release();
      throw error;
    }
  }

  /** The life of a request: it ends with the caller's signal, and with the client. */
  #begin(signal: AbortSignal | undefined): RequestLife {
    if (this.#closed) throw new TypeError("Cannot send a request: the client is closed");
    signal?.throwIfAborted();
    const life = new RequestLife(signal, this.#forget);
    this.#open.add(life);
    return life;
  }

  readonly #forget = (life: RequestLife): void => void this.#open.delete(life);
}
