import type { Client } from "../client/mod.ts";
import { isNotFound, type RestClient, StatusError } from "../rest/mod.ts";
import { fetchOver } from "./fetch_over.ts";
import { openSocket } from "./open_socket.ts";
import { PortConnection } from "./port_connection.ts";
import { listenOn, type ListenOptions, type PortListener } from "./port_listener.ts";
import { type PodPort, type PortTarget, resolvePort } from "./port_target.ts";

const PROTOCOL = "v4.channel.k8s.io";

/** Options of {@linkcode portForward}. */
export interface PortForwardOptions extends PortTarget {
  /** Ends all of it. */
  signal?: AbortSignal;
}

/** Options of {@linkcode PortForward.connect}. */
export interface PortConnectOptions {
  /** Ends the connection, also while it is being made. */
  signal?: AbortSignal;
}

/**
 * Reaches ports of a pod from here. Nothing is opened before a connection is asked for: ask with
 * {@linkcode PortForward.connect} for a pair of streams, with {@linkcode PortForward.fetch} for an HTTP request, or with
 * {@linkcode PortForward.listen} for ports of this machine.
 *
 * With a service, a deployment or a selector in the place of a pod's name, it goes on when the pod is replaced: the next
 * connection finds another one that is ready.
 *
 * @throws {TypeError} If it is not given what it leads to, or more than one thing.
 * @see `kubectl port-forward`, client-go `tools/portforward`, spec rest 15
 * @example
 * ```ts no-run
 * import { connect } from "@coxswain/kube";
 * import { portForward } from "@coxswain/kube/streams";
 * const client = await connect();
 * const forward = portForward(client, { namespace: "shop", service: "web" });
 * const answer = await forward.fetch("http://web:80/healthz");
 * console.log(answer.status, await answer.text());
 * await forward[Symbol.asyncDispose]();
 * ```
 */
export function portForward(client: Pick<Client, "rest">, options: PortForwardOptions): PortForward {
  return new PortForward(client.rest, options);
}

/** What {@linkcode portForward} gives. */
export class PortForward implements AsyncDisposable {
  readonly #rest: RestClient;
  readonly #target: PortTarget;
  readonly #life = new AbortController();
  readonly #signal: AbortSignal;
  readonly #connections = new Set<PortConnection>();
  readonly #listeners = new Set<PortListener>();
  readonly #found = new Map<number, PodPort>();

  /** Takes what {@linkcode portForward} is given. */
  constructor(rest: RestClient, { signal, ...target }: PortForwardOptions) {
    const { name, service, deployment, labelSelector } = target;
    const given = [name, service, deployment, labelSelector].filter((one) => one !== undefined);
    if (given.length !== 1) {
      throw new TypeError(
        `Cannot forward ports: give one of name, service, deployment and labelSelector, not ${given.length}`,
      );
    }
    this.#rest = rest;
    this.#target = target;
    this.#signal = signal === undefined ? this.#life.signal : AbortSignal.any([signal, this.#life.signal]);
  }

  /**
   * Opens a connection to a port. Whether something listens there shows only then: its streams fail with the pod's words.
   *
   * @param port The port in the pod, or of the service.
   * @throws {StatusError} If the server refuses.
   * @throws {NetworkError} If it cannot be reached, or no longer forwards ports over WebSockets by themselves.
   * @throws {TypeError} If no pod is ready, or the service has no such port.
   */
  async connect(port: number, { signal }: PortConnectOptions = {}): Promise<PortConnection> {
    const all = signal === undefined ? this.#signal : AbortSignal.any([signal, this.#signal]);
    all.throwIfAborted();
    const known = this.#found.get(port);
    const where = known ?? await this.#resolve(port, all);
    try {
      return await this.#open(where, all);
    } catch (error) {
      if (all.aborted) throw all.reason;
      this.#found.delete(port);
      if (known === undefined || this.#target.name !== undefined || !isGone(error)) throw error;
      return await this.#open(await this.#resolve(port, all), all);
    }
  }

  /**
   * Sends an HTTP request to a port of the pod, without a port of this machine. The URL's port says which; its host is
   * sent as `Host` and leads nowhere. Each request has a connection of its own. Plain HTTP alone.
   *
   * @throws {TypeError} If the URL is not for `http:`.
   * @throws As {@linkcode PortForward.connect}, and a `NetworkError` if no HTTP answer comes.
   */
  async fetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    const request = new Request(input, init);
    const url = new URL(request.url);
    if (url.protocol !== "http:") {
      throw new TypeError(`Cannot fetch through a forwarded port: ${url.protocol} is not http:`);
    }
    const connection = await this.connect(Number(url.port || 80), { signal: request.signal });
    return await fetchOver(connection, request);
  }

  /**
   * Listens on ports of this machine, and connects each connection with the pod. Needs a runtime with sockets: Deno, Bun
   * or Node. What goes wrong with one connection ends that one alone, and is told to `onError`.
   *
   * @throws {TypeError} If a port or an address cannot be read, or there is none.
   * @throws {RangeError} If a number is no port.
   * @throws What the runtime says, if it can listen on none of an address's ports.
   */
  async listen(options: ListenOptions): Promise<PortListener> {
    this.#signal.throwIfAborted();
    const listener = await listenOn((port, signal) => this.connect(port, { signal }), {
      ...options,
      signal: options.signal === undefined ? this.#signal : AbortSignal.any([options.signal, this.#signal]),
    });
    this.#listeners.add(listener);
    listener.closed.then(() => this.#listeners.delete(listener));
    return listener;
  }

  /** Ends all connections and stops listening. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#life.abort(new DOMException("The forwarding of ports was closed", "AbortError"));
    await Promise.all([...this.#listeners, ...this.#connections].map((one) => one[Symbol.asyncDispose]()));
  }

  async #resolve(port: number, signal: AbortSignal): Promise<PodPort> {
    const found = await resolvePort(this.#rest, this.#target, port, signal);
    this.#found.set(port, found);
    return found;
  }

  async #open({ pod, port }: PodPort, signal: AbortSignal): Promise<PortConnection> {
    const rest = this.#rest;
    const request = rest.get().resource("pods").namespace(this.#target.namespace ?? rest.config.namespace)
      .name(pod).subresource("portforward").query({ ports: port });
    const socket = await openSocket(rest, request, { protocols: [PROTOCOL], signal });
    const connection = new PortConnection(socket, { pod, port, clock: rest.config.clock });
    this.#connections.add(connection);
    connection.closed.catch(() => {}).then(() => this.#connections.delete(connection));
    return connection;
  }
}

/** Whether another pod may do better: this one is gone, or does not run. */
function isGone(error: unknown): boolean {
  return isNotFound(error) || (error instanceof StatusError && error.code >= 400);
}
